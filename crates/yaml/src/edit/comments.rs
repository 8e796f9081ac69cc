//! Where the comments of a document stand.

use super::Part;
use crate::tree::{NodeId, Span};

/// The comments of a part, each from its `#` to the end of its line, in order.
pub(super) fn of(part: &Part) -> Vec<Span> {
    let content = content(part);
    let bytes = part.text.as_bytes();
    let mut out = Vec::new();
    let mut next = content.iter().copied().peekable();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'#', rest)) {
        let hash = at + found;
        while next.peek().is_some_and(|s| s.end as usize <= hash) {
            next.next();
        }
        if let Some(s) = next.peek().filter(|s| s.start as usize <= hash) {
            at = s.end as usize;
            continue;
        }
        let before = hash.checked_sub(1).and_then(|i| bytes.get(i));
        if !before.is_none_or(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b'{' | b']' | b'}')) {
            at = hash + 1;
            continue;
        }
        let end = bytes.get(hash..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(bytes.len(), |i| hash + i);
        out.push(span(hash, end));
        at = end;
    }
    out
}

#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a tree exists")]
fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// The bytes of all keys and scalars, sorted and joined where they touch.
fn content(part: &Part) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::with_capacity(part.tree.node_count() * 2);
    for i in 0..part.tree.node_count() {
        let Ok(id) = u32::try_from(i) else { break };
        let value = part.tree.value(NodeId(id));
        spans.extend(value.key_span());
        if let Some(own) = part.tree.scalar_lines(NodeId(id)) {
            spans.push(own);
        }
    }
    spans.retain(|s| !s.is_empty());
    spans.sort_unstable();
    spans
}

/// What a comment says, without the blanks around it.
pub(super) fn text(part: &Part, comment: Span) -> &str {
    part.text.get(comment.start as usize..comment.end as usize).unwrap_or("").trim()
}
