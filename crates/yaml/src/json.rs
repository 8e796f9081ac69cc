//! The strict JSON reader (RFC 8259, as Go's `encoding/json` takes it) onto the flat tree, and the way back to JSON text.
//!
//! Owns: the grammar of JSON, and JSON text of a [`Value`]. Must not know: YAML.

use crate::build::Finished;
use crate::duplicates::Duplicates;
use crate::problem::{Problem, ProblemCode};
use crate::resolve::{Scalar, json_float};
use crate::text::unescape_json;
use crate::tree::{KEY_OWNED, KEY_QUOTED, Kind, Node, NodeKind, Owned, Span, Tree, Value};
use memchr::memchr2;
use std::fmt::Write as _;
use std::sync::Arc;

/// `encoding/json` refuses deeper nesting.
const MAX_DEPTH: usize = 10_000;

/// Objects of Kubernetes without blanks between tokens have about one node in so many bytes.
const BYTES_PER_NODE: usize = 20;

/// Reads a text that is exactly one JSON value, with blanks around it, by the strict JSON reader alone.
///
/// # Errors
/// The first byte that JSON does not allow, or nesting beyond 10,000 levels.
pub fn read_strict(text: &str) -> Result<Tree, Problem> {
    let shared: Arc<str> = text.into();
    if u32::try_from(text.len()).is_err() {
        return Err(Problem::error(ProblemCode::TooLarge, Span::default(), "the text is over 4 GiB"));
    }
    let (parts, end) = read_value(text, 0)?;
    let rest = skip_blanks(text.as_bytes(), end);
    if rest < text.len() {
        return Err(syntax(rest, "something follows after the JSON value"));
    }
    Ok(Tree::from_parts(shared, parts.nodes, parts.owned, false))
}

/// Position of the first byte at or after `i` that is no JSON blank.
pub(crate) fn skip_blanks(b: &[u8], i: usize) -> usize {
    let mut i = i;
    while matches!(b.get(i), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        i += 1;
    }
    i
}

#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a reader sees them")]
fn syntax(at: usize, message: &str) -> Problem {
    let at = at as u32;
    Problem::error(ProblemCode::Syntax, Span { start: at, end: at }, message)
}

/// Reads one JSON value that begins at or after byte `at`; gives its nodes and the byte after it.
pub(crate) fn read_value(text: &str, at: usize) -> Result<(Finished, usize), Problem> {
    // A text is mostly one value: room for all of it costs address space only. Of later values nobody knows the length.
    let guess = if at < BYTES_PER_NODE { (text.len() - at) / BYTES_PER_NODE } else { 0 };
    let mut reader = JsonReader {
        text,
        b: text.as_bytes(),
        at,
        nodes: Vec::with_capacity(guess),
        owned: Vec::new(),
        open: Vec::new(),
        duplicates: Duplicates::new(),
        problems: Vec::new(),
    };
    reader.value()?;
    reader.nodes.shrink_to_fit();
    reader.problems.sort_by_key(|p| p.span);
    Ok((Finished { nodes: reader.nodes, owned: reader.owned, problems: reader.problems }, reader.at))
}

struct JsonReader<'a> {
    text: &'a str,
    b: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    owned: Vec<Owned>,
    /// Open collections: the node, and whether it is an object.
    open: Vec<(u32, bool)>,
    duplicates: Duplicates,
    problems: Vec<Problem>,
}

/// The key of the next node.
#[derive(Default)]
struct Key {
    start: u32,
    len: u16,
    flags: u8,
}

