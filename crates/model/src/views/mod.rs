//! Typed views on objects. They borrow, and nothing else has lifetimes.

mod container;
mod pod;

pub use container::{ContainerKind, ContainerView};
pub use pod::PodView;
