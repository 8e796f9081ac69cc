//! Edits of documents that change what they name and not a byte beside it, each proved.
//!
//! Owns: the five edits, where they go in a text and how new values are written there. Must not know: files, Kubernetes,
//! why anybody edits. The expected value is computed first, on the value; then the text is edited, read again and
//! compared. What cannot be proved is refused, with the reason.
//!
//! Kept: comments (with the key above them), line endings, the indentation step, the style of quotes, flow and block
//! style, the end of the file. New sequences are indented below their key.

mod block;
mod comments;
mod data;
mod emit;
mod flow;
mod place;
mod prove;

#[cfg(test)]
mod tests;

use crate::read::{Document, Stream, read};
use crate::tree::Tree;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// One step down from a document's root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// The entry of a mapping.
    Key(String),
    /// The item of a sequence, from 0.
    Index(usize),
}

/// A place in a document, from its root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// A path of keys alone.
    pub fn keys(keys: &[&str]) -> Path {
        Path(keys.iter().map(|k| Step::Key((*k).to_string())).collect())
    }

    /// This path and one step more.
    #[must_use]
    pub fn then(&self, step: Step) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }
}

impl fmt::Display for Path {
    /// `spec.containers[0].image`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if i == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// One change of a document.
#[derive(Clone, PartialEq, Debug)]
pub enum Edit {
    /// The place holds the value afterwards; missing mappings on the way are made.
    Set(Path, Json),
    /// The place holds the entries of the value afterwards, and keeps its others; mappings below are merged likewise.
    Merge(Path, Json),
    /// The entry or item is gone afterwards. A place that does not exist is no error: it is gone already.
    Remove(Path),
    /// The sequence ends with the value afterwards; a missing or null one is made.
    Append(Path, Json),
    /// The entry has another key afterwards.
    Rename(Path, String),
}

impl Edit {
    /// The place that it names.
    pub fn path(&self) -> &Path {
        match self {
            Edit::Set(p, _) | Edit::Merge(p, _) | Edit::Remove(p) | Edit::Append(p, _) | Edit::Rename(p, _) => p,
        }
    }
}

/// What an editor may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EditOptions {
    /// Whether an anchored value may be edited, which changes every place that refers to it.
    pub anchors: bool,
}

/// Why nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum EditError {
    /// There is no such document.
    #[error("the text has no document {document}")]
    NoDocument {
        /// Its number from 0.
        document: usize,
    },
    /// The document could not be read, or only without positions.
    #[error("the document was not read with exact positions, so it is not edited")]
    NotExact,
    /// A step of the path leads nowhere.
    #[error("there is no `{path}`")]
    NotFound {
        /// The path.
        path: String,
    },
    /// What stands there is of another kind than the edit needs.
    #[error("`{path}` is {found}, not {wanted}")]
    WrongKind {
        /// The path.
        path: String,
        /// What it is.
        found: &'static str,
        /// What the edit needs.
        wanted: &'static str,
    },
    /// An anchor, alias or merge key: the change would show elsewhere too.
    #[error("`{path}` is shared through an anchor or a merge key: the change would show in other places too")]
    Shared {
        /// The path.
        path: String,
    },
    /// A way of writing that the editor does not change.
    #[error("`{path}` is written in a way that is not edited: {why}")]
    Unsupported {
        /// The path.
        path: String,
        /// What stands there.
        why: &'static str,
    },
    /// The changed text would not say what was expected, and no more.
    #[error("the change could not be proved: {why}")]
    NotProved {
        /// What differs.
        why: String,
    },
}

