//! The flat tree: a pre-order array of 20-byte nodes over the text, and the borrowed view [`Value`].
//!
//! A map entry is a node that carries its key; `next` skips a subtree; an alias refers to its target and is never a
//! copy. Scalars are spans of the text; folding, chomping and unescaping happen when somebody reads one.

use crate::resolve::{Scalar, resolve};
use crate::text;
use std::borrow::Cow;
use std::sync::Arc;

/// A half-open range of bytes in the text of a [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Number of bytes.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// The index of a node in its [`Tree`]; the root is 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The root of every tree.
    pub const ROOT: NodeId = NodeId(0);
}

/// What a value is after scalar resolution and with aliases followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean; YAML 1.1 words such as `yes` included.
    Bool,
    /// An integer or a float.
    Number,
    /// A string.
    String,
    /// A sequence.
    Sequence,
    /// A mapping.
    Mapping,
}

/// How a node's span becomes its value.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NodeKind {
    /// An absent value (empty span) or a JSON `null`.
    Null,
    /// Plain text on one line that resolution decides.
    Plain,
    /// Plain text on one line that can only be a string, by its first byte.
    PlainString,
    /// Plain text over several lines: always a string once folded.
    PlainMulti,
    /// A quoted string whose inside is its value.
    String,
    /// A single-quoted string with `''` or line breaks.
    Single,
    /// A `|` block scalar.
    Literal,
    /// A `>` block scalar.
    Folded,
    /// A string stored apart: `extra` indexes `owned`.
    Owned,
    /// Text stored apart that resolution decides.
    OwnedPlain,
    /// A sequence.
    Sequence,
    /// A mapping.
    Mapping,
    /// A reference: `extra` is the target's index.
    Alias,
}

/// The key is quoted in the text.
pub(crate) const KEY_QUOTED: u8 = 1;
/// The key's text is `owned[key_start]`.
pub(crate) const KEY_OWNED: u8 = 2;
/// A block scalar with `-`.
pub(crate) const STRIP: u8 = 4;
/// A block scalar with `+`.
pub(crate) const KEEP: u8 = 8;
/// A later entry of the same mapping has this key; lookups pass over this one.
pub(crate) const SHADOWED: u8 = 16;
/// The entry stands in the tree through a merge key.
pub(crate) const MERGED: u8 = 32;
/// The node carries an anchor.
pub(crate) const ANCHORED: u8 = 64;

/// One node. `start..end`: the value in the text, except that `end` is an index for `Owned`, `OwnedPlain` (into `owned`)
/// and `Alias` (the target node). `next`: the index after the subtree. Keys up to 65,535 bytes are slices of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) next: u32,
    pub(crate) key_start: u32,
    pub(crate) key_len: u16,
    pub(crate) kind: NodeKind,
    pub(crate) flags: u8,
}

const _: () = assert!(size_of::<Node>() == 20);

/// A string stored apart from the text, with the span of the text that it was read from.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    pub(crate) text: Box<str>,
    pub(crate) span: Span,
}

/// One document: its nodes over the text of the whole stream. Immutable, cheap to share, flat to drop.
#[derive(Clone, Debug)]
pub struct Tree {
    text: Arc<str>,
    nodes: Box<[Node]>,
    owned: Box<[Owned]>,
    approximate: bool,
}

impl Tree {
    /// Builds a tree from parts that a reader made. An empty `nodes` becomes a single null.
    pub(crate) fn from_parts(text: Arc<str>, mut nodes: Vec<Node>, owned: Vec<Owned>, approximate: bool) -> Tree {
        if nodes.is_empty() {
            nodes.push(Node { start: 0, end: 0, next: 1, key_start: 0, key_len: 0, kind: NodeKind::Null, flags: 0 });
        }
        Tree { text, nodes: nodes.into_boxed_slice(), owned: owned.into_boxed_slice(), approximate }
    }

