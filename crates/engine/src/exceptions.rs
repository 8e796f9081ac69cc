//! Exceptions: findings that somebody accepted, with a reason. One function decides for every caller.
//!
//! A comment at a line's end excuses that entry and what is below it; alone on a line the next entry and below; above a
//! document's first key the object. An annotation `kastell.dev/ignore` excuses its object. An entry of the configuration
//! excuses whom it matches.

use crate::components::Component;
use crate::matching::{Candidate, Match};
use crate::settings::{Configured, Settings};
use kastell_controls::Control;
use kastell_model::yaml::{NodeId, Tree, Value};
use kastell_model::{Date, Finding, Object, Str};
use memchr::memmem;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Which exceptions a run lets count. What the table of known components excuses does not come from whoever changes
/// manifests, so that only [`None`](ExceptionPolicy::None) shows it as findings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExceptionPolicy {
    /// Those in the manifests and those of the configuration.
    All,
    /// Only those of the configuration, which a pull request does not bring along.
    Config,
    /// None.
    None,
}

/// Where an exception was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExceptionOrigin {
    /// A comment in the manifest.
    Inline,
    /// The object's annotation.
    Annotation,
    /// The configuration.
    Config,
    /// The table of known components.
    Component,
}

impl ExceptionOrigin {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            ExceptionOrigin::Inline => "inline",
            ExceptionOrigin::Annotation => "annotation",
            ExceptionOrigin::Config => "config",
            ExceptionOrigin::Component => "component",
        }
    }
}

/// One exception.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Where it was written.
    pub origin: ExceptionOrigin,
    /// The rules that it excuses.
    pub ids: Vec<String>,
    /// Why.
    pub reason: Str,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Who accepted the findings, where that was said.
    pub owner: Option<Str>,
    /// Where that was decided, where that was said.
    pub ticket: Option<Str>,
    /// The object that it stands in: one of the cluster's, or the configuration.
    pub object: Arc<Object>,
    /// The node from which downwards it counts; of the configuration, its entry.
    pub node: NodeId,
    /// The line that it is written on, from 1.
    pub line: u32,
    /// Why it does not count, where it cannot be read.
    pub problem: Option<String>,
}

/// A finding that an exception covers.
#[derive(Clone, Debug)]
pub struct Excepted {
    /// What was found.
    pub finding: Finding,
    /// What covers it.
    pub exception: Exception,
    /// The known component that ships it, where the table of components covers it.
    pub component: Option<&'static Component<'static>>,
}

/// What became of an exception in a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExceptionStatus {
    /// It covers something.
    Used,
    /// Whom it means was looked at, and there is nothing to cover.
    Stale,
    /// Whom it means is not among the files that were given, which may not be all.
    Absent,
    /// Its last day has passed.
    Expired,
    /// It cannot be read.
    Invalid,
    /// Not all of its controls ran.
    NotAsked,
}

impl ExceptionStatus {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            ExceptionStatus::Used => "used",
            ExceptionStatus::Stale => "stale",
            ExceptionStatus::Absent => "absent",
            ExceptionStatus::Expired => "expired",
            ExceptionStatus::Invalid => "invalid",
            ExceptionStatus::NotAsked => "not-asked",
        }
    }
}

/// An exception and what became of it.
#[derive(Clone, Debug)]
pub struct ExceptionUse {
    /// The exception.
    pub exception: Exception,
    /// What became of it.
    pub status: ExceptionStatus,
    /// How many hits it covers.
    pub covered: u32,
}

/// The annotation that carries an exception.
pub(crate) const ANNOTATION: &str = "kastell.dev/ignore";
/// What an inline exception starts with.
const MARK: &str = "kastell: ignore[";

/// All exceptions of a run, and which objects they concern.
pub(crate) struct Exceptions {
    list: Vec<Exception>,
    by_object: FxHashMap<usize, Vec<u32>>,
    /// The number of the first of the configuration's, which follow in its order.
    first_configured: u32,
    configured: Arc<Configured>,
}

/// A hit that exceptions are looked up for.
pub(crate) struct Excusable<'a> {
    pub(crate) object: &'a Arc<Object>,
    pub(crate) control: &'a Control,
    pub(crate) node: NodeId,
    /// The name of its container.
    pub(crate) part: Option<&'a str>,
    /// The configuration's exceptions for its object.
    pub(crate) configured: &'a [u32],
}

fn address(object: &Arc<Object>) -> usize {
    Arc::as_ptr(object) as usize
}

impl Exceptions {
    pub(crate) fn collect(objects: &[Arc<Object>], settings: &Settings) -> Exceptions {
        let mut out = Exceptions {
            list: Vec::new(),
            by_object: FxHashMap::default(),
            first_configured: 0,
            configured: Arc::clone(&settings.configured),
        };
        if settings.exceptions == ExceptionPolicy::All {
            out.of_manifests(objects);
        }
        out.first_configured = u32::try_from(out.list.len()).unwrap_or(u32::MAX);
        if settings.exceptions != ExceptionPolicy::None {
            out.of_configuration();
        }
        out
    }

