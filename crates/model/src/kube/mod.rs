//! Kubernetes' small algorithms, ported exactly: the only home of selectors, quantities, image references, kinds and
//! their scopes, API versions, list-map keys and API defaults.
//!
//! Everything here is a pure function of its arguments. This module knows no object, cluster or finding; it reads a
//! manifest only through [`kastell_yaml::Value`]. Where upstream has a deliberate oddity it is kept and named; where
//! upstream has a plain defect the difference is documented on the item.

pub mod api_versions;
pub mod defaults;
pub mod image;
pub mod int_or_string;
pub mod kinds;
pub mod lists;
pub mod names;
pub mod quantity;
pub mod selector;
mod selector_text;
pub mod versions;

pub use image::{ImageError, ImageReference};
pub use int_or_string::{IntOrString, IntOrStringError};
pub use kinds::{GroupVersion, Scope};
pub use names::NameError;
pub use quantity::{Quantity, QuantityError};
pub use selector::{LabelSelector, Labels, Operator, Requirement, SelectorError};
pub use versions::KubernetesVersion;

#[cfg(test)]
mod value_tests;