    /// The document's root.
    pub fn root(&self) -> Value<'_> {
        self.value(NodeId::ROOT)
    }

    /// The node `id` as a value; an id of another tree gives some node or the root, never a panic.
    pub fn value(&self, id: NodeId) -> Value<'_> {
        let node = if (id.0 as usize) < self.nodes.len() { id.0 } else { 0 };
        Value { tree: self, node, site: node }
    }

    /// The text of the whole stream that the document stands in.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether positions are approximate, because only a reader without positions could read the document.
    pub fn is_approximate(&self) -> bool {
        self.approximate
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The node as it is, without following aliases.
    pub(crate) fn raw_node(&self, i: u32) -> &Node {
        self.node(i)
    }

    /// The whole lines or bytes of a scalar that stand in the text as content; `None` for collections, aliases and what is
    /// left out.
    pub(crate) fn scalar_lines(&self, id: NodeId) -> Option<Span> {
        let n = self.node(id.0);
        match n.kind {
            NodeKind::Sequence | NodeKind::Mapping | NodeKind::Alias => None,
            NodeKind::Literal | NodeKind::Folded => Some(Span { start: n.start, end: n.end }),
            _ => Some(self.span(id.0)),
        }
    }

    fn node(&self, i: u32) -> &Node {
        // Every index in the array was made by a reader; the root stands in for one that was not.
        match self.nodes.get(i as usize) {
            Some(n) => n,
            None => &ABSENT,
        }
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    fn owned(&self, i: u32) -> &str {
        self.owned.get(i as usize).map_or("", |o| &o.text)
    }

    fn owned_span(&self, i: u32) -> Span {
        self.owned.get(i as usize).map_or(Span::default(), |o| o.span)
    }

    fn key(&self, n: &Node) -> &str {
        if n.flags & KEY_OWNED != 0 {
            self.owned(n.key_start)
        } else {
            self.slice(n.key_start, n.key_start + u32::from(n.key_len))
        }
    }

    fn key_span(&self, n: &Node) -> Span {
        if n.flags & KEY_OWNED != 0 {
            self.owned_span(n.key_start)
        } else {
            Span { start: n.key_start, end: n.key_start + u32::from(n.key_len) }
        }
    }

    fn span(&self, i: u32) -> Span {
        let n = self.node(i);
        match n.kind {
            NodeKind::Owned | NodeKind::OwnedPlain => self.owned_span(n.end),
            // An entry that a merge key brought stands at the `<<`.
            NodeKind::Alias if n.flags & MERGED != 0 => Span { start: n.start, end: n.start + 2 },
            // `*name`: the name ends where a byte cannot belong to it.
            NodeKind::Alias => {
                let rest = self.text.as_bytes().get(n.start as usize..).unwrap_or(&[]);
                let len = rest.iter().position(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | b',' | b']' | b'}'));
                Span { start: n.start, end: n.start + len.unwrap_or(rest.len()) as u32 }
            }
            // The lines without the blanks before the first and after the last character.
            NodeKind::Literal | NodeKind::Folded => {
                let lines = self.slice(n.start, n.end);
                let blanks = [' ', '\t', '\n', '\r'];
                let start = n.start + (lines.len() - lines.trim_start_matches(blanks).len()) as u32;
                let end = n.start + lines.trim_end_matches(blanks).len() as u32;
                if end <= start { Span { start: n.start, end: n.start } } else { Span { start, end } }
            }
            _ => Span { start: n.start, end: n.end },
        }
    }

    /// The path from `from` down to `to`, through aliases where it must; `None` where `to` is not below `from`.
    ///
    /// A node below an anchor has one path for each place that refers to the anchor; this gives the first in document
    /// order that starts at `from`.
    pub fn path(&self, from: NodeId, to: NodeId) -> Option<Vec<PathSegment<'_>>> {
        let mut path = Vec::new();
        let mut at = from.0;
        // Each step goes down one level or through one alias; anything longer is a reference to itself.
        for _ in 0..self.nodes.len() {
            if at == to.0 {
                return Some(path);
            }
            let n = self.node(at);
            if n.kind == NodeKind::Alias {
                at = n.end;
                continue;
            }
            let (child, index) = self.step(at, to.0)?;
            let c = self.node(child);
            path.push(match n.kind {
                NodeKind::Mapping => PathSegment::Key(self.key(c)),
                _ => PathSegment::Index(index, NodeId(child)),
            });
            at = child;
        }
        None
    }

    /// The child of `at` whose subtree holds `to`, else the first child below which an alias leads to it.
    fn step(&self, at: u32, to: u32) -> Option<(u32, u32)> {
        let end = self.node(at).next;
        let (mut i, mut index) = (at + 1, 0);
        while i < end {
            let next = self.node(i).next;
            if i <= to && to < next {
                return Some((i, index));
            }
            i = next.max(i + 1);
            index += 1;
        }
        let (mut i, mut index) = (at + 1, 0);
        while i < end {
            let next = self.node(i).next.max(i + 1);
            let leads = (i..next).any(|k| {
                let n = self.node(k);
                n.kind == NodeKind::Alias && n.end <= to && to < self.node(n.end).next
            });
            if leads {
                return Some((i, index));
            }
            i = next;
            index += 1;
        }
        None
    }
}

static ABSENT: Node =
    Node { start: 0, end: 0, next: u32::MAX, key_start: 0, key_len: 0, kind: NodeKind::Null, flags: 0 };

/// One step of a path in a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathSegment<'t> {
    /// A mapping's entry.
    Key(&'t str),
    /// A sequence's item: its index from 0 and its node.
    Index(u32, NodeId),
}

