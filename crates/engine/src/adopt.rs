//! Adopting old code: exceptions as whole comment lines above what was found.
//!
//! Only lines are inserted; the text is read again, and unless every document says exactly what it said before, nothing
//! is changed.

use kastell_model::yaml::Stream;
use kastell_model::{Date, Finding, identity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use thiserror::Error;

/// A text with exceptions added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adoption {
    /// The new text.
    pub text: String,
    /// How many lines were inserted.
    pub lines: usize,
}

/// Why a text was left alone.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AdoptError {
    /// JSON has no comments.
    #[error("JSON has no comments to carry an exception; use the annotation `kastell.dev/ignore`")]
    Json,
    /// The changed text would say something else.
    #[error("a comment above line {line} would change what the document says; use the annotation `kastell.dev/ignore`")]
    NotProved {
        /// The first line that was to get a comment above it.
        line: u32,
    },
}

/// Inserts exceptions for `findings`, all of which stand in `text` and are those of
/// [`evaluate_places`](crate::evaluate_places): what was folded away would stay without one.
///
/// # Errors
/// Where the text cannot carry comments, or the result could not be proved to say the same.
pub fn adopt(text: &str, findings: &[&Finding], reason: &str, until: Option<Date>) -> Result<Adoption, AdoptError> {
    let mut lines: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for f in findings {
        let v = f.at.object.value(f.at.node);
        let start = v.key_span().map_or(v.span().start, |k| k.start);
        lines.entry(f.at.object.source.position(start).line).or_default().insert(&f.rule.0);
    }
    if text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Err(AdoptError::Json);
    }
    let mut out = String::with_capacity(text.len() + lines.len() * 80);
    for (number, line) in (1_u32..).zip(text.split_inclusive('\n')) {
        if let Some(ids) = lines.get(&number) {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let ids: Vec<&str> = ids.iter().copied().collect();
            let _ = write!(out, "{:indent$}# kastell: ignore[{}] {reason}", "", ids.join(","));
            if let Some(until) = until {
                let _ = write!(out, " until {until}");
            }
            out.push_str(if line.ends_with("\r\n") { "\r\n" } else { "\n" });
        }
        out.push_str(line);
    }
    let first = lines.keys().next().copied().unwrap_or(0);
    if says(&kastell_model::yaml::read(text.into())) == says(&kastell_model::yaml::read(out.as_str().into())) {
        Ok(Adoption { text: out, lines: lines.len() })
    } else {
        Err(AdoptError::NotProved { line: first })
    }
}

/// What each document says, whatever it looks like.
fn says(stream: &Stream) -> Vec<Option<u128>> {
    stream.documents.iter().map(|d| d.tree.as_ref().map(|t| identity::content_hash(t.root()))).collect()
}
