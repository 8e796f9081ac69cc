//! A proxy between the program and the API server that hands on, counts, and does harm.

use crate::http::{Client, Request, Response};
use crate::server::Server;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What happens to a request.
#[derive(Debug)]
pub enum Fault {
    /// Nothing: the API server answers.
    None,
    /// The API server answers, and the connection is closed in the middle of its body.
    Cut,
    /// The API server is not asked.
    Answer(Response),
    /// The first half of the API server's answer is sent; then nothing comes any more, and the connection stays open.
    Stall,
    /// The connection is closed without an answer.
    HangUp,
}

/// A request that came, and how it was answered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// As it came.
    pub request: Request,
    /// The status that was sent, whole or not; 0 where nothing was.
    pub status: u16,
}

/// Whether this asks for the objects of a collection.
pub fn is_list(request: &Request) -> bool {
    let path = request.path();
    let mut parts = path.trim_start_matches('/').split('/');
    let in_group = match parts.next() {
        Some("api") => 1,
        Some("apis") => 2,
        _ => return false,
    };
    request.method == "GET" && parts.count() > in_group
}

/// Listens on loopback without TLS; forwards as the administrator.
pub struct Proxy {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Rule = dyn Fn(&Request) -> Fault + Send + Sync;

impl Proxy {
    /// Starts a proxy in front of a server. `rule` is asked once a request, before the server is.
    pub fn start(server: &Server, rule: impl Fn(&Request) -> Fault + Send + Sync + 'static) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (rule, log): (Arc<Rule>, _) = (Arc::new(rule), Arc::clone(&seen));
        // One upstream connection for each of the client's; made here because the server is only borrowed.
        let upstream = server.upstream();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (rule, log, client) = (Arc::clone(&rule), Arc::clone(&log), upstream());
                std::thread::spawn(move || serve(stream, client, &*rule, &log));
            }
        });
        Proxy { url, seen }
    }

    /// A kubeconfig that leads through this proxy.
    pub fn kubeconfig(&self, server: &Server) -> std::path::PathBuf {
        server.kubeconfig_with(&serde_json::json!({"server": self.url}), &serde_json::json!({}))
    }

    /// Everything that came so far, in the order of the answers.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic while held").clone()
    }

    /// How many requests listed the collection `path`.
    pub fn lists(&self, path: &str) -> usize {
        self.seen().iter().filter(|s| s.request.path() == path && is_list(&s.request)).count()
    }
}

/// Serves one connection to its end; errors end it, as they do in a real network.
fn serve(stream: TcpStream, mut upstream: Client, rule: &Rule, log: &Mutex<Vec<Seen>>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    while let Some(request) = Request::read(&mut reader).ok()? {
        let fault = rule(&request);
        let response = match &fault {
            Fault::HangUp => None,
            Fault::Answer(response) => Some(response.clone()),
            Fault::None | Fault::Cut | Fault::Stall => upstream.send(&forwarded(&request)).ok(),
        };
        let status = response.as_ref().map_or(0, |r| r.status);
        log.lock().ok()?.push(Seen { request, status });
        let Some(response) = response else { return stream.shutdown(Shutdown::Both).ok() };
        let bytes = response.bytes();
        let half = bytes.get(..bytes.len() - response.body.len() / 2)?;
        match fault {
            Fault::Cut => {
                stream.write_all(half).ok()?;
                return stream.shutdown(Shutdown::Both).ok();
            }
            Fault::Stall => {
                stream.write_all(half).ok()?;
                // Until the client gives up.
                reader.read_to_end(&mut Vec::new()).ok()?;
                return Some(());
            }
            _ => stream.write_all(&bytes).ok()?,
        }
    }
    Some(())
}

/// The request as it goes on: to another host, and without the client's own credentials.
fn forwarded(request: &Request) -> Request {
    let mut request = request.clone();
    request.headers.retain(|(n, _)| !n.eq_ignore_ascii_case("host") && !n.eq_ignore_ascii_case("authorization"));
    request
}
