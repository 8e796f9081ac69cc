//! A comment for a pull request, in the Markdown of code hosts: the verdict, what fails the run by file, the rest folded
//! away, and what is left out. It holds no source text.
//!
//! Names come from the inputs of strangers, and a comment is shown with the rights of whoever posts it: nothing in them
//! may be markup, mention anybody or refer to anything.

use crate::place;
use crate::report::{GapEntry, Report};
use crate::style::{clean, plural};
use crate::terminal::{ALL_FLAG, quote};
use crate::web::{self, Group};
use kastell_model::{Confidence, DiagnosticLevel, Finding, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// Bytes of a comment. GitHub takes 65,536 characters; bytes are never fewer than those.
const LIMIT: usize = 65_000;

/// Bytes that are kept for what comes after the tables: notices of what is left out, and the closing of sections.
const RESERVE: usize = 1_000;

/// Characters of a name and of a sentence that are shown.
const NAME: usize = 120;
const SENTENCE: usize = 300;

/// Lines of the lists of what is not decided and of what is accepted, and places of one row.
const LISTED: usize = 20;
const PLACES: usize = 4;

/// By this a program that updates its comment finds it again.
const MARK: &str = "<!-- kastell -->";

/// Renders the report as a comment of at most 65,000 bytes. Links to files stand on `base` where one is given; else they
/// are relative.
pub fn pr_markdown(report: &Report, base: Option<&str>) -> String {
    let mut page = Page { text: head(report), tail: tail(report) };
    let (failing, rest): (Vec<Row<'_>>, Vec<Row<'_>>) = rows(report).into_iter().partition(|r| r.fails);
    if !failing.is_empty() {
        page.push("\n### What fails the run\n");
        page.table(&by_file(failing, base), report, base);
    }
    if !rest.is_empty() {
        let findings = rest.iter().map(|r| r.group.items.len()).sum::<usize>();
        let summary = format!("{} that {} not fail the run", plural(findings as u64, "finding"), does(findings));
        page.push(&format!("\n<details><summary>{summary}</summary>\n"));
        page.table(&by_file(rest, base), report, base);
        page.text.push_str("\n</details>\n");
    }
    page.text + &page.tail
}

fn does(n: usize) -> &'static str {
    if n == 1 { "does" } else { "do" }
}

/// A comment that grows up to the limit.
struct Page {
    text: String,
    tail: String,
}

impl Page {
    /// Adds a block where there is room for it.
    fn push(&mut self, block: &str) -> bool {
        let fits = self.text.len() + block.len() + self.tail.len() + RESERVE <= LIMIT;
        if fits {
            self.text.push_str(block);
        }
        fits
    }

    /// A table for each file; says how much of it found no room.
    fn table(&mut self, files: &[File<'_>], report: &Report, base: Option<&str>) {
        let (mut left_out, mut in_files) = (0, 0);
        for file in files {
            let mut head =
                format!("\n#### {}\n\n| severity | control | place | finding |\n|---|---|---|---|\n", file.title);
            let mut left_of_file = 0;
            for row in &file.rows {
                // A heading without a row would say nothing.
                if left_out + left_of_file > 0 || !self.push(&format!("{head}{}", line(row, report, base))) {
                    left_of_file += row.group.items.len();
                }
                head.clear();
            }
            in_files += usize::from(left_of_file > 0);
            left_out += left_of_file;
        }
        if left_out > 0 {
            let (left_out, in_files) = (plural(left_out as u64, "finding"), plural(in_files as u64, "file"));
            let notice = format!("\n… and {left_out} in {in_files}, left out because a comment has a limit.\n");
            self.text.push_str(&notice);
        }
    }
}

fn head(report: &Report) -> String {
    let h = &report.head;
    let mut out = format!("{MARK}\n## kastell: {}\n\n{}", web::verdict(report), capital(&web::summary(report)));
    if !report.findings.is_empty()
        && let Some(least) = h.fail_on
    {
        let _ = write!(out, "; {least} and worse fail it, of {} confidence or higher", h.min_confidence.name());
    }
    out.push_str(".\n");
    if report.incomplete {
        let _ = write!(out, "\n**Incomplete:** {}.\n", web::INCOMPLETE);
    }
    out
}

/// One row: findings of a rule in a subject.
struct Row<'a> {
    group: Group<'a, Finding>,
    severity: Severity,
    fails: bool,
}

