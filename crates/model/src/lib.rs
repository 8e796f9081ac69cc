//! See ARCHITECTURE.md.

pub mod kube;
