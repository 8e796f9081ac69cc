//! A [`Report`] to terminal, JSON and SARIF, and the text of `explain` and of framework tables.
//!
//! Owns: the report value, the machine formats with their schemas, and how everything looks. Must not know: any type of
//! a control, files, clocks, terminals. Rendering never decides a severity; the same report gives the same bytes.
//!
//! Source text appears only in frames, and every line of it goes through a [`Mask`] first; JSON and SARIF hold none.

mod ansi;
mod explain;
pub mod fleet;
mod frame;
mod json;
mod markdown;
mod report;
mod sarif;
mod style;
mod svg;
mod terminal;

pub use explain::{Answer, FrameworkControl, FrameworkRow, RuleDoc, explain_object, explain_rule, framework_table};
pub use json::{SCHEMA_VERSION, json, json_schema};
pub use markdown::{fix, reason};
pub use report::{Counts, Excepted, ExceptionOrigin, GapEntry, Head, Report, Rule, Statistics};
pub use sarif::sarif;
pub use style::{Mask, Style};
pub use svg::svg;
pub use terminal::{ALL_FLAG, terminal};
