//! Diagnostics: what went wrong around the findings. Errors and gaps of reading, warnings of a parser, stale
//! exceptions. Rendered with the same frames as findings.

use crate::object::{Source, Str};
use crate::outcome::GapReason;
use kastell_yaml::Span;
use std::sync::Arc;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DiagnosticLevel {
    /// Worth knowing.
    Note,
    /// Something may not be what its author thinks.
    Warning,
    /// Something was not read, or not done.
    Error,
}

impl DiagnosticLevel {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            DiagnosticLevel::Note => "note",
            DiagnosticLevel::Warning => "warning",
            DiagnosticLevel::Error => "error",
        }
    }
}

/// The stable id of a kind of diagnostic, kebab-case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DiagnosticCode(pub Str);

/// A place in a text and what there is to say about it.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes.
    pub span: Span,
    /// What is here; may be empty.
    pub message: Str,
}

/// One diagnostic.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its kind.
    pub code: DiagnosticCode,
    /// Its weight.
    pub level: DiagnosticLevel,
    /// What is wrong and why, without a final stop.
    pub message: Str,
    /// The file (or directory) that it is about, where there is one.
    pub path: Option<Str>,
    /// Places, the first one is the main one.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<Str>,
    /// Where something was not read: why. Makes a run incomplete as [`GapReason::is_incomplete`] says.
    pub gap: Option<GapReason>,
}
