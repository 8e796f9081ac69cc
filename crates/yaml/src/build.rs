//! From the events of a parser to the nodes of a document.
//!
//! Owns: keys as kubectl makes them, tags, anchors and aliases, merge keys, and kubectl's limit on aliases. Must not
//! know: which parser the events come from.

use crate::duplicates::Duplicates;
use crate::problem::{Problem, ProblemCode};
use crate::resolve::{Scalar, key_float, may_be_other_than_string, resolve};
use crate::text::base64;
use crate::tree::{ANCHORED, KEY_OWNED, KEY_QUOTED, MERGED, Node, NodeKind, Owned, SHADOWED, Span};
use std::borrow::Cow;
use std::collections::HashMap;

/// go-yaml stops at this depth ("exceeded max depth of 10000").
pub(crate) const MAX_DEPTH: usize = 10_000;
/// Entries that inline merge keys may add beyond one for each other node.
const MERGED_FREE: usize = 400_000;

/// What a reader made of a document.
pub(crate) struct Finished {
    pub(crate) nodes: Vec<Node>,
    pub(crate) owned: Vec<Owned>,
    pub(crate) problems: Vec<Problem>,
}

/// A scalar as a parser tells it.
pub(crate) struct ScalarEvent<'e> {
    /// The value after folding and unescaping; `None`: it is the text of `span`.
    pub(crate) value: Option<Cow<'e, str>>,
    /// Where it stands, without quotes.
    pub(crate) span: Span,
    /// One past the last byte of its token, quotes included.
    pub(crate) token_end: u32,
    /// Plain, so that it may be something else than a string.
    pub(crate) plain: bool,
    /// What the tag says.
    pub(crate) tag: Tag,
    /// The id of its anchor.
    pub(crate) anchor: Option<usize>,
}

/// A tag, as far as kubectl's reader looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tag {
    /// No tag.
    None,
    /// `!!str`, `!`, and every tag that go-yaml does not know: the text is a string.
    String,
    /// `!!null`, `!!bool`, `!!int`, `!!float`: the text must resolve to that.
    Null,
    /// See [`Tag::Null`].
    Bool,
    /// See [`Tag::Null`].
    Int,
    /// See [`Tag::Null`].
    Float,
    /// `!!binary`: base64.
    Binary,
    /// `!!merge`.
    Merge,
}

/// A key that waits for its value.
#[derive(Clone, Copy)]
enum Key {
    /// The node's key fields.
    Text { start: u32, len: u16, flags: u8 },
    /// `<<` at this byte.
    Merge(u32),
}

struct Open {
    node: u32,
    mapping: bool,
    key: Option<Key>,
    anchor: Option<usize>,
    /// go-yaml's decode count when the collection began.
    count: u64,
    /// The collection is the value of a `<<` at this byte.
    merge: Option<u32>,
}

/// What an anchor stands for.
#[derive(Clone, Copy)]
enum Target {
    /// A collection that is still open.
    Open,
    /// A node, and how often go-yaml decodes something to decode it.
    Node(u32, u64),
    /// A key: the node that a value of the same text has.
    Key(Node),
}

pub(crate) struct Builder<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    owned: Vec<Owned>,
    problems: Vec<Problem>,
    open: Vec<Open>,
    anchors: HashMap<usize, Target>,
    duplicates: Duplicates,
    /// go-yaml's `decodeCount` and `aliasCount`.
    decoded: u64,
    aliased: u64,
    merged: usize,
    /// One past the last byte of the last token.
    last_end: u32,
}

type Built<T> = Result<T, Problem>;

fn invalid_key(span: Span, what: &str) -> Problem {
    Problem::error(ProblemCode::InvalidKey, span, format!("{what} cannot be a key of a Kubernetes object"))
}

