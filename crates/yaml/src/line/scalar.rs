//! Scalars and keys of the line reader.

use super::bytes::Bytes;
use super::{Beyond, Key, Known, LineReader, MAX_KEY, rewritten_key};
use crate::resolve::may_be_other_than_string;
use crate::text::{block_text, unescape};
use crate::tree::{KEEP, KEY_OWNED, KEY_QUOTED, NodeKind, Owned, STRIP, Span};
use memchr::memchr3;

/// What ends a plain scalar on its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// The line's end.
    LineEnd,
    /// A colon before a blank.
    Colon,
    /// A comment.
    Comment,
}

/// The header of a block scalar, and where its lines begin.
struct Header {
    folded: bool,
    flags: u8,
    /// The indentation that the header gives.
    explicit: Option<usize>,
    first_line: usize,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "texts over 4 GiB are refused before")]
impl LineReader<'_> {
    /// Sets the key to the text in `start..end`, as kubectl writes it.
    pub(super) fn plain_key(&mut self, start: usize, end: usize) -> Known<()> {
        if end - start > MAX_KEY {
            return Err(Beyond);
        }
        let first = self.b.at(start);
        if first == b'<' && self.b.0.get(start..end) == Some(b"<<") {
            return Err(Beyond);
        }
        self.key = Key { start: start as u32, len: (end - start) as u16, flags: 0 };
        if may_be_other_than_string(first)
            && let Some(text) = rewritten_key(self.slice(start, end))?
        {
            let index = self.owned.len() as u32;
            self.owned.push(Owned { text: text.into(), span: Span { start: start as u32, end: end as u32 } });
            self.key = Key { start: index, len: 0, flags: KEY_OWNED };
        }
        Ok(())
    }

    /// Sets the key to the quoted text at `p` whose closing quote is before `end`.
    pub(super) fn quoted_key(&mut self, p: usize, end: usize) -> Known<()> {
        let len = end - p - 2;
        if len > MAX_KEY {
            return Err(Beyond);
        }
        self.key = Key { start: p as u32 + 1, len: len as u16, flags: KEY_QUOTED };
        Ok(())
    }

    /// Where the plain scalar at `p` stops on its line.
    #[inline]
    pub(super) fn plain_end(&self, p: usize) -> (usize, Stop) {
        let mut q = p;
        while let Some(k) = memchr3(b':', b'#', b'\n', self.b.from(q)) {
            q += k;
            match self.b.at(q) {
                b'\n' => return (q, Stop::LineEnd),
                b':' if self.b.is_blank(q + 1) => return (q, Stop::Colon),
                b'#' if q > 0 && matches!(self.b.at(q - 1), b' ' | b'\t') => return (q, Stop::Comment),
                _ => q += 1,
            }
        }
        (self.b.len(), Stop::LineEnd)
    }

    /// The kind of a plain scalar on one line.
    pub(super) fn plain_kind(&self, p: usize) -> Known<NodeKind> {
        let first = self.b.at(p);
        // An infinity or not-a-number costs the document.
        let letter = match first {
            b'.' => self.b.at(p + 1),
            b'+' | b'-' if self.b.at(p + 1) == b'.' => self.b.at(p + 2),
            _ => 0,
        };
        if matches!(letter, b'i' | b'I' | b'n' | b'N') {
            return Err(Beyond);
        }
        Ok(if may_be_other_than_string(first) { NodeKind::Plain } else { NodeKind::PlainString })
    }

    /// A plain scalar at `p` whose first line stops at `q`; deeper lines continue it.
    pub(super) fn plain(&mut self, p: usize, q: usize, stop: Stop, parent: i32) -> Known<()> {
        if parent < 0 {
            return Err(Beyond);
        }
        let mut end = self.b.trim(p, q);
        let mut kind = self.plain_kind(p)?;
        match stop {
            Stop::Colon => return Err(Beyond),
            Stop::Comment => self.skip_line(q),
            Stop::LineEnd => {
                self.advance(q + 1);
                while self.alive && self.column > parent && self.b.at(self.p) != b'#' {
                    self.refuse_tabs(self.p)?;
                    let (q, stop) = self.plain_end(self.p);
                    kind = NodeKind::PlainMulti;
                    end = self.b.trim(p, q);
                    match stop {
                        Stop::Colon => return Err(Beyond),
                        Stop::Comment => {
                            self.skip_line(q);
                            break;
                        }
                        Stop::LineEnd => self.advance(q + 1),
                    }
                }
            }
        }
        self.place(kind, p, end, 0);
        self.last_end = end as u32;
        Ok(())
    }

    /// The byte after the closing quote of the scalar at `p`, and whether its text is the value as it is written.
    pub(super) fn quoted(&self, p: usize) -> Known<(usize, bool)> {
        let quote = self.b.at(p);
        let escape = if quote == b'"' { b'\\' } else { quote };
        let (mut q, mut as_written) = (p + 1, true);
        loop {
            q += memchr3(quote, escape, b'\n', self.b.from(q)).ok_or(Beyond)?;
            match self.b.at(q) {
                b'\n' => {
                    as_written = false;
                    q = self.continuation(q)?;
                }
                b'\\' => {
                    as_written = false;
                    // The break after a backslash is looked at as every other.
                    q += if self.b.is_line_end(q + 1) { 1 } else { 2 };
                }
                b'\'' if quote == b'\'' && self.b.at(q + 1) == b'\'' => {
                    as_written = false;
                    q += 2;
                }
                _ => break,
            }
        }
        if self.has_tabs && !as_written && self.b.0.get(p..q).is_some_and(|s| s.contains(&b'\t')) {
            return Err(Beyond);
        }
        Ok((q + 1, as_written))
    }

    /// The first byte of the next line with content, inside quotes that go on after the break at `q`. The column does not
    /// matter, as for kubectl's reader; a marker does.
    fn continuation(&self, mut q: usize) -> Known<usize> {
        loop {
            let s = self.b.skip_spaces(q + 1);
            match self.b.0.get(s) {
                None | Some(b'\t') => return Err(Beyond),
                Some(b'\n') => q = s,
                Some(b'\r') => q = s + 1,
                Some(_) if s == q + 1 && (self.b.is_marker(s) || self.b.is_like_separator(s)) => return Err(Beyond),
                Some(_) => return Ok(s),
            }
        }
    }

    /// Places the quoted scalar at `p`; gives the byte after its quote.
    pub(super) fn quoted_value(&mut self, p: usize) -> Known<usize> {
        let (end, as_written) = self.quoted(p)?;
        match self.b.at(p) {
            _ if as_written => {
                self.place(NodeKind::String, p + 1, end - 1, 0);
            }
            b'\'' => {
                self.place(NodeKind::Single, p + 1, end - 1, 0);
            }
            _ => {
                let text = unescape(self.slice(p + 1, end - 1)).ok_or(Beyond)?;
                self.place_owned(Span { start: p as u32 + 1, end: end as u32 - 1 }, text);
            }
        }
        self.last_end = end as u32;
        Ok(end)
    }

    fn block_header(&self, p: usize) -> Known<Header> {
        let (mut q, mut flags, mut explicit) = (p + 1, 0, None);
        for _ in 0..2 {
            match self.b.at(q) {
                b'-' if flags == 0 => flags = STRIP,
                b'+' if flags == 0 => flags = KEEP,
                c @ b'1'..=b'9' if explicit.is_none() => explicit = Some(usize::from(c - b'0')),
                _ => break,
            }
            q += 1;
        }
        self.refuse_tabs(q)?;
        if !self.b.only_comment(q) {
            return Err(Beyond);
        }
        let first_line = (self.b.line_break(q) + 1).min(self.b.len());
        Ok(Header { folded: self.b.at(p) == b'>', flags, explicit, first_line })
    }

    /// The block scalar whose `|` or `>` is at `p`: all lines that are blank or as deep as the first with content.
    pub(super) fn block(&mut self, p: usize, parent: i32) -> Known<()> {
        let header = self.block_header(p)?;
        let start = header.first_line;
        let given = header.explicit.map(|n| parent as usize + n);
        let (end, indent) = block_end(self.b, start, parent as usize + 1, given)?;
        let span = content_of(self.b, start, end);
        if header.explicit.is_some() {
            let (strip, keep) = (header.flags == STRIP, header.flags == KEEP);
            let text = block_text(self.slice(start, end), Some(indent), header.folded, strip, keep);
            self.place_owned(span, text);
        } else {
            let kind = if header.folded { NodeKind::Folded } else { NodeKind::Literal };
            self.place(kind, start, end, header.flags);
        }
        self.last_end = span.end;
        self.advance(end);
        Ok(())
    }
}

