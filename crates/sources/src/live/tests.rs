//! Reading through a server on loopback that answers as a script says.

use super::api::{Api, Policy, Window};
use super::config::Target;
use super::discovery::Served;
use super::list::{Job, Listed, list};
use super::read::{Read, through};
use super::{LiveRequest, Wanted, cover, unread};
use crate::load::Progress;
use kastell_model::{ClusterReading, Coverage, GroupKind, Seen, Str};
use kube::{Client, Config};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with one request.
enum Reply {
    /// Status, one more header line (or none), and the body.
    Full(u16, &'static str, String),
    /// Half of a body, and then the connection breaks.
    Cut(String),
    /// Nothing, on a connection that stays open.
    Silence,
}

type Script = dyn Fn(&str, usize) -> Reply + Send + Sync;

/// A server and the paths that it was asked for.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `script` gets a request's path, with its `Accept` header behind a blank, and how many came before it.
    fn start(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, script): (_, Arc<Script>) = (Arc::clone(&asked), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                std::thread::spawn(move || serve(stream, &seen, &*script));
            }
        });
        Server { port, asked }
    }

    fn paths(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|p| p.split(' ').next().unwrap().to_string()).collect()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, script: &Script) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut accept) = (String::new(), String::new());
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("accept: ") {
            accept = value.trim().to_string();
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    let request = format!("{path} {accept}");
    let n = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let head = |code: u16, more: &str, length: usize| {
        let more = if more.is_empty() { String::new() } else { format!("{more}\r\n") };
        format!(
            "HTTP/1.1 {code} X\r\ncontent-type: application/json\r\nconnection: close\r\n{more}content-length: {length}\r\n\r\n"
        )
    };
    match script(&request, n) {
        Reply::Full(code, more, body) => {
            let _ = write!(stream, "{}{body}", head(code, more, body.len()));
        }
        Reply::Cut(body) => {
            let _ = write!(stream, "{}{}", head(200, "", body.len()), &body[..body.len() / 2]);
        }
        Reply::Silence => {
            // The connection stays open until the client closes it.
            let _ = reader.read_line(&mut String::new());
        }
    }
}

fn policy() -> Policy {
    let none = Duration::ZERO;
    let long = Duration::from_secs(20);
    Policy { tries: 3, first_wait: none, longest_wait: none, reply: long, chunk: long }
}

