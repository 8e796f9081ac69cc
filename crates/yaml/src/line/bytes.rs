//! The bytes of a text as the line reader looks at them.
//!
//! Owns: stepping over blanks and lines, markers, and which bytes the fast path may meet at all. Past the end of the text
//! stands a line break.

use memchr::{memchr, memchr_iter, memchr2};

/// What a text has that the fast path must know of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Check {
    /// Nothing but plain bytes.
    Plain,
    /// Tabs.
    Tabs,
    /// Something that only a full parser may judge.
    Odd,
}

/// Looks for bytes that no part of the fast path may meet: controls, a carriage return alone, U+0080 to U+009F, U+2028,
/// U+2029, U+FEFF, U+FFFE and U+FFFF; and for tabs. One pass that the compiler makes wide.
pub(crate) fn check(b: &[u8]) -> Check {
    let (mut odd, mut tab, mut cr, mut rare) = (0u8, 0u8, 0u8, 0u8);
    for &c in b {
        odd |= u8::from(c < 0x20 && c != b'\n' && c != b'\t' && c != b'\r') | u8::from(c == 0x7f);
        tab |= u8::from(c == b'\t');
        cr |= u8::from(c == b'\r');
        rare |= u8::from(c == 0xc2) | u8::from(c == 0xe2) | u8::from(c == 0xef);
    }
    if odd != 0 || (cr != 0 && has_lone_return(b)) || (rare != 0 && has_rare_character(b)) {
        Check::Odd
    } else if tab != 0 {
        Check::Tabs
    } else {
        Check::Plain
    }
}

fn has_lone_return(b: &[u8]) -> bool {
    memchr_iter(b'\r', b).any(|i| b.get(i + 1) != Some(&b'\n'))
}

fn has_rare_character(b: &[u8]) -> bool {
    let after = |i: usize| (b.get(i + 1).copied().unwrap_or(0), b.get(i + 2).copied().unwrap_or(0));
    memchr_iter(0xc2, b).any(|i| after(i).0 < 0xa0)
        || memchr_iter(0xe2, b).any(|i| matches!(after(i), (0x80, 0xa8 | 0xa9)))
        || memchr_iter(0xef, b).any(|i| matches!(after(i), (0xbb, 0xbf) | (0xbf, 0xbe..)))
}

/// The bytes of a text.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    pub(super) fn at(self, i: usize) -> u8 {
        match self.0.get(i) {
            Some(&c) => c,
            None => b'\n',
        }
    }

    #[inline(always)]
    pub(super) fn from(self, i: usize) -> &'a [u8] {
        self.0.get(i..).unwrap_or(&[])
    }

    #[inline(always)]
    pub(super) fn is_blank(self, i: usize) -> bool {
        matches!(self.at(i), b' ' | b'\n' | b'\r' | b'\t')
    }

    #[inline(always)]
    pub(super) fn is_line_end(self, i: usize) -> bool {
        matches!(self.at(i), b'\n' | b'\r')
    }

    /// The first byte at or after `i` that is no space.
    #[inline(always)]
    pub(super) fn skip_spaces(self, mut i: usize) -> usize {
        while let Some(word) = self.0.get(i..i + 8).and_then(|w| <[u8; 8]>::try_from(w).ok()) {
            let other = u64::from_le_bytes(word) ^ 0x2020_2020_2020_2020;
            if other != 0 {
                return i + (other.trailing_zeros() / 8) as usize;
            }
            i += 8;
        }
        while self.at(i) == b' ' {
            i += 1;
        }
        i
    }

    /// The line break at or after `i`, else the end of the text.
    #[inline]
    pub(super) fn line_break(self, i: usize) -> usize {
        memchr(b'\n', self.from(i)).map_or(self.len(), |k| i + k)
    }

    /// Whether the line at `i` is a document marker.
    #[inline]
    pub(super) fn is_marker(self, i: usize) -> bool {
        matches!(self.0.get(i..i + 3), Some(b"---" | b"...")) && self.is_blank(i + 3)
    }

    /// Whether the line at `i` begins like a separator, as far as kubectl looks.
    pub(super) fn is_like_separator(self, i: usize) -> bool {
        self.0.get(i..i + 3) == Some(b"---")
    }

    /// From `i` to the line's end there is nothing, or a comment after a space.
    #[inline]
    pub(super) fn only_comment(self, i: usize) -> bool {
        let q = self.skip_spaces(i);
        self.is_line_end(q) || (q > i && self.at(q) == b'#')
    }

    /// Whether the rest of the line at `i` has a tab.
    #[inline]
    pub(super) fn tab_in_line(self, i: usize) -> bool {
        memchr2(b'\t', b'\n', self.from(i)).is_some_and(|k| self.at(i + k) == b'\t')
    }

    /// `end` without the spaces and the carriage return before it, down to `start`.
    #[inline]
    pub(super) fn trim(self, start: usize, mut end: usize) -> usize {
        while end > start && matches!(self.at(end - 1), b' ' | b'\r') {
            end -= 1;
        }
        end
    }
}

/// Whether a plain scalar may begin with `first` (followed by `next`), without any doubt.
#[inline]
pub(super) fn may_begin_plain(first: u8, next: u8) -> bool {
    match first {
        b'-' | b'?' | b':' => !matches!(next, b' ' | b'\n' | b'\r' | b'\t'),
        b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
        | b'`' | b' ' | b'\n' | b'\r' | b'\t' => false,
        _ => true,
    }
}
