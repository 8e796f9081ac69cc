//! Snapshots: a cluster as it was read, in one text file. Scanning the file gives what scanning the cluster gave.
//!
//! A line each, JSON: the header (how each cluster was read, what was seen of it, what went wrong), then for each cluster
//! a line that names it and its objects, sorted, as the live source held them; at the end how many objects there are, so
//! that a file that was cut off is noticed. The same cluster gives the same bytes.
//!
//! Owns: the format, its version and its schema. Must not know: how a cluster is asked.

mod format;
mod read;
mod several;
mod write;

#[cfg(test)]
mod tests;

pub use format::{SNAPSHOT_VERSION, snapshot_schema};
pub use read::{SnapshotError, is_snapshot, read_snapshot};
pub use several::{SnapshotRequest, is_snapshot_file, load_each, load_snapshots};
pub use write::write_snapshot;
