//! Objects: identity, version, tree and origin.

use kastell_yaml::{LineIndex, NodeId, Position, Span, Tree, Value};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Shared text.
pub type Str = Arc<str>;

/// API group and kind. The group of the core API is the empty string.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupKind {
    /// `apps`, `rbac.authorization.k8s.io`, … or the empty string.
    pub group: Str,
    /// `Deployment`.
    pub kind: Str,
}

impl GroupKind {
    /// A group and kind from text.
    pub fn new(group: &str, kind: &str) -> GroupKind {
        GroupKind { group: group.into(), kind: kind.into() }
    }

    /// Whether this is `kind` of `group`.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        &*self.kind == kind && &*self.group == group
    }
}

impl fmt::Display for GroupKind {
    /// `Deployment.apps`, or `Pod` for the core group.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() { write!(f, "{}", self.kind) } else { write!(f, "{}.{}", self.kind, self.group) }
    }
}

/// What names an object within one run: the API version is not part of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectKey {
    /// The unit that it is deployed with.
    pub unit: Str,
    /// Group and kind.
    pub kind: GroupKind,
    /// `metadata.namespace`; `None` for cluster-scoped objects and where the manifest says none.
    pub namespace: Option<Str>,
    /// `metadata.name`, or `generateName` with `*` behind it.
    pub name: Str,
}

impl ObjectKey {
    /// The namespace that a client without a namespace of its own would use: `default` where the manifest says none.
    pub fn namespace_or_default(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }
}

impl fmt::Display for ObjectKey {
    /// `Deployment shop/cart`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(ns) => write!(f, "{} {ns}/{}", self.kind.kind, self.name),
            None => write!(f, "{} {}", self.kind.kind, self.name),
        }
    }
}

/// A text that objects were read from.
#[derive(Debug)]
pub struct Source {
    /// As the user would write it: a path relative to the working directory, `-`, or the name given for it.
    pub path: Str,
    /// The whole text.
    pub text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl Source {
    /// A source; its lines are indexed when somebody asks for a position.
    pub fn new(path: &str, text: Arc<str>) -> Source {
        Source { path: path.into(), text, lines: OnceLock::new() }
    }

    /// The line index of the text.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of a byte of the text.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }
}

/// Where an object came from.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// A document of a file, counted from 0.
    File {
        /// The document's number in its file.
        document: u32,
    },
    /// The output of a renderer.
    Rendered {
        /// `helm`, `kustomize`.
        tool: Str,
        /// The template, where the renderer says it.
        template: Option<Str>,
    },
    /// The API of a running cluster.
    Live {
        /// `metadata.uid`.
        uid: Str,
        /// `metadata.resourceVersion`.
        resource_version: Str,
    },
}

/// One object of the cluster. Immutable.
#[derive(Debug)]
pub struct Object {
    /// Its identity.
    pub key: ObjectKey,
    /// The version of its API group, `v1`.
    pub version: Str,
    /// The tree that it stands in.
    pub tree: Arc<Tree>,
    /// Its root in the tree: not 0 for items of a list.
    pub root: NodeId,
    /// Where it came from.
    pub origin: Origin,
    /// The text that it was read from.
    pub source: Arc<Source>,
    /// Whether it is a partial object that a tool lays over another one. A patch never yields an absence.
    pub patch: bool,
}

impl Object {
    /// The object's root.
    pub fn root(&self) -> Value<'_> {
        self.tree.value(self.root)
    }

    /// `metadata`, where it is a mapping.
    pub fn metadata(&self) -> Option<Value<'_>> {
        self.root().field("metadata")
    }

    /// A node of the object's tree.
    pub fn value(&self, id: NodeId) -> Value<'_> {
        self.tree.value(id)
    }

    /// `apiVersion` as the object says it.
    pub fn api_version(&self) -> String {
        if self.key.kind.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.key.kind.group, self.version)
        }
    }

    /// Whether it is of `kind` in `group`.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.key.kind.is(group, kind)
    }

    /// The label `key` of the object itself.
    pub fn label(&self, key: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.metadata()?.field("labels")?.get(key)?.as_str()
    }

    /// The annotation `key` of the object itself.
    pub fn annotation(&self, key: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.metadata()?.field("annotations")?.get(key)?.as_str()
    }

    /// The position of the first byte of `span` in the source.
    pub fn position(&self, span: Span) -> Position {
        self.source.position(span.start)
    }
}
