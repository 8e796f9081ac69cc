//! What looks like a credential: by the name that it stands under, and by its own form.
//!
//! One detector for the controls, which report where credentials lie, and for reports, which hide them. It knows names,
//! forms and texts; it must not know severities, findings or output. Nothing here returns a credential's text.

mod names;
mod screen;
mod spans;
mod tokens;
mod unread;

pub use spans::sensitive_spans;
pub use tokens::find_tokens;
pub use unread::{hidden_in_text, mentions_secret};

use kastell_model::yaml::Value;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands in an output in place of a credential.
pub const MASK: &str = "[hidden]";

/// How much a credential looks like one that works. Ordered from the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Certainty {
    /// Documentation writes it where a credential goes: `xxxx`, `your-token`.
    Example,
    /// Something that a person typed, under a credential's name.
    Typed,
    /// Something that a machine made, under a credential's name.
    Random,
    /// The form of a known issuer, or a private key.
    Form,
}

/// A credential in a text; the text itself is not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// What it is, with its article: `a GitHub token`, `a password`.
    pub kind: &'static str,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// How sure it is.
    pub certainty: Certainty,
}

/// Whether a credential is expected under this name (of a variable, a key of a ConfigMap, an option): its last word says
/// so, and no other word makes it a setting about credentials.
pub fn is_sensitive_name(name: &str) -> bool {
    names::read(name).is_some()
}

/// The credential that `value` is or holds where it stands under `name`: a token of a known form anywhere in it, else all
/// of it where the name says so. Placeholders, booleans, paths and names of objects are none.
pub fn looks_secret(name: &str, value: &str) -> Option<Credential> {
    if let Some((span, kind)) = find_tokens(value).next() {
        return by_form(value, span, kind);
    }
    by_name(name, value)
}

/// Whether a template, a shell or another program puts the value there later: `${X}`, `$(X)`, `{{ x }}`, `<x>`.
pub fn is_placeholder(value: &str) -> bool {
    names::is_filled_in_later(value.trim())
}

fn by_form(text: &str, span: Range<usize>, kind: &'static str) -> Option<Credential> {
    let token = text.get(span.clone())?;
    let certainty = match kind {
        tokens::USERINFO => certainty(names::literal(names::Name::Password, token)?),
        tokens::PRIVATE_KEY => Certainty::Form,
        _ if names::is_example(token) => Certainty::Example,
        _ => Certainty::Form,
    };
    Some(Credential { kind, span, certainty })
}

fn by_name(name: &str, value: &str) -> Option<Credential> {
    let name = names::read(name)?;
    let certainty = certainty(names::literal(name, value)?);
    let start = value.len() - value.trim_start().len();
    Some(Credential { kind: kind_of(name), span: start..value.trim_end().len(), certainty })
}

fn kind_of(name: names::Name) -> &'static str {
    match name {
        names::Name::Password => "a password",
        names::Name::Key => "a key or token",
        names::Name::Shared | names::Name::Reference => "a secret",
    }
}

fn certainty(literal: names::Literal) -> Certainty {
    match literal {
        names::Literal::Example => Certainty::Example,
        names::Literal::Typed => Certainty::Typed,
        names::Literal::Random => Certainty::Random,
    }
}

/// All credentials in a text that stands under `name`: the text itself, tokens of known forms, and assignments
/// (`DB_PASSWORD=…`, `"password": "…"`) unless the name is a program's. Sorted, without overlaps.
pub fn credentials_in(name: &str, text: &str) -> Vec<Credential> {
    let mut found: Vec<Credential> = find_tokens(text).filter_map(|(span, kind)| by_form(text, span, kind)).collect();
    if found.is_empty() {
        found.extend(by_name(name, text));
    }
    if found.is_empty() || text.len() > 200 || text.contains('\n') {
        let assigned = if names::is_program(name) { Vec::new() } else { assignments(text) };
        let free = |a: &Credential| !found.iter().any(|f| f.span.start < a.span.end && a.span.start < f.span.end);
        let assigned: Vec<Credential> = assigned.into_iter().filter(free).collect();
        found.extend(assigned);
    }
    found.sort_by_key(|c| c.span.start);
    found
}

/// Name and value of an assignment of a shell, an INI file, a properties file, YAML or JSON, quotes escaped or not.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"([A-Za-z0-9_.-]*(?i:pass|pwd|secret|token|key|credential)[A-Za-z0-9_.-]*)";
    let value = r#"(?:\\?"([^"\\\n]+)|'([^'\n]+)|([^\s"'#,;&\\]+))"#;
    Regex::new(&format!(r#"{name}\\?["']?([ \t]*)[:=]([ \t]*){value}"#)).ok()
});

