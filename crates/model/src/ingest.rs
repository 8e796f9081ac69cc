//! From a document's tree to objects: which documents are objects, and lists opened.

use crate::object::{GroupKind, Object, ObjectKey, Origin, Source, Str};
use kastell_yaml::{NodeId, Tree, Value};
use std::sync::Arc;

/// Why a document gave no object, or an object is not looked at. Counted, never silent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SkipReason {
    /// Nothing but comments and blanks.
    Empty,
    /// No `apiVersion` and `kind` (Compose files, workflows, values).
    NotKubernetes,
    /// A `kustomization.yaml`: it configures a tool, it is not sent to the API server.
    Kustomization,
    /// A configuration of kastell itself.
    Configuration,
}

impl SkipReason {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            SkipReason::Empty => "empty",
            SkipReason::NotKubernetes => "not-kubernetes",
            SkipReason::Kustomization => "kustomization",
            SkipReason::Configuration => "configuration",
        }
    }
}

/// A document (or an item of a list) that gave no object.
#[derive(Clone, Debug)]
pub struct Skip {
    /// Why.
    pub reason: SkipReason,
    /// Where it stands.
    pub node: NodeId,
}

/// What a document holds.
#[derive(Debug, Default)]
pub struct Ingested {
    /// Its objects, in document order.
    pub objects: Vec<Arc<Object>>,
    /// What gave none.
    pub skipped: Vec<Skip>,
}

/// Lists nest in practice once (`List` of `List`s is what some generators write); deeper ones are not Kubernetes'.
const LIST_DEPTH: usize = 8;

impl Ingested {
    /// The objects of one document. Kinds that end in `List` and have `items` are opened.
    pub fn from_document(unit: &Str, source: &Arc<Source>, document: u32, tree: &Arc<Tree>) -> Ingested {
        let mut out = Ingested::default();
        let mut stack: Vec<(NodeId, usize, Option<Inherited>)> = vec![(NodeId::ROOT, 0, None)];
        while let Some((node, depth, inherited)) = stack.pop() {
            let value = tree.value(node);
            if value.is_null() {
                out.skipped.push(Skip { reason: SkipReason::Empty, node });
                continue;
            }
            // Top-level sequences are what some tools write for several objects.
            if value.is_sequence() && depth == 0 && is_sequence_of_objects(value) {
                let items: Vec<_> = value.items().map(|i| (i.id(), 1, None)).collect();
                stack.extend(items.into_iter().rev());
                continue;
            }
            let text = |key| value.get(key).and_then(Value::as_str).filter(|s| !s.is_empty());
            let inherit = inherited.as_ref();
            let api_version = text("apiVersion").or_else(|| inherit.map(|i| i.api_version.clone().into()));
            let kind = text("kind").or_else(|| inherit.map(|i| i.kind.clone().into()));
            let (Some(api_version), Some(kind)) = (api_version, kind) else {
                out.skipped.push(Skip { reason: SkipReason::NotKubernetes, node });
                continue;
            };
            if let Some(items) = list_items(value, &kind).filter(|_| depth < LIST_DEPTH) {
                // Items of a typed list (`PodList`) may leave out what the list says.
                let below = kind
                    .strip_suffix("List")
                    .filter(|k| !k.is_empty())
                    .map(|k| Inherited { api_version: api_version.to_string(), kind: k.to_string() });
                let items: Vec<_> = items.items().map(|i| (i.id(), depth + 1, below.clone())).collect();
                stack.extend(items.into_iter().rev());
                continue;
            }
            let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
            if group == "kustomize.config.k8s.io" {
                out.skipped.push(Skip { reason: SkipReason::Kustomization, node });
                continue;
            }
            if group == "kastell.dev" && &*kind == "Configuration" {
                out.skipped.push(Skip { reason: SkipReason::Configuration, node });
                continue;
            }
            out.objects.push(Arc::new(Object {
                key: key(unit, group, &kind, value),
                version: version.into(),
                tree: Arc::clone(tree),
                root: node,
                origin: Origin::File { document },
                source: Arc::clone(source),
                patch: false,
            }));
        }
        out
    }
}

impl Object {
    /// The object that a running cluster gave as exactly this text: its origin is [`Origin::Live`] with the uid and the
    /// resource version of its metadata, and it is never opened as a list. `None` where it is no object (no
    /// `apiVersion`, `kind` or name).
    pub fn live(unit: &Str, source: &Arc<Source>, tree: &Arc<Tree>) -> Option<Object> {
        let root = tree.root();
        let text =
            |v: Value<'_>, key| v.get(key).and_then(Value::as_str).filter(|s| !s.is_empty()).map(|s| Str::from(&*s));
        let (api_version, kind) = (text(root, "apiVersion")?, text(root, "kind")?);
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
        let metadata = root.field("metadata")?;
        let said = |key| text(metadata, key).unwrap_or_else(|| "".into());
        let key = key(unit, group, &kind, root);
        (!key.name.is_empty()).then(|| Object {
            key,
            version: version.into(),
            tree: Arc::clone(tree),
            root: NodeId::ROOT,
            origin: Origin::Live { uid: said("uid"), resource_version: said("resourceVersion") },
            source: Arc::clone(source),
            patch: false,
        })
    }
}

#[derive(Clone)]
struct Inherited {
    api_version: String,
    kind: String,
}

fn is_sequence_of_objects(v: Value<'_>) -> bool {
    v.items().next().is_some_and(|i| i.get("apiVersion").is_some() && i.get("kind").is_some())
}

fn list_items<'t>(v: Value<'t>, kind: &str) -> Option<Value<'t>> {
    // A custom kind may be called SomethingList and keep a specification; it has no `items` of objects at its root.
    let items = v.get("items").filter(|i| i.is_sequence())?;
    (kind.ends_with("List") && v.get("spec").is_none()).then_some(items)
}

fn key(unit: &Str, group: &str, kind: &str, v: Value<'_>) -> ObjectKey {
    let metadata = v.field("metadata");
    let text = |key| metadata.and_then(|m| m.get(key)).and_then(Value::scalar_text).filter(|s| !s.is_empty());
    let name = match (text("name"), text("generateName")) {
        (Some(n), _) => n.as_ref().into(),
        (None, Some(g)) => format!("{g}*").into(),
        (None, None) => "".into(),
    };
    let cluster_scoped = crate::kube::kinds::scope(group, kind) == Some(crate::kube::kinds::Scope::Cluster);
    ObjectKey {
        unit: unit.clone(),
        kind: GroupKind::new(group, kind),
        namespace: text("namespace").filter(|_| !cluster_scoped).map(|s| s.as_ref().into()),
        name,
    }
}
