//! Properties of the engine as a whole: identity over time, exceptions and folding, on generated manifests with every
//! control.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where its own preparations or what it takes for granted fail"
)]

mod components;
mod configured;
mod diff;
mod exceptions;
mod fingerprints;
mod folding;
mod kinds;
mod manifests;
mod text;