/// Applies `edits`, each to the document of its number, in their order. The result is proved: every edited document says
/// what was expected, every other byte of the stream is as it was, no comment is lost, line endings are not mixed.
///
/// # Errors
/// The number of the edit that cannot be applied (of the last one of a document whose proof fails), and why. Then
/// nothing is changed.
pub fn edit(stream: &Stream, edits: &[(usize, Edit)], options: EditOptions) -> Result<String, (usize, EditError)> {
    let mut changed: BTreeMap<usize, Changed> = BTreeMap::new();
    for (number, (document, edit)) in edits.iter().enumerate() {
        let found = stream.documents.get(*document).ok_or(EditError::NoDocument { document: *document });
        let state = match changed.entry(*document) {
            std::collections::btree_map::Entry::Occupied(o) => o.into_mut(),
            std::collections::btree_map::Entry::Vacant(v) => {
                v.insert(found.and_then(|d| Changed::of(stream, d)).map_err(|e| (number, e))?)
            }
        };
        state.last = number;
        state.apply(edit, options).map_err(|e| (number, e))?;
    }
    let mut out = String::with_capacity(stream.text.len() + 256);
    let mut at = 0;
    for (document, state) in changed {
        let Some(d) = stream.documents.get(document) else { continue };
        state.prove().map_err(|e| (state.last, e))?;
        out.push_str(stream.text.get(at..d.span.start as usize).unwrap_or(""));
        out.push_str(&state.tree.text);
        at = d.span.end as usize;
    }
    out.push_str(stream.text.get(at..).unwrap_or(""));
    prove::stream(stream, &out, edits).map_err(|e| (edits.len().saturating_sub(1), e))?;
    Ok(out)
}

/// A document on its own, with the text that it was read from.
struct Part {
    text: Arc<str>,
    tree: Arc<Tree>,
}

impl Part {
    /// Reads the text of one document.
    fn read(text: Arc<str>) -> Result<Part, EditError> {
        let stream = read(text);
        let [Document { tree: Some(tree), .. }] = stream.documents.as_slice() else {
            let why = match stream.documents.len() {
                1 => "the document would not be readable".to_string(),
                n => format!("there would be {n} documents in its place"),
            };
            return Err(EditError::NotProved { why });
        };
        if tree.is_approximate() {
            return Err(EditError::NotExact);
        }
        Ok(Part { tree: Arc::clone(tree), text: stream.text })
    }
}

/// A document under change.
struct Changed {
    before: Part,
    tree: Part,
    expected: Json,
    last: usize,
}

impl Changed {
    fn of(stream: &Stream, document: &Document) -> Result<Changed, EditError> {
        let text: Arc<str> =
            stream.text.get(document.span.start as usize..document.span.end as usize).unwrap_or("").into();
        if document.tree.as_ref().is_none_or(|t| t.is_approximate()) {
            return Err(EditError::NotExact);
        }
        let part = Part::read(Arc::clone(&text)).map_err(|_| EditError::NotExact)?;
        let again = Part { text: Arc::clone(&part.text), tree: Arc::clone(&part.tree) };
        Ok(Changed { expected: data::of(part.tree.root()), before: part, tree: again, last: 0 })
    }

    /// Edits value and text, each on its own.
    fn apply(&mut self, edit: &Edit, options: EditOptions) -> Result<(), EditError> {
        for simple in data::simplified(&self.expected, edit)? {
            let sites = place::sites(&self.tree.tree, simple.path(), options)?;
            data::apply(&mut self.expected, &simple)?;
            for other in sites {
                data::apply(&mut self.expected, &simple.at(other))?;
            }
            let splices = place::splices(&self.tree, &simple)?;
            if splices.is_empty() {
                continue;
            }
            self.tree = Part::read(splice(&self.tree.text, splices).into())?;
        }
        Ok(())
    }

    fn prove(&self) -> Result<(), EditError> {
        prove::document(&self.before, &self.tree, &self.expected)
    }
}

/// New text in place of some bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Splice {
    start: usize,
    end: usize,
    text: String,
}

impl Splice {
    fn new(range: std::ops::Range<usize>, text: impl Into<String>) -> Splice {
        Splice { start: range.start, end: range.end, text: text.into() }
    }
}

/// Applies splices, which do not overlap.
fn splice(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|s| s.start);
    let mut out = String::with_capacity(text.len() + splices.iter().map(|s| s.text.len()).sum::<usize>());
    let mut at = 0;
    for s in splices {
        out.push_str(text.get(at..s.start).unwrap_or(""));
        out.push_str(&s.text);
        at = s.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}
