//! Frames: a title, a place and the source line under it, as compilers show them. The only code that shows source text.

use crate::ansi::plain;
use crate::excerpt::{Excerpt, excerpt};
use crate::place;
use crate::style::{Mask, Style, clean, wrap};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use anstyle::Style as Ansi;
use kastell_model::yaml::Span;
use kastell_model::{Place, Source};
use std::ops::Range;

/// Characters of a source line that are shown at most; longer lines show what surrounds the underlined part.
const LINE: usize = 200;

/// A place of a text to show.
pub(crate) struct Spot<'a> {
    pub(crate) source: &'a Source,
    pub(crate) span: Span,
    /// What stands behind the underline; may be empty.
    pub(crate) label: String,
    /// What stands behind `file:line:column`; may be empty.
    pub(crate) beside: String,
    pub(crate) approximate: bool,
    /// The field, where it is one of a live object: then neither lines nor columns mean anything.
    pub(crate) live: Option<&'a Place>,
}

impl<'a> Spot<'a> {
    /// The place of a finding: the underline says which field it is, or which one is missing there.
    pub(crate) fn of(place: &'a Place, beside: String) -> Spot<'a> {
        let field = short_path(place);
        let label = if place.missing.is_empty() { field } else { format!("{field} is missing here") };
        Spot {
            source: &place.object.source,
            span: place.span(),
            label,
            beside,
            approximate: place.object.tree.is_approximate(),
            live: place::is_live(&place.object).then_some(place),
        }
    }
}

/// What a frame says.
pub(crate) struct Frame<'a> {
    /// `critical`, `error`, … painted with `paint`.
    pub(crate) level: &'a str,
    pub(crate) paint: Ansi,
    pub(crate) id: Option<&'a str>,
    pub(crate) title: String,
    pub(crate) spot: Option<Spot<'a>>,
    /// A place without text, where there is no spot.
    pub(crate) path: Option<String>,
    /// Lines below: name (`maps`, `help`) and text.
    pub(crate) notes: Vec<(&'static str, String)>,
}

impl Frame<'_> {
    /// The frame as text, without a final line break.
    pub(crate) fn render(&self, mask: &dyn Mask, style: &Style) -> String {
        // Never wrapped: people look for messages of Kubernetes word by word.
        let title = Level::ERROR.with_name(clean(self.level)).primary_title(clean(&self.title));
        let title = match self.id {
            Some(id) => title.id(clean(id)),
            None => title,
        };
        let mut elements: Vec<Element<'_>> = Vec::new();
        if let Some(spot) = &self.spot {
            elements.push(Origin::path(clean(&spot.place())).into());
            elements.push(snippet(spot, mask, style).into());
        } else if let Some(path) = &self.path {
            elements.push(Origin::path(clean(path)).into());
        }
        for (name, text) in &self.notes {
            // The gutter, the mark and the name stand before the text; its further lines are set below its first.
            let room = style.width.saturating_sub(name.len() + 12);
            let text = wrap(&clean(text), room, "");
            elements.push(Level::NOTE.with_name(*name).message(text.trim_end().to_owned()).into());
        }
        let group: Group<'_> = title.elements(elements);
        let text = self.renderer(style).render(&[group]);
        // A snippet after an origin is taken for a second file and gets a line that says so; here it is the same file.
        let lines: Vec<&str> = text.lines().filter(|l| !is_second_file(l)).map(str::trim_end).collect();
        let next = lines.iter().skip(1).map(Some).chain([None]);
        let short = style.height.is_some();
        let kept =
            lines.iter().zip(next).filter(|(line, next)| !is_gap(line, next.copied(), short)).map(|(line, _)| *line);
        kept.collect::<Vec<_>>().join("\n")
    }

    fn renderer(&self, style: &Style) -> Renderer {
        let decor = if style.unicode {
            annotate_snippets::renderer::DecorStyle::Unicode
        } else {
            annotate_snippets::renderer::DecorStyle::Ascii
        };
        let renderer = if style.color { Renderer::styled().error(self.paint) } else { Renderer::plain() };
        renderer.decor_style(decor).hyperlink(false).term_width(style.width.clamp(40, 400))
    }
}

