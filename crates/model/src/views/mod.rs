//! Typed views on objects. They borrow, and nothing else has lifetimes.

mod binding;
mod container;
mod pod;
mod service;

pub use binding::{BINDING_KINDS, BindingView, SubjectView};
pub use container::{ContainerKind, ContainerView};
pub use pod::PodView;
pub use service::ServiceView;