fn assignments(text: &str) -> Vec<Credential> {
    let Some(form) = ASSIGNMENT.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    for c in form.captures_iter(text) {
        let Some(name) = c.get(1).and_then(|n| names::read(n.as_str())) else { continue };
        let quoted = c.get(4).or_else(|| c.get(5));
        let Some(value) = quoted.or_else(|| c.get(6)) else { continue };
        let spaced = c.get(2).is_some_and(|s| !s.is_empty()) || c.get(3).is_some_and(|s| !s.is_empty());
        let own_name = c.get(1).is_some_and(|n| n.as_str().eq_ignore_ascii_case(value.as_str()));
        let rest = text.get(value.end()..).unwrap_or("");
        if quoted.is_none() && (is_code(value.as_str()) || own_name || (spaced && !ends_here(rest))) {
            continue;
        }
        let Some(literal) = names::literal(name, value.as_str()) else { continue };
        if name == names::Name::Reference && literal != names::Literal::Random {
            continue;
        }
        found.push(Credential { kind: kind_of(name), span: value.range(), certainty: certainty(literal) });
    }
    found
}

/// An expression and not a value.
fn is_code(value: &str) -> bool {
    value.contains(['(', ')', '[', ']', '{', '}', '<', '>', '|', '*']) || value.starts_with(['=', '~', ':', '!', '$'])
}

/// Whether a bare value ends where a line or an entry ends; prose goes on.
fn ends_here(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    rest.is_empty() || rest.starts_with(['\n', ',', '}', '#', ';', '&', '\\', '"'])
}

/// The credentials of a list of arguments: `--password=…`, `--token …`, and what [`credentials_in`] finds in each. The
/// spans are those of the argument's value.
pub fn in_arguments(list: Value<'_>) -> Vec<(Value<'_>, Credential)> {
    let mut found = Vec::new();
    let mut option: Option<String> = None;
    for item in list.items() {
        let Some(text) = item.scalar_text() else {
            option = None;
            continue;
        };
        let before = option.take();
        if text.starts_with('-') && !text.contains('\n') {
            match text.split_once('=') {
                None if !text.contains(' ') => option = Some(text.to_string()),
                Some((name, value)) if !name.contains(' ') => {
                    if let Some(mut c) = looks_secret(name, value) {
                        let by = name.len() + 1;
                        c.span = c.span.start + by..c.span.end + by;
                        found.push((item, c));
                    }
                    continue;
                }
                _ => {}
            }
        }
        let by_option = before.filter(|_| !text.starts_with('-')).and_then(|name| looks_secret(&name, &text));
        match by_option {
            Some(c) => found.push((item, c)),
            None => found.extend(credentials_in("", &text).into_iter().map(|c| (item, c))),
        }
    }
    found
}

/// The ranges of a line of which nothing else is known that no output may show: tokens, and all that follows a
/// credential's name and `:` or `=`. Sorted by start; they may overlap.
pub fn hidden_in_line(line: &str) -> Vec<Range<usize>> {
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let name = r"([A-Za-z0-9_.-]*(?i:pass|pwd|secret|token|key|credential)[A-Za-z0-9_.-]*)";
        Regex::new(&format!(r#"{name}\\?["']?[ \t]*[:=][ \t]*"#)).ok()
    });
    let mut hidden: Vec<Range<usize>> = find_tokens(line).map(|(r, _)| r).collect();
    let named = NAMED.as_ref().into_iter().flat_map(|r| r.captures_iter(line));
    for c in named {
        let (Some(all), Some(name)) = (c.get(0), c.get(1)) else { continue };
        let rest = line.get(all.end()..).unwrap_or("").trim_end();
        if is_sensitive_name(name.as_str()) && !rest.is_empty() {
            hidden.push(all.end()..all.end() + rest.len());
            break;
        }
    }
    hidden.sort_by_key(|r| (r.start, r.end));
    hidden
}

/// A line that belongs to no object that could be read, with [`MASK`] in place of what [`hidden_in_line`] names.
pub fn mask_line(line: &str) -> String {
    masked(line, hidden_in_line(line))
}

/// A sentence with [`MASK`] in place of tokens and of passwords in URLs.
pub fn mask_sentence(text: &str) -> String {
    masked(text, find_tokens(text).map(|(r, _)| r).collect())
}

/// `hidden` is sorted by start.
fn masked(line: &str, hidden: Vec<Range<usize>>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    for range in hidden {
        if range.end <= at {
            continue;
        }
        out.push_str(line.get(at..range.start.max(at)).unwrap_or(""));
        out.push_str(MASK);
        at = range.end;
    }
    out.push_str(line.get(at..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests;
