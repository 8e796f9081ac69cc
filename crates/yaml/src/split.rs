//! A text's documents, lexically: markers at a line's start, and characters that no document may have.
//!
//! Owns: where a document begins and ends, whatever it is inside of, as kubectl's reader splits a stream
//! (k8s.io/apimachinery: util/yaml). Must not know: what stands in a document.

use crate::problem::{Problem, ProblemCode};
use crate::tree::Span;
use memchr::{memchr, memchr_iter, memmem};
use std::ops::Range;

/// A part of a text that is at most one YAML document.
pub(crate) struct Part {
    /// The part with its marker lines.
    pub(crate) range: Range<usize>,
    /// What a YAML parser gets.
    pub(crate) body: Range<usize>,
    /// What kubectl makes of the markers.
    pub(crate) problems: Vec<Problem>,
}

fn at(text: &str, i: usize) -> u8 {
    text.as_bytes().get(i).copied().unwrap_or(b'\n')
}

fn is_blank_byte(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | b'\r')
}

/// The start of the line after the one that holds `i`.
pub(crate) fn next_line(text: &str, i: usize) -> usize {
    memchr(b'\n', text.as_bytes().get(i..).unwrap_or(&[])).map_or(text.len(), |k| i + k + 1)
}

/// Whether the line at `i` ends a document: `---` or `...`, alone or before a blank (for kubectl also `---#`).
pub(crate) fn is_marker(text: &str, i: usize) -> bool {
    match text.as_bytes().get(i..i + 3) {
        Some(b"---") => is_blank_byte(at(text, i + 3)) || at(text, i + 3) == b'#',
        Some(b"...") => is_blank_byte(at(text, i + 3)),
        _ => false,
    }
}

/// The start of the first marker line after the line at `from`.
fn next_marker(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or(&[]);
    memchr_iter(b'\n', rest).map(|k| from + k + 1).find(|i| is_marker(text, *i)).unwrap_or(text.len())
}

/// The rest of the line at `i` after blanks; empty where there is nothing but a comment.
fn content(text: &str, i: usize) -> Range<usize> {
    let end = next_line(text, i);
    let line = text.get(i..end).unwrap_or("");
    let start = i + (line.len() - line.trim_start().len());
    if at(text, start) == b'#' || start >= end { end..end } else { start..i + line.trim_end().len() }
}

#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before")]
fn span(range: &Range<usize>) -> Span {
    Span { start: range.start as u32, end: range.end as u32 }
}

/// The part that begins at `from`, a line's start; `None` at the end of the text.
pub(crate) fn next_part(text: &str, from: usize) -> Option<Part> {
    if from >= text.len() {
        return None;
    }
    let mut problems = Vec::new();
    let mut body = from;
    if is_marker(text, from) {
        let dots = at(text, from) == b'.';
        let rest = content(text, from + 3);
        if rest.is_empty() {
            body = next_line(text, from);
        } else if dots {
            body = rest.start;
        } else {
            let message = "kubectl refuses content on the line of a document separator";
            problems.push(Problem::warning(ProblemCode::ContentOnSeparator, span(&rest), message));
        }
        if dots {
            let next = next_marker(text, from);
            if !is_blank(text, body..next) {
                let message = "kubectl stops reading at the document end marker before this";
                problems.push(Problem::warning(ProblemCode::AfterDocumentEnd, span(&content(text, body)), message));
            }
        }
    }
    // A marker at the very start of the body is a part of its own.
    if body > from && is_marker(text, body) {
        return Some(Part { range: from..body, body: body..body, problems });
    }
    let mut end = next_marker(text, if body > from { body.saturating_sub(1) } else { body });
    if body > from && body >= end {
        end = body;
    }
    // Directives stand before the marker of their document.
    if is_directive(text, body..end) && at(text, end) == b'-' {
        let message = "kubectl splits this document from its directives and refuses them";
        problems.push(Problem::warning(ProblemCode::Lenient, span(&content(text, body)), message));
        end = next_marker(text, end);
    }
    problems.extend(false_separators(text, body..end));
    Some(Part { range: from..end, body: body..end, problems })
}

