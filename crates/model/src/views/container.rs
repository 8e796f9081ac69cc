//! A container of a pod, and its effective security context.

use super::pod::PodView;
use crate::field::Field;
use kastell_yaml::Value;
use std::borrow::Cow;

/// Which list a container stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContainerKind {
    /// `initContainers`, sidecars included.
    Init,
    /// `containers`.
    Regular,
    /// `ephemeralContainers`.
    Ephemeral,
}

/// A view on one container.
#[derive(Clone, Copy, Debug)]
pub struct ContainerView<'t> {
    /// The container.
    pub value: Value<'t>,
    /// Its list.
    pub kind: ContainerKind,
}

impl<'t> ContainerView<'t> {
    /// `name`; empty where there is none.
    pub fn name(&self) -> Cow<'t, str> {
        self.value.get("name").and_then(Value::scalar_text).unwrap_or_default()
    }

    /// Whether it is an init container that keeps running (`restartPolicy: Always`, KEP-753).
    pub fn is_sidecar(&self) -> bool {
        self.kind == ContainerKind::Init && self.value.get("restartPolicy").is_some_and(|v| v.is_str("Always"))
    }

    /// A field of the container.
    pub fn field(&self, path: &'static [&'static str]) -> Field<'t, Value<'t>> {
        Field::at(self.value, path)
    }

    /// A field that the container's security context takes over from the pod's where it says nothing itself: the
    /// same path below both (`k8s.io/kubernetes/pkg/securitycontext/util.go`, DetermineEffectiveSecurityContext).
    /// Where neither says anything, it is missing at the container.
    pub fn effective(&self, pod: &PodView<'t>, path: &'static [&'static str]) -> Field<'t, Value<'t>> {
        match self.field(path) {
            Field::Absent(at_container) => match pod.field(path) {
                Field::Absent(_) => Field::Absent(at_container),
                from_pod => from_pod,
            },
            own => own,
        }
    }

    /// The items of a list of strings below the container, such as `securityContext.capabilities.add`.
    pub fn strings(&self, path: &'static [&'static str]) -> impl Iterator<Item = (Cow<'t, str>, Value<'t>)> + use<'t> {
        let list = match self.field(path) {
            Field::Set(v, _) => Some(v),
            _ => None,
        };
        list.into_iter().flat_map(Value::items).filter_map(|i| i.as_str().map(|s| (s, i)))
    }
}
