//! Draws what comes on standard input, text with ANSI colours, as an SVG on standard output:
//! `kastell scan examples/shop --color always | cargo run -p kastell-report --example svg -- 45 > docs/report.svg`.
//! The argument is the number of lines to draw; without it, all.

use std::io::{Read as _, Write as _};

fn main() -> std::io::Result<()> {
    let most = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let lines: Vec<&str> = text.lines().take(most).collect();
    std::io::stdout().write_all(kastell_report::svg(&lines.join("\n")).as_bytes())
}
