//! A cluster with everything in it, read in many ways: what the answers have in common and what may differ.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a file of tests: what is missing ends them"
)]

mod canaries;
mod credentials;
mod files;
mod network;
mod report;
mod rights;
mod seed;
