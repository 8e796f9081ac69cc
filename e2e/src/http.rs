//! HTTP/1.1 as far as tests need it: whole messages, one at a time, on kept connections, with or without TLS.

use crate::certificates::Pair;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Names and values, in the order of the message.
pub type Headers = Vec<(String, String)>;

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET` and so on.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names and values as they were sent.
    pub headers: Headers,
    /// The body, without the framing of the transfer.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// `200` and so on.
    pub status: u16,
    /// Names and values as they were sent.
    pub headers: Headers,
    /// The body, without the framing of the transfer; still compressed where the headers say so.
    pub body: Vec<u8>,
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Request {
    /// A request with a JSON body, or with none.
    pub fn new(method: &str, target: &str, body: impl Into<Vec<u8>>) -> Request {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Request { method: method.to_owned(), target: target.to_owned(), headers, body: body.into() }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The next request of a connection; nothing where the client has hung up.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Request>> {
        let Some((start, headers)) = head(from)? else { return Ok(None) };
        let mut words = start.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(broken("a request line")) };
        let body = body(from, &headers, Some(0))?;
        Ok(Some(Request { method: method.to_owned(), target: target.to_owned(), headers, body }))
    }
}

impl Response {
    /// An answer as the API server's errors look.
    pub fn status(code: u16, reason: &str, message: &str) -> Response {
        let body = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code,
        });
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Response { status: code, headers, body: body.to_string().into_bytes() }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn read(from: &mut impl BufRead) -> io::Result<Response> {
        let (start, headers) = head(from)?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let status = start.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| broken("a status line"))?;
        let body = body(from, &headers, None)?;
        Ok(Response { status, headers, body })
    }

    /// Head and body as they go over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = format!("HTTP/1.1 {} X\r\n", self.status).into_bytes();
        message(&mut out, &self.headers, &self.body);
        out
    }
}

/// The first line and the headers; nothing at the end of the stream.
fn head(from: &mut impl BufRead) -> io::Result<Option<(String, Headers)>> {
    let mut start = String::new();
    if from.read_line(&mut start)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(Some((start.trim_end().to_owned(), headers)));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// A body by its framing; `unframed` is its length where there is none, else it goes on to the end.
fn body(from: &mut impl BufRead, headers: &[(String, String)], unframed: Option<u64>) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if header(headers, "transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        loop {
            let mut line = String::new();
            from.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16).map_err(|_| broken("a chunk's size"))?;
            if from.take(size).read_to_end(&mut out)? as u64 != size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            from.read_line(&mut String::new())?;
            if size == 0 {
                return Ok(out);
            }
        }
    }
    let length = header(headers, "content-length").map(str::parse).transpose().map_err(|_| broken("a length"))?;
    match length.or(unframed) {
        Some(length) => {
            if from.take(length).read_to_end(&mut out)? as u64 != length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        None => {
            from.read_to_end(&mut out)?;
        }
    }
    Ok(out)
}

/// Headers and body, framed by their length.
fn message(out: &mut Vec<u8>, headers: &[(String, String)], body: &[u8]) {
    const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];
    for (name, value) in headers.iter().filter(|(n, _)| !FRAMING.contains(&n.to_ascii_lowercase().as_str())) {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    out.extend_from_slice(body);
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Sends requests to one address over one connection, which is opened when it is needed and again when it broke.
pub struct Client {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
    stream: Option<BufReader<Box<dyn Stream>>>,
}

impl Client {
    /// Without TLS.
    pub fn plain(address: SocketAddr) -> Client {
        Client { address, tls: None, stream: None }
    }

    pub(crate) fn tls(address: SocketAddr, config: Arc<ClientConfig>) -> Client {
        Client { address, tls: Some(config), stream: None }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Where the connection cannot be made or breaks. A kept connection that the other side has closed is opened once more.
    pub fn send(&mut self, request: &Request) -> io::Result<Response> {
        let kept = self.stream.is_some();
        match self.once(request) {
            Err(_) if kept => self.once(request),
            other => other,
        }
    }

    fn once(&mut self, request: &Request) -> io::Result<Response> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let mut out = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
        if request.header("host").is_none() {
            out.extend_from_slice(format!("Host: {}\r\n", self.address).as_bytes());
        }
        message(&mut out, &request.headers, &request.body);
        stream.get_mut().write_all(&out)?;
        stream.get_mut().flush()?;
        let response = Response::read(&mut stream)?;
        self.stream = Some(stream);
        Ok(response)
    }

    fn connect(&self) -> io::Result<BufReader<Box<dyn Stream>>> {
        let tcp = TcpStream::connect(self.address)?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(Duration::from_secs(60)))?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(tcp),
            Some(config) => {
                let name = ServerName::IpAddress(self.address.ip().into());
                let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
                Box::new(StreamOwned::new(connection, tcp))
            }
        };
        Ok(BufReader::with_capacity(64 << 10, stream))
    }
}

/// What a client needs that trusts `authority` and shows the certificate of `pair`.
pub(crate) fn config(authority: &Path, pair: &Pair) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).expect("ca.crt is PEM")).expect("ca.crt is an authority");
    let chain = vec![CertificateDer::from_pem_file(&pair.certificate).expect("a certificate is PEM")];
    let key = PrivateKeyDer::from_pem_file(&pair.key).expect("a key is PEM");
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions of TLS");
    Arc::new(builder.with_root_certificates(roots).with_client_auth_cert(chain, key).expect("the key fits"))
}
