//! Text to [`Tree`]: YAML and JSON with byte spans, every scalar read as kubectl reads it.
//!
//! Owns: the flat tree, the readers (line reader, JSON reader, event reader, last-resort reader), scalar resolution and
//! the positions of bytes in a text. Must not know: Kubernetes kinds, files, or anything that is found in a document.
//!
//! Invariants: no panic on any input; no recursion on input, neither in building nor in dropping; memory bounded by the
//! input; nothing is dropped without a [`Problem`] that says where and why.

mod build;
mod duplicates;
pub mod edit;
mod event;
mod fallback;
pub mod json;
mod line;
mod position;
mod problem;
pub mod proof;
mod read;
mod resolve;
mod split;
mod text;
mod tree;

pub use position::{LineIndex, Position};
pub use problem::{Level, Problem, ProblemCode};
pub use read::{Document, Reader, Stream, read, read_bytes, read_slice};
pub use resolve::{Scalar, resolve};
pub use tree::{Entries, Items, Kind, NodeId, PathSegment, Span, Tree, Value};