#[expect(clippy::cast_possible_truncation, reason = "indexes and offsets are below the text's 4 GiB")]
impl<'a> Builder<'a> {
    pub(crate) fn new(text: &'a str) -> Builder<'a> {
        Builder {
            text,
            nodes: Vec::new(),
            owned: Vec::new(),
            problems: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            duplicates: Duplicates::new(),
            // The document itself is decoded first.
            decoded: 1,
            aliased: 0,
            merged: 0,
            last_end: 0,
        }
    }

    /// The document's nodes, exactly as many as there are.
    pub(crate) fn finish(mut self) -> Finished {
        self.nodes.shrink_to_fit();
        self.owned.shrink_to_fit();
        Finished { nodes: self.nodes, owned: self.owned, problems: self.problems }
    }

    /// One past the last byte of the last token.
    pub(crate) fn last_end(&self) -> u32 {
        self.last_end
    }

    /// Adds a problem that does not cost the document.
    pub(crate) fn warn(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Number of nodes so far.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the next event is a key.
    pub(crate) fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|o| o.mapping && o.key.is_none())
    }

    /// Whether the next event is the value of a key.
    pub(crate) fn expects_value(&self) -> bool {
        self.open.last().is_some_and(|o| o.key.is_some())
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn own(&mut self, text: &str, span: Span) -> u32 {
        self.owned.push(Owned { text: text.into(), span });
        self.owned.len() as u32 - 1
    }

    /// The text of a scalar node.
    fn node_text(&self, n: &Node) -> &str {
        match n.kind {
            NodeKind::Owned | NodeKind::OwnedPlain => self.owned.get(n.end as usize).map_or("", |o| &o.text),
            _ => self.slice(Span { start: n.start, end: n.end }),
        }
    }

    pub(crate) fn scalar(&mut self, event: &ScalarEvent<'_>) -> Built<()> {
        self.last_end = self.last_end.max(event.token_end);
        if self.expects_key() {
            return self.key(event);
        }
        self.count(1, 0, event.span)?;
        let node = self.scalar_node(event)?;
        if matches!(node.kind, NodeKind::Plain | NodeKind::OwnedPlain) && is_beyond_json(self.node_text(&node)) {
            return Err(invalid_number(event.span));
        }
        if let Some(Key::Merge(_)) = self.open.last().and_then(|o| o.key) {
            return Err(merge_needs_map(event.span));
        }
        let index = self.place(Node { flags: node.flags | anchor_flag(event.anchor), ..node });
        if let Some(id) = event.anchor {
            self.anchors.insert(id, Target::Node(index, 1));
        }
        Ok(())
    }

    /// The node of a scalar, without a key.
    fn scalar_node(&mut self, event: &ScalarEvent<'_>) -> Built<Node> {
        let span = event.span;
        let text = event.value.as_deref().unwrap_or_else(|| self.slice(span));
        let resolves = match event.tag {
            Tag::None => event.plain,
            Tag::String => false,
            Tag::Merge => return Err(Problem::error(ProblemCode::Syntax, span, "a merge tag belongs to a key")),
            Tag::Binary => {
                let bytes = base64(text)
                    .ok_or_else(|| Problem::error(ProblemCode::Syntax, span, "the value of !!binary is not base64"))?;
                let index = self.own(&text_of_bytes(&bytes), span);
                return Ok(blank_node(NodeKind::Owned, span.start, index));
            }
            tag => {
                check_tag(tag, text, span)?;
                true
            }
        };
        Ok(match &event.value {
            None if !resolves => blank_node(NodeKind::String, span.start, span.end),
            None if text.is_empty() => blank_node(NodeKind::Null, span.start, span.end),
            None if text.bytes().next().is_some_and(may_be_other_than_string) => {
                blank_node(NodeKind::Plain, span.start, span.end)
            }
            None => blank_node(NodeKind::PlainString, span.start, span.end),
            Some(value) => {
                let kind = if resolves { NodeKind::OwnedPlain } else { NodeKind::Owned };
                let index = self.own(value, span);
                blank_node(kind, span.start, index)
            }
        })
    }

    fn key(&mut self, event: &ScalarEvent<'_>) -> Built<()> {
        let text = event.value.as_deref().unwrap_or_else(|| self.slice(event.span));
        let is_merge = event.tag == Tag::Merge || (event.tag == Tag::None && event.plain && text == "<<");
        if is_merge {
            self.set_key(Key::Merge(event.span.start));
            return Ok(());
        }
        self.count(1, 0, event.span)?;
        let node = self.scalar_node(event)?;
        if let Some(id) = event.anchor {
            self.anchors.insert(id, Target::Key(node));
        }
        let quoted = if event.plain { 0 } else { KEY_QUOTED };
        self.key_from(node, event.span, quoted)
    }

    /// Makes the key that the scalar `node` is, which stands at `span`.
    fn key_from(&mut self, node: Node, span: Span, quoted: u8) -> Built<()> {
        let text = self.node_text(&node);
        let written: Cow<'_, str> = match node.kind {
            NodeKind::Null => return Err(invalid_key(span, "null")),
            NodeKind::Plain | NodeKind::OwnedPlain => match resolved_key(text) {
                Ok(Some(written)) => Cow::Owned(written),
                Ok(None) => Cow::Borrowed(text),
                Err(what) => return Err(invalid_key(span, what)),
            },
            _ => Cow::Borrowed(text),
        };
        let in_place = written == text && self.slice(span) == text;
        let key = match u16::try_from(text.len()) {
            Ok(len) if in_place => Key::Text { start: span.start, len, flags: quoted },
            _ => {
                let written = written.into_owned();
                Key::Text { start: self.own(&written, span), len: 0, flags: quoted | KEY_OWNED }
            }
        };
        self.set_key(key);
        Ok(())
    }

