//! The line reader: the YAML that Kubernetes manifests use, line by line onto the flat tree.
//!
//! One pass over the lines with a stack of open block collections, no recursion. Whatever it does not know for certain
//! is [`Beyond`], and that document goes to a full parser: **refusing costs time, accepting wrongly costs truth.** It
//! never reports an error to the user. Scalars are spans; folding, chomping and `''` are undone when somebody reads them.
//! Only double-quoted text with escapes or breaks and block scalars with an explicit indentation are stored apart.
//!
//! Owns: block structure in this module, scalars in `scalar`, flow collections on one line in `flow`. Must not know:
//! anchors, tags, merge keys, directives, or how a text is split beyond the marker lines that end a document.

mod bytes;
mod flow;
mod scalar;

pub(crate) use bytes::{Check, check};

use crate::build::{self, Finished, MAX_DEPTH};
use crate::duplicates::Duplicates;
use crate::problem::Problem;
use crate::tree::{Node, NodeKind, Owned, Span};
use bytes::{Bytes, may_begin_plain};
use scalar::Stop;

/// The document has something that this reader does not know exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Beyond;

type Known<T> = Result<T, Beyond>;

/// Full parsers refuse keys of more than 1,024 characters.
const MAX_KEY: usize = 1000;

/// An open block collection.
#[derive(Clone, Copy)]
struct Frame {
    /// Its column; -1 stands for the document.
    indent: i32,
    node: u32,
    sequence: bool,
}

/// The key of the next node.
#[derive(Clone, Copy, Default)]
struct Key {
    start: u32,
    len: u16,
    flags: u8,
}

/// Reads documents of one text.
pub(crate) struct LineReader<'a> {
    text: &'a str,
    b: Bytes<'a>,
    has_tabs: bool,
    /// The current line's first byte that is no space, and its column.
    p: usize,
    column: i32,
    /// Whether there is a current line.
    alive: bool,
    frames: Vec<Frame>,
    /// Open flow collections: the node, and whether it is a mapping.
    flow: Vec<(u32, bool)>,
    /// The last node is an absent value that the next, deeper line may fill.
    pending: bool,
    key: Key,
    /// One past the last byte of the last token.
    last_end: u32,
    nodes: Vec<Node>,
    owned: Vec<Owned>,
    duplicates: Duplicates,
    problems: Vec<Problem>,
}

/// What [`LineReader::next`] made of the text at a place.
pub(crate) enum Line {
    /// A document, and where the marker after it or the end of the text is.
    Document(Finished, usize),
    /// Nothing but blanks and comments up to there.
    Nothing(usize),
    /// A part that another reader must read; this one did not touch it.
    Beyond,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "texts over 4 GiB are refused before")]