impl Spot<'_> {
    /// `file:line:column   Kind namespace/name`.
    fn place(&self) -> String {
        let beside = if self.beside.is_empty() { String::new() } else { format!("   {}", self.beside) };
        format!("{}{beside}", self.at())
    }

    /// `file:line:column`, or the field of a live object.
    pub(crate) fn at(&self) -> String {
        if let Some(place) = self.live {
            return place::at(place);
        }
        let p = self.source.position(self.span.start);
        let about = if self.approximate { " (approximate)" } else { "" };
        format!("{}:{}:{}{about}", self.source.path, p.line, p.column)
    }
}

fn snippet<'a>(spot: &Spot<'_>, mask: &dyn Mask, style: &Style) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    if let Some(place) = spot.live {
        let Excerpt { text, mark } = excerpt(place, mask, style);
        // The lines above say which field it is; what is not there they cannot.
        let label = (!place.missing.is_empty() && !spot.label.is_empty()).then(|| clean(&spot.label));
        let mark = AnnotationKind::Primary.span(mark).label(label);
        return Snippet::source(text).line_numbering(false).fold(false).annotation(mark);
    }
    let position = spot.source.position(spot.span.start);
    let stretch = stretch(spot.source, position.line, spot.span.start as usize);
    let text = spot.source.text.get(stretch.clone()).unwrap_or("");
    let shown = shown_line(text, &mask.mask(spot.source, stretch.start, text));
    let before = spot.source.text.get(stretch.start..spot.span.start as usize).unwrap_or("");
    let start = before.chars().count();
    let len = spot
        .source
        .text
        .get(spot.span.start as usize..spot.span.end as usize)
        .map_or(1, |s| s.chars().take(LINE).take_while(|c| !matches!(c, '\n' | '\r')).count());
    let (line, underline) = window(&shown, start..start + len.max(1));
    let says_more = !spot.label.is_empty() && line.get(underline.clone()) != Some(spot.label.as_str());
    let label = says_more.then(|| clean(&spot.label));
    Snippet::source(line)
        .line_start(position.line as usize)
        .annotation(AnnotationKind::Primary.span(underline).label(label))
}

/// The bytes of line `line` of a source; of a line that is much longer than what can be shown, those around `at`, with
/// enough beside them for a mask to know what they are.
fn stretch(source: &Source, line: u32, at: usize) -> Range<usize> {
    let text = source.lines().line(&source.text, line).unwrap_or("");
    let start = source.lines().start(line).unwrap_or(0) as usize;
    near(source, start..start + text.len(), at)
}

/// The bytes of `span` as far as they can be shown, with enough around them for a mask to know what they are.
pub(crate) fn surroundings(source: &Source, span: Span) -> Range<usize> {
    near(source, 0..source.text.len(), span.start as usize)
}

/// The bytes of a range, or of a long one those around `at`.
fn near(source: &Source, all: Range<usize>, at: usize) -> Range<usize> {
    let Range { start, end } = all;
    if end.saturating_sub(start) <= 8 * LINE {
        return start..end;
    }
    let boundary = |i: usize| source.text.floor_char_boundary(i);
    let from = boundary(at.saturating_sub(4 * LINE)).max(start);
    let to = boundary((at + 8 * LINE).min(end)).max(from);
    from..to
}

/// Whether a line is an empty gutter that can be spared: above the first note, and where the screen is `short` also
/// above the source line.
fn is_gap(line: &str, next: Option<&str>, short: bool) -> bool {
    let is_spared = |l: &str| {
        let l = plain(l);
        let l = l.trim_start();
        ["├ ", "╰ ", "= "].iter().any(|mark| l.starts_with(mark))
            || short && (l.starts_with(|c: char| c.is_ascii_digit()) || l.starts_with("| ") || l.starts_with("│ "))
    };
    matches!(plain(line).trim(), "|" | "│") && next.is_some_and(is_spared)
}

fn is_second_file(line: &str) -> bool {
    matches!(plain(line).trim(), ":::" | "⸬")
}

/// The characters of a line as they may be shown: secrets are dots, one for each character; tabs are one blank, so that
/// underlines stay below what they mean.
fn shown_line(text: &str, secret: &[Range<usize>]) -> Vec<char> {
    text.char_indices()
        .map(|(i, c)| match c {
            _ if secret.iter().any(|r| i < r.end && i + c.len_utf8() > r.start) => '•',
            '\t' => ' ',
            c => c,
        })
        .collect()
}