/// Where the lines of a block scalar end that begin at `start`, and their indentation. `min`: what it has at least.
fn block_end(b: Bytes<'_>, start: usize, min: usize, given: Option<usize>) -> Known<(usize, usize)> {
    let mut indent = given;
    let (mut i, mut deepest_blank, mut content) = (start, 0, false);
    while i < b.len() {
        let s = b.skip_spaces(i);
        let n = s - i;
        if b.is_line_end(s) {
            // Spaces without a line break at the end of the text have special rules.
            if s >= b.len() {
                return Err(Beyond);
            }
            match indent {
                None => deepest_blank = deepest_blank.max(n),
                // A blank line deeper than the scalar is content.
                Some(d) if n > d => content = true,
                Some(_) => {}
            }
            i = b.line_break(s) + 1;
            continue;
        }
        // A tab where the indentation is still open, or not deep enough, is an error for kubectl.
        if b.at(s) == b'\t' && indent.is_none_or(|d| n < d) {
            return Err(Beyond);
        }
        let d = match indent {
            Some(d) => d,
            None if n < min => break,
            None => *indent.insert(n),
        };
        if n < d {
            break;
        }
        // Leading blank lines deeper than the content are an error or not, by parser.
        if !content && deepest_blank > d {
            return Err(Beyond);
        }
        content = true;
        i = b.line_break(s) + 1;
    }
    // Without content it matters which blank lines count: left to the full parser.
    match indent {
        Some(d) if content => Ok((i.min(b.len()), d)),
        _ => Err(Beyond),
    }
}

/// The first to the last byte of `start..end` that is no blank.
#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before")]
fn content_of(b: Bytes<'_>, start: usize, end: usize) -> Span {
    let part = b.0.get(start..end).unwrap_or(&[]);
    let blank = |c: &u8| matches!(c, b' ' | b'\t' | b'\n' | b'\r');
    let lead = part.iter().take_while(|c| blank(c)).count();
    let tail = part.iter().rev().take_while(|c| blank(c)).count();
    if lead == part.len() {
        return Span { start: start as u32, end: start as u32 };
    }
    Span { start: (start + lead) as u32, end: (end - tail) as u32 }
}
