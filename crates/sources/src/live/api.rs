//! Requests to one API server: how many at a time, how long each may take, and when one is sent again.
//!
//! Owns: the rate, the time limits, retries and their count. Only GET is ever sent. Must not know: what a reply means,
//! beyond the `Status` of one that failed.

use super::errors::{one_line, reason};
use http::header::{ACCEPT, RETRY_AFTER};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde::Deserialize;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Why a request gave nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Failure {
    /// The server answered with an error.
    Status {
        /// The HTTP status.
        code: u16,
        /// What the server says.
        message: String,
        /// A token to go on with, which some errors bring.
        next: Option<String>,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer came, or only a part of it.
    Connection(String),
    /// The answer is not what was asked for.
    Reply(String),
}

impl Failure {
    /// The reason, as coverage and reports tell it.
    pub(super) fn reason(&self) -> String {
        match self {
            Failure::Status { code: 401, message, .. } => format!("unauthorised: {message}"),
            Failure::Status { code: 403, message, .. } => format!("forbidden: {message}"),
            Failure::Status { code: 406, .. } => "the server cannot send metadata alone".to_string(),
            Failure::Status { code, message, .. } => format!("the server answered {code}: {message}"),
            Failure::Connection(why) | Failure::Reply(why) => why.clone(),
        }
    }

    /// Whether another try may go better.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Failure::Status { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
            Failure::Connection(_) => true,
            Failure::Reply(_) => false,
        }
    }
}

/// When a request is sent again and how long it may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Policy {
    /// How often a request is sent at most.
    pub(super) tries: u32,
    /// The wait after the first failure; it doubles with each.
    pub(super) first_wait: Duration,
    /// The longest wait, also where the server asks for more.
    pub(super) longest_wait: Duration,
    /// How long the first byte of a reply may take.
    pub(super) reply: Duration,
    /// How long the next bytes of a body may take.
    pub(super) chunk: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            tries: 5,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(10),
            // The API server itself gives up after 60 seconds; a consistent list of a busy cluster takes some of them.
            reply: Duration::from_secs(30),
            chunk: Duration::from_secs(15),
        }
    }
}