/// Lines within a document that begin like a separator: kubectl refuses the text there.
fn false_separators(text: &str, body: Range<usize>) -> Vec<Problem> {
    let inside = text.as_bytes().get(body.clone()).unwrap_or(&[]);
    let first = inside.starts_with(b"---").then_some(body.start);
    let later = memmem::find_iter(inside, b"\n---").map(|k| body.start + k + 1);
    first
        .into_iter()
        .chain(later)
        .filter(|i| !is_marker(text, *i))
        .map(|i| {
            let message = "kubectl takes this line for a document separator and refuses what stands on it";
            let rest = content(text, i + 3);
            Problem::warning(ProblemCode::ContentOnSeparator, span(&(i..rest.end.max(i + 3))), message)
        })
        .collect()
}

/// Whether the first line of `body` with content is a directive.
fn is_directive(text: &str, body: Range<usize>) -> bool {
    let mut i = body.start;
    while i < body.end {
        match at(text, i) {
            b'%' => return true,
            b'#' => {}
            _ if content(text, i).is_empty() => {}
            _ => return false,
        }
        i = next_line(text, i);
    }
    false
}

/// Whether `range` has nothing but blanks and comments.
pub(crate) fn is_blank(text: &str, range: Range<usize>) -> bool {
    let mut i = range.start;
    while i < range.end {
        if !content(text, i).is_empty() {
            return false;
        }
        i = next_line(text, i);
    }
    true
}

/// The first character of `range` that kubectl's reader refuses anywhere: controls, and what is no character.
pub(crate) fn forbidden_character(text: &str, range: Range<usize>) -> Option<Problem> {
    let part = text.get(range.clone())?;
    let (i, c) = part.char_indices().find(|(_, c)| {
        !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    })?;
    let start = range.start + i;
    let place = span(&(start..start + c.len_utf8()));
    let message = format!("the control character U+{:04X} is not allowed", u32::from(c));
    Some(Problem::error(ProblemCode::Syntax, place, message))
}

/// Whether double-quoted text has the escape `\/`.
pub(crate) fn has_escaped_slash(text: &str) -> bool {
    escapes(text).any(|rest| rest.starts_with('/'))
}

/// Whether double-quoted text has an escaped half of a character beyond U+FFFF.
pub(crate) fn has_escaped_surrogate(text: &str) -> bool {
    escapes(text).any(|rest| {
        let mut rest = rest.bytes();
        rest.next() == Some(b'u')
            && matches!(rest.next(), Some(b'd' | b'D'))
            && matches!(rest.next(), Some(b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F'))
    })
}

/// What follows each backslash that begins an escape.
fn escapes(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let i = memchr(b'\\', rest.as_bytes())?;
        let after = rest.get(i + 1..)?;
        let mut chars = after.chars();
        chars.next();
        rest = chars.as_str();
        Some(after)
    })
}

/// The bracket of `range` at which more than `limit` are open; what stands in quotes and comments counts too.
///
/// The last resort takes time that grows with the square of the depth, so that it must not see more than any reader
/// follows.
pub(crate) fn deeper_bracket(text: &str, range: Range<usize>, limit: usize) -> Option<usize> {
    let part = text.as_bytes().get(range.clone()).unwrap_or(&[]);
    let mut depth = 0usize;
    for (i, c) in part.iter().enumerate() {
        match c {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > limit {
            return Some(range.start + i);
        }
    }
    None
}

/// Whether `range` has one of the line breaks that only YAML 1.1 knows.
pub(crate) fn has_old_breaks(text: &str, range: Range<usize>) -> bool {
    let part = text.get(range).unwrap_or("");
    !part.is_ascii() && part.contains(['\u{85}', '\u{2028}', '\u{2029}'])
}

/// `bytes` as text in which each byte that is no UTF-8 is `?`, and the offsets of those bytes.
pub(crate) fn replace_invalid(bytes: &[u8]) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(bytes.len());
    let mut bad = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for _ in chunk.invalid() {
            bad.push(text.len());
            text.push('?');
        }
    }
    (text, bad)
}
