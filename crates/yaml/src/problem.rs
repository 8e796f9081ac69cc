//! What a reader has to say about a text: errors that cost a document, and warnings that do not.

use crate::tree::Span;

/// How much a problem costs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// The document was read, but kubectl would see or say something that the author may not expect.
    Warning,
    /// The document, or the rest of the text, could not be read.
    Error,
}

/// What kind of problem it is. The name is stable: it is part of machine formats.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum ProblemCode {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The text is over 4 GiB.
    TooLarge,
    /// The text does not follow the grammar of YAML or JSON.
    Syntax,
    /// Nested deeper than any reader follows.
    TooDeep,
    /// Aliases expand beyond kubectl's limit.
    ExcessiveAliasing,
    /// A mapping has the same key twice; the last one counts.
    DuplicateKey,
    /// A key that cannot be a JSON key (null, a sequence, a mapping).
    InvalidKey,
    /// A number that JSON cannot say (`.inf`, `.nan`).
    InvalidNumber,
    /// kubectl stops reading here (after `...`), we went on.
    AfterDocumentEnd,
    /// kubectl refuses content on the `---` line, we read it.
    ContentOnSeparator,
    /// The text starts like JSON but is not; it was read as YAML.
    NotJson,
    /// Positions in this document are approximate.
    Approximate,
    /// kubectl refuses what one of our readers accepts.
    Lenient,
}

impl ProblemCode {
    /// The stable name, as machine formats write it.
    pub fn name(self) -> &'static str {
        match self {
            ProblemCode::NotUtf8 => "not-utf8",
            ProblemCode::TooLarge => "too-large",
            ProblemCode::Syntax => "syntax",
            ProblemCode::TooDeep => "too-deep",
            ProblemCode::ExcessiveAliasing => "excessive-aliasing",
            ProblemCode::DuplicateKey => "duplicate-key",
            ProblemCode::InvalidKey => "invalid-key",
            ProblemCode::InvalidNumber => "invalid-number",
            ProblemCode::AfterDocumentEnd => "after-document-end",
            ProblemCode::ContentOnSeparator => "content-on-separator",
            ProblemCode::NotJson => "not-json",
            ProblemCode::Approximate => "approximate-positions",
            ProblemCode::Lenient => "lenient-reading",
        }
    }
}

/// One problem, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What kind.
    pub code: ProblemCode,
    /// What it costs.
    pub level: Level,
    /// Where, in bytes of the text (of the bytes, where they are no text).
    pub span: Span,
    /// A sentence without a final stop that says what is wrong and why.
    pub message: String,
}

impl Problem {
    pub(crate) fn error(code: ProblemCode, span: Span, message: impl Into<String>) -> Problem {
        Problem { code, level: Level::Error, span, message: message.into() }
    }

    pub(crate) fn warning(code: ProblemCode, span: Span, message: impl Into<String>) -> Problem {
        Problem { code, level: Level::Warning, span, message: message.into() }
    }
}
