//! Adding an exception to a configuration: only lines are inserted, and the result is read again before anybody writes
//! it.

use super::schema::Exception;
use super::{form, read};
use kastell_model::Source;
use kastell_model::yaml::{self, Scalar, Value};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// A configuration that says nothing yet.
pub(crate) const EMPTY: &str = "apiVersion: kastell.dev/v1alpha1\nkind: Configuration\n";

/// A text as a YAML scalar: plain where it is read back as this very text, else in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain_char =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '/' | '-' | '_' | '=' | '(' | ')' | '+');
    let plain = text.starts_with(|c: char| c.is_alphanumeric())
        && !text.ends_with(' ')
        && text.chars().all(is_plain_char)
        && matches!(yaml::resolve(text.into()), Scalar::String(_));
    if plain { text.to_string() } else { serde_json::Value::from(text).to_string() }
}

/// The lines of an exception, without any indentation.
fn lines(e: &Exception) -> Vec<String> {
    let ids: Vec<&str> = e.controls.iter().map(|c| c.0.as_str()).collect();
    let mut out = vec![format!("controls: [{}]", ids.join(", ")), "match:".to_string()];
    let about = &e.about;
    let said = [
        ("kind", &about.kind),
        ("namespace", &about.namespace),
        ("name", &about.name),
        ("selector", &about.selector),
        ("container", &about.container),
    ];
    out.extend(said.iter().filter_map(|(key, line)| Some(format!("  {key}: {}", quoted(&line.as_ref()?.0)))));
    out.push(format!("reason: {}", quoted(&e.reason.0)));
    out.extend(e.owner.as_ref().map(|o| format!("owner: {}", quoted(&o.0))));
    out.extend(e.ticket.as_ref().map(|t| format!("ticket: {}", quoted(&t.0))));
    out.extend(e.until.as_ref().map(|d| format!("until: {}", d.0)));
    out
}

/// The entry as text: a list item whose dash stands after `indent` blanks.
fn entry(e: &Exception, indent: usize, end: &str) -> String {
    let mut out = String::new();
    for (i, line) in lines(e).iter().enumerate() {
        let _ = write!(out, "{:indent$}{} {line}{end}", "", if i == 0 { "-" } else { " " });
    }
    out
}

/// The configuration `text`, which has no error, with `e` as its last exception.
///
/// # Errors
/// A sentence that says why the text cannot take it.
pub(crate) fn with_exception(text: &str, e: &Exception) -> Result<String, String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let stream = yaml::read(text.into());
    let tree = stream.documents.first().and_then(|d| d.tree.clone()).ok_or("the file cannot be read")?;
    let root = tree.root();
    let changed = match root.get("exceptions") {
        None => insert_at(text, text.len(), &format!("exceptions:{end}{}", entry(e, 2, end)), end),
        Some(list) if list.is_null() => {
            let key = list.key_span().map_or(text.len(), |k| k.end as usize);
            insert_at(text, line_end(text, key), &entry(e, 2, end), end)
        }
        Some(list) if list.items().next().is_none() => {
            let (from, to) = (list.span().start as usize, list.span().end as usize);
            let (before, after) = (text.get(..from).unwrap_or(""), text.get(to..).unwrap_or(""));
            let rest = line_end(after, 0);
            let (line, below) = after.split_at(rest);
            let line = if line.trim().is_empty() { end.to_string() } else { line.to_string() };
            format!("{}{line}{}{below}", before.trim_end_matches(' '), entry(e, 2, end))
        }
        Some(list) => {
            let indent =
                dash(text, list).ok_or("its exceptions are written in brackets; write them as a list with dashes")?;
            let last = list.items().last().map_or(0, |v| v.content_span().end.max(v.span().end) as usize);
            insert_at(text, line_end(text, last), &entry(e, indent, end), end)
        }
    };
    prove(text, &changed, e)?;
    Ok(changed)
}

/// `text` with `lines` at a line's beginning; a last line without a line break gets one.
fn insert_at(text: &str, at: usize, lines: &str, end: &str) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { end };
    format!("{before}{gap}{lines}{after}")
}

/// The offset behind the line break that ends the line of byte `at`.
fn line_end(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |i| at + i + 1)
}

/// The column of a block list's dashes.
fn dash(text: &str, list: Value<'_>) -> Option<usize> {
    let first = list.items().next()?;
    let key = first.entries().find_map(|(_, e)| e.key_span()).map(|k| k.start);
    let start = key.unwrap_or(u32::MAX).min(first.span().start) as usize;
    let line = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    let before = text.get(line..start)?;
    let dash = before.find('-')?;
    before.chars().all(|c| c == ' ' || c == '-').then_some(dash)
}

/// The changed text says what the old one said, with the exception behind its others.
fn prove(old: &str, new: &str, e: &Exception) -> Result<(), String> {
    let refuse =
        || "the file is written in a way that no line can be added to safely; add the entry by hand".to_string();
    let path = Path::new(super::NAME);
    read(path, new.as_bytes().to_vec()).map_err(|errors| match errors.first() {
        Some(first) => first.message.to_string(),
        None => refuse(),
    })?;
    let json = |text: &str| -> Option<serde_json::Value> {
        let stream = yaml::read(text.into());
        let tree = stream.documents.first()?.tree.clone()?;
        let source = Arc::new(Source::new(super::NAME, text.into()));
        let form = form(tree.root(), &mut super::Errors::new(&source))?;
        serde_json::to_value(form).ok()
    };
    let (mut before, after) = (json(old).ok_or_else(refuse)?, json(new).ok_or_else(refuse)?);
    let added = serde_json::to_value(e).map_err(|_| refuse())?;
    if let Some(object) = before.as_object_mut() {
        match object.get_mut("exceptions").and_then(serde_json::Value::as_array_mut) {
            Some(list) => list.push(added),
            None => {
                object.insert("exceptions".into(), vec![added].into());
            }
        }
    }
    if before == after { Ok(()) } else { Err(refuse()) }
}

/// A unified diff of two texts that differ in one place.
pub(crate) fn diff(name: &str, old: &str, new: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let most = a.len().min(b.len()) - same;
    let tail = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    let from = same.saturating_sub(3);
    let context = |lines: &[&str], range: std::ops::Range<usize>| -> Vec<String> {
        lines.get(range).unwrap_or_default().iter().map(|l| (*l).to_string()).collect()
    };
    let after = context(&a, a.len() - tail..(a.len() - tail + 3).min(a.len()));
    let before = context(&a, from..same);
    let (gone, come) = (context(&a, same..a.len() - tail), context(&b, same..b.len() - tail));
    let old_len = before.len() + gone.len() + after.len();
    let new_len = before.len() + come.len() + after.len();
    let start = |len: usize| if len == 0 { from } else { from + 1 };
    let mut out = format!(
        "--- {}\n+++ {name}\n@@ -{},{old_len} +{},{new_len} @@\n",
        if old.is_empty() { "/dev/null" } else { name },
        start(old_len),
        start(new_len)
    );
    for (mark, lines) in [(' ', &before), ('-', &gone), ('+', &come), (' ', &after)] {
        for line in lines {
            let _ = writeln!(out, "{mark}{line}");
        }
    }
    out
}
