//! A real etcd and kube-apiserver for tests, and what makes them fail: a proxy that drops, stalls and refuses, a SOCKS5
//! proxy, users with exactly some rights. The program is run as users run it, by its command line.
//!
//! The programs come from `KUBEBUILDER_ASSETS`, as test suites of controllers have it. Where it is not set, [`assets`] says
//! so once and the tests pass; with `CI` set that is a failure. A [`Server`] listens on loopback only, on free ports, keeps
//! its data in a folder of its own, and ends with the process that started it, however that ends.
//!
//! Nothing here knows the program's code: only its flags, its exit codes and its reports.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness of tests: what goes wrong in it fails the test that uses it"
)]

mod assets;
mod certificates;
mod http;
mod program;
mod proxy;
mod server;
mod socks;

pub use assets::{Assets, assets};
pub use http::{Client, Headers, Request, Response};
pub use program::{PEAK, Run, command, kastell};
pub use proxy::{Fault, Proxy, Seen, is_list};
pub use server::{Options, Server};
pub use socks::Socks;

use base64::Engine as _;
use std::time::{Duration, Instant};

/// Standard base64 with padding, as Secrets and kubeconfigs have it.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Asks again and again until `ready` gives something.
///
/// # Panics
/// After `seconds` without an answer; the message says `what` was waited for.
pub fn until<T>(what: &str, seconds: u64, mut ready: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < end, "{what}: not within {seconds} s");
        std::thread::sleep(Duration::from_millis(20));
    }
}
