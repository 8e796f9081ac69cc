//! A pod, a pod's template, or what stands for one.

use super::container::{ContainerKind, ContainerView};
use crate::carriers::{self, Found, Shape};
use crate::field::{DefaultedBy, Field};
use crate::finding::Confidence;
use crate::object::Object;
use kastell_yaml::Value;
use std::borrow::Cow;

/// A view on one pod or pod template of an object.
#[derive(Clone, Copy, Debug)]
pub struct PodView<'t> {
    /// The object that carries it.
    pub object: &'t Object,
    /// The template (or the pod) itself.
    pub root: Value<'t>,
    /// What it is.
    pub shape: Shape,
    /// How sure it is that this is a pod.
    pub confidence: Confidence,
    /// What every control asks, looked up once.
    spec: Value<'t>,
    windows: bool,
}

impl<'t> PodView<'t> {
    /// All pods and pod templates of `object`.
    pub fn all(object: &'t Object) -> Vec<PodView<'t>> {
        carriers::find(object).into_iter().filter_map(|f| PodView::new(object, f)).collect()
    }

    /// The view on a carrier; `None` where it holds no specification.
    pub fn new(object: &'t Object, found: Found<'t>) -> Option<PodView<'t>> {
        let Found { value: root, shape, confidence } = found;
        let spec = match shape {
            Shape::Pod | Shape::Template => root.get("spec").unwrap_or(root),
            Shape::Patch => root.field("spec").filter(|s| s.is_mapping()).unwrap_or(root),
            Shape::PodSpec | Shape::ArgoTemplate | Shape::Steps => root,
        };
        spec.is_mapping().then(|| PodView { object, root, shape, confidence, spec, windows: is_windows(spec) })
    }

    /// The pod's specification. For shapes without a `spec` key it is the carrier itself.
    pub fn spec(&self) -> Value<'t> {
        self.spec
    }

    /// The pod's own metadata: of a pod the object's, of a template the template's.
    pub fn metadata(&self) -> Option<Value<'t>> {
        match self.shape {
            Shape::PodSpec | Shape::Steps => None,
            _ => self.root.field("metadata"),
        }
    }

    /// The pod's label `key`.
    pub fn label(&self, key: &str) -> Option<Cow<'t, str>> {
        self.metadata()?.field("labels")?.get(key)?.as_str()
    }

    /// The pod's annotation `key`.
    pub fn annotation(&self, key: &str) -> Option<Cow<'t, str>> {
        self.metadata()?.field("annotations")?.get(key)?.as_str()
    }

    /// Whether this is laid over another specification, so that what is missing says nothing.
    pub fn is_patch(&self) -> bool {
        self.shape == Shape::Patch
    }

    /// Whether a controller makes the pod around what stands here (Tekton, Argo), so that pod-level fields may come
    /// from elsewhere.
    pub fn is_partial(&self) -> bool {
        matches!(self.shape, Shape::ArgoTemplate | Shape::Steps | Shape::Patch)
    }

    /// Whether the pod runs on Windows: `os.name`, or a node selector that only Windows nodes meet.
    pub fn is_windows(&self) -> bool {
        self.windows
    }

    /// Whether `hostUsers: false` gives the pod a user namespace of its own.
    pub fn has_user_namespace(&self) -> bool {
        self.spec().get("hostUsers").and_then(Value::as_bool) == Some(false)
    }

    /// All containers: init containers first, then containers, then ephemeral ones, each list in its order.
    pub fn containers(&self) -> Vec<ContainerView<'t>> {
        let spec = self.spec();
        let mut out = Vec::new();
        let mut list = |key: &str, kind: ContainerKind| {
            if let Some(list) = spec.field(key) {
                out.extend(list.items().filter(|i| i.is_mapping()).map(|value| ContainerView { value, kind }));
            }
        };
        match self.shape {
            Shape::ArgoTemplate => {
                list("initContainers", ContainerKind::Init);
                list("sidecars", ContainerKind::Regular);
                for key in ["container", "script"] {
                    if let Some(value) = spec.field(key).filter(|v| v.is_mapping()) {
                        out.push(ContainerView { value, kind: ContainerKind::Regular });
                    }
                }
                if let Some(set) = spec.at(&["containerSet", "containers"]) {
                    let regular = |value| ContainerView { value, kind: ContainerKind::Regular };
                    out.extend(set.items().filter(|i| i.is_mapping()).map(regular));
                }
            }
            Shape::Steps => {
                list("steps", ContainerKind::Regular);
                list("sidecars", ContainerKind::Regular);
            }
            _ => {
                list("initContainers", ContainerKind::Init);
                list("containers", ContainerKind::Regular);
                list("ephemeralContainers", ContainerKind::Ephemeral);
            }
        }
        // A step that refers to a shared definition has nothing of its own to look at.
        out.retain(|c| !(self.shape == Shape::Steps && c.value.get("ref").is_some()));
        out
    }

    /// The pod's volumes.
    pub fn volumes(&self) -> impl Iterator<Item = Value<'t>> + use<'t> {
        self.spec().field("volumes").into_iter().flat_map(Value::items).filter(|v| v.is_mapping())
    }

    /// The service account that the pod runs as: `serviceAccountName`, the deprecated `serviceAccount`, else `default`
    /// (admission plugin ServiceAccount, plugin/pkg/admission/serviceaccount).
    pub fn service_account_name(&self) -> Field<'t, Cow<'t, str>> {
        let spec = self.spec();
        let non_empty = |v: Value<'t>| v.as_str().filter(|s| !s.is_empty());
        for path in [&["serviceAccountName"] as &'static [&'static str], &["serviceAccount"]] {
            match Field::at(spec, path).read(non_empty) {
                Field::Absent(_) => {}
                Field::Unreadable(v, _) if v.is_str("") => {}
                found => return found,
            }
        }
        Field::string(spec, &["serviceAccountName"]).or_default(Cow::Borrowed("default"), DefaultedBy::Api)
    }

    /// A field of the pod's security context or, by the same path, of the specification.
    pub fn field(&self, path: &'static [&'static str]) -> Field<'t, Value<'t>> {
        Field::at(self.spec(), path)
    }
}

fn is_windows(spec: Value<'_>) -> bool {
    match spec.at(&["os", "name"]).and_then(Value::as_str) {
        Some(os) => os == "windows",
        None => ["kubernetes.io/os", "beta.kubernetes.io/os"]
            .iter()
            .any(|k| spec.at(&["nodeSelector", k]).is_some_and(|v| v.is_str("windows"))),
    }
}
