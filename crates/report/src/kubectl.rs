//! The `kubectl` command that shows the user what a finding on a live object says. It only reads.

use crate::place::{self, Step};
use crate::terminal::quote;
use kastell_model::{GroupKind, Object, Place};

/// The command that prints the field of a place in a live object: of what is missing, the nearest ancestor that is
/// there; of the whole object, all of it. `None` for objects that are not live.
pub(crate) fn get(place: &Place) -> Option<String> {
    let object = &place.object;
    if !place::is_live(object) {
        return None;
    }
    let path = json_path(place);
    let output =
        if path.is_empty() { "yaml".to_owned() } else { format!("jsonpath={}", quote(&format!("{{{path}}}"))) };
    let name = quote(&object.key.name);
    Some(format!("{} get {} {name} -o {output}", of(object), resource(&object.key.kind)))
}

/// The command that lists the objects of a kind where one is missing: in the namespace that `object` stands in or is,
/// else in the cluster. `None` for objects that are not live.
pub(crate) fn list(object: &Object, kind: &GroupKind) -> Option<String> {
    if !place::is_live(object) {
        return None;
    }
    let key = &object.key;
    let inside = if key.kind.is("", "Namespace") { format!(" -n {}", quote(&key.name)) } else { String::new() };
    Some(format!("{}{inside} get {}", of(object), resource(kind)))
}

/// `kubectl --context prod -n shop`.
fn of(object: &Object) -> String {
    let context = quote(&object.key.unit);
    let namespace = object.key.namespace.as_deref().map(|ns| format!(" -n {}", quote(ns))).unwrap_or_default();
    format!("kubectl --context {context}{namespace}")
}

/// `deployment.apps`: of two groups with a kind of one name kubectl would choose by itself.
fn resource(kind: &GroupKind) -> String {
    quote(&kind.to_string().to_ascii_lowercase())
}

/// `.spec.containers[?(@.name=="app")].image`, as far as kubectl's JSONPath can say it.
fn json_path(place: &Place) -> String {
    let mut out = String::new();
    let steps = place::steps(place);
    for step in steps.iter().take(steps.len().saturating_sub(place.missing.len())) {
        match step {
            Step::Key(key) if is_sayable(key) => {
                out.push('.');
                out.push_str(&key.replace('.', r"\."));
            }
            Step::Key(_) => break,
            Step::Item(index, identity) => match identity.as_deref().and_then(|id| id.split_once('=')) {
                Some((key, value)) if is_sayable(key) && is_sayable(value) => {
                    out.push_str(&format!("[?(@.{key}==\"{value}\")]"));
                }
                _ => out.push_str(&format!("[{index}]")),
            },
        }
    }
    out
}

fn is_sayable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}
