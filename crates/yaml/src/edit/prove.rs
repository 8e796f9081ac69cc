//! The proof: the changed text says what was expected, and everything else is as it was.

use super::{Edit, EditError, Part, comments, data};
use crate::read::{Stream, read};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

fn refuse(why: impl Into<String>) -> EditError {
    EditError::NotProved { why: why.into() }
}

/// Holds one changed document against what it should say.
pub(super) fn document(before: &Part, after: &Part, expected: &Json) -> Result<(), EditError> {
    if data::of(after.tree.root()) != *expected {
        return Err(refuse("the changed document would not say what was expected"));
    }
    let mut lost: BTreeMap<&str, i64> = BTreeMap::new();
    for comment in comments::of(before) {
        *lost.entry(comments::text(before, comment)).or_default() += 1;
    }
    for comment in comments::of(after) {
        *lost.entry(comments::text(after, comment)).or_default() -= 1;
    }
    if let Some((comment, _)) = lost.iter().find(|(_, n)| **n > 0) {
        return Err(refuse(format!("the comment `{comment}` would be lost")));
    }
    if lost.values().any(|n| *n < 0) {
        return Err(refuse("a comment would appear that was not there"));
    }
    let bare = |text: &str| {
        let lf = memchr::memchr_iter(b'\n', text.as_bytes());
        lf.filter(|i| i.checked_sub(1).and_then(|i| text.as_bytes().get(i)) != Some(&b'\r')).count()
    };
    let crlf = |text: &str| text.matches("\r\n").count();
    let (old, new) = (&before.text, &after.text);
    if (bare(old) == 0 && crlf(old) > 0 && bare(new) > 0) || (crlf(old) == 0 && crlf(new) > 0) {
        return Err(refuse("line endings would be mixed"));
    }
    if old.ends_with('\n') != new.ends_with('\n') {
        return Err(refuse("the end of the document would change"));
    }
    Ok(())
}

/// Holds the changed stream against the old one: as many documents, and those without an edit byte by byte.
pub(super) fn stream(before: &Stream, after: &str, edits: &[(usize, Edit)]) -> Result<(), EditError> {
    let after = read(after.into());
    if after.documents.len() != before.documents.len() {
        return Err(refuse("the number of documents would change"));
    }
    let edited: BTreeSet<usize> = edits.iter().map(|(d, _)| *d).collect();
    for (number, (old, new)) in before.documents.iter().zip(&after.documents).enumerate() {
        if new.tree.is_none() && old.tree.is_some() {
            return Err(refuse(format!("document {number} would not be readable")));
        }
        let text =
            |s: &Stream, d: &crate::Document| s.text.get(d.span.start as usize..d.span.end as usize).map(String::from);
        if !edited.contains(&number) && text(before, old) != text(&after, new) {
            return Err(refuse(format!("document {number} would change too")));
        }
    }
    Ok(())
}
