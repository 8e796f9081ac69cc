//! Lines and columns of byte offsets.

use memchr::memchr_iter;

/// A place as people count: both from 1; the column counts characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The starts of a text's lines. Built once per text that is shown.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`. A line ends with `\n`; a `\r` before it belongs to the line.
    #[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a tree exists")]
    pub fn new(text: &str) -> LineIndex {
        let mut starts = vec![0];
        starts.extend(memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1));
        LineIndex { starts }
    }

    /// The position of byte `offset` of `text`; past the end it is the end.
    #[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a tree exists")]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(text.len() as u32);
        let line = self.starts.partition_point(|s| *s <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = text.as_bytes().get(start as usize..offset as usize).unwrap_or(&[]);
        // Continuation bytes of UTF-8 start no character.
        let column = before.iter().filter(|b| **b & 0xc0 != 0x80).count() as u32 + 1;
        Position { line: line as u32, column }
    }

    /// The bytes of line `line` (from 1) without its line break; `None` past the last line.
    pub fn line<'a>(&self, text: &'a str, line: u32) -> Option<&'a str> {
        let start = *self.starts.get(line.checked_sub(1)? as usize)? as usize;
        let end = self.starts.get(line as usize).map_or(text.len(), |e| *e as usize - 1);
        text.get(start..end).map(|l| l.strip_suffix('\r').unwrap_or(l))
    }

    /// The offset of the first byte of line `line` (from 1); `None` past the last line.
    pub fn start(&self, line: u32) -> Option<u32> {
        self.starts.get(line.checked_sub(1)? as usize).copied()
    }

    /// Number of lines; the empty text has one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never true: the empty text has one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}
