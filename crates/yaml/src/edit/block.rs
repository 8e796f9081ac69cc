//! Edits of block style: entries and items that begin lines of their own.

use super::emit::Style;
use super::place::{children, is_flow, site};
use super::{EditError, Part, Path, Splice, comments};
use crate::tree::{KEEP, KEY_QUOTED, NodeKind, Tree, Value};
use serde_json::Value as Json;
use std::ops::Range;

/// A part with its style, and the path that errors name.
pub(super) struct Block<'p> {
    pub(super) part: &'p Part,
    pub(super) style: Style,
    path: &'p Path,
}

type Splices = Result<Vec<Splice>, EditError>;

impl<'p> Block<'p> {
    pub(super) fn new(part: &'p Part, path: &'p Path) -> Block<'p> {
        Block { part, style: Style::of(part), path }
    }

    pub(super) fn tree(&self) -> &'p Tree {
        &self.part.tree
    }

    pub(super) fn bytes(&self) -> &'p [u8] {
        self.part.text.as_bytes()
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'p str {
        self.part.text.get(range).unwrap_or("")
    }

    pub(super) fn unsupported(&self, why: &'static str) -> EditError {
        EditError::Unsupported { path: self.path.to_string(), why }
    }

    /// The start of the line that `at` stands in.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.slice(0..at).rfind('\n').map_or(0, |i| i + 1)
    }

    /// The end of the line that `at` stands in, before its break.
    fn line_end(&self, at: usize) -> usize {
        let end = self.slice(at..self.bytes().len()).find('\n').map_or(self.bytes().len(), |i| at + i);
        if end > at && self.bytes().get(end - 1) == Some(&b'\r') { end - 1 } else { end }
    }

    /// The start of the line after the one that `at` stands in.
    fn next_line(&self, at: usize) -> usize {
        self.slice(at..self.bytes().len()).find('\n').map_or(self.bytes().len(), |i| at + i + 1)
    }

    /// Where a key begins, its quote included.
    pub(super) fn key_range(&self, entry: u32) -> Option<Range<usize>> {
        let span = site(self.tree(), entry).key_span()?;
        let (start, end) = (span.start as usize, span.end as usize);
        let quoted = self.tree().raw_node(entry).flags & KEY_QUOTED != 0;
        let is_quote = |i: usize| matches!(self.bytes().get(i), Some(b'"' | b'\''));
        if quoted && start > 0 && is_quote(start - 1) && is_quote(end) {
            return Some(start - 1..end + 1);
        }
        Some(start..end)
    }

    /// The byte after an entry's colon.
    fn after_colon(&self, entry: u32) -> Result<usize, EditError> {
        let key = self.key_range(entry).ok_or_else(|| self.unsupported("its key has no place of its own"))?;
        let rest = self.slice(key.end..self.bytes().len());
        let colon = rest.trim_start_matches([' ', '\t']);
        if !colon.starts_with(':') {
            return Err(self.unsupported("its key is not followed by a colon"));
        }
        Ok(key.end + (rest.len() - colon.len()) + 1)
    }

    /// A scalar's, alias' or bracketed collection's bytes, quotes and the header of a block scalar included. Where a value
    /// is left out, the empty range behind the colon.
    pub(super) fn range(&self, id: u32) -> Result<Range<usize>, EditError> {
        let node = self.tree().raw_node(id);
        let span = site(self.tree(), id).span();
        let (start, end) = (span.start as usize, span.end as usize);
        match node.kind {
            NodeKind::Null if start == end => {
                let at = if self.key_range(id).is_some() { self.after_colon(id)? } else { start };
                Ok(at..at)
            }
            NodeKind::Literal | NodeKind::Folded => {
                let header = if self.key_range(id).is_some() { self.after_colon(id)? } else { self.after_dash(id)? };
                let rest = self.slice(header..self.bytes().len());
                let sign = rest.trim_start_matches(' ');
                if !sign.starts_with(['|', '>']) {
                    return Err(self.unsupported("a tag or an anchor stands before its value"));
                }
                let at = header + rest.len() - sign.len();
                Ok(at..self.end(id).max(self.line_end(at)))
            }
            _ => {
                let quote = |i: usize| self.bytes().get(i).filter(|b| matches!(b, b'"' | b'\''));
                let is_string = matches!(node.kind, NodeKind::String | NodeKind::Single | NodeKind::Owned);
                match start.checked_sub(1).and_then(quote) {
                    Some(q) if is_string && quote(end) == Some(q) => Ok(start - 1..end + 1),
                    _ => Ok(start..end),
                }
            }
        }
    }

    /// The byte after the last byte of a subtree.
    pub(super) fn end(&self, id: u32) -> usize {
        let last = self.tree().raw_node(id).next.max(id + 1);
        (id..last).map(|i| self.own_end(i)).max().unwrap_or(0)
    }

    fn own_end(&self, id: u32) -> usize {
        let node = self.tree().raw_node(id);
        let value = site(self.tree(), id);
        match node.kind {
            NodeKind::Null if value.span().is_empty() => self.after_colon(id).unwrap_or(value.span().start as usize),
            NodeKind::Literal | NodeKind::Folded if node.flags & KEEP != 0 => {
                let lines = self.slice(node.start as usize..node.end as usize);
                // Its blank lines are content: the break of the last one ends it.
                node.start as usize + lines.strip_suffix('\n').map_or(lines.len(), str::len)
            }
            NodeKind::Literal | NodeKind::Folded => {
                let lines = self.slice(node.start as usize..node.end as usize);
                node.start as usize + lines.trim_end_matches([' ', '\t', '\n', '\r']).len()
            }
            NodeKind::Mapping | NodeKind::Sequence if !is_flow(self.part, value) => value.content_span().start as usize,
            _ => {
                let end = value.span().end as usize;
                end + usize::from(matches!(self.bytes().get(end), Some(b'"' | b'\'')) && node.kind != NodeKind::Plain)
            }
        }
    }

    /// The column of an entry's key: the bytes before it, which are blanks and dashes.
    fn column(&self, at: usize) -> Result<usize, EditError> {
        let prefix = self.slice(self.line_start(at)..at);
        if prefix.bytes().all(|b| matches!(b, b' ' | b'-')) {
            Ok(prefix.len())
        } else {
            Err(self.unsupported("it does not begin a line"))
        }
    }

    /// The dash before an item.
    fn dash(&self, item: u32) -> Result<usize, EditError> {
        let first =
            children(self.tree(), item).first().copied().filter(|_| !is_flow(self.part, site(self.tree(), item)));
        let span = site(self.tree(), item).span();
        let start = first.and_then(|c| self.key_range(c)).map_or(span.start as usize, |k| k.start);
        let before = self.slice(0..start);
        let trimmed = before.trim_end_matches([' ', '\n', '\r', '"', '\'', '|', '>', '+']);
        let is_block_scalar = matches!(self.tree().raw_node(item).kind, NodeKind::Literal | NodeKind::Folded);
        let is_quoted = before.ends_with(['"', '\'']);
        if !trimmed.ends_with('-') || (span.is_empty() && !is_block_scalar && !is_quoted) {
            return Err(self.unsupported("its dash is not beside it"));
        }
        Ok(trimmed.len() - 1)
    }

    fn after_dash(&self, item: u32) -> Result<usize, EditError> {
        Ok(self.dash(item)? + 1)
    }

    /// Where the next line after a subtree begins, comments that belong to it passed: those at `column` or deeper.
    fn after(&self, id: u32, column: usize) -> usize {
        let mut at = self.next_line(self.end(id));
        let mut look = at;
        while look < self.bytes().len() {
            let next = self.next_line(look);
            let line = self.slice(look..next);
            let content = line.trim_start_matches(' ');
            if content.starts_with('#') && line.len() - content.len() >= column {
                at = next;
            } else if !content.trim().is_empty() {
                break;
            }
            look = next;
        }
        at
    }

    /// Inserts whole lines at `at`, the start of a line or the end of the text.
    fn lines(&self, at: usize, text: String) -> Splice {
        let ends_openly = at == self.bytes().len() && at > 0 && !self.slice(0..at).ends_with('\n');
        if !ends_openly {
            return Splice::new(at..at, text);
        }
        let text = text.strip_suffix(self.style.newline).unwrap_or(&text);
        Splice::new(at..at, format!("{}{text}", self.style.newline))
    }

    /// Adds an entry at the end of a block mapping.
    pub(super) fn insert(&self, mapping: Value<'_>, key: &str, new: &Json) -> Splices {
        let id = mapping.content_id();
        let entries = children(self.tree(), id);
        let last = entries.iter().copied().max_by_key(|c| self.end(*c));
        let (Some(last), Some(at)) = (last, entries.first().and_then(|c| self.key_range(*c))) else {
            return Err(self.unsupported("it has no entry of its own"));
        };
        let column = self.column(at.start)?;
        let mut text = " ".repeat(column);
        self.style.entry(&mut text, key, new, column);
        Ok(vec![self.lines(self.after(last, column), text)])
    }

    /// Adds an item at the end of a block sequence.
    pub(super) fn append(&self, sequence: Value<'_>, new: &Json) -> Splices {
        let items = children(self.tree(), sequence.content_id());
        let (Some(first), Some(last)) = (items.first(), items.iter().copied().max_by_key(|c| self.end(*c))) else {
            return Err(self.unsupported("it has no item"));
        };
        let column = self.column(self.dash(*first)?)?;
        let mut text = " ".repeat(column);
        self.style.item(&mut text, new, column);
        Ok(vec![self.lines(self.after(last, column + 1), text)])
    }

    /// Another value in place of an entry's or an item's.
    pub(super) fn replace(&self, child: Value<'_>, new: &Json) -> Splices {
        let id = child.id().0;
        let node = self.tree().raw_node(id);
        let is_open = (child.is_mapping() || child.is_sequence()) && !is_flow(self.part, child);
        let is_block_scalar = matches!(node.kind, NodeKind::Literal | NodeKind::Folded);
        if !is_open
            && !is_block_scalar
            && let Some(text) = self.style.simple(new, false)
        {
            let range = self.range(id)?;
            let text = self.requoted(range.clone(), new).unwrap_or_else(|| text.into_owned());
            let blank = if range.is_empty() { " " } else { "" };
            return Ok(vec![Splice::new(range, format!("{blank}{text}"))]);
        }
        if self.key_range(id).is_some() { self.replace_entry(id, new) } else { self.replace_item(id, new) }
    }

    /// A string in the quotes of the string that it replaces.
    pub(super) fn requoted(&self, old: Range<usize>, new: &Json) -> Option<String> {
        let text = new.as_str()?;
        let is_plain = !text.chars().any(|c| c.is_control() || c == '\\');
        match self.bytes().get(old.start) {
            Some(b'\'') if is_plain => Some(format!("'{}'", text.replace('\'', "''"))),
            Some(b'"') if is_plain && text.is_ascii() => Some(Json::String(text.to_string()).to_string()),
            _ => None,
        }
    }

    /// Comments in a range: the one on the first line, and the others.
    fn comments_in(&self, range: Range<usize>) -> (Option<&'p str>, Vec<&'p str>) {
        let first_line = self.line_end(range.start);
        let (mut first, mut others) = (None, Vec::new());
        for c in comments::of(self.part) {
            if !range.contains(&(c.start as usize)) {
                continue;
            }
            let text = comments::text(self.part, c);
            if (c.start as usize) < first_line && first.is_none() { first = Some(text) } else { others.push(text) }
        }
        (first, others)
    }

    fn replace_entry(&self, id: u32, new: &Json) -> Splices {
        let start = self.after_colon(id)?;
        let key = self.key_range(id).map_or(start, |k| k.start);
        let column = self.column(key)?;
        let end = self.line_end(self.end(id));
        self.nothing_before(id, start)?;
        let (first, others) = self.comments_in(start..end);
        let mut text = String::new();
        self.style.below(&mut text, new, column);
        if let Some(comment) = first {
            let at = text.find(self.style.newline).unwrap_or(text.len());
            text.insert_str(at, &format!(" {comment}"));
        }
        for comment in others {
            text.push_str(&format!("{}{comment}{}", " ".repeat(column + self.style.step), self.style.newline));
        }
        let text = text.strip_suffix(self.style.newline).unwrap_or(&text);
        Ok(vec![Splice::new(start..end, text)])
    }

    fn replace_item(&self, id: u32, new: &Json) -> Splices {
        let dash = self.dash(id)?;
        let column = self.column(dash)?;
        let end = self.line_end(self.end(id));
        let (first, others) = self.comments_in(dash..end);
        if first.is_some() && self.style.simple(new, false).is_none() {
            return Err(self.unsupported("a comment stands beside it"));
        }
        let mut text = String::new();
        self.style.item(&mut text, new, column);
        if let Some(comment) = first {
            let at = text.find(self.style.newline).unwrap_or(text.len());
            text.insert_str(at, &format!(" {comment}"));
        }
        for comment in others {
            text.push_str(&format!("{}{comment}{}", " ".repeat(column + 2), self.style.newline));
        }
        let text = text.strip_suffix(self.style.newline).unwrap_or(&text);
        Ok(vec![Splice::new(dash..end, text)])
    }

    /// Refuses a value before which something stands that would be lost: an anchor or a tag.
    fn nothing_before(&self, id: u32, from: usize) -> Result<(), EditError> {
        let value = site(self.tree(), id);
        let collection = value.is_mapping() || value.is_sequence();
        let begin = match self.tree().raw_node(id).kind {
            NodeKind::Alias => value.span().start as usize,
            _ if collection && !is_flow(self.part, value) => self.line_end(from),
            _ => self.range(id)?.start,
        };
        let between = self.slice(from..begin.max(from));
        let between = between.split_once(" #").map_or(between, |(before, _)| before);
        if between.trim().is_empty() {
            Ok(())
        } else {
            Err(self.unsupported("a tag or an anchor stands before its value"))
        }
    }

    /// Takes an entry or an item out; its comments stay, as lines.
    pub(super) fn remove(&self, parent: Value<'_>, child: Value<'_>) -> Splices {
        let id = child.id().0;
        let siblings = children(self.tree(), parent.content_id());
        let start = match self.key_range(id) {
            Some(key) => key.start,
            None => self.dash(id)?,
        };
        let column = self.column(start)?;
        let end = self.next_line(self.end(id));
        let (first, others) = self.comments_in(start..end);
        let kept: Vec<&str> = first.into_iter().chain(others).collect();
        if siblings.len() == 1 {
            return self.empty(parent, end);
        }
        let line = self.line_start(start);
        let kept_lines = |column: usize| -> String {
            kept.iter().map(|c| format!("{}{c}{}", " ".repeat(column), self.style.newline)).collect()
        };
        let prefix = self.slice(line..start);
        if prefix.contains('-') {
            // The entry stands behind a dash: the next one takes its place there.
            let next = siblings.iter().copied().filter_map(|s| match self.key_range(s) {
                Some(key) => Some(key.start),
                None => self.dash(s).ok(),
            });
            let next = next.filter(|n| *n > start).min().ok_or_else(|| self.unsupported("it stands behind a dash"))?;
            let dash = prefix.find('-').unwrap_or(0);
            let mut splices = vec![Splice::new(start..next, "")];
            if !kept.is_empty() {
                splices.push(Splice::new(line..line, kept_lines(dash)));
            }
            return Ok(splices);
        }
        let text = kept_lines(column);
        let ends_openly = end == self.bytes().len() && !self.slice(0..end).ends_with('\n');
        if ends_openly {
            let text = text.strip_suffix(self.style.newline).unwrap_or(&text);
            let before = if text.is_empty() { self.slice(0..line).trim_end_matches(['\n', '\r']).len() } else { line };
            return Ok(vec![Splice::new(before..end, text)]);
        }
        Ok(vec![Splice::new(line..end, text)])
    }

    /// An empty collection in place of one whose only child goes; the comments inside stay behind it.
    fn empty(&self, parent: Value<'_>, end: usize) -> Splices {
        let id = parent.id().0;
        let (start, column, lead) = match self.key_range(id) {
            Some(key) => {
                let start = self.after_colon(id)?;
                self.nothing_before(id, start)?;
                (start, self.column(key.start)?, " ")
            }
            None => {
                let first = children(self.tree(), parent.content_id()).first().copied();
                let first = first.ok_or_else(|| self.unsupported("it is empty"))?;
                let start = self.key_range(first).map_or_else(|| self.dash(first), |key| Ok(key.start))?;
                (start, self.column(start)?, "")
            }
        };
        let (first, others) = self.comments_in(start..end);
        let mut text = format!("{lead}{}", if parent.is_mapping() { "{}" } else { "[]" });
        if let Some(comment) = first {
            text.push_str(&format!(" {comment}"));
        }
        text.push_str(self.style.newline);
        for comment in others {
            text.push_str(&format!("{}{comment}{}", " ".repeat(column), self.style.newline));
        }
        let ends_openly = !self.slice(0..end).ends_with('\n');
        let text = if ends_openly { text.strip_suffix(self.style.newline).unwrap_or(&text) } else { &text };
        Ok(vec![Splice::new(start..end, text)])
    }

    /// Another key in place of an entry's.
    pub(super) fn rename(&self, child: Value<'_>, to: &str, in_flow: bool) -> Splices {
        let range = self.key_range(child.id().0).ok_or_else(|| self.unsupported("its key has no place of its own"))?;
        let text = match self.bytes().get(range.start) {
            Some(b'"' | b'\'') => self.requoted(range.clone(), &Json::String(to.to_string())),
            _ => None,
        };
        let text = text.unwrap_or_else(|| self.style.key(to));
        let needs_blank = in_flow && self.bytes().get(range.end).is_some_and(|b| !matches!(b, b':' | b' '));
        Ok(vec![Splice::new(range, if needs_blank { format!("{text} ") } else { text })])
    }
}
