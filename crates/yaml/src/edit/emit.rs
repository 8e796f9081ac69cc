//! How new values are written, in the style of the document around them.

use crate::resolve::{Scalar, resolve};
use crate::tree::{KEY_QUOTED, NodeKind};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

use super::Part;
use super::place::{children, is_flow, site};

/// How the strings of a document are quoted where they must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quote {
    Single,
    Double,
}

/// The style of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Style {
    /// `\n` or `\r\n`.
    pub(super) newline: &'static str,
    /// Blanks from one level to the next.
    pub(super) step: usize,
    pub(super) quote: Quote,
    /// The document is one bracketed value (JSON, KYAML): every string is quoted.
    pub(super) bracketed: bool,
    /// Keys are quoted too (JSON).
    pub(super) quoted_keys: bool,
}

impl Style {
    pub(super) fn of(part: &Part) -> Style {
        let tree = &part.tree;
        let crlf = part.text.find('\n').is_some_and(|i| part.text.get(..i).is_some_and(|t| t.ends_with('\r')));
        let count = u32::try_from(tree.node_count()).unwrap_or(u32::MAX);
        let (mut single, mut double, mut step, mut quoted_keys) = (0, 0, None, false);
        for id in 0..count {
            let node = tree.raw_node(id);
            if matches!(node.kind, NodeKind::String | NodeKind::Single | NodeKind::Owned) {
                let before = (site(tree, id).span().start as usize).checked_sub(1);
                match before.and_then(|i| part.text.as_bytes().get(i)) {
                    Some(b'\'') => single += 1,
                    Some(b'"') => double += 1,
                    _ => {}
                }
            }
            quoted_keys |= id > 0 && node.flags & KEY_QUOTED != 0;
            if step.is_none() {
                step = step_below(part, id);
            }
        }
        let bracketed = is_flow(part, tree.root());
        Style {
            newline: if crlf { "\r\n" } else { "\n" },
            step: step.unwrap_or(2),
            quote: if single > double { Quote::Single } else { Quote::Double },
            bracketed,
            quoted_keys: bracketed && quoted_keys,
        }
    }

    /// A key.
    pub(super) fn key(self, key: &str) -> String {
        if self.quoted_keys {
            return double(key);
        }
        if is_plain(key, true) { key.to_string() } else { self.quoted(key) }
    }

    fn quoted(self, text: &str) -> String {
        let is_printable = !text.chars().any(|c| c.is_control() || c == '\u{feff}' || c == '\u{85}');
        if self.quote == Quote::Single && !self.bracketed && is_printable {
            format!("'{}'", text.replace('\'', "''"))
        } else {
            double(text)
        }
    }

