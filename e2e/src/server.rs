//! One etcd and one kube-apiserver, without controllers.

use crate::assets::Assets;
use crate::certificates::{Authority, Pair};
use crate::http::{self, Client, Request};
use crate::program::{Run, run};
use crate::until;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};

/// What may differ between servers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// More flags of kube-apiserver.
    pub flags: &'a [&'a str],
}

/// A running server. It ends when this value is dropped, and when the process ends in whatever way: the shell that started
/// etcd and kube-apiserver reads from a pipe of ours, and ends them when nobody holds the pipe any more.
pub struct Server {
    dir: PathBuf,
    guard: Child,
    api_server: u32,
    address: SocketAddr,
    etcd: SocketAddr,
    authority: Authority,
    administrator: Pair,
    assets: Assets,
}

/// Folders of running servers: a failed test keeps them.
static RUNNING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static NAMES: AtomicUsize = AtomicUsize::new(0);

impl Server {
    /// Starts a server and waits until it is ready.
    ///
    /// # Panics
    /// Where it does not become ready within a minute; the message has the end of its log.
    pub fn start(assets: &Assets, options: &Options<'_>) -> Server {
        keep_logs_of_failed_tests();
        // Another process may take a free port before the server does.
        for _ in 0..3 {
            let mut server = Server::spawn(assets, options);
            if server.is_ready() {
                return server;
            }
        }
        panic!("kube-apiserver did not start; see the logs above");
    }

    fn spawn(assets: &Assets, options: &Options<'_>) -> Server {
        let dir = tempfile::Builder::new().prefix("kastell-e2e-").tempdir().expect("a folder").keep();
        let pki = dir.join("pki");
        std::fs::create_dir(&pki).expect("a folder for certificates");
        let authority = Authority::new(&pki);
        let (address, etcd, peers) = (free_port(), free_port(), free_port());
        let administrator = authority.sign("admin", "admin", Some("system:masters"), &[]);
        let mut script = String::from("trap : INT TERM HUP\n");
        let etcd_flags = etcd_flags(&dir, etcd, peers);
        background(&mut script, &dir, &assets.program("etcd"), &etcd_flags);
        let mut flags = api_server_flags(&authority, address, etcd);
        flags.extend(options.flags.iter().map(|f| (*f).to_owned()));
        background(&mut script, &dir, &assets.program("kube-apiserver"), &flags);
        let _ = writeln!(
            script,
            "read -r _; kill -9 $pids 2>/dev/null; wait; [ -e {0}/keep ] || rm -rf {0}",
            dir.display()
        );
        let mut guard = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut pids = std::io::BufReader::new(guard.stdout.take().expect("a pipe"));
        let mut line = String::new();
        for _ in 0..2 {
            line.clear();
            std::io::BufRead::read_line(&mut pids, &mut line).expect("the shell says what it started");
        }
        let api_server = line.trim().parse().expect("a process id");
        RUNNING.lock().expect("no panic while held").push(dir.clone());
        Server { dir, guard, api_server, address, etcd, authority, administrator, assets: assets.clone() }
    }

    fn is_ready(&mut self) -> bool {
        let mut client = self.client();
        let ready = until("kube-apiserver", 90, || {
            match client.send(&Request::new("GET", "/readyz", "")) {
                Ok(response) if response.status == 200 => return Some(true),
                _ => {}
            }
            // Of a process that has ended and that nobody has waited for this link is gone.
            std::fs::read_link(format!("/proc/{}/exe", self.api_server)).is_err().then_some(false)
        });
        if !ready {
            let log = std::fs::read_to_string(self.dir.join("kube-apiserver.log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(5).collect();
            eprintln!("kube-apiserver ended: {}", tail.join("\n"));
        }
        ready
    }

    /// Ends kube-apiserver in the middle of whatever it does.
    pub fn kill(&self) {
        let _ = Command::new("kill").args(["-9", &self.api_server.to_string()]).status();
    }

    /// A folder for a test's files; it goes with the server.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the API server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the API server.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// A connection as the administrator.
    pub fn client(&self) -> Client {
        Client::tls(self.address, http::config(&self.authority.certificate(), &self.administrator))
    }

    /// Makes connections as the administrator, also after this borrow.
    pub(crate) fn upstream(&self) -> impl Fn() -> Client + Send + 'static {
        let (address, config) = (self.address, http::config(&self.authority.certificate(), &self.administrator));
        move || Client::tls(address, std::sync::Arc::clone(&config))
    }

    /// A request to etcd's JSON gateway.
    pub fn etcd(&self, path: &str, body: &Value) -> Value {
        let request = Request::new("POST", path, body.to_string());
        let response = Client::plain(self.etcd).send(&request).expect("etcd answers");
        assert_eq!(response.status, 200, "etcd: {}", String::from_utf8_lossy(&response.body));
        response.json()
    }

    /// Makes etcd forget everything but the present, so that continue tokens expire.
    pub fn compact(&self) {
        let now = self.etcd("/v3/kv/range", &json!({"key": crate::base64("/"), "count_only": true}));
        let revision = now.pointer("/header/revision").cloned().expect("etcd says its revision");
        self.etcd("/v3/kv/compaction", &json!({"revision": revision, "physical": true}));
    }

    /// A kubeconfig of the administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig_for("admin", Some("system:masters"))
    }

    /// A kubeconfig with a certificate of that user.
    pub fn kubeconfig_for(&self, user: &str, group: Option<&str>) -> PathBuf {
        self.kubeconfig_with(&self.cluster(), &self.user(user, group))
    }

