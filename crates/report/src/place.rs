//! Where something is, in words: a position in a file, or a field of a live object.
//!
//! A live object was never a file of the user's: its place is the field, in a form that leads to `kubectl explain` and
//! to a JSONPath.

use kastell_model::identity::item_identity;
use kastell_model::yaml::PathSegment;
use kastell_model::{Object, Origin, Place};
use std::fmt::Write as _;

/// One step of the way from an object's root to a field.
pub(crate) enum Step<'t> {
    /// An entry of a mapping.
    Key(&'t str),
    /// An item of a list: its index, and its identity as `name=app` where the list has keys.
    Item(u32, Option<String>),
}

/// Whether an object was read from the API of a cluster.
pub(crate) fn is_live(object: &Object) -> bool {
    matches!(object.origin, Origin::Live { .. })
}

/// The steps to a place; those that are missing come last.
pub(crate) fn steps(place: &Place) -> Vec<Step<'_>> {
    let object = &place.object;
    let mut list = "";
    let mut steps: Vec<Step<'_>> = Vec::new();
    for segment in object.tree.path(object.root, place.node).unwrap_or_default() {
        steps.push(match segment {
            PathSegment::Key(key) => {
                list = key;
                Step::Key(key)
            }
            PathSegment::Index(index, item) => Step::Item(index, item_identity(list, object.value(item))),
        });
    }
    steps.extend(place.missing.iter().map(|key| Step::Key(key)));
    steps
}

/// The field of a place, missing keys included; empty for the whole object. Items of a live object are named by their
/// keys where these are plain (`spec.template.spec.containers[name=app].image`), those of a file by their index.
pub(crate) fn field(place: &Place) -> String {
    if !is_live(&place.object) {
        return place.path();
    }
    let mut out = String::new();
    for step in steps(place) {
        match step {
            Step::Key(key) if is_plain(key) => {
                let dot = if out.is_empty() { "" } else { "." };
                let _ = write!(out, "{dot}{key}");
            }
            Step::Key(key) => {
                let _ = write!(out, "[{key:?}]");
            }
            Step::Item(_, Some(identity)) if is_plain_identity(&identity) => {
                let _ = write!(out, "[{identity}]");
            }
            Step::Item(index, _) => {
                let _ = write!(out, "[{index}]");
            }
        }
    }
    out
}

/// Whether a key can stand in a path without quotes.
pub(crate) fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_plain_identity(identity: &str) -> bool {
    identity.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:,=".contains(&b))
}

/// `file:line:column`, or `Deployment shop/cart: spec.replicas` of a live object.
pub(crate) fn at(place: &Place) -> String {
    let object = &place.object;
    if is_live(object) {
        let field = field(place);
        let colon = if field.is_empty() { "" } else { ": " };
        return format!("{}{colon}{field}", object.key);
    }
    let position = object.position(place.span());
    let about = if object.tree.is_approximate() { " (approximate)" } else { "" };
    format!("{}:{}:{}{about}", object.source.path, position.line, position.column)
}
