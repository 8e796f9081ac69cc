//! Whose software an object is: Kubernetes' and the provider's, an add-on of the platform, or the users' own.

use kastell_model::{Class, Object, ObjectKey, Str};

/// The class of a finding's subject, and what it rests on.
pub(crate) fn class(subject: &ObjectKey, _object: &Object) -> (Class, Option<Str>) {
    match subject.namespace.as_deref() {
        Some(ns @ ("kube-system" | "kube-public" | "kube-node-lease")) => {
            (Class::System, Some(format!("stands in Kubernetes' own namespace {ns}").into()))
        }
        _ => (Class::Yours, None),
    }
}