#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a reader sees them")]
impl JsonReader<'_> {
    fn peek(&self) -> Option<u8> {
        self.b.get(self.at).copied()
    }

    fn blanks(&mut self) {
        self.at = skip_blanks(self.b, self.at);
    }

    fn push(&mut self, key: &Key, kind: NodeKind, start: usize, end: usize) {
        let next = self.nodes.len() as u32 + 1;
        let node = Node {
            start: start as u32,
            end: end as u32,
            next,
            key_start: key.start,
            key_len: key.len,
            kind,
            flags: key.flags,
        };
        self.nodes.push(node);
    }

    fn value(&mut self) -> Result<(), Problem> {
        let mut key = Key::default();
        loop {
            self.blanks();
            let start = self.at;
            let opened = self.one(&key)?;
            key = Key::default();
            if opened {
                self.blanks();
                let object = self.b.get(start) == Some(&b'{');
                if self.peek() != Some(if object { b'}' } else { b']' }) {
                    if object {
                        key = self.key()?;
                    }
                    continue;
                }
            }
            if self.after_value(&mut key)? {
                return Ok(());
            }
        }
    }

    /// Reads a scalar, or opens a collection (then true).
    fn one(&mut self, key: &Key) -> Result<bool, Problem> {
        let start = self.at;
        match self.peek() {
            Some(c @ (b'{' | b'[')) => {
                if self.open.len() >= MAX_DEPTH {
                    let span = Span { start: start as u32, end: start as u32 + 1 };
                    return Err(Problem::error(ProblemCode::TooDeep, span, "nested deeper than 10,000 levels"));
                }
                self.open.push((self.nodes.len() as u32, c == b'{'));
                self.push(key, if c == b'{' { NodeKind::Mapping } else { NodeKind::Sequence }, start, start);
                self.at += 1;
                return Ok(true);
            }
            Some(b'"') => {
                let (span, unescaped) = self.string()?;
                match unescaped {
                    None => self.push(key, NodeKind::String, span.start as usize, span.end as usize),
                    Some(text) => {
                        self.push(key, NodeKind::Owned, span.start as usize, self.owned.len());
                        self.owned.push(Owned { text: text.into(), span });
                    }
                }
            }
            Some(b't') => self.word("true", NodeKind::Plain, key)?,
            Some(b'f') => self.word("false", NodeKind::Plain, key)?,
            Some(b'n') => self.word("null", NodeKind::Null, key)?,
            Some(b'-' | b'0'..=b'9') => {
                let end = number_end(self.b, start).ok_or_else(|| syntax(start, "this is not a JSON number"))?;
                self.push(key, NodeKind::Plain, start, end);
                self.at = end;
            }
            Some(_) => return Err(syntax(start, "a JSON value was expected here")),
            None => return Err(syntax(start, "the text ends where a JSON value was expected")),
        }
        Ok(false)
    }

    fn word(&mut self, word: &str, kind: NodeKind, key: &Key) -> Result<(), Problem> {
        let end = self.at + word.len();
        if self.b.get(self.at..end) != Some(word.as_bytes()) {
            return Err(syntax(self.at, "a JSON value was expected here"));
        }
        self.push(key, kind, self.at, end);
        self.at = end;
        Ok(())
    }

    /// After a value: closes what closes here and goes past a comma, with the next key; true at the end of the root.
    fn after_value(&mut self, key: &mut Key) -> Result<bool, Problem> {
        loop {
            let Some(&(node, object)) = self.open.last() else { return Ok(true) };
            self.blanks();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if object {
                        self.blanks();
                        *key = self.key()?;
                    }
                    return Ok(false);
                }
                Some(c) if c == if object { b'}' } else { b']' } => {
                    self.at += 1;
                    self.open.pop();
                    let next = self.nodes.len() as u32;
                    if let Some(n) = self.nodes.get_mut(node as usize) {
                        n.end = self.at as u32;
                        n.next = next;
                    }
                    if object {
                        self.duplicates.mark(self.text, &mut self.nodes, &self.owned, node, &mut self.problems);
                    }
                }
                Some(_) if object => return Err(syntax(self.at, "a comma or '}' was expected here")),
                Some(_) => return Err(syntax(self.at, "a comma or ']' was expected here")),
                None => return Err(syntax(self.at, "the text ends inside an object or array")),
            }
        }
    }

    fn key(&mut self) -> Result<Key, Problem> {
        if self.peek() != Some(b'"') {
            return Err(syntax(self.at, "a key in double quotes was expected here"));
        }
        let (span, unescaped) = self.string()?;
        self.blanks();
        if self.peek() != Some(b':') {
            return Err(syntax(self.at, "a colon was expected after the key"));
        }
        self.at += 1;
        Ok(match (unescaped, u16::try_from(span.len())) {
            (None, Ok(len)) => Key { start: span.start, len, flags: KEY_QUOTED },
            (text, _) => {
                let text = text.unwrap_or_else(|| self.slice(span).to_owned());
                self.owned.push(Owned { text: text.into(), span });
                Key { start: self.owned.len() as u32 - 1, len: 0, flags: KEY_QUOTED | KEY_OWNED }
            }
        })
    }

    /// The error for the control character at `at` in the current string; a string without an end is the worse one.
    fn control_character(&self, at: usize) -> Problem {
        let mut i = at + 1;
        while let Some(k) = memchr2(b'"', b'\\', self.b.get(i..).unwrap_or(&[])) {
            i += k;
            if self.b.get(i) == Some(&b'"') {
                return syntax(at, "a control character in a string must be escaped");
            }
            i += 2;
        }
        syntax(self.at, "the string is not closed")
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The string at the current quote: the span inside the quotes, and its value where that differs from the text.
    fn string(&mut self) -> Result<(Span, Option<String>), Problem> {
        let start = self.at + 1;
        let (mut i, mut escaped) = (start, false);
        loop {
            i = string_stop(self.b, i);
            match self.b.get(i) {
                None => return Err(syntax(self.at, "the string is not closed")),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    // Behind it may stand a control character, which is no escape.
                    i += 1 + usize::from(matches!(self.b.get(i + 1), Some(b'"' | b'\\')));
                }
                Some(_) => return Err(self.control_character(i)),
            }
        }
        let span = Span { start: start as u32, end: i as u32 };
        let inside = self.slice(span);
        let unescaped = if escaped {
            Some(unescape_json(inside).map_err(|k| syntax(start + k, "JSON does not know this escape"))?)
        } else {
            None
        };
        self.at = i + 1;
        Ok((span, unescaped))
    }
}