fn rows(report: &Report) -> Vec<Row<'_>> {
    // What fails the run is never in one row with what does not.
    let parts = [true, false].map(|fails| {
        let findings = report.findings.iter().filter(move |f| report.fails(f) == fails);
        let groups = web::groups(findings, |f| Some((&f.rule, &f.subject.key)));
        groups.into_iter().map(move |group| {
            let severity = group.items.iter().map(|f| f.severity).max().unwrap_or(Severity::Info);
            Row { group, severity, fails }
        })
    });
    parts.into_iter().flatten().collect()
}

/// The rows of one file, or of one cluster.
struct File<'a> {
    title: String,
    rows: Vec<Row<'a>>,
}

/// Files with their rows, the worst first.
fn by_file<'a>(rows: Vec<Row<'a>>, base: Option<&str>) -> Vec<File<'a>> {
    let mut files: Vec<File<'a>> = Vec::new();
    let mut slots: HashMap<(bool, &str), usize> = HashMap::new();
    for row in rows {
        let Some(place) = row.group.items.first().map(|f| &f.at) else { continue };
        let (object, live) = (&place.object, web::is_live(place));
        let name: &'a str = if live { &object.key.unit } else { &object.source.path };
        let slot = *slots.entry((live, name)).or_insert(files.len());
        if slot == files.len() {
            let href = if live { None } else { web::href(base, name, None) };
            files.push(File { title: link(&code(name, NAME), href), rows: Vec::new() });
        }
        if let Some(file) = files.get_mut(slot) {
            file.rows.push(row);
        }
    }
    for file in &mut files {
        file.rows.sort_by_key(|r| Reverse(r.severity));
    }
    files.sort_by_key(|f| Reverse(f.rows.first().map(|r| r.severity)));
    files
}

fn line(row: &Row<'_>, report: &Report, base: Option<&str>) -> String {
    let findings = &row.group.items;
    let Some(first) = findings.first() else { return String::new() };
    let mut places: Vec<String> = findings.iter().take(PLACES).map(|f| place(f, base)).collect();
    if findings.len() > PLACES {
        places.push(format!("{} more", findings.len() - PLACES));
    }
    let subject = code(&web::subject(report, row.group.subject), NAME);
    let part = first.part.as_ref().filter(|p| findings.iter().all(|f| f.part.as_ref() == Some(*p)));
    let part = part.map(|p| format!(", {}", code(p, NAME))).unwrap_or_default();
    let doubt = if first.confidence == Confidence::Low { " (low confidence)" } else { "" };
    format!(
        "| {}{doubt} | {} | {} in {subject}{part} | {} |\n",
        row.severity,
        code(&row.group.rule.0, NAME),
        places.join(", "),
        prose(&first.message)
    )
}

/// A line of the file, or a field of a live object.
fn place(f: &Finding, base: Option<&str>) -> String {
    match web::line(&f.at) {
        Some(line) => {
            let href = web::href(base, &f.at.object.source.path, Some(line));
            link(&format!("line {line}"), href)
        }
        None => code(&place::field(&f.at), NAME),
    }
}

fn link(text: &str, href: Option<String>) -> String {
    match href {
        Some(href) => format!("[{text}]({href})"),
        None => text.to_owned(),
    }
}