    /// A scalar or an empty collection on one line; `None` for a collection with content.
    pub(super) fn simple(self, value: &Json, in_flow: bool) -> Option<Cow<'static, str>> {
        Some(match value {
            Json::Null => "null".into(),
            Json::Bool(true) => "true".into(),
            Json::Bool(false) => "false".into(),
            Json::Number(n) => n.to_string().into(),
            Json::String(s) if !self.bracketed && is_plain(s, in_flow) => s.clone().into(),
            Json::String(s) => self.quoted(s).into(),
            Json::Array(a) if a.is_empty() => "[]".into(),
            Json::Object(o) if o.is_empty() => "{}".into(),
            Json::Array(_) | Json::Object(_) => return None,
        })
    }

    /// An entry in block style whose key begins at `column`, without the blanks before the key; ends with a newline.
    pub(super) fn entry(self, out: &mut String, key: &str, value: &Json, column: usize) {
        out.push_str(&self.key(key));
        out.push(':');
        self.below(out, value, column);
    }

    /// What follows the colon of a key at `column`; ends with a newline.
    pub(super) fn below(self, out: &mut String, value: &Json, column: usize) {
        if let Some(text) = self.simple(value, false) {
            out.push(' ');
            out.push_str(&text);
            out.push_str(self.newline);
            return;
        }
        out.push_str(self.newline);
        let column = column + self.step;
        match value {
            Json::Object(map) => {
                out.push_str(&" ".repeat(column));
                self.entries(out, map, column);
            }
            Json::Array(items) => {
                for item in items {
                    out.push_str(&" ".repeat(column));
                    self.item(out, item, column);
                }
            }
            _ => {}
        }
    }

    /// The entries of a mapping at `column`, the first without its blanks; ends with a newline.
    fn entries(self, out: &mut String, map: &Map<String, Json>, column: usize) {
        for (i, (key, value)) in map.iter().enumerate() {
            if i > 0 {
                out.push_str(&" ".repeat(column));
            }
            self.entry(out, key, value, column);
        }
    }

    /// An item in block style whose dash stands at `column`, without the blanks before it; ends with a newline.
    pub(super) fn item(self, out: &mut String, value: &Json, column: usize) {
        out.push_str("- ");
        self.content(out, value, column + 2);
    }

    /// What stands behind a dash, at `column`; ends with a newline.
    pub(super) fn content(self, out: &mut String, value: &Json, column: usize) {
        match (self.simple(value, false), value) {
            (Some(text), _) => {
                out.push_str(&text);
                out.push_str(self.newline);
            }
            (None, Json::Object(map)) => self.entries(out, map, column),
            (None, Json::Array(items)) => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&" ".repeat(column));
                    }
                    self.item(out, item, column);
                }
            }
            _ => {}
        }
    }

    /// A value in brackets: on one line, or with `lines` (the column of its own line, and whether the document writes a
    /// comma behind the last entry) a line for each entry.
    pub(super) fn flow(self, out: &mut String, value: &Json, lines: Option<(usize, bool)>) {
        if let Some(text) = self.simple(value, true) {
            out.push_str(&text);
            return;
        }
        let (open, close) = if value.is_object() { ('{', '}') } else { ('[', ']') };
        out.push(open);
        let entries: Vec<(Option<&String>, &Json)> = match value {
            Json::Object(map) => map.iter().map(|(k, v)| (Some(k), v)).collect(),
            Json::Array(items) => items.iter().map(|v| (None, v)).collect(),
            _ => Vec::new(),
        };
        let count = entries.len();
        for (i, (key, entry)) in entries.into_iter().enumerate() {
            let is_last = i + 1 == count;
            match lines {
                Some((column, _)) => self.line(out, column + self.step),
                None if i > 0 => out.push(' '),
                None => {}
            }
            self.flow_entry(out, key.map(String::as_str), entry, lines.map(|(c, comma)| (c + self.step, comma)));
            if !is_last || lines.is_some_and(|(_, comma)| comma) {
                out.push(',');
            }
        }
        if let Some((column, _)) = lines {
            self.line(out, column);
        }
        out.push(close);
    }

    /// One entry or item of a collection in brackets.
    pub(super) fn flow_entry(self, out: &mut String, key: Option<&str>, value: &Json, lines: Option<(usize, bool)>) {
        if let Some(key) = key {
            out.push_str(&self.key(key));
            out.push_str(": ");
        }
        self.flow(out, value, lines);
    }

    /// A new line that begins at `column`.
    pub(super) fn line(self, out: &mut String, column: usize) {
        out.push_str(self.newline);
        out.push_str(&" ".repeat(column));
    }
}

/// How far the entries of the first block mapping below the entry `id` are indented from it.
fn step_below(part: &Part, id: u32) -> Option<usize> {
    let value = site(&part.tree, id);
    if !value.is_mapping() || is_flow(part, value) || part.tree.raw_node(id).kind == NodeKind::Alias {
        return None;
    }
    let own = value.key_span()?;
    let first = site(&part.tree, *children(&part.tree, id).first()?).key_span()?;
    let column = |at: u32| {
        let before = part.text.get(..at as usize)?;
        let line = before.get(before.rfind('\n').map_or(0, |i| i + 1)..)?;
        Some(line.len())
    };
    column(first.start)?.checked_sub(column(own.start)?).filter(|step| (1..=8).contains(step))
}

/// A double-quoted scalar, which is JSON's string too.
fn double(text: &str) -> String {
    let mut out = Json::String(text.to_string()).to_string();
    // JSON lets these stand; readers of YAML take some for line breaks, and none may stand in YAML as it is.
    for c in ['\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'] {
        if out.contains(c) {
            out = out.replace(c, &format!("\\u{:04x}", u32::from(c)));
        }
    }
    out
}

/// Whether a string may stand without quotes: every reader takes it for this string.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.bytes().next() else { return false };
    let starts_badly = b"-?:,[]{}#&*!|>'\"%@`=<~. ".contains(&first);
    let has_bad = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']);
    let is_odd = text.chars().any(|c| c.is_control() || !(c.is_ascii() || c.is_alphanumeric()));
    let in_brackets = in_flow && text.contains([',', '[', ']', '{', '}', ':', '#']);
    let is_number_like = first.is_ascii_digit() || first == b'+';
    let looks_like_number = is_number_like && text.chars().all(|c| c.is_ascii_hexdigit() || "xo_.:-+TZ ".contains(c));
    let is_word = matches!(text, "y" | "Y" | "n" | "N");
    !(starts_badly || has_bad || is_odd || in_brackets || looks_like_number || is_word)
        && matches!(resolve(Cow::Borrowed(text)), Scalar::String(_))
}
