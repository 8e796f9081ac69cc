//! Terminal text with ANSI colours as a picture, for documentation. The picture holds text, not outlines.

use crate::ansi::{plain, runs};
use std::fmt::Write as _;

/// Size of one character cell and of the margin around the text, in pixels.
const CELL: (f64, f64) = (8.4, 19.0);
const MARGIN: f64 = 18.0;
/// From the top of a line to its base line.
const ASCENT: f64 = 14.0;

#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    bold: bool,
    dim: bool,
    color: Option<u8>,
}

impl Look {
    /// The look after the codes of one escape.
    fn after(mut self, codes: &str) -> Look {
        for code in codes.split(';').map(|c| c.parse::<u8>().unwrap_or(0)) {
            match code {
                0 => self = Look::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                22 => (self.bold, self.dim) = (false, false),
                30..=37 | 90..=97 => self.color = Some(code),
                39 => self.color = None,
                _ => {}
            }
        }
        self
    }

    fn attributes(self) -> String {
        let mut out = String::new();
        if let Some(fill) = self.color.and_then(fill) {
            let _ = write!(out, " fill=\"{fill}\"");
        }
        if self.bold {
            out.push_str(" font-weight=\"700\"");
        }
        if self.dim {
            out.push_str(" fill-opacity=\"0.65\"");
        }
        out
    }
}

/// Colours that keep a contrast of at least 4.5 to the background.
fn fill(code: u8) -> Option<&'static str> {
    Some(match code {
        31 | 91 => "#ff7b72",
        32 | 92 => "#56d364",
        33 | 93 => "#e3b341",
        34 | 94 => "#79c0ff",
        35 | 95 => "#ff7bd5",
        36 | 96 => "#56d4dd",
        30 | 90 => "#9aa4b2",
        _ => return None,
    })
}

/// Draws text with ANSI colours as an SVG: dark ground, one `text` element a line, no scripts, no fonts from elsewhere.
pub fn svg(ansi_text: &str) -> String {
    let text = ansi_text.trim_end_matches('\n');
    let columns = plain(text).lines().map(|l| l.chars().count()).max().unwrap_or(0);
    let width = (columns as f64).mul_add(CELL.0, 2.0 * MARGIN).ceil();
    let height = (text.lines().count() as f64).mul_add(CELL.1, 2.0 * MARGIN).ceil();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"Terminal output\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0f141b\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#d6dde6\">\n"
    );
    let mut look = Look::default();
    for (row, line) in text.lines().enumerate() {
        let y = (row as f64).mul_add(CELL.1, MARGIN + ASCENT);
        let mut spans = String::new();
        let mut column = 0;
        for run in runs(line) {
            look = run.codes.map_or(look, |codes| look.after(codes));
            spans.push_str(&span(run.text, column, look));
            column += run.text.chars().count();
        }
        if !spans.is_empty() {
            let _ = writeln!(out, "<text y=\"{y:.1}\" xml:space=\"preserve\">{spans}</text>");
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// One run of a line. Each stretch between two or more blanks has its own place and a fixed length, so that columns
/// stay whatever font draws them.
fn span(text: &str, column: usize, look: Look) -> String {
    let mut out = String::new();
    let mut column = column;
    for piece in text.split("  ") {
        let blanks = piece.chars().take_while(|c| *c == ' ').count();
        let shown = piece.trim_matches(' ');
        if !shown.is_empty() {
            let x = ((column + blanks) as f64).mul_add(CELL.0, MARGIN);
            let length = shown.chars().count() as f64 * CELL.0;
            let text = escape(shown);
            let _ = write!(out, "<tspan x=\"{x:.1}\" textLength=\"{length:.1}\"{}>{text}</tspan>", look.attributes());
        }
        column += piece.chars().count() + 2;
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no control characters.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_fills_and_columns_stay() {
        insta::assert_snapshot!(svg("\x1b[1m\x1b[91mhigh\x1b[0m: a < b\n\n  \x1b[2mdim\x1b[22m\n"), @r##"
    <svg xmlns="http://www.w3.org/2000/svg" width="129" height="93" viewBox="0 0 129 93" role="img" aria-label="Terminal output">
    <rect width="100%" height="100%" rx="8" fill="#0f141b"/>
    <g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#d6dde6">
    <text y="32.0" xml:space="preserve"><tspan x="18.0" textLength="33.6" fill="#ff7b72" font-weight="700">high</tspan><tspan x="51.6" textLength="58.8">: a &lt; b</tspan></text>
    <text y="70.0" xml:space="preserve"><tspan x="34.8" textLength="25.2" fill-opacity="0.65">dim</tspan></text>
    </g>
    </svg>
    "##);
    }

    #[test]
    fn columns_of_a_table_have_places_of_their_own() {
        let picture = svg("ring     high\n");
        assert!(picture.contains("<tspan x=\"18.0\" textLength=\"33.6\">ring</tspan>"), "{picture}");
        assert!(picture.contains("<tspan x=\"93.6\" textLength=\"33.6\">high</tspan>"), "{picture}");
    }

    #[test]
    fn nothing_is_an_empty_picture_and_odd_escapes_stay_text() {
        assert!(svg("").ends_with("</g>\n</svg>\n"));
        assert!(svg("a\x1b[2Jb").contains("2J"));
        assert!(!svg("a\x1b[2Jb\x07").contains('\x1b'));
    }
}
