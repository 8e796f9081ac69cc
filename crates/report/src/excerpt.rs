//! A few lines of a live object around a field, written as people write YAML. The object itself is one long line.

use crate::frame::surroundings;
use crate::style::{Mask, Style, clean};
use kastell_model::identity::item_identity;
use kastell_model::yaml::{Kind, PathSegment, Span, Value};
use kastell_model::{Object, Place};
use std::ops::Range;

/// Keys that are shown above the field at most; the place itself names them all.
const KEYS: usize = 3;

/// Characters of a value that are shown.
const VALUE: usize = 72;

/// How deep a collection is shown on one line.
const DEPTH: usize = 3;

/// Lines, and the bytes of them that are the field.
pub(crate) struct Excerpt {
    pub(crate) text: String,
    pub(crate) mark: Range<usize>,
}

/// The lines around a place: the list item that it stands in, the last keys above it, and its value. Of what is missing
/// the nearest ancestor's key is marked.
pub(crate) fn excerpt(place: &Place, mask: &dyn Mask, style: &Style) -> Excerpt {
    let object = &*place.object;
    let mut chain: Vec<(PathSegment<'_>, Value<'_>)> = Vec::new();
    let mut value = object.root();
    for segment in object.tree.path(object.root, place.node).unwrap_or_default() {
        value = match segment {
            PathSegment::Key(key) => value.get(key).unwrap_or(value),
            PathSegment::Index(_, item) => object.value(item),
        };
        chain.push((segment, value));
    }
    let item = chain.iter().rposition(|(segment, _)| matches!(segment, PathSegment::Index(..)));
    let first = item.unwrap_or(chain.len().saturating_sub(KEYS));
    let list = chain.get(..first).and_then(<[_]>::last).map_or("", |(segment, _)| match segment {
        PathSegment::Key(key) => key,
        PathSegment::Index(..) => "",
    });
    let mut writer = Writer { object, mask, style, text: String::new(), mark: 0..0 };
    writer.lines(chain.get(first..).unwrap_or_default(), list, place.missing.is_empty());
    writer.finish()
}

struct Writer<'a> {
    object: &'a Object,
    mask: &'a dyn Mask,
    style: &'a Style,
    text: String,
    mark: Range<usize>,
}