    fn set_key(&mut self, key: Key) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some(key);
        }
    }

    /// Pushes `node` below the current key.
    fn place(&mut self, mut node: Node) -> u32 {
        let index = self.nodes.len() as u32;
        match self.open.last_mut().and_then(|o| o.key.take()) {
            Some(Key::Text { start, len, flags }) => {
                (node.key_start, node.key_len) = (start, len);
                node.flags |= flags;
            }
            // The entry of a merge key is there for its place, and hidden.
            Some(Key::Merge(start)) => {
                (node.key_start, node.key_len) = (start, 2);
                node.flags |= SHADOWED;
            }
            None => {}
        }
        node.next = index + 1;
        self.nodes.push(node);
        index
    }

    /// A sequence or mapping begins at `start`.
    pub(crate) fn begin(&mut self, mapping: bool, start: u32, anchor: Option<usize>) -> Built<()> {
        let span = Span { start, end: start };
        if self.expects_key() {
            return Err(invalid_key(span, if mapping { "a mapping" } else { "a sequence" }));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::error(ProblemCode::TooDeep, span, "nested deeper than 10,000 levels"));
        }
        let merge = match self.open.last().and_then(|o| o.key) {
            Some(Key::Merge(at)) => Some(at),
            _ => None,
        };
        let count = self.decoded;
        // go-yaml does not decode the list of a merge key itself.
        if mapping || merge.is_none() {
            self.count(1, 0, span)?;
        }
        let kind = if mapping { NodeKind::Mapping } else { NodeKind::Sequence };
        let flags = anchor_flag(anchor);
        let node = self.place(Node { flags, ..blank_node(kind, start, start) });
        if let Some(id) = anchor {
            self.anchors.insert(id, Target::Open);
        }
        self.open.push(Open { node, mapping, key: None, anchor, count, merge });
        self.last_end = self.last_end.max(start);
        Ok(())
    }

    /// The innermost collection ends; `end`: one past its bracket, `None` for a block collection.
    pub(crate) fn end(&mut self, end: Option<u32>) -> Built<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let end = end.unwrap_or(self.last_end);
        self.last_end = end;
        let next = self.nodes.len() as u32;
        if let Some(n) = self.nodes.get_mut(open.node as usize) {
            (n.end, n.next) = (end, next);
        }
        if open.mapping {
            self.duplicates.mark(self.text, &mut self.nodes, &self.owned, open.node, &mut self.problems);
        }
        if let Some(id) = open.anchor {
            self.anchors.insert(id, Target::Node(open.node, self.decoded - open.count));
        }
        match open.merge {
            Some(at) if open.mapping => self.merge(open.node, at),
            Some(at) => self.merge_all(open.node, at),
            None => Ok(()),
        }
    }

    /// `*name` at `span`, a reference to the anchor `id`.
    pub(crate) fn alias(&mut self, id: usize, span: Span) -> Built<()> {
        // Messages name neither anchors nor values: a password may begin with `*`, `&` or `!`.
        let Some(target) = self.anchors.get(&id).copied() else {
            return Err(Problem::error(ProblemCode::Syntax, span, "no anchor of this name stands before this alias"));
        };
        self.last_end = span.end;
        let size = match target {
            Target::Open => {
                return Err(Problem::error(ProblemCode::Syntax, span, "the value of this anchor contains itself"));
            }
            Target::Node(_, size) => size,
            Target::Key(_) => 1,
        };
        if self.expects_key() {
            return self.alias_key(target, size, span);
        }
        self.count(size.saturating_add(1), size, span)?;
        let merge = match self.open.last().and_then(|o| o.key) {
            Some(Key::Merge(at)) => Some(at),
            _ => None,
        };
        match target {
            Target::Node(index, _) => {
                self.place(blank_node(NodeKind::Alias, span.start, index));
                match merge {
                    Some(_) if !self.is_mapping(index) => Err(merge_needs_map(span)),
                    Some(at) => self.merge(index, at),
                    None => Ok(()),
                }
            }
            Target::Key(_) | Target::Open if merge.is_some() => Err(merge_needs_map(span)),
            Target::Key(node) => {
                self.place(Node { flags: ANCHORED, ..node });
                Ok(())
            }
            Target::Open => Ok(()),
        }
    }

    fn alias_key(&mut self, target: Target, size: u64, span: Span) -> Built<()> {
        self.count(size.saturating_add(1), size, span)?;
        let node = match target {
            Target::Key(node) => node,
            Target::Node(index, _) => {
                self.nodes.get(index as usize).copied().unwrap_or(blank_node(NodeKind::Null, 0, 0))
            }
            Target::Open => return Err(invalid_key(span, "a collection")),
        };
        if matches!(node.kind, NodeKind::Mapping | NodeKind::Sequence | NodeKind::Alias) {
            return Err(invalid_key(span, "a collection"));
        }
        self.key_from(node, span, 0)
    }

    fn is_mapping(&self, index: u32) -> bool {
        self.nodes.get(index as usize).is_some_and(|n| n.kind == NodeKind::Mapping)
    }

    /// Adds the entries of each mapping of the list `list`, the last first, so that earlier ones win.
    fn merge_all(&mut self, list: u32, at: u32) -> Built<()> {
        let mut targets = Vec::new();
        let end = self.nodes.get(list as usize).map_or(0, |n| n.next);
        let mut i = list + 1;
        while i < end {
            let Some(n) = self.nodes.get(i as usize).copied() else { break };
            let target = if n.kind == NodeKind::Alias { n.end } else { i };
            if !self.is_mapping(target) {
                return Err(merge_needs_map(Span { start: n.start, end: n.start }));
            }
            targets.push(target);
            i = n.next.max(i + 1);
        }
        targets.into_iter().rev().try_for_each(|target| self.merge(target, at))
    }

    /// Adds the entries of `mapping` to the current mapping, for the `<<` at `at`.
    fn merge(&mut self, mapping: u32, at: u32) -> Built<()> {
        let end = self.nodes.get(mapping as usize).map_or(0, |n| n.next);
        let mut i = mapping + 1;
        while i < end {
            let Some(n) = self.nodes.get(i as usize).copied() else { break };
            let child = i;
            i = n.next.max(i + 1);
            if n.flags & SHADOWED != 0 {
                continue;
            }
            self.merged += 1;
            if self.merged > MERGED_FREE + self.nodes.len() / 2 {
                return Err(excessive(Span { start: at, end: at + 2 }));
            }
            let target = if n.kind == NodeKind::Alias { n.end } else { child };
            let next = self.nodes.len() as u32 + 1;
            let flags = n.flags & (KEY_OWNED | KEY_QUOTED) | MERGED;
            let (key_start, key_len) = (n.key_start, n.key_len);
            self.nodes.push(Node { start: at, end: target, next, key_start, key_len, kind: NodeKind::Alias, flags });
        }
        Ok(())
    }

    /// Counts as go-yaml's decoder does, and refuses what it refuses. The share of aliased decodes only grows within
    /// one expansion, so that looking at its end is enough.
    #[expect(clippy::cast_precision_loss, reason = "the counts that decide are far below 2^53")]
    fn count(&mut self, decoded: u64, aliased: u64, span: Span) -> Built<()> {
        self.decoded = self.decoded.saturating_add(decoded);
        self.aliased = self.aliased.saturating_add(aliased);
        if self.aliased <= 100 || self.decoded <= 1000 {
            return Ok(());
        }
        let allowed = match self.decoded {
            ..=400_000 => 0.99,
            4_000_000.. => 0.10,
            n => 0.99 - 0.89 * ((n - 400_000) as f64 / 3_600_000.0),
        };
        if self.aliased as f64 / self.decoded as f64 > allowed { Err(excessive(span)) } else { Ok(()) }
    }
}