    fn of_configuration(&mut self) {
        let Some(object) = &self.configured.object else { return };
        for e in &self.configured.exceptions {
            self.list.push(Exception {
                origin: ExceptionOrigin::Config,
                ids: e.ids.clone(),
                reason: e.reason.clone(),
                until: e.until,
                owner: e.owner.clone(),
                ticket: e.ticket.clone(),
                object: Arc::clone(object),
                node: e.node,
                line: object.position(object.value(e.node).span()).line,
                problem: None,
            });
        }
    }

    /// Whom a number of the configuration's exceptions is about; `None` for the manifests'.
    pub(crate) fn about(&self, number: u32) -> Option<&Match> {
        let n = number.checked_sub(self.first_configured)?;
        self.configured.exceptions.get(n as usize).map(|e| &e.about)
    }

    /// The configuration's exceptions for an object, whatever the control and the container.
    pub(crate) fn configured_for(&self, candidate: Candidate<'_>) -> Vec<u32> {
        let numbers = self.first_configured..u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let is_about = |n: &u32| self.about(*n).is_some_and(|m| m.is_about(candidate, &self.configured.production));
        numbers.filter(is_about).collect()
    }

    fn of_manifests(&mut self, objects: &[Arc<Object>]) {
        let mut by_source: FxHashMap<usize, Vec<&Arc<Object>>> = FxHashMap::default();
        let mut order = Vec::new();
        for object in objects {
            let of_source = by_source.entry(Arc::as_ptr(&object.source) as usize).or_default();
            if of_source.is_empty() {
                order.push(Arc::as_ptr(&object.source) as usize);
            }
            of_source.push(object);
            if let Some(text) = object.annotation(ANNOTATION) {
                self.annotation(object, &text);
            }
        }
        let mark = memmem::Finder::new(MARK);
        for source in order {
            let Some(objects) = by_source.get(&source) else { continue };
            let Some(first) = objects.first() else { continue };
            let text = &first.source.text;
            for at in mark.find_iter(text.as_bytes()) {
                self.inline(objects, text, at);
            }
        }
    }

    pub(crate) fn all(&self) -> &[Exception] {
        &self.list
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Exception> {
        self.list.get(number as usize)
    }

    /// Whether any exception may be about `object`.
    pub(crate) fn concern(&self, object: &Arc<Object>) -> bool {
        self.has_configured() || self.by_object.contains_key(&address(object))
    }

    fn has_configured(&self) -> bool {
        self.list.len() > self.first_configured as usize
    }

    /// Every exception that covers a hit today: those beside the field first, then the configuration's.
    pub(crate) fn of<'a>(&'a self, hit: &'a Excusable<'a>, now: Date) -> impl Iterator<Item = u32> + 'a {
        let beside = self.by_object.get(&address(hit.object)).map(Vec::as_slice).unwrap_or_default();
        beside.iter().chain(hit.configured).copied().filter(move |n| {
            self.get(*n).is_some_and(|e| {
                e.problem.is_none()
                    && e.until.is_none_or(|until| now <= until)
                    && e.ids.iter().any(|id| id == hit.control.id || hit.control.aliases.contains(&id.as_str()))
                    && match self.about(*n) {
                        Some(about) => about.has_container(hit.part),
                        None => hit.object.tree.path(e.node, hit.node).is_some(),
                    }
            })
        })
    }

    fn push(&mut self, exception: Exception, objects: &[&Arc<Object>]) {
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        for object in objects {
            self.by_object.entry(address(object)).or_default().push(number);
        }
        self.list.push(exception);
    }

    fn annotation(&mut self, object: &Arc<Object>, text: &str) {
        let (ids, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let parsed = Parsed::read(ids, rest);
        let at = object.metadata().and_then(|m| m.field("annotations")).and_then(|a| a.get(ANNOTATION));
        let line = at.map_or(1, |v| object.position(v.span()).line);
        let exception = parsed.exception(ExceptionOrigin::Annotation, object, object.root, line);
        self.push(exception, &[object]);
    }

    /// `at`: the offset of the mark in the text of these objects' source.
    fn inline(&mut self, objects: &[&Arc<Object>], text: &str, at: usize) {
        let before = text.get(..at).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let lead = before.get(line_start..).unwrap_or("");
        let Some(hash) = lead.rfind('#') else { return };
        let (content, gap) = lead.split_at(hash);
        let is_comment =
            gap.trim_start_matches('#').trim().is_empty() && (content.is_empty() || content.ends_with([' ', '\t']));
        if !is_comment || objects.iter().any(|o| in_scalar(&o.tree, line_start + hash)) {
            return;
        }
        let rest = text.get(at + MARK.len()..).unwrap_or("");
        let rest = rest.split(['\n', '\r']).next().unwrap_or("");
        let parsed = match rest.split_once(']') {
            Some((ids, reason)) => Parsed::read(ids, reason),
            None => Parsed { problem: Some("the bracket is not closed".into()), ..Parsed::read(rest, "") },
        };
        let alone = content.trim().is_empty();
        let entry_line = if alone { next_content_line(text, at) } else { Some(line_start) };
        let line = objects.first().map_or(1, |o| o.source.position(u32::try_from(at).unwrap_or(u32::MAX)).line);
        let found = entry_line.and_then(|start| {
            let end = text.get(start..).and_then(|t| t.find('\n')).map_or(text.len(), |i| start + i);
            objects.iter().find_map(|o| starting_in(&o.tree, start, end, !alone).map(|node| (*o, node)))
        });
        match found {
            Some((holder, node)) => {
                let covered: Vec<&Arc<Object>> = objects
                    .iter()
                    .copied()
                    .filter(|o| Arc::ptr_eq(&o.tree, &holder.tree))
                    .filter(|o| o.tree.path(o.root, node).is_some() || o.tree.path(node, o.root).is_some())
                    .collect();
                let home = covered.first().copied().unwrap_or(holder);
                let exception = parsed.exception(ExceptionOrigin::Inline, home, node, line);
                self.push(exception, &covered);
            }
            None => {
                let Some(home) = objects.first() else { return };
                let problem = Some("nothing follows it that it could cover".to_string());
                let parsed = Parsed { problem: parsed.problem.or(problem), ..parsed };
                self.push(parsed.exception(ExceptionOrigin::Inline, home, home.root, line), &[]);
            }
        }
    }
}

