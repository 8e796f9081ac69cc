//! From bytes to documents: which reader gets which part of a text.

use crate::problem::Problem;
use crate::tree::{Span, Tree};
use std::sync::Arc;

/// Which reader made a document's tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The strict JSON reader.
    Json,
    /// The line reader.
    Line,
    /// The event parser.
    Event,
    /// The last resort, without positions.
    Fallback,
}

/// One document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// The tree; `None` where no reader could read the document: `problems` says why.
    pub tree: Option<Arc<Tree>>,
    /// What stood out, in order of place. A document without a tree has at least one error.
    pub problems: Vec<Problem>,
    /// The document's text, comments before it included.
    pub span: Span,
    /// Which reader made the tree (or tried last).
    pub reader: Reader,
}

/// All documents of a text, in order. Documents without any content (comments, blank lines) are left out.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The text.
    pub text: Arc<str>,
    /// The documents.
    pub documents: Vec<Document>,
    /// Problems of the text as a whole.
    pub problems: Vec<Problem>,
}

/// Reads a text: as JSON where its first byte is `{` or `[`, else (and where that fails) as YAML.
pub fn read(text: Arc<str>) -> Stream {
    let _ = text;
    todo!()
}

/// Reads bytes. Bytes that are no UTF-8 or more than 4 GiB give a stream without documents and one located error.
pub fn read_bytes(bytes: Vec<u8>) -> Stream {
    let _ = bytes;
    todo!()
}
