//! Reads the world into the model: files, directories, standard input, running clusters and snapshots of them.
//!
//! Owns: which files a path stands for, reading and parsing them on all cores, units, and the account of everything that
//! gave no object. The only place that reads the world: what could not be read becomes a diagnostic with a gap's reason,
//! never nothing. Must not know: controls, findings, output.

mod kustomize;
pub mod live;
mod load;
pub mod snapshot;
mod walk;

pub use load::{Loaded, Progress, Request, SourceError, load};
