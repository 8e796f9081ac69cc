//! Flow collections of the line reader: on one line, without anchors, tags or absent values.

use super::bytes::may_begin_plain;
use super::{Beyond, Known, LineReader, MAX_KEY};
use crate::build::MAX_DEPTH;
use crate::tree::NodeKind;

#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before")]
impl LineReader<'_> {
    /// Reads the flow collection at `p`; gives the byte after its bracket.
    pub(super) fn flow(&mut self, mut p: usize) -> Known<usize> {
        self.flow.clear();
        loop {
            // A value begins at `p`.
            let c = self.b.at(p);
            match c {
                b'[' | b'{' => {
                    if self.flow.len() + self.frames.len() >= MAX_DEPTH {
                        return Err(Beyond);
                    }
                    let kind = if c == b'[' { NodeKind::Sequence } else { NodeKind::Mapping };
                    let node = self.place(kind, p, p, 0);
                    self.flow.push((node, c == b'{'));
                    p = self.b.skip_spaces(p + 1);
                    if !matches!(self.b.at(p), b']' | b'}') {
                        p = self.flow_key(p)?;
                        continue;
                    }
                }
                b'"' | b'\'' => {
                    let end = self.quoted_value(p)?;
                    if memchr::memchr(b'\n', self.b.0.get(p..end).unwrap_or(&[])).is_some() {
                        return Err(Beyond);
                    }
                    p = end;
                }
                _ => {
                    let (end, false) = self.flow_plain(p)? else { return Err(Beyond) };
                    let kind = self.plain_kind(p)?;
                    let trimmed = self.b.trim(p, end);
                    self.place(kind, p, trimmed, 0);
                    self.last_end = trimmed as u32;
                    p = end;
                }
            }
            match self.after_flow_value(p)? {
                (end, true) => return Ok(end),
                (next, false) => p = next,
            }
        }
    }

    /// After a value: closes what closes here; gives the place after the last bracket and true, or that of the next value.
    fn after_flow_value(&mut self, mut p: usize) -> Known<(usize, bool)> {
        loop {
            p = self.b.skip_spaces(p);
            match (self.b.at(p), self.flow.last().copied()) {
                (b']', Some((node, false))) | (b'}', Some((node, true))) => {
                    p += 1;
                    self.last_end = p as u32;
                    let mapping = self.b.at(p - 1) == b'}';
                    self.complete(node, p as u32, mapping);
                    self.flow.pop();
                    if self.flow.is_empty() {
                        return Ok((p, true));
                    }
                }
                (b',', _) => {
                    let next = self.b.skip_spaces(p + 1);
                    return Ok((self.flow_key(next)?, false));
                }
                _ => return Err(Beyond),
            }
        }
    }

    /// In a flow mapping reads the key at `p`; gives the place of the value.
    fn flow_key(&mut self, p: usize) -> Known<usize> {
        if !self.flow.last().is_some_and(|f| f.1) {
            return Ok(p);
        }
        let (colon, end) = if matches!(self.b.at(p), b'"' | b'\'') {
            let (end, true) = self.quoted(p)? else { return Err(Beyond) };
            self.quoted_key(p, end)?;
            (self.b.skip_spaces(end), end)
        } else {
            let (end, true) = self.flow_plain(p)? else { return Err(Beyond) };
            let trimmed = self.b.trim(p, end);
            self.plain_key(p, trimmed)?;
            (end, trimmed)
        };
        if end - p > MAX_KEY || self.b.at(colon) != b':' {
            return Err(Beyond);
        }
        let q = self.b.skip_spaces(colon + 1);
        // An absent value, or a break before it.
        if matches!(self.b.at(q), b',' | b'}' | b']') || self.b.is_line_end(q) { Err(Beyond) } else { Ok(q) }
    }

    /// The end of the plain scalar at `p` in a flow collection, and whether `: ` ends it.
    fn flow_plain(&self, p: usize) -> Known<(usize, bool)> {
        let next = self.b.at(p + 1);
        let first = self.b.at(p);
        if !may_begin_plain(first, next)
            || matches!(first, b'?' | b':')
            || (first == b'-' && matches!(next, b',' | b'[' | b']' | b'{' | b'}'))
        {
            return Err(Beyond);
        }
        let mut q = p;
        loop {
            match self.b.at(q) {
                b',' | b']' | b'}' => return Ok((q, false)),
                b'\n' | b'\r' | b'[' | b'{' => return Err(Beyond),
                b'#' if self.b.is_blank(q - 1) => return Err(Beyond),
                b':' if self.b.at(q + 1) == b' ' => return Ok((q, true)),
                b':' if self.b.is_blank(q + 1) || matches!(self.b.at(q + 1), b',' | b'[' | b']' | b'{' | b'}') => {
                    return Err(Beyond);
                }
                // kubectl's reader knows YAML 1.1, where this may begin a complex key.
                b'?' => return Err(Beyond),
                _ => q += 1,
            }
        }
    }
}
