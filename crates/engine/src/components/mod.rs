//! Known components: what Kubernetes, providers and common add-ons ship, and which findings they ship with.
//!
//! Owns: the table (read once, checked in beside this file) and the question whether an object is what an entry lists.
//! An object is known by its kind, its namespace, its name and the repositories of every image that it runs, never by
//! a label and never by a namespace alone. What is excused is the listed finding, with its place, its message and its
//! value, so that one more capability, volume or container stays a finding. Must not know: exceptions that people write.

mod table;

pub use table::{Component, ParseError, Row, Shipped, Table, parse};

use kastell_controls::{Check, Control, Ring};
use kastell_model::kube::image::ImageReference;
use kastell_model::views::PodView;
use kastell_model::yaml::{NodeId, Value};
use kastell_model::{Finding, Object, ObjectKey, Severity, Str, Subject, carriers, identity};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// The table of this release.
static TEXT: &str = include_str!("../../components/table.tsv");

/// Rules that no table excuses: they ask what whoever deploys decides, not what a component needs.
const NEVER: [&str; 3] = ["default-namespace", "impossible-image-digest", "latest-image"];

/// The components that this release knows, with what is listed of each.
pub fn components() -> &'static Table<'static> {
    &known().table
}

/// Whether the table may excuse findings of `control`: it looks at pods or containers, and asks neither for credentials
/// nor for what only whoever deploys decides.
pub fn excusable(control: &Control) -> bool {
    let looks_at_pods = matches!(control.check, Check::Container(_) | Check::Pod(_));
    looks_at_pods && control.ring != Ring::Secrets && !NEVER.contains(&control.id)
}

/// The row that would list `finding`; `None` where it does not stand in the only pod of its object.
pub fn row(finding: &Finding) -> Option<Row<'static>> {
    let at = (&*finding.at.object, finding.at.node, finding.at.missing);
    let (path, value) = place(at, finding.part.as_deref(), &finding.message)?;
    Some(Row {
        severity: finding.severity,
        rule: finding.rule.0.to_string().into(),
        message: finding.message.to_string().into(),
        path: path.into(),
        value: value.map(Into::into),
    })
}

/// The repositories, without tags, of every image that the pods of `object` run, sorted; `None` where one of them
/// cannot be read or there is none.
pub fn repositories(object: &Object) -> Option<Vec<String>> {
    let pods = PodView::all(object);
    let mut out = Vec::new();
    for container in pods.iter().flat_map(PodView::containers) {
        let text = container.value.get("image").and_then(Value::as_str)?;
        out.push(ImageReference::parse(&text).ok()?.name());
    }
    out.sort_unstable();
    out.dedup();
    (!out.is_empty()).then_some(out)
}

/// What the table lists of `object`, a pod or a template of `subject`.
pub(crate) fn of(subject: &Subject, object: &Object) -> Option<&'static Listed> {
    // A pod says who owns it, so that only an owner that was read says what a pod of it is.
    if !subject.present {
        return None;
    }
    let known = known();
    let key = &subject.key;
    let numbers = known.by_name.get(&(&*key.kind.kind, &*key.name)).map_or(&[][..], Vec::as_slice);
    let patterns = known.patterns.get(&*key.kind.kind).map_or(&[][..], Vec::as_slice);
    let mut candidates = numbers.iter().chain(patterns).filter_map(|n| known.listed.get(*n as usize)).peekable();
    candidates.peek()?;
    let images = repositories(object)?;
    candidates.find(|l| l.stands_for(key, object) && images.iter().all(|i| l.comes_from(i)))
}

/// One object of the table, ready to be asked.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Its number in the table.
    pub(crate) number: u32,
    pub(crate) component: &'static Component<'static>,
    shipped: &'static Shipped<'static>,
    rows: FxHashMap<&'static str, Vec<&'static Row<'static>>>,
}

impl Listed {
    fn stands_for(&self, key: &ObjectKey, object: &Object) -> bool {
        let s = self.shipped;
        let namespace = key.namespace.as_deref().unwrap_or(table::NO_NAMESPACE);
        *key.kind.group == *s.group && s.namespaces.contains(&namespace) && is_named(s.name, &key.name, object)
    }

