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

/// The starts of a text's lines, and how many characters stand before some of its bytes. Built once per text that is
/// shown; a position then costs no more in a line of 64 MB than in a short one.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Characters before each multiple of [`STEP`] bytes; empty where every character is one byte.
    characters: Vec<u32>,
}

/// Bytes between two counts.
const STEP: usize = 4096;

/// Continuation bytes of UTF-8 start no character.
#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a tree exists")]
fn count(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| **b & 0xc0 != 0x80).count() as u32
}

impl LineIndex {
    /// Indexes `text`. A line ends with `\n`; a `\r` before it belongs to the line.
    #[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a tree exists")]
    pub fn new(text: &str) -> LineIndex {
        let mut starts = vec![0];
        starts.extend(memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1));
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut before = 0;
            for chunk in text.as_bytes().chunks(STEP) {
                characters.push(before);
                before += count(chunk);
            }
            characters.push(before);
        }
        LineIndex { starts, characters }
    }

    /// Characters before byte `offset`.
    fn before(&self, text: &str, offset: u32) -> u32 {
        let step = offset as usize / STEP;
        match self.characters.get(step) {
            Some(known) => known + count(text.as_bytes().get(step * STEP..offset as usize).unwrap_or(&[])),
            None => offset,
        }
    }

    /// The position of byte `offset` of `text`; past the end it is the end.
    #[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a tree exists")]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(text.len() as u32);
        let line = self.starts.partition_point(|s| *s <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.before(text, offset) - self.before(text, start) + 1;
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
