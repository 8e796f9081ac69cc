//! A RoleBinding or ClusterRoleBinding.

use crate::object::Object;
use kastell_yaml::Value;
use std::borrow::Cow;

/// The kinds of bindings, by (group, kind).
pub const BINDING_KINDS: &[(&str, &str)] =
    &[("rbac.authorization.k8s.io", "ClusterRoleBinding"), ("rbac.authorization.k8s.io", "RoleBinding")];

/// A view on a binding.
#[derive(Clone, Copy, Debug)]
pub struct BindingView<'t> {
    /// The binding.
    pub object: &'t Object,
}

/// One of its subjects.
#[derive(Clone, Debug)]
pub struct SubjectView<'t> {
    /// The item of `subjects`.
    pub value: Value<'t>,
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: Cow<'t, str>,
    /// The subject's name.
    pub name: Cow<'t, str>,
}

impl<'t> SubjectView<'t> {
    /// Where the name stands, else the item.
    pub fn place(&self) -> Value<'t> {
        self.value.get("name").unwrap_or(self.value)
    }

    /// The namespace of a service account, where the binding says one.
    pub fn namespace(&self) -> Option<Cow<'t, str>> {
        self.value.field("namespace").and_then(Value::as_str).filter(|s| !s.is_empty())
    }
}

impl<'t> BindingView<'t> {
    /// The view on `object`, whose kind is one of [`BINDING_KINDS`].
    pub fn new(object: &'t Object) -> BindingView<'t> {
        BindingView { object }
    }

    /// The name of the role that is granted.
    pub fn role_name(&self) -> Cow<'t, str> {
        self.object.root().at(&["roleRef", "name"]).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the role is one of the cluster-wide roles that give write access to nearly everything.
    pub fn grants_administration(&self) -> bool {
        let of_cluster = self.object.root().at(&["roleRef", "kind"]).is_some_and(|k| k.is_str("ClusterRole"));
        of_cluster && matches!(&*self.role_name(), "cluster-admin" | "admin" | "edit")
    }

    /// The subjects whose kind and name are readable.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectView<'t>> + use<'t> {
        self.object.root().field("subjects").into_iter().flat_map(Value::items).filter_map(|value| {
            let text = |key| value.field(key).and_then(Value::as_str);
            Some(SubjectView { value, kind: text("kind")?, name: text("name")? })
        })
    }

    /// The subjects whose kind or name is of another type than the API has.
    pub fn unreadable_subjects(&self) -> impl Iterator<Item = Value<'t>> + use<'t> {
        let items = self.object.root().field("subjects").into_iter().flat_map(Value::items);
        items.filter(|v| ["kind", "name"].iter().any(|k| v.field(k).and_then(Value::as_str).is_none()))
    }
}