    fn comes_from(&self, repository: &str) -> bool {
        self.shipped.images.iter().any(|pattern| match pattern.split_once('*') {
            // One label of a host, such as a provider's region.
            Some((before, after)) => repository
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|label| !label.is_empty() && !label.contains(['.', '/'])),
            None => *pattern == repository,
        })
    }

    /// Whether this object ships what `rule` found at this place: no worse, and saying the same.
    pub(crate) fn ships(
        &self,
        rule: &str,
        severity: Severity,
        at: At<'_>,
        part: Option<NodeId>,
        message: &str,
    ) -> bool {
        let Some(rows) = self.rows.get(rule) else { return false };
        if !rows.iter().any(|r| r.message == message && severity <= r.severity) {
            return false;
        }
        let part = part.and_then(|p| at.0.value(p).get("name")).and_then(Value::scalar_text);
        let Some((path, value)) = place(at, part.as_deref(), message) else { return false };
        let same = |r: &Row<'_>| r.message == message && r.path == path && r.value.as_deref() == value.as_deref();
        rows.iter().any(|r| same(r) && severity <= r.severity)
    }

    /// What the class of such an object rests on.
    pub(crate) fn evidence(&self, subject: &ObjectKey) -> Str {
        let place = subject.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
        let Component { name, date, .. } = self.component;
        format!("listed as {name} ({} {}{place}), manifests of {date}", subject.kind.kind, subject.name).into()
    }
}

/// Whether `name` is what `pattern` names: itself, or followed by the name of the node that runs the pod (`$NODE`), as
/// kubelets name the mirrors of static pods, or by a suffix of a controller's making (`$HASH`).
fn is_named(pattern: &str, name: &str, object: &Object) -> bool {
    if let Some(stem) = pattern.strip_suffix(table::NODE) {
        let node = PodView::all(object).first().and_then(|p| p.spec().get("nodeName")?.as_str());
        return node.is_some_and(|n| !n.is_empty() && name.strip_prefix(stem) == Some(&*n));
    }
    if let Some(stem) = pattern.strip_suffix(table::HASH) {
        let suffix = name.strip_prefix(stem).unwrap_or("");
        return (5..=10).contains(&suffix.len())
            && suffix.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    }
    pattern == name
}

/// The keyed path of a place from the object's only pod, and the value there where the message does not tell it. An
/// image's value is left out: its repository is compared, and its version is not what a component needs. A place that
/// the pod says for a container names the container too, since another one would be another finding.
fn place((object, node, missing): At<'_>, part: Option<&str>, message: &str) -> Option<(String, Option<String>)> {
    let found = carriers::find(object);
    let [carrier] = found.as_slice() else { return None };
    let mut path = crate::fold::keyed(object, false, Some(carrier.value.id()), node, missing);
    if let Some(part) = part.filter(|p| !path.contains(&format!("[{p}]"))) {
        path.push_str(" of ");
        path.push_str(part);
    }
    if !missing.is_empty() || path.ends_with("].image") {
        return Some((path, None));
    }
    let text = object.value(node).scalar_text().filter(|t| !t.is_empty() && !message.contains(&**t));
    let value = text.map(|t| {
        let plain = t.len() <= 64 && !t.contains(|c: char| c.is_control());
        #[expect(clippy::cast_possible_truncation, reason = "64 of 128 bits tell values apart well enough")]
        if plain { t.into_owned() } else { format!("#{:016x}", identity::content_hash(object.value(node)) as u64) }
    });
    Some((path, value))
}

/// An object, a node of it, and the keys that are missing below that.
type At<'a> = (&'a Object, NodeId, &'a [&'a str]);

struct Known {
    table: Table<'static>,
    listed: Vec<Listed>,
    by_name: FxHashMap<(&'static str, &'static str), Vec<u32>>,
    patterns: FxHashMap<&'static str, Vec<u32>>,
}

/// The table is read once; a test proves that this release's can be read.
fn known() -> &'static Known {
    static TABLE: OnceLock<Table<'static>> = OnceLock::new();
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let table = TABLE.get_or_init(|| parse(TEXT).unwrap_or_default());
    KNOWN.get_or_init(|| {
        let mut out = Known {
            table: table.clone(),
            listed: Vec::new(),
            by_name: FxHashMap::default(),
            patterns: FxHashMap::default(),
        };
        let shipped = table.components.iter().flat_map(|c| c.objects.iter().map(move |o| (c, o)));
        for (number, (component, shipped)) in (0_u32..).zip(shipped) {
            if shipped.name.ends_with(table::NODE) || shipped.name.ends_with(table::HASH) {
                out.patterns.entry(shipped.kind).or_default().push(number);
            } else {
                out.by_name.entry((shipped.kind, shipped.name)).or_default().push(number);
            }
            let mut rows: FxHashMap<&str, Vec<&Row<'_>>> = FxHashMap::default();
            for row in &shipped.rows {
                rows.entry(&*row.rule).or_default().push(row);
            }
            out.listed.push(Listed { number, component, shipped, rows });
        }
        out
    })
}

/// The component with this number of a listed object.
pub(crate) fn component(number: u32) -> Option<&'static Component<'static>> {
    known().listed.get(number as usize).map(|l| l.component)
}