/// What stands below the tables, whatever room they took.
fn tail(report: &Report) -> String {
    let mut out = unknown(report);
    out.push_str(&accepted(report));
    let h = &report.head;
    let given = if h.version_given { "" } else { " (the newest known)" };
    let _ = write!(
        out,
        "\nRead {}: {}; {}; nothing was written or sent. kastell {}, Kubernetes {}{given}, {}.\n",
        code(&web::inputs(report, 3), NAME),
        web::what_was_read(report),
        plural(u64::from(h.requests), "request"),
        prose(&h.version),
        prose(&h.kubernetes_version),
        prose(&h.now)
    );
    out.push_str(&next(report));
    out
}

/// What was not decided, by reason, and the details folded.
fn unknown(report: &Report) -> String {
    let by = report.unknown_by_reason();
    if by.is_empty() {
        return "\nEverything that was asked was answered.\n".to_owned();
    }
    let total: u64 = by.values().sum();
    let reasons: Vec<String> = by.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    let mut lines: Vec<String> = report
        .diagnostics
        .iter()
        .filter(|d| d.level > DiagnosticLevel::Note)
        .map(|d| {
            let path = d.path.as_ref().map(|p| format!("{}: ", code(p, NAME))).unwrap_or_default();
            format!("{path}{}", prose(&d.message))
        })
        .collect();
    lines.extend(gap_lines(&report.gaps));
    let mut out =
        format!("\n<details><summary>{} not answered: {}</summary>\n\n", plural(total, "question"), reasons.join(", "));
    list(&mut out, &lines);
    out.push_str("\n</details>\n");
    out
}

/// Gaps that say the same of the same rule are one line; those that make a run incomplete come first.
fn gap_lines(gaps: &[GapEntry]) -> Vec<String> {
    let mut by: BTreeMap<(Reverse<bool>, String), u64> = BTreeMap::new();
    for g in gaps {
        let rule = g.rule.as_ref().map(|r| format!("{}: ", code(&r.0, NAME))).unwrap_or_default();
        let text = format!("{rule}{} ({})", prose(&g.detail), g.reason.name());
        *by.entry((Reverse(g.reason.is_incomplete()), text)).or_default() += u64::from(g.count);
    }
    let mut by: Vec<_> = by.into_iter().collect();
    by.sort_by_key(|((incomplete, _), n)| (*incomplete, Reverse(*n)));
    by.into_iter().map(|((_, text), n)| if n > 1 { format!("{text}, {n} times") } else { text }).collect()
}

fn accepted(report: &Report) -> String {
    let by = report.excepted_by_origin();
    if by.is_empty() {
        return String::new();
    }
    let origins: Vec<String> = by.iter().map(|(origin, n)| format!("{n} {origin}")).collect();
    let total = plural(report.excepted.len() as u64, "finding");
    let mut out = format!("\n<details><summary>{total} accepted: {}</summary>\n\n", origins.join(", "));
    let lines: Vec<String> = report
        .excepted
        .iter()
        .take(LISTED + 1)
        .map(|e| {
            let until = e.until.as_ref().map(|u| format!(" until {}", prose(u))).unwrap_or_default();
            let (rule, subject) = (code(&e.finding.rule.0, NAME), web::subject(report, &e.finding.subject.key));
            format!("{rule} in {}{until}: {}", code(&subject, NAME), prose(&e.reason))
        })
        .collect();
    list_of(&mut out, &lines, report.excepted.len());
    out.push_str("\n</details>\n");
    out
}

fn list(out: &mut String, lines: &[String]) {
    list_of(out, lines, lines.len());
}

fn list_of(out: &mut String, lines: &[String], total: usize) {
    let shown = if total <= LISTED { lines } else { lines.get(..LISTED).unwrap_or(lines) };
    for line in shown {
        let _ = writeln!(out, "- {line}");
    }
    if total > shown.len() {
        let _ = writeln!(out, "- … and {} more", total - shown.len());
    }
}