impl Writer<'_> {
    fn lines(&mut self, chain: &[(PathSegment<'_>, Value<'_>)], list: &str, present: bool) {
        let mut indent = 0;
        // What stands before the next key: the dash of an item that has no name.
        let mut lead = String::new();
        for (i, (segment, value)) in chain.iter().enumerate() {
            let is_last = i + 1 == chain.len();
            match segment {
                PathSegment::Index(..) => {
                    let name = item_name(list, *value).filter(|_| is_last || !is_key(chain.get(i + 1), list, *value));
                    match name {
                        Some((key, of)) => {
                            self.text.push_str("- ");
                            let from = self.text.len();
                            self.entry(key, of, is_last && present, from);
                            if is_last && !present {
                                self.mark = from..from + key.len();
                            }
                        }
                        None if is_last => {
                            self.text.push_str("- ");
                            let from = self.text.len();
                            self.value(*value);
                            self.mark = from..self.text.len();
                            self.text.push('\n');
                        }
                        None => "- ".clone_into(&mut lead),
                    }
                    indent = 2;
                }
                PathSegment::Key(key) => {
                    let blanks = indent - lead.len().min(indent);
                    self.text.push_str(&" ".repeat(blanks));
                    self.text.push_str(&std::mem::take(&mut lead));
                    let from = self.text.len();
                    if is_last {
                        self.entry(key, *value, present, from);
                    } else {
                        self.key(key);
                        self.text.push_str(":\n");
                    }
                    indent += 2;
                }
            }
        }
    }

    /// `key: value` and a line break; where the value is not what is `meant`, or is a collection, the key is marked.
    fn entry(&mut self, key: &str, value: Value<'_>, meant: bool, from: usize) {
        self.key(key);
        let end = self.text.len();
        self.text.push_str(": ");
        let start = self.text.len();
        self.value(value);
        let scalar = !value.is_mapping() && !value.is_sequence();
        self.mark = if meant && scalar && self.text.len() > start { start..self.text.len() } else { from..end };
        self.text.push('\n');
    }

    fn key(&mut self, key: &str) {
        let key = clean(key);
        if key.contains([':', ' ', '#', '"']) {
            self.text.push_str(&format!("{key:?}"));
        } else {
            self.text.push_str(&key);
        }
    }

    fn value(&mut self, value: Value<'_>) {
        let from = self.text.len();
        self.flow(value, DEPTH);
        if self.text.get(from..).is_some_and(|t| t.chars().count() > VALUE) {
            let kept: String = self.text.get(from..).unwrap_or_default().chars().take(VALUE).collect();
            self.text.truncate(from);
            self.text.push_str(&kept);
            self.text.push_str(self.style.ellipsis());
        }
    }

    /// A value on one line, as far as it is shown.
    fn flow(&mut self, value: Value<'_>, depth: usize) {
        let from = self.text.len();
        let is_full = |w: &Self| w.text.len() - from > 4 * VALUE;
        if value.is_mapping() {
            self.text.push('{');
            for (i, (key, entry)) in value.entries().enumerate() {
                if depth == 0 || is_full(self) {
                    self.text.push_str(self.style.ellipsis());
                    break;
                }
                self.text.push_str(if i == 0 { "" } else { ", " });
                self.key(key);
                self.text.push_str(": ");
                self.flow(entry, depth - 1);
            }
            self.text.push('}');
        } else if value.is_sequence() {
            self.text.push('[');
            for (i, item) in value.items().enumerate() {
                if depth == 0 || is_full(self) {
                    self.text.push_str(self.style.ellipsis());
                    break;
                }
                self.text.push_str(if i == 0 { "" } else { ", " });
                self.flow(item, depth - 1);
            }
            self.text.push(']');
        } else {
            let text = self.shown(value.span());
            if value.kind() == Kind::String && !reads_as_text(&text) {
                self.text.push_str(&format!("\"{text}\""));
            } else {
                self.text.push_str(&text);
            }
        }
    }

    /// The bytes of the object's own text as they may be shown: secrets are dots, one for each character.
    fn shown(&self, span: Span) -> String {
        let source = &self.object.source;
        let all = surroundings(source, span);
        let secret = self.mask.mask(source, all.start, source.text.get(all.clone()).unwrap_or(""));
        let start = (span.start as usize).max(all.start);
        let text = source.text.get(start..(span.end as usize).min(all.end)).unwrap_or("");
        let hidden = |at: usize, c: char| secret.iter().any(|r| at < r.end && at + c.len_utf8() > r.start);
        let shown = text.char_indices().map(|(i, c)| if hidden(start - all.start + i, c) { '•' } else { c });
        clean(&shown.collect::<String>())
    }

    fn finish(mut self) -> Excerpt {
        if self.text.is_empty() {
            // The object as a whole: its kind says what it is.
            let kind = self.object.root().get("kind");
            match kind {
                Some(kind) => self.entry("kind", kind, false, 0),
                None => self.text.push_str("{}\n"),
            }
        }
        self.text.truncate(self.text.trim_end_matches('\n').len());
        let end = self.text.len();
        let start = self.mark.start.min(end.saturating_sub(1));
        Excerpt { mark: start..self.mark.end.clamp((start + 1).min(end), end.max(1)), text: self.text }
    }
}

/// The entry that names an item of a list.
fn item_name<'t>(list: &str, item: Value<'t>) -> Option<(&'t str, Value<'t>)> {
    let identity = item_identity(list, item);
    let key = identity.as_deref().and_then(|id| id.split_once('=')).map_or("name", |(key, _)| key);
    item.entries().find(|(k, v)| *k == key && !v.is_mapping() && !v.is_sequence())
}

/// Whether the next step is the entry that names the item.
fn is_key(next: Option<&(PathSegment<'_>, Value<'_>)>, list: &str, item: Value<'_>) -> bool {
    match (next, item_name(list, item)) {
        (Some((PathSegment::Key(next), _)), Some((key, _))) => *next == key,
        _ => false,
    }
}

/// Whether YAML reads the bare text as a string.
fn reads_as_text(text: &str) -> bool {
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null" | "nan" | "inf"
    );
    let bare = |c: char| c.is_alphanumeric() || "-_./@+=•".contains(c);
    let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '•');
    starts && !word && text.split(':').all(|part| !part.is_empty() && part.chars().all(bare))
}