    /// The `cluster` of a kubeconfig for this server.
    pub fn cluster(&self) -> Value {
        json!({"server": self.url(), "certificate-authority": self.authority.certificate()})
    }

    /// The `user` of a kubeconfig with a certificate.
    pub fn user(&self, user: &str, group: Option<&str>) -> Value {
        let pair = self.authority.sign(&user.replace(':', "_"), user, group, &[]);
        json!({"client-certificate": pair.certificate, "client-key": pair.key})
    }

    /// A kubeconfig of these parts; its context is `test`.
    pub fn kubeconfig_with(&self, cluster: &Value, user: &Value) -> PathBuf {
        let path = self.dir.join(format!("kubeconfig-{}", NAMES.fetch_add(1, Ordering::Relaxed)));
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "test", "user": user}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        });
        std::fs::write(&path, config.to_string()).expect("a kubeconfig is written");
        path
    }

    /// kubectl as the administrator.
    pub fn kubectl(&self, args: &[&str]) -> Run {
        let mut command = Command::new(self.assets.program("kubectl"));
        command.arg("--kubeconfig").arg(self.kubeconfig()).args(args);
        run(command, b"")
    }

    /// Applies manifests: a text, as `kubectl apply -f -` has it. Whole lists at once, each on its own connection.
    ///
    /// # Panics
    /// Where kubectl fails.
    pub fn apply(&self, text: &str) {
        let mut command = Command::new(self.assets.program("kubectl"));
        command.arg("--kubeconfig").arg(self.kubeconfig()).args(["apply", "-f", "-"]);
        let run = run(command, text.as_bytes());
        assert_eq!(run.code, 0, "kubectl apply: {}", run.stderr);
    }

    /// Sends an object to its collection.
    ///
    /// # Panics
    /// Where the server does not create it.
    pub fn create(&self, collection: &str, object: &Value) -> Value {
        let response = self.client().send(&Request::new("POST", collection, object.to_string()));
        let response = response.expect("the API server answers");
        assert_eq!(response.status, 201, "{collection}: {}", String::from_utf8_lossy(&response.body));
        response.json()
    }

    /// Runs a test in a namespace of its own, which is deleted afterwards.
    pub fn with_namespace<T>(&self, test: impl FnOnce(&str) -> T) -> T {
        let wanted = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "test-"}});
        let made = self.create("/api/v1/namespaces", &wanted);
        let name = made.pointer("/metadata/name").and_then(Value::as_str).expect("a namespace has a name").to_owned();
        let result = test(&name);
        // Its contents stay, since no controller runs here; the server does not outlive the test process.
        let deleted = self.client().send(&Request::new("DELETE", &format!("/api/v1/namespaces/{name}"), ""));
        assert_eq!(deleted.expect("the API server answers").status, 200);
        result
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        if let Ok(mut running) = RUNNING.lock() {
            running.retain(|d| *d != self.dir);
        }
    }
}

/// A port that nobody listens on now.
fn free_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound address")
}

fn keep_logs_of_failed_tests() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            before(info);
            for dir in RUNNING.lock().map(|d| d.clone()).unwrap_or_default() {
                let _ = std::fs::write(dir.join("keep"), "");
                eprintln!("logs of the API server: {}", dir.display());
            }
        }));
    });
}

/// Lines of a shell script that start a program, log what it says and print its process id.
fn background(script: &mut String, dir: &Path, program: &Path, flags: &[String]) {
    let name = program.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let flags: String = flags.iter().fold(String::new(), |all, f| all + " '" + f + "'");
    let _ = writeln!(
        script,
        "'{}'{flags} >'{}/{name}.log' 2>&1 & pids=\"$pids $!\"; echo $!",
        program.display(),
        dir.display()
    );
}

fn etcd_flags(dir: &Path, clients: SocketAddr, peers: SocketAddr) -> Vec<String> {
    vec![
        format!("--data-dir={}/etcd", dir.display()),
        format!("--listen-client-urls=http://{clients}"),
        format!("--advertise-client-urls=http://{clients}"),
        format!("--listen-peer-urls=http://{peers}"),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=warn".to_owned(),
    ]
}

fn api_server_flags(authority: &Authority, address: SocketAddr, etcd: SocketAddr) -> Vec<String> {
    let serving = authority.sign("kube-apiserver", "kube-apiserver", None, &["127.0.0.1", "localhost", "kubernetes"]);
    let front = authority.sign("front-proxy", "front-proxy", None, &[]);
    let accounts = authority.key("service-accounts");
    let authority = authority.certificate();
    let flag = |name: &str, path: &Path| format!("--{name}={}", path.display());
    vec![
        format!("--etcd-servers=http://{etcd}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={}", address.port()),
        // Endpoints of the service `kubernetes` may not lie on loopback.
        "--advertise-address=10.243.0.1".to_owned(),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        flag("tls-cert-file", &serving.certificate),
        flag("tls-private-key-file", &serving.key),
        flag("client-ca-file", &authority),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        flag("service-account-key-file", &accounts.certificate),
        flag("service-account-signing-key-file", &accounts.key),
        "--authorization-mode=RBAC".to_owned(),
        // No controller makes the accounts that this plugin waits for.
        "--disable-admission-plugins=ServiceAccount".to_owned(),
        "--allow-privileged=true".to_owned(),
        flag("proxy-client-cert-file", &front.certificate),
        flag("proxy-client-key-file", &front.key),
        flag("requestheader-client-ca-file", &authority),
        "--requestheader-allowed-names=front-proxy".to_owned(),
        "--requestheader-username-headers=X-Remote-User".to_owned(),
        "--requestheader-group-headers=X-Remote-Group".to_owned(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
    ]
}