fn api(server: &Server, policy: Policy) -> Api {
    let mut config = Config::new(format!("http://127.0.0.1:{}", server.port).parse().unwrap());
    config.default_retry = false;
    Api::new(Client::try_from(config).unwrap(), policy, 1000)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn job(kind: &str, resource: &str) -> Job {
    Job {
        unit: "test".into(),
        kind: GroupKind::new("", kind),
        served: Served { version: "v1".into(), resource: resource.into(), namespaced: true, listable: true },
        namespace: None,
        name: None,
        metadata_only: kind == "Secret",
        definitions: false,
    }
}

fn read_pods(server: &Server, policy: Policy) -> Listed {
    run(async { list(&api(server, policy), &job("Pod", "pods")).await })
}

fn names(listed: &Listed) -> Vec<&str> {
    listed.objects.iter().map(|o| &*o.key.name).collect()
}

fn page(kind: &str, names: &[&str], next: &str) -> String {
    let items: Vec<String> = names
        .iter()
        .map(|n| format!(r#"{{"metadata":{{"name":"{n}","namespace":"shop","uid":"u-{n}","resourceVersion":"7"}}}}"#))
        .collect();
    format!(r#"{{"kind":"{kind}","metadata":{{"continue":"{next}"}},"items":[{}]}}"#, items.join(","))
}

fn ok(body: String) -> Reply {
    Reply::Full(200, "", body)
}

fn error(code: u16, message: &str) -> Reply {
    Reply::Full(code, "", format!(r#"{{"kind":"Status","message":"{message}"}}"#))
}

fn failed(listed: &Listed) -> &str {
    match &listed.reading.seen {
        Seen::Failed(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_are_joined_with_one_request_each() {
    let server = Server::start(|path, _| match path {
        p if p.contains("continue=two%2B") => ok(page("PodList", &["c"], "")),
        p if p.starts_with("/api/v1/pods?limit=500 ") => ok(page("PodList", &["a", "b"], "two+")),
        _ => error(404, "not here"),
    });
    let listed = read_pods(&server, policy());
    assert_eq!(names(&listed), ["a", "b", "c"]);
    assert_eq!((&listed.reading.seen, listed.reading.requests, listed.reading.objects), (&Seen::All, 2, 3));
    let text = &*listed.objects[0].source.text;
    assert!(text.starts_with(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a""#), "{text}");
}

#[test]
fn an_expired_token_is_replaced_by_the_one_that_the_server_gives() {
    let server = Server::start(|path, _| match path {
        p if p.contains("continue=old") => {
            let status = r#"{"kind":"Status","message":"too old","metadata":{"continue":"fresh"}}"#;
            Reply::Full(410, "", status.into())
        }
        p if p.contains("continue=fresh") => ok(page("PodList", &["b"], "")),
        _ => ok(page("PodList", &["a"], "old")),
    });
    let listed = read_pods(&server, policy());
    assert_eq!((names(&listed), &listed.reading.seen, listed.reading.requests), (vec!["a", "b"], &Seen::All, 3));
}

#[test]
fn a_list_whose_token_expired_for_good_is_read_once_more_from_the_start() {
    let server = Server::start(|path, n| match path {
        p if p.contains("continue") && n < 2 => error(410, "too old"),
        p if p.contains("continue") => ok(page("PodList", &["b"], "")),
        _ => ok(page("PodList", &["a"], "old")),
    });
    let listed = read_pods(&server, policy());
    assert_eq!((names(&listed), &listed.reading.seen), (vec!["a", "b"], &Seen::All));
    let server = Server::start(|path, _| match path {
        p if p.contains("continue") => error(410, "too old"),
        _ => ok(page("PodList", &["a"], "old")),
    });
    let listed = read_pods(&server, policy());
    assert_eq!(failed(&listed), "the server answered 410: too old");
    assert_eq!((names(&listed), listed.reading.requests), (vec!["a"], 4));
}

#[test]
fn a_busy_server_is_asked_again_and_every_request_counts() {
    let busy = |n| Reply::Full(429, if n == 0 { "retry-after: 1" } else { "" }, r#"{"message":"slow down"}"#.into());
    let server = Server::start(move |_, n| if n < 2 { busy(n) } else { ok(page("PodList", &["a"], "")) });
    let listed = read_pods(&server, policy());
    assert_eq!((&listed.reading.seen, listed.reading.requests), (&Seen::All, 3));
    let server = Server::start(move |_, n| busy(n));
    let listed = read_pods(&server, policy());
    assert_eq!((failed(&listed), listed.reading.requests), ("the server answered 429: slow down", 3));
}

#[test]
fn what_is_forbidden_is_asked_once_and_the_server_says_why() {
    let server = Server::start(|_, _| error(403, "pods is forbidden: User x cannot list"));
    let listed = read_pods(&server, policy());
    assert_eq!(failed(&listed), "forbidden: pods is forbidden: User x cannot list");
    assert_eq!(listed.reading.requests, 1);
}

#[test]
fn what_was_read_before_a_failure_is_kept_and_the_kind_is_not_complete() {
    let server = Server::start(|path, _| match path {
        p if p.contains("continue") => error(500, "etcd is gone"),
        _ => ok(page("PodList", &["a", "b"], "next")),
    });
    let listed = read_pods(&server, policy());
    assert_eq!((names(&listed), failed(&listed)), (vec!["a", "b"], "the server answered 500: etcd is gone"));
    assert_eq!(listed.reading.requests, 4);
}

#[test]
fn a_connection_that_breaks_in_a_body_is_opened_again() {
    let whole = page("PodList", &["a", "b", "c", "d"], "");
    let body = whole.clone();
    let server = Server::start(move |_, n| if n == 0 { Reply::Cut(body.clone()) } else { ok(body.clone()) });
    let listed = read_pods(&server, policy());
    assert_eq!((names(&listed), &listed.reading.seen), (vec!["a", "b", "c", "d"], &Seen::All));
    let server = Server::start(move |path, _| match path {
        p if p.starts_with("/version") => ok("{}".into()),
        _ => Reply::Cut(whole.clone()),
    });
    let listed = read_pods(&server, policy());
    assert_eq!(names(&listed), ["a"], "of the last try what came is kept");
    assert_eq!(failed(&listed), "the connection broke in the middle of a reply");
}

#[test]
fn a_server_that_is_silent_is_left_alone_after_the_first_kind() {
    let server = Server::start(|_, _| Reply::Silence);
    let policy = Policy { tries: 2, reply: Duration::from_millis(30), ..policy() };
    run(async {
        let api = api(&server, policy);
        let pods = list(&api, &job("Pod", "pods")).await;
        assert_eq!(failed(&pods), "the server did not answer in time");
        let services = list(&api, &job("Service", "services")).await;
        assert_eq!(failed(&services), "the server stopped answering: the server did not answer in time");
        assert_eq!(services.reading.requests, 0);
    });
    assert_eq!(server.paths(), ["/api/v1/pods?limit=500", "/api/v1/pods?limit=500", "/version"]);
}

#[test]
fn secrets_are_asked_for_as_metadata_and_a_body_is_not_kept() {
    let full = r#"{"kind":"SecretList","metadata":{},"items":[{"metadata":{"name":"a"},"data":{"k":"Y2FuYXJ5"}}]}"#;
    let server = Server::start(move |_, _| ok(full.into()));
    let listed = run(async { list(&api(&server, policy()), &job("Secret", "secrets")).await });
    assert_eq!((failed(&listed), listed.objects.len()), ("the server cannot send metadata alone", 0));
    let accept = server.asked.lock().unwrap()[0].clone();
    assert!(accept.ends_with(" application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"), "{accept}");
    let server = Server::start(|_, _| ok(page("PartialObjectMetadataList", &["a"], "")));
    let listed = run(async { list(&api(&server, policy()), &job("Secret", "secrets")).await });
    assert_eq!((&listed.reading.seen, names(&listed), listed.reading.metadata_only), (&Seen::All, vec!["a"], true));
    assert!(listed.objects[0].is("", "Secret"));
}

#[test]
fn odd_replies_fail_the_kind_and_nothing_else() {
    for body in ["<html>", "{}", r#"{"kind":"PodList","items":[{"metadata":5}]}"#, r#"{"kind":"PodList","items":[7]}"#]
    {
        let server = Server::start(move |_, _| ok(body.into()));
        assert!(!failed(&read_pods(&server, policy())).is_empty(), "{body}");
    }
    let server = Server::start(|_, _| ok(page("PodList", &["a"], "same")));
    assert_eq!(failed(&read_pods(&server, policy())), "the server sends the same page again and again");
}

const DISCOVERY: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
  {"metadata":{"name":"apiextensions.k8s.io"},"versions":[{"version":"v1","resources":[{"resource":"customresourcedefinitions",
   "responseKind":{"kind":"CustomResourceDefinition"},"scope":"Cluster","verbs":["list"]}]}]},
  {"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[{"resource":"things","responseKind":{"kind":"Thing"},
   "scope":"Namespaced","verbs":["list"]}]}]},
  {"metadata":{"name":"argoproj.io"},"versions":[{"version":"v1","freshness":"Stale","resources":[]}]}]}"#;
const CORE: &str = r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[
  {"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","verbs":["list"]},
  {"resource":"namespaces","responseKind":{"kind":"Namespace"},"scope":"Cluster","verbs":["list"]}]}]}]}"#;
const DEFINITIONS: &str = r#"{"kind":"CustomResourceDefinitionList","metadata":{},"items":[{"spec":{"group":"example.com",
  "names":{"kind":"Thing"},"versions":[{"name":"v1","served":true,"schema":{"openAPIV3Schema":{"properties":{"spec":{"properties":
  {"template":{"properties":{"spec":{"properties":{"containers":{"items":{"properties":{"image":{}}}}}}}}}}}}}}]}}]}"#;