impl Policy {
    /// How long to wait before the next try after `failed` tries; `None`: give up. What the server asks for counts where
    /// it is longer than what would be waited anyway.
    pub(super) fn wait(&self, failed: u32, failure: &Failure) -> Option<Duration> {
        if failed >= self.tries || !failure.is_passing() {
            return None;
        }
        let doubled = self.first_wait.saturating_mul(1 << failed.saturating_sub(1).min(16));
        let asked = match failure {
            Failure::Status { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        Some(doubled.max(asked).min(self.longest_wait))
    }
}

/// Keeps requests at or below a number in any second. Without a clock: it is told the time.
#[derive(Debug)]
pub(super) struct Window {
    per_second: usize,
    turns: VecDeque<Duration>,
}

impl Window {
    pub(super) fn new(per_second: u32) -> Window {
        Window { per_second: per_second.max(1) as usize, turns: VecDeque::new() }
    }

    /// Takes the next turn: how long from `now` it is away.
    pub(super) fn turn(&mut self, now: Duration) -> Duration {
        let mut at = now.max(self.turns.back().copied().unwrap_or_default());
        if self.turns.len() >= self.per_second
            && let Some(oldest) = self.turns.pop_front()
        {
            at = at.max(oldest + Duration::from_secs(1));
        }
        self.turns.push_back(at);
        at.saturating_sub(now)
    }
}

/// Takes the bytes of a reply.
pub(super) trait Sink: Send {
    /// Forgets everything: the request is sent again.
    fn reset(&mut self);
    /// Takes the next bytes.
    fn take(&mut self, bytes: &[u8]) -> Result<(), String>;
    /// The reply is complete.
    fn end(&mut self) -> Result<(), Failure>;
}

/// A reply that is kept as a whole, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Whole(pub(super) Vec<u8>);

/// Discovery of a server with thousands of custom kinds is about 10 MB.
const MAX_WHOLE: usize = 64 << 20;

impl Sink for Whole {
    fn reset(&mut self) {
        self.0.clear();
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MAX_WHOLE { Err("the reply is larger than any of its kind".into()) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// The way to one API server.
pub(super) struct Api {
    client: Client,
    policy: Policy,
    window: Mutex<Window>,
    start: Instant,
    sent: AtomicU32,
    bytes: std::sync::atomic::AtomicU64,
    gone: Mutex<Option<String>>,
}

impl Api {
    pub(super) fn new(client: Client, policy: Policy, per_second: u32) -> Api {
        Api {
            client,
            policy,
            window: Mutex::new(Window::new(per_second)),
            start: Instant::now(),
            sent: AtomicU32::new(0),
            bytes: std::sync::atomic::AtomicU64::new(0),
            gone: Mutex::new(None),
        }
    }

    /// Requests that were sent, repeated ones included.
    pub(super) fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of replies that were read, after decompression.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Sends `GET path` until it succeeds or the policy gives up. After a failure the sink holds what came of the last try.
    pub(super) async fn get(
        &self,
        path: &str,
        accept: &str,
        requests: &mut u32,
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        let mut failed = 0;
        loop {
            if let Some(why) = self.gone() {
                return Err(Failure::Connection(why));
            }
            sink.reset();
            *requests += 1;
            let failure = match self.once(path, accept, sink).await {
                Ok(()) => return Ok(()),
                Err((failure, _)) => failure,
            };
            failed += 1;
            match self.policy.wait(failed, &failure) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => {
                    if matches!(failure, Failure::Connection(_)) {
                        self.probe(&failure).await;
                    }
                    return Err(failure);
                }
            }
        }
    }

    /// The first request of all: `GET path` once, with the client's own error where no answer came.
    pub(super) async fn first(&self, path: &str, sink: &mut dyn Sink) -> Result<(), (Failure, Option<kube::Error>)> {
        self.once(path, "application/json", sink).await
    }

    fn gone(&self) -> Option<String> {
        self.gone.lock().ok().and_then(|g| g.clone())
    }

    /// A kind whose reply never came says nothing about the others, unless the server does not answer at all any more.
    async fn probe(&self, failure: &Failure) {
        if self.gone().is_some() {
            return;
        }
        let Err((Failure::Connection(_), _)) = self.once("/version", "application/json", &mut Whole::default()).await
        else {
            return;
        };
        if let Ok(mut gone) = self.gone.lock() {
            *gone = Some(format!("the server stopped answering: {}", failure.reason()));
        }
    }

    async fn once(&self, path: &str, accept: &str, sink: &mut dyn Sink) -> Result<(), (Failure, Option<kube::Error>)> {
        let turn = self.window.lock().map_or(Duration::ZERO, |mut w| w.turn(self.start.elapsed()));
        if !turn.is_zero() {
            tokio::time::sleep(turn).await;
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let request = http::Request::get(path).header(ACCEPT, accept).body(Body::empty());
        let request = request.map_err(|_| (Failure::Reply("the path is not valid".into()), None))?;
        let late = || (Failure::Connection("the server did not answer in time".into()), None);
        let reply = tokio::time::timeout(self.policy.reply, self.client.send(request)).await.map_err(|_| late())?;
        let reply = reply.map_err(|e| (Failure::Connection(reason(&e).0), Some(e)))?;
        let status = reply.status();
        if status.is_success() {
            return self.body(reply.into_body(), sink).await.map_err(|f| (f, None));
        }
        let header = reply.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let mut said = Whole::default();
        // What an error's body lacks is only the reason.
        let _ = self.body(reply.into_body(), &mut said).await;
        Err((status_of(status.as_u16(), header, &said.0), None))
    }

    async fn body(&self, mut body: Body, sink: &mut dyn Sink) -> Result<(), Failure> {
        loop {
            let next = tokio::time::timeout(self.policy.chunk, body.frame()).await;
            let next = next.map_err(|_| Failure::Connection("the reply stopped in the middle".into()))?;
            let Some(frame) = next else { return sink.end() };
            let frame =
                frame.map_err(|_| Failure::Connection("the connection broke in the middle of a reply".into()))?;
            if let Some(bytes) = frame.data_ref() {
                self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                sink.take(bytes).map_err(Failure::Reply)?;
            }
        }
    }
}

/// Reads the `Status` of an error.
fn status_of(code: u16, header: Option<u64>, body: &[u8]) -> Failure {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Status {
        message: String,
        metadata: Option<Meta>,
        details: Option<Details>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Meta {
        #[serde(rename = "continue")]
        next: String,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Details {
        retry_after_seconds: u64,
    }
    let status: Status = serde_json::from_slice(body).unwrap_or_default();
    let message = one_line(&status.message);
    let known = http::StatusCode::from_u16(code).ok().and_then(|c| c.canonical_reason());
    let asked = header.or(status.details.map(|d| d.retry_after_seconds)).filter(|s| *s > 0);
    Failure::Status {
        code,
        message: if message.is_empty() { known.unwrap_or("without a reason").to_lowercase() } else { message },
        next: status.metadata.map(|m| m.next).filter(|n| !n.is_empty()),
        retry_after: asked.map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, retry_after: Option<u64>) -> Failure {
        let retry_after = retry_after.map(Duration::from_secs);
        Failure::Status { code, message: String::new(), next: None, retry_after }
    }

    #[test]
    fn waits_double_up_to_a_limit_and_end_after_the_last_try() {
        let p = Policy::default();
        let waits: Vec<Option<u64>> =
            (1..=6).map(|n| p.wait(n, &status(503, None)).map(|d| d.as_millis() as u64)).collect();
        assert_eq!(waits, [Some(250), Some(500), Some(1000), Some(2000), None, None]);
        assert_eq!(Policy { tries: 40, ..p }.wait(30, &status(503, None)), Some(p.longest_wait));
    }

    #[test]
    fn what_the_server_asks_for_is_waited_within_reason() {
        let p = Policy::default();
        assert_eq!(p.wait(1, &status(429, Some(3))), Some(Duration::from_secs(3)));
        assert_eq!(p.wait(1, &status(429, Some(3600))), Some(p.longest_wait));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let p = Policy::default();
        for code in [400, 401, 403, 404, 406, 410] {
            assert_eq!(p.wait(1, &status(code, None)), None, "{code}");
        }
        for code in [429, 500, 502, 503, 504] {
            assert!(p.wait(1, &status(code, None)).is_some(), "{code}");
        }
        assert!(p.wait(1, &Failure::Connection("gone".into())).is_some());
        assert_eq!(p.wait(1, &Failure::Reply("odd".into())), None);
    }

    #[test]
    fn no_second_holds_more_requests_than_allowed() {
        let mut window = Window::new(20);
        let mut turns = Vec::new();
        for n in 0..200_u64 {
            let now = Duration::from_millis(n * 7);
            turns.push(now + window.turn(now));
        }
        assert!(turns.is_sorted());
        for pair in turns.windows(21) {
            assert!(pair[20] - pair[0] >= Duration::from_secs(1), "{pair:?}");
        }
        assert!(turns[19] < Duration::from_millis(200), "the first requests need not wait");
    }

    #[test]
    fn a_status_is_read_with_its_token_and_its_wait() {
        let body = br#"{"kind":"Status","message":"too old\nmore","metadata":{"continue":"abc"},"details":{"retryAfterSeconds":2}}"#;
        let expected = Failure::Status {
            code: 410,
            message: "too old".into(),
            next: Some("abc".into()),
            retry_after: Some(Duration::from_secs(2)),
        };
        assert_eq!(status_of(410, None, body), expected);
        assert_eq!(status_of(502, Some(1), b"<html>").reason(), "the server answered 502: bad gateway");
    }
}
