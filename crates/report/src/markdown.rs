//! The Markdown subset that rules are documented in: paragraphs, `## ` headings, lists and fenced blocks.

use crate::style::{BOLD, Style, clean, status, wrap};
use anstyle::Style as Ansi;

/// A part of a document: what stands below a heading.
struct Section<'a> {
    /// `None` for what stands before the first heading.
    title: Option<&'a str>,
    lines: Vec<&'a str>,
}

/// Documentation as doc comments have it: one blank before every line belongs to the comment.
fn lines(docs: &str) -> impl Iterator<Item = &str> {
    docs.lines().map(|l| l.strip_prefix(' ').unwrap_or(l).trim_end())
}

fn sections(docs: &str) -> Vec<Section<'_>> {
    let mut out = vec![Section { title: None, lines: Vec::new() }];
    let mut fenced = false;
    for line in lines(docs) {
        fenced ^= line.starts_with("```");
        match line.strip_prefix("## ") {
            Some(title) if !fenced => out.push(Section { title: Some(title.trim()), lines: Vec::new() }),
            _ => {
                if let Some(section) = out.last_mut() {
                    section.lines.push(line);
                }
            }
        }
    }
    out
}

/// The reason of a rule as one paragraph: what stands before the first heading and before the lines that justify
/// severity and confidence.
pub fn reason(docs: &str) -> String {
    let sections = sections(docs);
    let head = sections.first().map(|s| s.lines.as_slice()).unwrap_or_default();
    let justifies = |l: &&str| l.starts_with("Severity:") || l.starts_with("Confidence:");
    one_paragraph(head.iter().copied().take_while(|l| !justifies(l)))
}

/// The fix of a rule as one paragraph: its `## Fix` section without examples.
pub fn fix(docs: &str) -> String {
    let sections = sections(docs);
    let body = sections.iter().find(|s| s.title == Some("Fix")).map(|s| s.lines.as_slice()).unwrap_or_default();
    one_paragraph(body.iter().copied().take_while(|l| !l.starts_with("```")))
}

fn one_paragraph<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The whole documentation as text of the style's width: headings bold, examples indented and their marked lines said
/// in words.
pub(crate) fn text(docs: &str, style: &Style) -> String {
    let mut out = String::new();
    for section in sections(docs) {
        if let Some(title) = section.title {
            out.push_str(&format!("\n{}\n", style.paint(BOLD, &clean(title))));
        }
        body(&section.lines, style, &mut out);
    }
    out
}

fn body(lines: &[&str], style: &Style, out: &mut String) {
    let mut paragraph: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in lines {
        if line.starts_with("```") {
            flush(&mut paragraph, style, out);
            fenced = !fenced;
        } else if fenced {
            out.push_str(&example_line(line, style));
        } else if line.trim().is_empty() {
            flush(&mut paragraph, style, out);
        } else {
            if line.starts_with("- ") {
                flush(&mut paragraph, style, out);
            }
            paragraph.push(line);
        }
    }
    flush(&mut paragraph, style, out);
}

fn flush(paragraph: &mut Vec<&str>, style: &Style, out: &mut String) {
    let text = clean(&paragraph.join(" "));
    paragraph.clear();
    match text.strip_prefix("- ") {
        Some(item) => {
            let block = wrap(item, style.width, "    ");
            out.push_str(&block.replacen("    ", "  - ", 1));
        }
        None => out.push_str(&wrap(&text, style.width, "  ")),
    }
}

/// A line of an example; `#~` marks what is flagged, `#?` what cannot be decided.
fn example_line(line: &str, style: &Style) -> String {
    let (line, mark): (&str, Option<(&str, Ansi)>) = if let Some(l) = line.strip_suffix("#~") {
        (l, Some(("# <- flagged", status("fail"))))
    } else if let Some(l) = line.strip_suffix("#?") {
        (l, Some(("# <- unknown", status("unknown"))))
    } else {
        (line, None)
    };
    let line = clean(line.trim_end());
    match mark {
        Some((mark, how)) => format!("      {line}  {}\n", style.paint(how, mark)),
        None if line.is_empty() => "\n".to_owned(),
        None => format!("      {line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS: &str = " A thing is bad.\n Very.\n\n Severity: high, because it is.\n\n ## Fails\n ```yaml\n a: 1 #~\n ## no heading\n ```\n\n ## Fix\n Undo\n it. Then rest.\n";

    #[test]
    fn reason_and_fix_are_one_paragraph_each() {
        assert_eq!(reason(DOCS), "A thing is bad. Very.");
        assert_eq!(fix(DOCS), "Undo it. Then rest.");
        assert_eq!((reason("").as_str(), fix("").as_str()), ("", ""));
    }

    #[test]
    fn documentation_becomes_text_with_its_examples() {
        insta::assert_snapshot!(text(DOCS, &Style::default()), @r##"
      A thing is bad. Very.
      Severity: high, because it is.

    Fails
          a: 1  # <- flagged
          ## no heading

    Fix
      Undo it. Then rest.
    "##);
    }
}
