//! A comparison as a comment for a pull request (GitHub-flavoured Markdown).

use super::{DiffFinding, DiffReport, change_in_words, kinds_in_words, severities, subjects_in_words};
use crate::style::{clean, plural};
use std::fmt::Write as _;

/// Rows of a table, so that a comment stays far below the sizes that hosts refuse.
const ROWS: usize = 30;

/// Renders a comparison.
pub fn diff_markdown(report: &DiffReport<'_>) -> String {
    let mut out = String::new();
    let new = match report.new.len() {
        0 => "nothing new".to_owned(),
        n => format!("{} new ({})", plural(n as u64, "finding"), severities(report.new.iter().map(|f| f.finding))),
    };
    let _ = writeln!(out, "### kastell: {new}, {} fixed\n", report.fixed());
    let kinds = report.kinds.as_deref().map(kinds_in_words).unwrap_or_default();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" Objects: {}.", escape(&kinds)) };
    let _ = writeln!(out, "`{}` against `{}`.{kinds}\n", code(&report.after.name), code(&report.before.name));
    if report.is_incomplete() {
        out.push_str(
            "**Incomplete**: something was not read or not understood, so silence about it means nothing.\n\n",
        );
    }
    let groups: Vec<Vec<String>> = report
        .answers
        .iter()
        .flatten()
        .map(|g| {
            vec![
                format!("`{}`", code(&g.rule.0)),
                format!("{} → **{}**", g.before.name(), g.after.name()),
                escape(&subjects_in_words(&g.subjects, 3)),
                escape(&g.cause),
            ]
        })
        .collect();
    let title = format!("Questions answered differently: {}", report.answered_differently());
    table(&title, &["question", "answer", "about", "because"], groups, &mut out);
    let rows = report.new.iter().map(|f| single(f, f.other.of_new())).collect();
    table(&format!("New: {}", report.new.len()), &["severity", "control", "about", "what", "where"], rows, &mut out);
    let rows = report
        .changed
        .iter()
        .map(|p| {
            let subject = escape(&p.after.subject.to_string());
            vec![format!("`{}`", code(&p.after.rule.0)), subject, escape(&change_in_words(p, "→"))]
        })
        .collect();
    table(&format!("Changed: {}", report.changed.len()), &["control", "about", "change"], rows, &mut out);
    let rows = report.gone.iter().map(|f| single(f, f.other.of_gone())).collect();
    let title = format!("Gone: {}, {} of them fixed", report.gone.len(), report.fixed());
    table(&title, &["severity", "control", "about", "what", "where"], rows, &mut out);
    let _ = writeln!(out, "{} the same.", plural(report.unchanged, "finding"));
    out
}

fn single(f: &DiffFinding<'_>, why: &str) -> Vec<String> {
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    let part = f.finding.part.as_ref().map(|p| format!(", {p}")).unwrap_or_default();
    vec![
        f.finding.severity.name().to_owned(),
        format!("`{}`", code(&f.finding.rule.0)),
        escape(&format!("{}{part}", f.finding.subject)),
        escape(&format!("{}{why}", f.finding.message)),
        format!("`{}`", code(&f.finding.place)),
    ]
}

/// A table below a title that opens and closes; nothing where there is no row.
fn table(title: &str, header: &[&str], rows: Vec<Vec<String>>, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details open><summary>{title}</summary>\n");
    let _ = writeln!(out, "| {} |\n|{}", header.join(" | "), "---|".repeat(header.len()));
    let more = rows.len().saturating_sub(ROWS);
    for row in rows.into_iter().take(ROWS) {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    if more > 0 {
        let _ = writeln!(out, "\n… and {more} more");
    }
    out.push_str("\n</details>\n\n");
}

/// Text that Markdown and HTML take as text, on one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Names such as `@team` and `#1` would call people and link to issues.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text inside backticks of a table.
fn code(text: &str) -> String {
    clean(text).replace('`', "'").replace('|', "\\|")
}