/// The first byte at or after `i` that ends the plain part of a string: a quote, a backslash or a control character.
/// Eight bytes at a time: below a byte that borrows nothing is wrong, and the first hit is what counts.
fn string_stop(b: &[u8], mut i: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let below = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word;
    while let Some(word) = b.get(i..i + 8).and_then(|w| <[u8; 8]>::try_from(w).ok()) {
        let word = u64::from_le_bytes(word);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let stops = (quote | backslash | below(word, 0x20)) & HIGH;
        if stops != 0 {
            return i + (stops.trailing_zeros() / 8) as usize;
        }
        i += 8;
    }
    while b.get(i).is_some_and(|c| *c >= 0x20 && !matches!(c, b'"' | b'\\')) {
        i += 1;
    }
    i
}

/// The end of the JSON number that begins at `i`; `None` where it is none.
fn number_end(b: &[u8], start: usize) -> Option<usize> {
    let at = |i: usize| b.get(i).copied().unwrap_or(0);
    let digits = |mut i: usize| {
        while at(i).is_ascii_digit() {
            i += 1;
        }
        i
    };
    let mut i = start + usize::from(at(start) == b'-');
    i = match at(i) {
        b'0' => i + 1,
        b'1'..=b'9' => digits(i),
        _ => return None,
    };
    if at(i) == b'.' {
        let end = digits(i + 1);
        if end == i + 1 {
            return None;
        }
        i = end;
    }
    if matches!(at(i), b'e' | b'E') {
        let from = i + 1 + usize::from(matches!(at(i + 1), b'+' | b'-'));
        i = digits(from);
        if i == from {
            return None;
        }
    }
    Some(i)
}

/// `value` as compact JSON: keys in document order, the last of equal keys, numbers as Go's encoder prints them.
///
/// Aliases are written out; readers refuse documents that kubectl calls excessively aliased, which bounds the length.
/// No HTML escaping. An infinity or not-a-number, which readers refuse too, becomes `null`.
pub fn to_json(value: Value<'_>) -> String {
    enum Step<'t> {
        Value(Value<'t>),
        Items(crate::tree::Items<'t>, bool),
        Entries(crate::tree::Entries<'t>, bool),
    }
    let mut out = String::new();
    let mut steps = vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Value(v) => match v.kind() {
                Kind::Sequence => {
                    out.push('[');
                    steps.push(Step::Items(v.items(), true));
                }
                Kind::Mapping => {
                    out.push('{');
                    steps.push(Step::Entries(v.entries(), true));
                }
                _ => push_scalar(&mut out, v),
            },
            Step::Items(mut items, first) => match items.next() {
                None => out.push(']'),
                Some(v) => {
                    if !first {
                        out.push(',');
                    }
                    steps.push(Step::Items(items, false));
                    steps.push(Step::Value(v));
                }
            },
            Step::Entries(mut entries, first) => match entries.next() {
                None => out.push('}'),
                Some((key, v)) => {
                    if !first {
                        out.push(',');
                    }
                    push_string(&mut out, key);
                    out.push(':');
                    steps.push(Step::Entries(entries, false));
                    steps.push(Step::Value(v));
                }
            },
        }
    }
    out
}

fn push_scalar(out: &mut String, v: Value<'_>) {
    match v.scalar() {
        None | Some(Scalar::Null) => out.push_str("null"),
        Some(Scalar::Bool(b)) => out.push_str(if b { "true" } else { "false" }),
        Some(Scalar::Int(i)) => {
            let _ = write!(out, "{i}");
        }
        Some(Scalar::UInt(u)) => {
            let _ = write!(out, "{u}");
        }
        Some(Scalar::Float(f)) => out.push_str(json_float(f).as_deref().unwrap_or("null")),
        Some(Scalar::String(s)) => push_string(out, &s),
    }
}

/// `s` as a JSON string with its quotes: control characters escaped, and U+2028 and U+2029 as Go's encoder does.
fn push_string(out: &mut String, s: &str) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_stops_at_its_first_special_byte_wherever_that_stands() {
        for stop in [b'"', b'\\', 0x00, b'\n', 0x1f] {
            for at in 0..40 {
                let mut text = vec![b'a'; 40];
                for (plain, byte) in
                    text.iter_mut().zip([0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff].iter().cycle())
                {
                    *plain = *byte;
                }
                text[at] = stop;
                assert_eq!(string_stop(&text, 0), at, "{stop:#x}");
                text[39] = b'"';
                assert_eq!(string_stop(&text, at), at, "{stop:#x}");
            }
        }
        assert_eq!(string_stop(b"no end", 0), 6);
    }

    #[test]
    fn a_control_character_is_told_at_its_place_and_a_missing_quote_first() {
        for (text, at, message) in [
            ("\"0123456789\u{1}\"", 11, "a control character in a string must be escaped"),
            ("\"a\\\n\"", 3, "a control character in a string must be escaped"),
            ("[\"a\nb", 1, "the string is not closed"),
            ("\"a\\\"", 0, "the string is not closed"),
        ] {
            let problem = read_strict(text).unwrap_err();
            assert_eq!((problem.span.start, problem.message.as_str()), (at, message), "{text:?}");
        }
    }
}