/// What an exception says.
struct Parsed {
    ids: Vec<String>,
    reason: String,
    until: Option<Date>,
    problem: Option<String>,
}

impl Parsed {
    fn read(ids: &str, rest: &str) -> Parsed {
        let ids: Vec<String> = ids.split(',').map(str::trim).filter(|i| !i.is_empty()).map(String::from).collect();
        let mut problem = None;
        let mut reason = rest.trim();
        let mut until = None;
        if let Some(i) = reason.rfind("until ") {
            let (before, day) = reason.split_at(i);
            let day = day.trim_start_matches("until ").trim();
            // A reason may use the word; only a day behind it makes it an expiry.
            if day.starts_with(|c: char| c.is_ascii_digit()) {
                until = Date::parse(day);
                if until.is_none() {
                    problem = Some(format!("`{day}` is no day of the form YYYY-MM-DD"));
                }
                reason = before.trim();
            }
        }
        if ids.is_empty() {
            problem = Some("it names no rule".into());
        } else if let Some(unknown) = ids.iter().find(|id| kastell_controls::find(id).is_none()) {
            problem = Some(format!("there is no control `{unknown}`"));
        } else if reason.is_empty() {
            problem = Some("it gives no reason".into());
        }
        Parsed { ids, reason: reason.to_string(), until, problem }
    }

    fn exception(self, origin: ExceptionOrigin, object: &Arc<Object>, node: NodeId, line: u32) -> Exception {
        Exception {
            origin,
            ids: self.ids,
            reason: self.reason.into(),
            until: self.until,
            owner: None,
            ticket: None,
            object: Arc::clone(object),
            node,
            line,
            problem: self.problem,
        }
    }
}

/// Every value of a tree in document order, without recursion; aliases are not entered.
fn walk(tree: &Tree) -> impl Iterator<Item = Value<'_>> {
    let mut stack = vec![tree.root()];
    std::iter::from_fn(move || {
        let v = stack.pop()?;
        if v.span() == v.content_span() {
            let mut below: Vec<Value<'_>> = v.entries().map(|(_, e)| e).chain(v.items()).collect();
            below.reverse();
            stack.append(&mut below);
        }
        Some(v)
    })
}

fn in_scalar(tree: &Tree, offset: usize) -> bool {
    walk(tree).any(|v| {
        let span = v.span();
        !v.is_mapping() && !v.is_sequence() && span.start as usize <= offset && offset < span.end as usize
    })
}

/// The start of the next line after `at` that holds more than a comment.
fn next_content_line(text: &str, at: usize) -> Option<usize> {
    let mut start = at + text.get(at..)?.find('\n')? + 1;
    loop {
        let rest = text.get(start..).filter(|r| !r.is_empty())?;
        let line = rest.split('\n').next().unwrap_or("");
        let trimmed = line.trim();
        // The marker of the document is not an entry; what follows it is.
        if !trimmed.is_empty() && !trimmed.starts_with('#') && trimmed != "---" {
            return Some(start);
        }
        start += line.len() + 1;
    }
}

/// The outermost node that starts in these bytes. With `entry` a document's root does not count: a comment behind the
/// first key is about that key.
fn starting_in(tree: &Tree, start: usize, end: usize, entry: bool) -> Option<NodeId> {
    walk(tree)
        .filter(|v| !(entry && v.id() == NodeId::ROOT))
        .find(|v| {
            let at = v.key_span().map_or(v.span().start, |k| k.start) as usize;
            (start..end).contains(&at) && !(v.key_span().is_none() && v.span().is_empty())
        })
        .map(Value::id)
}