/// A node of a [`Tree`], with aliases followed. Copying it is free; it borrows the tree and nothing else.
#[derive(Clone, Copy)]
pub struct Value<'t> {
    tree: &'t Tree,
    /// The node whose content counts.
    node: u32,
    /// Where the value stands: the alias that led here, else `node`.
    site: u32,
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{}..{}", self.kind(), self.span().start, self.span().end)
    }
}

impl PartialEq for Value<'_> {
    /// The same place of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.site == other.site
    }
}

impl<'t> Value<'t> {
    /// The tree that the value stands in.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// The node where the value stands (the alias, where it stands through one).
    pub fn id(self) -> NodeId {
        NodeId(self.site)
    }

    fn follow(tree: &'t Tree, site: u32) -> Value<'t> {
        let mut node = site;
        // Readers refuse an anchor that contains itself, so a chain of aliases ends; the bound makes that certain.
        for _ in 0..64 {
            let n = tree.node(node);
            if n.kind != NodeKind::Alias {
                break;
            }
            node = n.end;
        }
        Value { tree, node, site }
    }

    fn raw(self) -> &'t Node {
        self.tree.node(self.node)
    }

    /// What the value is.
    pub fn kind(self) -> Kind {
        match self.raw().kind {
            NodeKind::Null => Kind::Null,
            NodeKind::Sequence => Kind::Sequence,
            NodeKind::Mapping => Kind::Mapping,
            NodeKind::Plain | NodeKind::OwnedPlain => match self.scalar() {
                Some(Scalar::Null) => Kind::Null,
                Some(Scalar::Bool(_)) => Kind::Bool,
                Some(Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_)) => Kind::Number,
                _ => Kind::String,
            },
            _ => Kind::String,
        }
    }

    /// Whether this is `null`, `~` or nothing. A key with a null value is, for Kubernetes, an absent key.
    pub fn is_null(self) -> bool {
        let n = self.raw();
        match n.kind {
            NodeKind::Null => true,
            // `null` is the longest way to write it.
            NodeKind::Plain if n.end.saturating_sub(n.start) > 4 => false,
            NodeKind::Plain | NodeKind::OwnedPlain => matches!(self.scalar(), Some(Scalar::Null)),
            _ => false,
        }
    }

    /// Whether this is a mapping.
    pub fn is_mapping(self) -> bool {
        self.raw().kind == NodeKind::Mapping
    }

    /// Whether this is a sequence.
    pub fn is_sequence(self) -> bool {
        self.raw().kind == NodeKind::Sequence
    }

    /// The entry `key` of a mapping; `None` for another kind, a missing key, or a key that is shadowed by none.
    /// Of duplicate keys the last one counts, as for kubectl.
    #[inline]
    pub fn get(self, key: &str) -> Option<Value<'t>> {
        let n = self.raw();
        if n.kind != NodeKind::Mapping {
            return None;
        }
        let (mut i, end) = (self.node + 1, n.next);
        while i < end {
            let c = self.tree.node(i);
            let same = if c.flags & (KEY_OWNED | SHADOWED) == 0 {
                let start = c.key_start as usize;
                usize::from(c.key_len) == key.len()
                    && self.tree.text.as_bytes().get(start..start + key.len()) == Some(key.as_bytes())
            } else {
                c.flags & SHADOWED == 0 && self.tree.key(c) == key
            };
            if same {
                return Some(Value::follow(self.tree, i));
            }
            i = c.next.max(i + 1);
        }
        None
    }

    /// The entry `key` if it is there and not null.
    pub fn field(self, key: &str) -> Option<Value<'t>> {
        self.get(key).filter(|v| !v.is_null())
    }

    /// The value at the end of `path`, every step present and not null.
    pub fn at(self, path: &[&str]) -> Option<Value<'t>> {
        let mut v = self;
        for key in path {
            v = v.field(key)?;
        }
        Some(v)
    }

    /// The entries of a mapping in document order, shadowed ones left out; nothing for another kind.
    pub fn entries(self) -> Entries<'t> {
        let n = self.raw();
        let end = if n.kind == NodeKind::Mapping { n.next } else { 0 };
        Entries { tree: self.tree, at: self.node + 1, end }
    }

    /// The items of a sequence; nothing for another kind.
    pub fn items(self) -> Items<'t> {
        let n = self.raw();
        let end = if n.kind == NodeKind::Sequence { n.next } else { 0 };
        Items { tree: self.tree, at: self.node + 1, end }
    }

    /// The key that this entry stands under, where it stands in a mapping (and for items the empty string).
    pub fn key(self) -> &'t str {
        self.tree.key(self.tree.node(self.site))
    }

    /// Where the key stands; `None` for items and roots, and for entries that a merge key brought.
    pub fn key_span(self) -> Option<Span> {
        let n = self.tree.node(self.site);
        if n.flags & MERGED != 0 || (n.key_len == 0 && n.flags & (KEY_OWNED | KEY_QUOTED) == 0) {
            return None;
        }
        Some(self.tree.key_span(n))
    }

    /// Where the value stands in the text: for an alias the alias, for a collection its first to its last byte, for a
    /// scalar its characters without quotes; empty where the value is absent.
    pub fn span(self) -> Span {
        self.tree.span(self.site)
    }

    /// Where the content stands: as [`Value::span`], but for an alias the anchored value.
    pub fn content_span(self) -> Span {
        self.tree.span(self.node)
    }

    /// Whether the value carries an anchor, stands through an alias, or came by a merge key.
    pub fn is_shared(self) -> bool {
        self.site != self.node || (self.raw().flags | self.tree.node(self.site).flags) & (ANCHORED | MERGED) != 0
    }

    /// The value of a scalar; `None` for collections.
    pub fn scalar(self) -> Option<Scalar<'t>> {
        let n = self.raw();
        Some(match n.kind {
            NodeKind::Null => Scalar::Null,
            NodeKind::Plain => resolve(Cow::Borrowed(self.tree.slice(n.start, n.end))),
            NodeKind::OwnedPlain => resolve(Cow::Borrowed(self.tree.owned(n.end))),
            NodeKind::Sequence | NodeKind::Mapping | NodeKind::Alias => return None,
            _ => Scalar::String(self.scalar_text()?),
        })
    }

    /// The text of a scalar after folding, chomping and unescaping, before resolution; `None` for collections.
    pub fn scalar_text(self) -> Option<Cow<'t, str>> {
        let n = self.raw();
        let slice = || self.tree.slice(n.start, n.end);
        Some(match n.kind {
            NodeKind::Owned | NodeKind::OwnedPlain => Cow::Borrowed(self.tree.owned(n.end)),
            NodeKind::PlainMulti => Cow::Owned(text::fold_flow(slice(), false)),
            NodeKind::Single => Cow::Owned(text::fold_flow(slice(), true)),
            NodeKind::Literal | NodeKind::Folded => Cow::Owned(text::block_text(
                slice(),
                None,
                n.kind == NodeKind::Folded,
                n.flags & STRIP != 0,
                n.flags & KEEP != 0,
            )),
            NodeKind::Sequence | NodeKind::Mapping | NodeKind::Alias => return None,
            _ => Cow::Borrowed(slice()),
        })
    }

    /// The value of a string; `None` for anything else, numbers and booleans too.
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        match self.raw().kind {
            NodeKind::PlainString | NodeKind::String => {
                let n = self.raw();
                Some(Cow::Borrowed(self.tree.slice(n.start, n.end)))
            }
            _ => match self.scalar()? {
                Scalar::String(s) => Some(s),
                _ => None,
            },
        }
    }

    /// Whether this is the string `s`.
    pub fn is_str(self, s: &str) -> bool {
        self.as_str().is_some_and(|v| v == s)
    }

    /// The value of a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.scalar()? {
            Scalar::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The value of a number that is a whole number of 64 bits; a float without a fraction counts, as in Kubernetes.
    pub fn as_i64(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Int(i) => Some(i),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the range was checked; a float without fraction is exact"
            )]
            Scalar::Float(f) if f.fract() == 0.0 && f.abs() < 9.2e18 => Some(f as i64),
            _ => None,
        }
    }

    /// The value of a number.
    #[expect(clippy::cast_precision_loss, reason = "kubectl reads integers beyond 2^53 as floats too")]
    pub fn as_f64(self) -> Option<f64> {
        match self.scalar()? {
            Scalar::Int(i) => Some(i as f64),
            Scalar::UInt(u) => Some(u as f64),
            Scalar::Float(f) => Some(f),
            _ => None,
        }
    }
}

/// The entries of a mapping. See [`Value::entries`].
#[derive(Clone)]
pub struct Entries<'t> {
    tree: &'t Tree,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Entries<'t> {
    type Item = (&'t str, Value<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let i = self.at;
            let n = self.tree.node(i);
            self.at = n.next.max(i + 1);
            if n.flags & SHADOWED == 0 {
                return Some((self.tree.key(n), Value::follow(self.tree, i)));
            }
        }
        None
    }
}

/// The items of a sequence. See [`Value::items`].
#[derive(Clone)]
pub struct Items<'t> {
    tree: &'t Tree,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Items<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let i = self.at;
        self.at = self.tree.node(i).next.max(i + 1);
        Some(Value::follow(self.tree, i))
    }
}
