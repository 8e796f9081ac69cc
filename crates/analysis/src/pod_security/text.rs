//! Upstream's ways with words (policy/helpers.go), and Go's `%q`.

use std::fmt::Write as _;

/// The word for one or for several.
pub(super) fn plural<'a>(one: &'a str, many: &'a str, n: usize) -> &'a str {
    if n == 1 { one } else { many }
}

/// `"a", "b"`: the values stand in quotes as they are.
pub(super) fn join_quoted(values: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut out = String::new();
    for v in values {
        let comma = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{comma}\"{}\"", v.as_ref());
    }
    out
}

/// `container "a"` or `containers "a", "b"`.
pub(super) fn containers(names: &[String]) -> String {
    format!("{} {}", plural("container", "containers", names.len()), join_quoted(names))
}

/// A string as Go's `%q` writes it.
pub(super) fn go_quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\u{7}' => write!(out, "\\a"),
            '\u{8}' => write!(out, "\\b"),
            '\u{c}' => write!(out, "\\f"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\u{b}' => write!(out, "\\v"),
            '\0'..='\u{1f}' | '\u{7f}' => write!(out, "\\x{:02x}", u32::from(c)),
            c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}
