//! How text looks, what may not be shown, and the small helpers that all text renderers share.

use anstyle::{AnsiColor, Color, Style as Ansi};
use kastell_model::{Severity, Source};
use std::ops::Range;

/// How text is to look. Given by the caller; renderers ask no terminal and no environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether ANSI colours are written.
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// Lines that the default view may take; `None` for no bound.
    pub height: Option<usize>,
    /// Whether characters beyond ASCII may be used as decoration.
    pub unicode: bool,
}

impl Default for Style {
    /// Plain text of 100 columns and 60 lines.
    fn default() -> Style {
        Style { color: false, width: 100, height: Some(60), unicode: false }
    }
}

/// What must not be shown. Every renderer that shows source text asks this for every line.
pub trait Mask {
    /// The byte ranges of `text` that hold secrets. `text` is a line of `source` without its line break, or the part of
    /// a very long line around what is shown; it starts at byte `start` of the source.
    fn mask(&self, source: &Source, start: usize, text: &str) -> Vec<Range<usize>>;
}

impl<F: Fn(&Source, usize, &str) -> Vec<Range<usize>>> Mask for F {
    fn mask(&self, source: &Source, start: usize, text: &str) -> Vec<Range<usize>> {
        self(source, start, text)
    }
}

pub(crate) const BOLD: Ansi = Ansi::new().bold();
pub(crate) const DIM: Ansi = Ansi::new().dimmed();

fn bold(c: AnsiColor) -> Ansi {
    Ansi::new().bold().fg_color(Some(Color::Ansi(c)))
}

/// The colour of a severity; its name always stands beside it.
pub(crate) fn severity(s: Severity) -> Ansi {
    bold(match s {
        Severity::Critical => AnsiColor::BrightMagenta,
        Severity::High => AnsiColor::BrightRed,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Info => AnsiColor::BrightBlue,
    })
}

pub(crate) fn status(name: &str) -> Ansi {
    match name {
        "fail" => bold(AnsiColor::BrightRed),
        "unknown" => bold(AnsiColor::Yellow),
        "pass" => Ansi::new().fg_color(Some(Color::Ansi(AnsiColor::Green))),
        _ => DIM,
    }
}

impl Style {
    pub(crate) fn paint(&self, how: Ansi, text: &str) -> String {
        if self.color { format!("{how}{text}{how:#}") } else { text.to_owned() }
    }

    /// What says that something was left out.
    pub(crate) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// What stands between the parts of a line.
    pub(crate) fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { ", " }
    }
}

/// Text from an input as it may go to a terminal: characters that steer one (controls, bidirectional overrides) are
/// replaced.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `text` in at most `width` characters: its end gives way.
pub(crate) fn cut(text: &str, width: usize, style: &Style) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mark = style.ellipsis();
    let kept: String = text.chars().take(width.saturating_sub(mark.chars().count())).collect();
    format!("{}{mark}", kept.trim_end())
}

/// `text` in at most `width` characters: its front gives way.
pub(crate) fn cut_front(text: &str, width: usize, style: &Style) -> String {
    let len = text.chars().count();
    if len <= width {
        return text.to_owned();
    }
    let mark = style.ellipsis();
    let kept: String = text.chars().skip(len - width.saturating_sub(mark.chars().count()).min(len)).collect();
    format!("{mark}{kept}")
}

/// `1 file`, `2 files`.
pub(crate) fn plural(n: u64, one: &str) -> String {
    let many = match one.strip_suffix('y') {
        _ if n == 1 => one.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{one}s"),
    };
    format!("{} {many}", thousands(n))
}

/// `2,314`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `text` with lines of at most `width` characters, each after `indent`. A word that is longer stands alone.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.chars().count()).max(20);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|l| format!("{indent}{l}\n")).collect()
}

/// The first sentence of a Markdown paragraph, on one line.
pub(crate) fn first_sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.find(". ") {
        Some(i) => line.get(..i).unwrap_or_default().to_owned(),
        None => line.trim_end_matches('.').to_owned(),
    }
}
