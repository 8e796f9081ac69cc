//! The product as a whole, through its binary: secrets that must not show, the examples, and probes that other tools fail.

mod canaries;
#[path = "../common/mod.rs"]
mod common;
mod examples;
mod probes;
