//! What "hardened" means: every control in one file of its own, by ring.
//!
//! Owns: the framework of controls, the controls, and the tables that map them to frameworks and other tools. Must not
//! know: files, output, exceptions, other controls: a control sees only its own subject and the facts.
//!
//! `ids.txt` lists every id for ever; `registry.rs` is generated from the files by `cargo xtask generate`.

mod absence;
mod context;
mod control;
pub mod credentials;
mod enforcement;
mod exposure;
mod framework;
pub mod guides;
#[cfg(test)]
mod harness;
mod images;
mod namespaces;
mod params;
mod pods;
mod questions;
pub mod registry;
mod resources;
mod subjects;
mod walk;

// The rings: one folder each, one file a control.
mod control_plane;
mod identity;
mod network;
mod operations;
mod secrets;
mod supply_chain;
mod workloads;

pub use absence::missed_by;
pub use context::{ClusterCx, ClusterEntry, ClusterOut, ContainerCx, ObjectCx, PodCx};
pub use control::{Check, Control, Ring};
pub use framework::{Framework, Mapping};
pub use params::{ParamSpec, Parameter};
pub use questions::{QUESTIONS, Question};
pub use registry::CONTROLS;
pub use walk::Parts;

/// The control with this id or alias.
pub fn find(id: &str) -> Option<&'static Control> {
    CONTROLS.iter().find(|c| c.id == id || c.aliases.contains(&id)).copied()
}

/// Every id that is taken: built, reserved or retired, in the order of `ids.txt`.
pub fn ids() -> impl Iterator<Item = &'static str> {
    include_str!("../ids.txt")
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .filter_map(|l| l.split(' ').next())
}
