//! A [`Report`] to terminal, JSON, SARIF, Markdown, JUnit and HTML, and the text of `explain` and of framework tables.
//!
//! Owns: the report value, the machine formats with their schemas, and how everything looks. Must not know: any type of
//! a control, files, clocks, terminals. Rendering never decides a severity; the same report gives the same bytes.
//!
//! Source text appears only in frames, and every line of it goes through a [`Mask`] first; the machine formats and Markdown hold none.

mod ansi;
mod clusters;
mod diff;
mod excerpt;
mod explain;
pub mod fleet;
mod frame;
mod html;
mod json;
mod junit;
mod kubectl;
mod markdown;
mod place;
mod pr_markdown;
mod question;
mod read;
mod report;
mod sarif;
mod style;
mod svg;
mod terminal;
mod web;

pub use diff::{
    DIFF_SCHEMA_VERSION, DiffAnswers, DiffFinding, DiffKind, DiffPair, DiffReport, DiffSide, Other, diff_json,
    diff_json_schema, diff_markdown, diff_terminal,
};
pub use explain::{Answer, FrameworkControl, FrameworkRow, RuleDoc, explain_object, explain_rule, framework_table};
pub use html::html;
pub use json::{SCHEMA_VERSION, json, json_schema};
pub use junit::junit;
pub use markdown::{fix, reason};
pub use pr_markdown::pr_markdown;
pub use read::{ReadError, is_report, read_record};
pub use report::{
    Baseline, Component, Counts, Excepted, ExceptionOrigin, GapEntry, Head, Question, Report, Rule, Statistics,
};
pub use sarif::sarif;
pub use style::{Mask, Style};
pub use svg::svg;
pub use terminal::{ALL_FLAG, diagnostics, terminal};
