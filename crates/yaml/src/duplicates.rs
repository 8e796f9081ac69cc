//! Equal keys of one mapping: the last one counts, as for kubectl, and each later one is told.
//!
//! Owns: finding them in time linear in the entries (expected), whatever the keys are.

use crate::problem::{Problem, ProblemCode};
use crate::tree::{KEY_OWNED, MERGED, Node, Owned, SHADOWED, Span};
use std::collections::HashMap;

/// Mappings of up to this many entries are compared pair by pair.
const SMALL: usize = 16;

/// Borrowed parts of an unfinished tree, and space that is used again for each mapping.
pub(crate) struct Duplicates {
    /// Signature and node of each entry. Equal keys have equal signatures.
    entries: Vec<(u64, u32)>,
}

impl Duplicates {
    pub(crate) fn new() -> Duplicates {
        Duplicates { entries: Vec::new() }
    }

    /// Flags the entries of `mapping` that a later one replaces, and reports those that stand in the text.
    ///
    /// The subtree of `mapping` must be complete: every `next` set, the last node of `nodes` its last.
    pub(crate) fn mark(
        &mut self,
        text: &str,
        nodes: &mut [Node],
        owned: &[Owned],
        mapping: u32,
        problems: &mut Vec<Problem>,
    ) {
        self.entries.clear();
        let Some(end) = nodes.get(mapping as usize).map(|n| n.next) else { return };
        let mut i = mapping + 1;
        while i < end {
            let Some(n) = nodes.get(i as usize) else { break };
            // A merge key's own entry is hidden already and replaces nothing.
            if n.flags & SHADOWED == 0 {
                self.entries.push((signature(key(text, owned, n)), i));
            }
            i = n.next.max(i + 1);
        }
        if self.entries.len() < 2 || !self.suspicious() {
            return;
        }
        self.mark_equal(text, nodes, owned, problems);
    }

    /// Whether two entries have the same signature.
    fn suspicious(&mut self) -> bool {
        if self.entries.len() <= SMALL {
            let mut rest = self.entries.as_slice();
            while let Some(((first, _), tail)) = rest.split_first() {
                if tail.iter().any(|(s, _)| s == first) {
                    return true;
                }
                rest = tail;
            }
            return false;
        }
        self.entries.sort_unstable();
        let found = self.entries.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0));
        if found {
            self.entries.sort_unstable_by_key(|e| e.1);
        }
        found
    }

    fn mark_equal(&self, text: &str, nodes: &mut [Node], owned: &[Owned], problems: &mut Vec<Problem>) {
        let mut seen: HashMap<&str, u32> = HashMap::with_capacity(self.entries.len());
        for (_, i) in &self.entries {
            let Some(n) = nodes.get(*i as usize) else { continue };
            let (name, merged, span) = (key(text, owned, n), n.flags & MERGED != 0, key_span(owned, n));
            let Some(earlier) = seen.insert(name, *i) else { continue };
            let Some(e) = nodes.get_mut(earlier as usize) else { continue };
            e.flags |= SHADOWED;
            if !merged && e.flags & MERGED == 0 {
                let message = format!("the key {} stands here again; the last one counts", quote(name));
                problems.push(Problem::warning(ProblemCode::DuplicateKey, span, message));
            }
        }
    }
}

/// `name` in quotes, shortened to what fits a message.
fn quote(name: &str) -> String {
    match name.char_indices().nth(60) {
        None => format!("{name:?}"),
        Some((i, _)) => format!("{:?}…", name.get(..i).unwrap_or(name)),
    }
}

fn key<'t>(text: &'t str, owned: &'t [Owned], n: &Node) -> &'t str {
    if n.flags & KEY_OWNED != 0 {
        return owned.get(n.key_start as usize).map_or("", |o| &o.text);
    }
    let start = n.key_start as usize;
    text.get(start..start + n.key_len as usize).unwrap_or("")
}

fn key_span(owned: &[Owned], n: &Node) -> Span {
    if n.flags & KEY_OWNED != 0 {
        return owned.get(n.key_start as usize).map_or(Span::default(), |o| o.span);
    }
    Span { start: n.key_start, end: n.key_start + u32::from(n.key_len) }
}

/// The length and the first and last bytes: cheap, and different for nearly all keys that differ.
fn signature(key: &str) -> u64 {
    let b = key.as_bytes();
    let word = |s: Option<&[u8]>| s.and_then(|s| <[u8; 8]>::try_from(s).ok()).map_or(0, u64::from_le_bytes);
    let (head, tail) = if b.len() >= 8 {
        (word(b.get(..8)), word(b.get(b.len() - 8..)))
    } else {
        (b.iter().fold(0u64, |v, c| v << 8 | u64::from(*c)), 0)
    };
    (head ^ tail.rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (b.len() as u64)
}