/// The key that kubectl makes of a plain scalar; `None`: its own text.
///
/// # Errors
/// What cannot be a key.
pub(crate) fn resolved_key(text: &str) -> Result<Option<String>, &'static str> {
    Ok(match resolve(Cow::Borrowed(text)) {
        Scalar::Null => return Err("null"),
        Scalar::UInt(_) => return Err("an integer beyond 64 bits with sign"),
        Scalar::Bool(b) => Some(if b { "true" } else { "false" }.to_owned()).filter(|s| s != text),
        Scalar::Int(i) => Some(i.to_string()).filter(|s| s != text),
        Scalar::Float(f) => Some(key_float(f)).filter(|s| s != text),
        Scalar::String(_) => None,
    })
}

fn excessive(span: Span) -> Problem {
    Problem::error(ProblemCode::ExcessiveAliasing, span, "the document contains excessive aliasing")
}

fn merge_needs_map(span: Span) -> Problem {
    Problem::error(ProblemCode::Syntax, span, "a merge key needs a mapping or a sequence of mappings")
}

/// Whether plain `text` is an infinity or not-a-number.
fn is_beyond_json(text: &str) -> bool {
    matches!(text.as_bytes(), [b'.', ..] | [b'+' | b'-', b'.', ..])
        && matches!(resolve(Cow::Borrowed(text)), Scalar::Float(f) if !f.is_finite())
}

