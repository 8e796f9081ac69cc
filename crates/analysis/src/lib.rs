//! Facts computed from the model: who owns what, what stands where, what Pod Security says.
//!
//! Owns: [`Facts`] and what hangs on it. Facts are lazy, pure and deterministic; dependencies between them are calls,
//! acyclic by module order: index → owners, workloads → references → network, pod_security. Must not know: controls, findings, files, clocks.

mod facts;
mod index;
pub mod network;
mod owners;
pub mod pod_security;
mod references;
mod workloads;

pub use facts::Facts;
pub use index::Index;
pub use owners::Owners;
pub use references::Lookup;
pub use workloads::Workloads;