/// The part of a line around `range` (in characters) that is short enough, and the bytes of it to underline.
fn window(chars: &[char], range: Range<usize>) -> (String, Range<usize>) {
    let last = chars.len().saturating_sub(1);
    let (start, end) = (range.start.min(last), range.end.clamp(range.start.min(last) + 1, chars.len().max(1)));
    let from = if chars.len() <= LINE { 0 } else { start.saturating_sub(LINE / 4) };
    let to = (from + LINE).min(chars.len());
    let end = end.min(to.max(start + 1));
    let text = |r: Range<usize>| clean(&chars.get(r).unwrap_or(&[]).iter().collect::<String>());
    let before = text(from..start);
    let marked = text(start..end.min(to));
    let (a, b) = (before.len(), before.len() + marked.len());
    let line = format!("{before}{marked}{}", text(end.min(to)..to));
    // An empty line has nothing to underline but its first column.
    if line.is_empty() { (" ".to_owned(), 0..1) } else { (line, a..b.max(a + 1)) }
}

/// The end of a place's path that says which field it is: what follows the last list item, `securityContext.privileged`,
/// or the last key; a quoted key stands with its map, `labels["example.com/team"]`.
pub(crate) fn short_path(place: &Place) -> String {
    let path = place::field(place);
    if let Some((_, field)) = path.rsplit_once("].") {
        return field.to_owned();
    }
    let fixed = path.find("[\"").unwrap_or(path.len());
    let start = path.get(..fixed).and_then(|p| p.rfind('.')).map_or(0, |dot| dot + 1);
    path.get(start..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn frame(text: &str, start: usize, end: usize, mask: &dyn Mask) -> String {
        let source = Source::new("a.yaml", Arc::from(text));
        let span = Span { start: start as u32, end: end as u32 };
        Frame {
            level: "high",
            paint: Ansi::new(),
            id: Some("rule"),
            title: "message".to_owned(),
            spot: Some(Spot {
                source: &source,
                span,
                label: String::new(),
                beside: String::new(),
                approximate: false,
                live: None,
            }),
            path: None,
            notes: Vec::new(),
        }
        .render(mask, &Style::default())
    }

    fn open(_: &Source, _: usize, _: &str) -> Vec<Range<usize>> {
        Vec::new()
    }

    /// Hides the word `secret`.
    fn hidden(_: &Source, _: usize, text: &str) -> Vec<Range<usize>> {
        text.match_indices("secret").map(|(i, m)| i..i + m.len()).collect()
    }

    #[test]
    fn any_span_of_any_text_has_a_frame() {
        let texts = [
            "",
            "\n",
            "a: b\r\nc: d\r\n",
            "\ta:\t\u{1f980}x\u{301}\n",
            "\u{feff}a: \u{202e}\u{1b}[31m\u{0}\n",
            "日本: 語\n# ü",
        ];
        for text in texts {
            for start in 0..=text.len() + 1 {
                for end in start..=text.len() + 1 {
                    let shown = frame(text, start, end, &open);
                    assert!(shown.contains("--> a.yaml:"), "{text:?} {start}..{end}: {shown}");
                    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
                }
            }
        }
    }

    #[test]
    fn underlines_stand_below_what_they_mean() {
        let text = "k: [ü, secret, \tfound]";
        let at = text.find("found").unwrap();
        let shown = frame(text, at, at + 5, &hidden);
        let lines: Vec<Vec<char>> = shown.lines().map(|l| l.chars().collect()).collect();
        let source = lines.iter().position(|l| l.starts_with(&['1', ' '])).unwrap();
        let under = lines[source + 1].iter().position(|c| *c == '^').unwrap();
        assert_eq!(lines[source][under..under + 5].iter().collect::<String>(), "found");
        assert!(shown.contains("[ü, ••••••,"), "{shown}");
    }

    #[test]
    fn long_lines_show_what_surrounds_the_place() {
        let text = format!("k: [{}needle, {}]", "ä, ".repeat(100_000), "b, ".repeat(100_000));
        let at = text.find("needle").unwrap();
        let shown = frame(&text, at, at + 6, &open);
        assert!(shown.contains("needle") && shown.contains("a.yaml:1:300005"), "{shown}");
        assert!(shown.len() < 1_500, "{}", shown.len());
    }

    #[test]
    fn a_span_over_several_lines_is_underlined_on_its_first() {
        let shown = frame("a: |\n  secret one\n  two\n", 7, 23, &hidden);
        assert!(shown.contains("••••••") && !shown.contains("secret") && !shown.contains("two"), "{shown}");
    }
}
