//! Properties of the engine as a whole: identity over time, exceptions and folding, on generated manifests with every
//! control.

mod exceptions;
mod fingerprints;
mod folding;
mod manifests;
mod text;
