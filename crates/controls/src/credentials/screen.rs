//! The sieve before the patterns of tokens: which forms a text can hold at all, in one or two fast passes.
//!
//! Owns: the words that each form must contain. Must not know: the rest of the patterns. It may name a form too many,
//! never one too few.

use aho_corasick::packed::Searcher;
use memchr::{memchr, memchr_iter, memchr2_iter, memmem};
use std::sync::LazyLock;

/// A set of forms, one bit for each.
pub(super) type FormSet = u64;

/// A word that a form must contain, and how many bytes of a token must follow it at least.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word(pub(super) &'static str, pub(super) usize);

/// No token is shorter: `xoxb-` and ten characters.
pub(super) const SHORTEST_TOKEN: usize = 15;

/// Words with the form that they belong to, and what finds them all at once.
pub(super) struct Sieve {
    words: Vec<(Word, FormSet)>,
    /// `None` where the words are more than one pass can look for: then every form is possible.
    searcher: Option<Searcher>,
    all: FormSet,
}

impl Sieve {
    /// A sieve for the words of each form, in the order of the forms. No word may begin with another one.
    pub(super) fn new<'a>(forms: impl Iterator<Item = &'a [Word]>) -> Sieve {
        let (mut words, mut all) = (Vec::new(), 0);
        for (number, own) in (0_u32..).zip(forms) {
            let bit = 1_u64.checked_shl(number).unwrap_or(0);
            all |= bit;
            words.extend(own.iter().map(|w| (*w, bit)));
        }
        let searcher = Searcher::new(words.iter().map(|(w, _)| w.0));
        Sieve { words, searcher, all }
    }

    /// Whether one pass finds all words.
    #[cfg(test)]
    pub(super) fn is_fast(&self) -> bool {
        self.searcher.is_some()
    }

    /// The forms whose word stands in `text`, with enough behind it.
    pub(super) fn possible(&self, text: &str) -> FormSet {
        let bytes = text.as_bytes();
        let Some(searcher) = &self.searcher else { return self.all };
        let (mut found, mut at) = (0, 0);
        while let Some(hit) = searcher.find_in(bytes, (at..bytes.len()).into()) {
            if let Some((Word(_, follow), form)) = self.words.get(hit.pattern().as_usize())
                && follows(bytes, hit.end(), *follow)
            {
                found |= form;
            }
            // Words may overlap.
            at = hit.start() + 1;
        }
        found
    }
}

/// Whether `count` bytes that a token may consist of stand at `at`.
fn follows(bytes: &[u8], at: usize, count: usize) -> bool {
    let of_token = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.' | b'/' | b'+' | b'=' | b'~');
    bytes.get(at..at + count).is_some_and(|rest| rest.iter().all(of_token))
}

/// Whether `SK` with 32 hexadecimal digits may stand in `text`; the word is too short for the sieve.
pub(super) fn may_hold_twilio_key(text: &str) -> bool {
    static WORD: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("SK"));
    let bytes = text.as_bytes();
    let hex = |i: usize| bytes.get(i + 2..i + 34).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit));
    bytes.len() >= 34 && WORD.find_iter(bytes).any(hex)
}

/// Whether `authorization` stands in `text` in any case, found by its rarest letter.
pub(super) fn may_hold_authorization(text: &str) -> bool {
    const WORD: &[u8] = b"authorization";
    const Z: usize = 7;
    let bytes = text.as_bytes();
    let is_word = |i: usize| {
        let start = i.checked_sub(Z);
        start.and_then(|s| bytes.get(s..s + WORD.len())).is_some_and(|w| w.eq_ignore_ascii_case(WORD))
    };
    bytes.len() > WORD.len() && memchr2_iter(b'z', b'Z', bytes).any(is_word)
}

/// Whether the host of a URL in `text` has a name and a password before it.
pub(super) fn may_hold_userinfo(text: &str) -> bool {
    let bytes = text.as_bytes();
    // A text without an at sign, which most are, is left after one pass.
    let mut ats = memchr_iter(b'@', bytes);
    ats.any(|at| {
        let before = bytes.get(..at).unwrap_or(&[]);
        let ends = |c: &u8| {
            c.is_ascii_whitespace()
                || matches!(c, b'/' | b'@' | b'\'' | b'"' | b'<' | b'>' | b'`' | b'\\' | b'?' | b'#' | b',')
        };
        let start = before.iter().rposition(ends).map_or(0, |i| i + 1);
        let authority = before.get(start..).unwrap_or(&[]);
        before.get(..start).is_some_and(|b| b.ends_with(b"://")) && memchr(b':', authority).is_some()
    })
}
