//! The product as a whole, through its binary: secrets that must not show, the examples, and probes that other tools fail.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where its own preparations or what it takes for granted fail"
)]

mod bytes;
mod canaries;
#[path = "../common/mod.rs"]
mod common;
mod examples;
mod guides;
mod probes;