/// The error for `.inf` and `.nan`.
fn invalid_number(span: Span) -> Problem {
    Problem::error(ProblemCode::InvalidNumber, span, "JSON has neither infinities nor not-a-number")
}

fn anchor_flag(anchor: Option<usize>) -> u8 {
    if anchor.is_some() { ANCHORED } else { 0 }
}

fn blank_node(kind: NodeKind, start: u32, end: u32) -> Node {
    Node { start, end, next: 0, key_start: 0, key_len: 0, kind, flags: 0 }
}

/// Whether `text` is what its tag says, as go-yaml decides it.
fn check_tag(tag: Tag, text: &str, span: Span) -> Built<()> {
    let resolved = resolve(Cow::Borrowed(text));
    let (fits, name) = match tag {
        Tag::Null => (resolved == Scalar::Null, "!!null"),
        Tag::Bool => (matches!(resolved, Scalar::Bool(_)), "!!bool"),
        Tag::Int => (matches!(resolved, Scalar::Int(_) | Scalar::UInt(_)), "!!int"),
        _ => (matches!(resolved, Scalar::Int(_) | Scalar::Float(_)), "!!float"),
    };
    if fits {
        return Ok(());
    }
    Err(Problem::error(ProblemCode::Syntax, span, format!("this value is not what its tag {name} says")))
}

/// Bytes as text; each byte that is not UTF-8 becomes U+FFFD, as Go's JSON encoder does.
fn text_of_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    out
}