fn next(report: &Report) -> String {
    let inputs: Vec<String> = report.head.inputs.iter().map(|i| quote(i)).collect();
    let scan = match inputs.join(" ") {
        text if text.is_empty() || text.chars().count() > NAME => "…".to_owned(),
        text => text,
    };
    let mut commands = Vec::new();
    let worst = report.findings.iter().max_by_key(|f| (report.fails(f), f.severity, Reverse(&f.rule)));
    if let Some(f) = worst {
        commands.push(format!("kastell explain {}", quote(&f.rule.0)));
    }
    commands.push(format!("kastell scan {scan} {ALL_FLAG}"));
    // A fence that no input can close: lines of it begin with the program's name.
    format!("\n```sh\n{}\n```\n", commands.join("\n"))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

fn short(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{kept}…")
}

/// A name from an input as a code span: nothing in one is markup, a mention or a reference. Cut where it is long.
fn code(text: &str, most: usize) -> String {
    let text = short(text, most);
    if text.is_empty() {
        return "``  ``".to_owned();
    }
    if text.contains('|') {
        // A table takes its bars before it looks for code, and counts backslashes before them.
        let mut out = String::new();
        plain(&text, &mut out);
        return out;
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence: what stands between backticks is code, everything else is text and nothing but text.
fn prose(text: &str) -> String {
    let text = short(text, SENTENCE);
    let pieces: Vec<&str> = text.split('`').collect();
    let balanced = pieces.len() % 2 == 1;
    let mut out = String::with_capacity(text.len() + 16);
    if !balanced {
        plain(&text, &mut out);
        return out;
    }
    for (i, piece) in pieces.into_iter().enumerate() {
        match i % 2 {
            1 if !piece.is_empty() => out.push_str(&code(piece, SENTENCE)),
            _ => plain(piece, &mut out),
        }
    }
    out
}

/// Text in which every mark of Markdown stands for itself, and which mentions nobody: code hosts look for `@name`, `#1`
/// and addresses in the finished text, so a character of no width stands behind the sign.
fn plain(text: &str, out: &mut String) {
    let start = out.len();
    for c in text.chars() {
        let before = out.get(start..).unwrap_or_default();
        let escaped = match c {
            '<' | '>' | '&' | '@' | '#' => false,
            // These mean something at the start of a line, and a dot after `www` makes an address.
            '.' | '-' | '+' | '=' | ')' => {
                before.chars().all(|c| !c.is_alphabetic()) || c == '.' && before.to_ascii_lowercase().ends_with("www")
            }
            ',' | ';' | '\'' | '%' | '?' | '"' | '/' | '(' => false,
            c => c.is_ascii_punctuation(),
        };
        if escaped {
            out.push('\\');
        }
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("\\@&#8203;"),
            '#' => out.push_str("\\#&#8203;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{code, prose};

    #[test]
    fn names_are_code_whatever_they_hold() {
        assert_eq!(code("a", 9), "`a`");
        assert_eq!(code("a`b``c", 9), "```a`b``c```");
        assert_eq!(code("`a", 9), "`` `a ``");
        assert_eq!(code("a|b\\|", 9), "a\\|b\\\\\\|");
        assert_eq!(code("a\nb\u{202e}", 9), "`a\u{fffd}b\u{fffd}`");
        assert_eq!(code("abcdefghijkl", 5), "`abcd…`");
    }

    #[test]
    fn sentences_keep_their_code_and_no_other_markup() {
        assert_eq!(prose("`hostPID` is true"), "`hostPID` is true");
        assert_eq!(prose("a <b> & *c* @you #1"), "a &lt;b&gt; &amp; \\*c\\* \\@&#8203;you \\#&#8203;1");
        assert_eq!(prose("https://WWW.h.example, - 1.2"), "https\\://WWW\\.h.example, - 1.2");
        assert_eq!(prose("1. - a"), "1\\. \\- a");
        assert_eq!(prose("odd ` one"), "odd \\` one");
    }
}