fn cluster_script(path: &str) -> Reply {
    match path.split(' ').next().unwrap() {
        "/version" => ok(r#"{"gitVersion":"v1.36.4"}"#.into()),
        "/api" => ok(CORE.into()),
        "/apis" => ok(DISCOVERY.into()),
        "/apis/argoproj.io/v1" => error(503, "service unavailable"),
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=500" => ok(DEFINITIONS.into()),
        "/api/v1/pods?limit=500" => error(403, "pods is forbidden"),
        "/api/v1/namespaces?limit=500" => ok(page("NamespaceList", &["kube-system"], "")),
        "/apis/example.com/v1/things?limit=500" => ok(page("ThingList", &["t"], "")),
        "/api/v1/namespaces/shop" => ok(r#"{"kind":"Namespace","metadata":{"name":"shop","uid":"s"}}"#.into()),
        "/api/v1/namespaces/shop/pods?limit=500" => ok(page("PodList", &["p"], "")),
        "/apis/example.com/v1/namespaces/shop/things?limit=500" => ok(page("ThingList", &["t"], "")),
        _ => error(404, "not found"),
    }
}

fn wanted(group: &'static str, kind: &'static str) -> Wanted {
    Wanted { group, kind, resource: format!("{}s", kind.to_lowercase()), metadata_only: false }
}

fn read_cluster(server: &Server, namespaces: &[&str]) -> Read {
    let target = Target {
        unit: "test".into(),
        server: "http://127.0.0.1".into(),
        reader: None,
        plugin: None,
        proxy: None,
        config: Err("unused".into()),
    };
    let request = LiveRequest {
        kubeconfig: None,
        contexts: Vec::new(),
        namespaces: namespaces.iter().map(|n| (*n).to_string()).collect(),
        requests_per_second: 100,
        kinds: vec![
            wanted("", "Namespace"),
            wanted("", "Pod"),
            wanted("argoproj.io", "Rollout"),
            wanted("keda.sh", "ScaledJob"),
        ],
        version: None,
        user_agent: "test".into(),
    };
    let mut read = Read { reading: reading(), objects: Vec::new(), bytes: 0, trouble: None };
    run(async {
        let api = Arc::new(api(server, policy()));
        through(&api, &target, &request, &Progress::default(), &mut read).await;
    });
    read
}

fn reading() -> ClusterReading {
    ClusterReading {
        unit: "test".into(),
        server: "http://127.0.0.1".into(),
        uid: None,
        version: None,
        reader: None,
        requests: 0,
        read_at: "2026-11-24T00:00:00Z".into(),
        kinds: Vec::new(),
    }
}

fn seen(read: &Read, group: &str, kind: &str, namespace: Option<&str>) -> Seen {
    let mut coverage = Coverage::default();
    cover(&mut coverage, &read.reading);
    let namespace = namespace.map(Str::from);
    coverage.of(&"test".into(), &GroupKind::new(group, kind), namespace.as_ref())
}

#[test]
fn a_cluster_is_read_with_what_is_forbidden_broken_absent_and_custom() {
    let server = Server::start(|path, _| cluster_script(path));
    let read = read_cluster(&server, &[]);
    assert_eq!(read.trouble, None);
    assert_eq!(
        (read.reading.version.as_deref(), read.reading.uid.as_deref()),
        (Some("v1.36.4"), Some("u-kube-system"))
    );
    assert_eq!(seen(&read, "", "Namespace", None), Seen::All);
    assert_eq!(seen(&read, "", "Pod", Some("shop")), Seen::Failed("forbidden: pods is forbidden".into()));
    let broken = "its API service does not answer: service unavailable";
    assert_eq!(seen(&read, "argoproj.io", "Rollout", None), Seen::Failed(broken.into()));
    assert_eq!(seen(&read, "keda.sh", "ScaledJob", None), Seen::All, "what is not served cannot exist");
    assert_eq!(seen(&read, "example.com", "Thing", None), Seen::All, "its definition embeds a pod template");
    assert_eq!(seen(&read, "example.com", "Other", None), Seen::NotAsked);
    let messages: Vec<Str> = unread(&read.reading).into_iter().map(|d| d.message).collect();
    assert_eq!(
        messages,
        [
            Str::from("pods could not be read: forbidden: pods is forbidden"),
            format!("rollouts.argoproj.io could not be read: {broken}").into(),
        ]
    );
}

#[test]
fn the_same_cluster_gives_the_same_account() {
    let account = || {
        let read = read_cluster(&Server::start(|path, _| cluster_script(path)), &[]);
        let mut names: Vec<String> = read.objects.iter().map(|o| o.key.to_string()).collect();
        names.sort();
        (read.reading, names)
    };
    assert_eq!(account(), account());
}

#[test]
fn namespaces_that_were_not_asked_for_stay_unknown() {
    let server = Server::start(|path, _| cluster_script(path));
    let read = read_cluster(&server, &["shop", "shop"]);
    assert_eq!(seen(&read, "", "Pod", Some("shop")), Seen::All);
    assert_eq!(seen(&read, "", "Pod", Some("other")), Seen::NotAsked);
    assert_eq!(seen(&read, "", "Namespace", None), Seen::NotAsked);
    assert_eq!(seen(&read, "keda.sh", "ScaledJob", Some("shop")), Seen::All);
    let mut names: Vec<String> = read.objects.iter().map(|o| o.key.to_string()).collect();
    names.sort();
    assert_eq!(names, ["Namespace shop", "Pod shop/p", "Thing shop/t"]);
    assert!(!server.paths().iter().any(|p| p.starts_with("/api/v1/pods")));
}

#[test]
fn a_server_that_refuses_the_credentials_gives_one_sentence() {
    let server = Server::start(|_, _| error(401, "Unauthorized"));
    let read = read_cluster(&server, &[]);
    let message = read.trouble.expect("nothing was read").message;
    assert!(message.contains("does not accept the credentials") && message.contains("context `test`"), "{message}");
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn a_reader_who_may_not_discover_still_reads_what_kubernetes_itself_has() {
    let server = Server::start(|path, _| match path.split(' ').next().unwrap() {
        "/version" | "/api" | "/apis" => error(403, "forbidden"),
        "/api/v1/namespaces/kube-system" => error(403, "forbidden"),
        _ => cluster_script(path),
    });
    let read = read_cluster(&server, &[]);
    assert_eq!((read.trouble.as_ref(), read.reading.version.as_deref()), (None, None));
    assert_eq!(seen(&read, "", "Namespace", None), Seen::All);
    let why = "it is not known what the server serves: forbidden: forbidden";
    assert_eq!(seen(&read, "keda.sh", "ScaledJob", None), Seen::Failed(why.into()));
}

#[test]
fn the_window_of_requests_holds_for_the_first_second() {
    let mut window = Window::new(2);
    let now = Duration::from_secs(5);
    let waits: Vec<u64> = (0..5).map(|_| window.turn(now).as_secs()).collect();
    assert_eq!(waits, [0, 0, 1, 1, 2]);
}
