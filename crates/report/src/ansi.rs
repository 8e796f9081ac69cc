//! Text with ANSI colours, taken apart again. Knows only what kastell's own renderers write: `ESC [ … m`.

/// A stretch of text and the escape that stands before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run<'a> {
    /// The parameters of the escape (`1;31`); `None` for the text before the first one.
    pub(crate) codes: Option<&'a str>,
    pub(crate) text: &'a str,
}

/// The runs of a text, in order. An escape that is not `ESC [ … m` stays text.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    text.split("\x1b[").enumerate().map(|(i, piece)| {
        let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end.and_then(|e| Some((piece.get(..e)?, piece.get(e..)?.strip_prefix('m')?))) {
            Some((codes, text)) if i > 0 => Run { codes: Some(codes), text },
            _ => Run { codes: None, text: piece },
        }
    })
}

/// The text without its escapes.
pub(crate) fn plain(text: &str) -> String {
    runs(text).map(|r| r.text).collect()
}