impl<'a> LineReader<'a> {
    pub(crate) fn new(text: &'a str, has_tabs: bool) -> LineReader<'a> {
        LineReader {
            text,
            b: Bytes(text.as_bytes()),
            has_tabs,
            p: 0,
            column: 0,
            alive: false,
            frames: Vec::with_capacity(32),
            flow: Vec::new(),
            pending: false,
            key: Key::default(),
            last_end: 0,
            nodes: Vec::new(),
            owned: Vec::new(),
            duplicates: Duplicates::new(),
            problems: Vec::new(),
        }
    }

    /// Reads the document whose text begins at `from`, a line's start.
    pub(crate) fn next(&mut self, from: usize) -> Line {
        self.advance(from);
        self.skip_comments();
        if self.alive && self.column == 0 && matches!(self.b.at(self.p), b'-' | b'.') && self.begins_like_marker() {
            // Only a separator alone on its line is known here.
            if !self.b.is_like_separator(self.p) || !self.b.is_marker(self.p) || !self.b.only_comment(self.p + 3) {
                return Line::Beyond;
            }
            self.skip_line(self.p);
            self.skip_comments();
            if self.at_marker() {
                return Line::Nothing(self.p);
            }
        }
        if !self.alive {
            return Line::Nothing(self.b.len());
        }
        self.reset();
        match self.document() {
            Ok(()) => {
                // The growing array is kept for the next document; this one gets an exact copy.
                let nodes = self.nodes.as_slice().to_vec();
                let (owned, problems) = (std::mem::take(&mut self.owned), std::mem::take(&mut self.problems));
                let end = if self.alive { self.p } else { self.b.len() };
                Line::Document(Finished { nodes, owned, problems }, end)
            }
            Err(Beyond) => Line::Beyond,
        }
    }

    fn reset(&mut self) {
        self.frames.clear();
        self.nodes.clear();
        self.owned.clear();
        self.problems.clear();
        self.pending = false;
        self.key = Key::default();
    }

    fn begins_like_marker(&self) -> bool {
        self.b.is_like_separator(self.p) || self.b.is_marker(self.p)
    }

    fn at_marker(&self) -> bool {
        self.alive && self.column == 0 && self.b.is_marker(self.p)
    }

    fn skip_comments(&mut self) {
        while self.alive && self.b.at(self.p) == b'#' {
            self.skip_line(self.p);
        }
    }

    fn skip_line(&mut self, i: usize) {
        self.advance(self.b.line_break(i) + 1);
    }

    /// Goes to the first line at or after `i` (a line's start) that is not blank.
    #[inline]
    fn advance(&mut self, mut i: usize) {
        loop {
            let q = self.b.skip_spaces(i);
            match self.b.0.get(q) {
                None => {
                    (self.alive, self.p, self.column) = (false, self.b.len(), 0);
                    return;
                }
                Some(b'\n') => i = q + 1,
                Some(b'\r') => i = q + 2,
                Some(_) => {
                    (self.alive, self.p, self.column) = (true, q, (q - i) as i32);
                    return;
                }
            }
        }
    }

    #[inline]
    fn refuse_tabs(&self, i: usize) -> Known<()> {
        if self.has_tabs && self.b.tab_in_line(i) { Err(Beyond) } else { Ok(()) }
    }

    /// Makes the node of the current key, or fills the pending one; `end`: as in [`Node`].
    #[inline]
    fn place(&mut self, kind: NodeKind, start: usize, end: usize, flags: u8) -> u32 {
        let (start, end) = (start as u32, end as u32);
        if self.pending {
            self.pending = false;
            if let Some(n) = self.nodes.last_mut() {
                (n.kind, n.start, n.end) = (kind, start, end);
                n.flags |= flags;
            }
            return self.nodes.len() as u32 - 1;
        }
        let index = self.nodes.len() as u32;
        let key = std::mem::take(&mut self.key);
        self.nodes.push(Node {
            start,
            end,
            next: index + 1,
            key_start: key.start,
            key_len: key.len,
            kind,
            flags: key.flags | flags,
        });
        index
    }

    /// Places a string that is stored apart.
    fn place_owned(&mut self, span: Span, text: String) {
        let index = self.owned.len();
        self.owned.push(Owned { text: text.into(), span });
        self.place(NodeKind::Owned, span.start as usize, index, 0);
    }

    fn open(&mut self, sequence: bool, p: usize, indent: i32) -> Known<()> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Beyond);
        }
        let kind = if sequence { NodeKind::Sequence } else { NodeKind::Mapping };
        let node = self.place(kind, p, p, 0);
        self.frames.push(Frame { indent, node, sequence });
        Ok(())
    }

    #[inline]
    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.complete(frame.node, self.last_end, !frame.sequence);
        }
        self.pending = false;
    }

    /// The last node is the last one below the collection `node`, which ends before `end`.
    fn complete(&mut self, node: u32, end: u32, mapping: bool) {
        let next = self.nodes.len() as u32;
        if let Some(n) = self.nodes.get_mut(node as usize) {
            (n.next, n.end) = (next, end);
        }
        if mapping {
            self.duplicates.mark(self.text, &mut self.nodes, &self.owned, node, &mut self.problems);
        }
    }

    fn document(&mut self) -> Known<()> {
        self.place(NodeKind::Null, self.p, self.p, 0);
        self.pending = true;
        while self.alive {
            let (p, column) = (self.p, self.column);
            let c = self.b.at(p);
            if c == b'#' {
                self.skip_line(p);
                continue;
            }
            if column == 0 && matches!(c, b'-' | b'.' | b'%') {
                if self.b.is_marker(p) {
                    break;
                }
                if c == b'%' || self.b.is_like_separator(p) {
                    return Err(Beyond);
                }
            }
            self.refuse_tabs(p)?;
            while self.frames.last().is_some_and(|f| f.indent > column) {
                self.close();
            }
            self.line(p, column)?;
        }
        while !self.frames.is_empty() {
            self.close();
        }
        Ok(())
    }

    /// The line with `p` at `column`, once deeper collections are closed.
    fn line(&mut self, p: usize, column: i32) -> Known<()> {
        let dash = self.b.at(p) == b'-' && self.b.is_blank(p + 1);
        match self.frames.last().copied() {
            Some(f) if f.indent == column => match (f.sequence, dash) {
                (true, true) => {
                    self.pending = false;
                    self.item(p, column)
                }
                // A sequence at its parent's column ends at the parent's next key.
                (true, false) => {
                    self.close();
                    Ok(())
                }
                (false, true) if self.pending => {
                    self.open(true, p, column)?;
                    self.item(p, column)
                }
                (false, true) => Err(Beyond),
                (false, false) => {
                    self.pending = false;
                    self.entry(p, column)
                }
            },
            frame if self.pending => self.node(p, column, frame.map_or(-1, |f| f.indent)),
            _ => Err(Beyond),
        }
    }

    /// The item whose dash is at `p`, in the sequence at `column`.
    fn item(&mut self, p: usize, column: i32) -> Known<()> {
        let q = self.b.skip_spaces(p + 1);
        if self.b.is_line_end(q) || self.b.at(q) == b'#' {
            self.absent(p + 1, q);
            return Ok(());
        }
        self.node(q, column + (q - p) as i32, column)
    }

    /// An absent value after the indicator that ends at `p`; the rest of the line, from `q`, has nothing.
    fn absent(&mut self, p: usize, q: usize) {
        let p = p.min(self.b.len());
        self.place(NodeKind::Null, p, p, 0);
        self.last_end = p as u32;
        self.pending = true;
        self.skip_line(q);
    }

    /// A node where a block collection may begin: after `- `, or on its own line below a key or dash.
    fn node(&mut self, mut p: usize, mut column: i32, mut parent: i32) -> Known<()> {
        // Each turn opens one sequence of `- - -`.
        while self.b.at(p) == b'-' && self.b.is_blank(p + 1) {
            self.open(true, p, column)?;
            let q = self.b.skip_spaces(p + 1);
            if self.b.is_line_end(q) || self.b.at(q) == b'#' {
                self.absent(p + 1, q);
                return Ok(());
            }
            parent = column;
            column += (q - p) as i32;
            p = q;
        }
        match self.b.at(p) {
            b'"' | b'\'' => {
                let (end, as_written) = self.quoted(p)?;
                let q = self.b.skip_spaces(end);
                if self.b.at(q) != b':' {
                    return self.value(p, parent);
                }
                if !self.b.is_blank(q + 1) || !as_written {
                    return Err(Beyond);
                }
                self.open(false, p, column)?;
                self.entry(p, column)
            }
            b'[' | b'{' | b'|' | b'>' if parent >= 0 => self.value(p, parent),
            c if may_begin_plain(c, self.b.at(p + 1)) => match self.plain_end(p) {
                (_, Stop::Colon) => {
                    self.open(false, p, column)?;
                    self.entry(p, column)
                }
                (q, stop) => self.plain(p, q, stop, parent),
            },
            _ => self.value(p, parent),
        }
    }

    /// The entry whose key is at `p`, in the mapping at `column`.
    fn entry(&mut self, p: usize, column: i32) -> Known<()> {
        let c = self.b.at(p);
        let colon = if c == b'"' || c == b'\'' {
            let (end, as_written) = self.quoted(p)?;
            if !as_written {
                return Err(Beyond);
            }
            self.quoted_key(p, end)?;
            self.b.skip_spaces(end)
        } else {
            if !may_begin_plain(c, self.b.at(p + 1)) {
                return Err(Beyond);
            }
            let (q, Stop::Colon) = self.plain_end(p) else { return Err(Beyond) };
            self.plain_key(p, self.b.trim(p, q))?;
            q
        };
        if colon - p > MAX_KEY || self.b.at(colon) != b':' || !self.b.is_blank(colon + 1) {
            return Err(Beyond);
        }
        let q = self.b.skip_spaces(colon + 1);
        if self.b.is_line_end(q) || self.b.at(q) == b'#' {
            self.absent(colon + 1, q);
            return Ok(());
        }
        self.value(q, column)
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    /// A scalar or flow collection at `p`, to the end of its last line.
    fn value(&mut self, p: usize, parent: i32) -> Known<()> {
        // Scalars at the root have rules of their own.
        if parent < 0 {
            return Err(Beyond);
        }
        match self.b.at(p) {
            b'|' | b'>' => self.block(p, parent),
            b'[' | b'{' => {
                let end = self.flow(p)?;
                self.nothing_after(end)
            }
            b'"' | b'\'' => {
                let end = self.quoted_value(p)?;
                self.nothing_after(end)
            }
            c if may_begin_plain(c, self.b.at(p + 1)) => {
                let (q, stop) = self.plain_end(p);
                self.plain(p, q, stop, parent)
            }
            _ => Err(Beyond),
        }
    }

    /// After a closed value: only a comment may follow on the line.
    fn nothing_after(&mut self, end: usize) -> Known<()> {
        self.refuse_tabs(end)?;
        if !self.b.only_comment(end) {
            return Err(Beyond);
        }
        self.skip_line(end);
        Ok(())
    }
}

/// A plain key that resolves to something else than a string, as kubectl writes it; `None`: it is its own text.
fn rewritten_key(text: &str) -> Known<Option<String>> {
    build::resolved_key(text).map_err(|_| Beyond)
}
