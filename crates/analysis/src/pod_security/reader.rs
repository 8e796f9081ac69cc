//! A pod as the checks read it: what is not of its type becomes a gap, once.

use super::{PodGap, Violated};
use kastell_model::carriers::Shape;
use kastell_model::views::{ContainerKind, ContainerView, PodView};
use kastell_model::yaml::Value;
use kastell_model::{Anchor, Field, GapReason};
use std::borrow::Cow;
use std::cell::RefCell;

type Path = &'static [&'static str];

/// A field as a check sees it.
pub(super) enum Read<'t, T> {
    /// There.
    Set(T, Value<'t>),
    /// Left out.
    Missing(Anchor<'t>),
    /// There, but it says nothing; the gap is noted.
    Unknown,
}

/// The items of a list of strings.
pub(super) struct Strings<'t> {
    /// Those that are strings.
    pub(super) items: Vec<(Cow<'t, str>, Value<'t>)>,
    /// Whether something else stands in the list or in its place.
    pub(super) unknown: bool,
    /// Where the list is, or would be.
    pub(super) place: Option<Violated>,
}

/// A pod with the minor version that it is held against.
pub(super) struct Reader<'p, 't> {
    view: &'p PodView<'t>,
    containers: Vec<ContainerView<'t>>,
    gaps: RefCell<Vec<PodGap>>,
    /// The minor version of the standard.
    pub(super) minor: u32,
    /// Whether what is missing here is missing in the pod.
    pub(super) absences: bool,
}

impl<'p, 't> Reader<'p, 't> {
    pub(super) fn new(view: &'p PodView<'t>, minor: u32) -> Reader<'p, 't> {
        let reader = Reader {
            view,
            containers: view.containers(),
            gaps: RefCell::default(),
            minor,
            absences: !view.is_partial(),
        };
        for path in [&["initContainers"] as Path, &["containers"], &["ephemeralContainers"]] {
            for item in reader.list(view.spec(), path).filter(|i| !i.is_mapping()) {
                reader.gap(item, GapReason::of_mistyped(item), path);
            }
        }
        reader
    }

    pub(super) fn into_gaps(self) -> Vec<PodGap> {
        self.gaps.into_inner()
    }

    /// The pod's specification.
    pub(super) fn spec(&self) -> Value<'t> {
        self.view.spec()
    }

    /// Init containers, containers, ephemeral containers.
    pub(super) fn containers(&self) -> &[ContainerView<'t>] {
        &self.containers
    }

    /// Notes a gap; the first of a place counts.
    pub(super) fn gap(&self, at: Value<'_>, reason: GapReason, path: Path) {
        let mut gaps = self.gaps.borrow_mut();
        if !gaps.iter().any(|g| g.at == at.id()) {
            gaps.push(PodGap { at: at.id(), reason, field: path.join(".") });
        }
    }

    fn known<T>(&self, field: Field<'t, T>, path: Path) -> Read<'t, T> {
        match field {
            Field::Set(t, at) => Read::Set(t, at),
            Field::Absent(a) | Field::Default(_, _, a) => Read::Missing(a),
            Field::Unreadable(at, reason) => {
                self.gap(at, reason, path);
                Read::Unknown
            }
        }
    }

    pub(super) fn bool(&self, base: Value<'t>, path: Path) -> Read<'t, bool> {
        self.known(Field::bool(base, path), path)
    }

    pub(super) fn int(&self, base: Value<'t>, path: Path) -> Read<'t, i64> {
        self.known(Field::int(base, path), path)
    }

    pub(super) fn string(&self, base: Value<'t>, path: Path) -> Read<'t, Cow<'t, str>> {
        self.known(Field::string(base, path), path)
    }

    pub(super) fn mapping(&self, base: Value<'t>, path: Path) -> Read<'t, Value<'t>> {
        self.known(Field::at(base, path).read(|v| v.is_mapping().then_some(v)), path)
    }

    /// The items of a list; none where there is no list.
    pub(super) fn list(&self, base: Value<'t>, path: Path) -> impl Iterator<Item = Value<'t>> + use<'t> {
        let list = self.known(Field::at(base, path).read(|v| v.is_sequence().then_some(v)), path);
        let list = if let Read::Set(v, _) = list { Some(v) } else { None };
        list.into_iter().flat_map(Value::items)
    }

    /// The items of a list that have to be mappings.
    pub(super) fn mappings(&self, base: Value<'t>, path: Path) -> Vec<Value<'t>> {
        let mut out = Vec::new();
        for item in self.list(base, path) {
            if item.is_mapping() {
                out.push(item);
            } else if !item.is_null() {
                self.gap(item, GapReason::of_mistyped(item), path);
            }
        }
        out
    }

    /// The items of a list of strings.
    pub(super) fn strings(&self, base: Value<'t>, path: Path) -> Strings<'t> {
        let mut out = Strings { items: Vec::new(), unknown: false, place: None };
        match self.known(Field::at(base, path).read(|v| v.is_sequence().then_some(v)), path) {
            Read::Missing(anchor) => out.place = Some(anchor.into()),
            Read::Unknown => out.unknown = true,
            Read::Set(list, at) => {
                out.place = Some(at.into());
                for item in list.items() {
                    match item.as_str() {
                        Some(s) if GapReason::of_mistyped(item) != GapReason::Dynamic => out.items.push((s, item)),
                        _ => {
                            out.unknown = true;
                            self.gap(item, GapReason::of_mistyped(item), path);
                        }
                    }
                }
            }
        }
        out
    }

    /// The pod's annotations whose keys start with `prefix`.
    pub(super) fn annotations(&self, prefix: &str) -> Vec<(&'t str, Cow<'t, str>, Value<'t>)> {
        const PATH: Path = &["annotations"];
        let Some(metadata) = self.view.metadata() else { return Vec::new() };
        let Read::Set(annotations, _) = self.mapping(metadata, PATH) else { return Vec::new() };
        let mut out = Vec::new();
        for (key, value) in annotations.entries().filter(|(k, _)| k.starts_with(prefix)) {
            match value.as_str() {
                Some(text) => out.push((key, text, value)),
                None if value.is_null() => out.push((key, "".into(), value)),
                None => self.gap(value, GapReason::of_mistyped(value), PATH),
            }
        }
        out
    }

    /// Whether the pod says that it runs on Windows; `None` where that cannot be read.
    pub(super) fn is_windows(&self) -> Option<bool> {
        match self.string(self.spec(), &["os", "name"]) {
            Read::Set(name, _) => Some(name == "windows"),
            Read::Missing(_) => Some(false),
            Read::Unknown => None,
        }
    }

    /// Whether the pod has a user namespace of its own; `None` where that cannot be read.
    pub(super) fn has_user_namespace(&self) -> Option<bool> {
        match self.bool(self.spec(), &["hostUsers"]) {
            Read::Set(host, _) => Some(!host),
            Read::Missing(_) => Some(false),
            Read::Unknown => None,
        }
    }

    /// Whether the API server fills in host ports: for pods on the host's network it takes the container's port
    /// (`SetDefaults_Pod`; since 1.28 not in templates, and never for ephemeral containers).
    pub(super) fn defaults_host_ports(&self, container: &ContainerView<'_>) -> bool {
        self.view.shape == Shape::Pod
            && container.kind != ContainerKind::Ephemeral
            && matches!(self.bool(self.spec(), &["hostNetwork"]), Read::Set(true, _))
    }
}
