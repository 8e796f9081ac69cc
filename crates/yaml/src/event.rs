//! The event reader: a full YAML parser's events onto the flat tree, with exact positions.
//!
//! Owns: what the parser's events and spans mean. Must not know: how a text is split into documents.

use crate::build::{Builder, Finished, MAX_DEPTH, ScalarEvent, Tag};
use crate::problem::{Problem, ProblemCode};
use crate::split;
use crate::tree::Span;
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, options};
use std::borrow::Cow;
use std::ops::Range;

/// Why a document has no tree.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The parser does not know it; another one may.
    Parser(Problem),
    /// kubectl refuses it, whatever the parser.
    Rule(Problem),
}

impl Refusal {
    /// What is wrong, and where.
    pub(crate) fn into_problem(self) -> Problem {
        match self {
            Refusal::Parser(problem) | Refusal::Rule(problem) => problem,
        }
    }
}

/// Reads the document in `range` of `text`; `None` where there is none.
///
/// # Errors
/// What the parser or kubectl's rules refuse, located.
pub(crate) fn read(text: &str, range: Range<usize>) -> Result<Option<Finished>, Refusal> {
    let mut reader = EventReader {
        text,
        part: text.get(range.clone()).unwrap_or(""),
        base: offset(range.start),
        builder: Builder::new(text),
        flow: Vec::new(),
    };
    let options = options! { emit_comments: false, block_nesting_limit: MAX_DEPTH, flow_nesting_limit: MAX_DEPTH, };
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(reader.part, options) {
        let (event, span) = match event {
            Ok(told) => told,
            Err(e) if reader.is_complete() => {
                let problem = reader.problem(&e);
                reader.builder.warn(after_the_document(&problem));
                break;
            }
            Err(e) => return Err(Refusal::Parser(reader.problem(&e))),
        };
        let bytes = span.byte_range().unwrap_or(0..0);
        let span = Span { start: reader.base + offset(bytes.start), end: reader.base + offset(bytes.end) };
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    let message = "a second document without a marker";
                    return Err(Refusal::Parser(Problem::error(ProblemCode::Syntax, span, message)));
                }
            }
            event => reader.event(event, span).map_err(Refusal::Rule)?,
        }
    }
    Ok((documents > 0).then(|| reader.builder.finish()))
}

/// The error where text after a whole document is none: kubectl stops reading before it.
fn after_the_document(problem: &Problem) -> Problem {
    let message = format!("kubectl drops what follows after the document, and it is no YAML: {}", problem.message);
    Problem::error(ProblemCode::AfterDocumentEnd, problem.span, message)
}

/// An offset within a text, which is below 4 GiB.
#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a reader sees them")]
fn offset(i: usize) -> u32 {
    i as u32
}

struct EventReader<'a> {
    text: &'a str,
    /// The part of the text that the parser sees, and where it begins.
    part: &'a str,
    base: u32,
    builder: Builder<'a>,
    /// For each open collection: whether it has brackets.
    flow: Vec<bool>,
}

impl<'a> EventReader<'a> {
    /// Whether the document's root has ended.
    fn is_complete(&self) -> bool {
        self.flow.is_empty() && self.builder.len() > 0
    }

    fn problem(&self, e: &ScanError) -> Problem {
        let at = self.base + offset(e.marker().byte_offset().unwrap_or(0).min(self.part.len()));
        let code =
            if *e.kind() == ErrorKind::RecursionLimitExceeded { ProblemCode::TooDeep } else { ProblemCode::Syntax };
        Problem::error(code, Span { start: at, end: at }, e.info())
    }

    fn byte(&self, i: u32) -> u8 {
        self.text.as_bytes().get(i as usize).copied().unwrap_or(b'\n')
    }

    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.map_or(Tag::None, |t| tag_of(&t));
                self.scalar(value, style, anchor_id(anchor), tag, span)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(false, anchor, span),
            Event::MappingStart(_, anchor, _) => self.begin(true, anchor, span),
            Event::SequenceEnd | Event::MappingEnd => {
                let bracket = self.flow.pop().unwrap_or(false);
                self.builder.end(bracket.then_some(span.end))
            }
            Event::Alias(id) => self.builder.alias(id, span),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, mapping: bool, anchor: usize, span: Span) -> Result<(), Problem> {
        let flow = matches!(self.byte(span.start), b'[' | b'{') && !span.is_empty();
        let mut start = span.start;
        if !mapping && !flow && self.builder.expects_value() {
            // A sequence at its parent's column is told after its first dash, and after comments behind that.
            start = self.dash_after_key().unwrap_or(start);
        }
        self.flow.push(flow);
        self.builder.begin(mapping, start, anchor_id(anchor))
    }

    /// The place of an absent value: after its colon or dash. The parser tells it as "~" with an empty span somewhere
    /// between that and the next token.
    fn absent_place(&self, told: u32) -> u32 {
        let indicator = if self.builder.expects_value() { b':' } else { b'-' };
        self.indicator(indicator).map_or(told, |i| i + 1)
    }

    /// The dash that follows the last key.
    fn dash_after_key(&self) -> Option<u32> {
        self.indicator(b'-')
    }

    /// The first `wanted` after the last token, where nothing but a colon, blanks and comments stand between.
    fn indicator(&self, wanted: u8) -> Option<u32> {
        let mut i = self.builder.last_end();
        loop {
            match self.text.as_bytes().get(i as usize)? {
                c if *c == wanted => return Some(i),
                b'#' => i = offset(split::next_line(self.text, i as usize)),
                b' ' | b'\t' | b'\n' | b'\r' | b':' => i += 1,
                _ => return None,
            }
        }
    }

    fn scalar(
        &mut self,
        value: Cow<'a, str>,
        style: ScalarStyle,
        anchor: Option<usize>,
        tag: Tag,
        span: Span,
    ) -> Result<(), Problem> {
        let plain = style == ScalarStyle::Plain;
        if plain && span.is_empty() {
            let at = self.absent_place(span.start);
            let span = Span { start: at, end: at };
            return self.builder.scalar(&ScalarEvent { value: None, span, token_end: at, plain, tag, anchor });
        }
        self.lenient(style, &value, span);
        let inside = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Span { start: span.start + 1, end: span.end - 1 },
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_span(span),
            ScalarStyle::Plain => span,
        };
        let token_end = if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) { inside.end } else { span.end };
        let in_place = self.text.get(inside.start as usize..inside.end as usize) == Some(&*value);
        let value = if in_place { None } else { Some(value) };
        self.builder.scalar(&ScalarEvent { value, span: inside, token_end, plain, tag, anchor })
    }

    /// Says what kubectl's reader refuses or reads otherwise in a scalar, being older than this parser.
    fn lenient(&mut self, style: ScalarStyle, value: &str, span: Span) {
        let raw = || self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let message = match style {
            ScalarStyle::Plain if value.contains('?') && self.flow.last() == Some(&true) => {
                "kubectl does not allow '?' in a plain scalar within brackets"
            }
            ScalarStyle::DoubleQuoted if split::has_escaped_slash(raw()) => "kubectl does not know the escape '\\/'",
            _ => return,
        };
        self.builder.warn(Problem::warning(ProblemCode::Lenient, span, message));
    }

    /// The first to the last byte of a block scalar's text that is no blank; its line's start where there is none.
    fn block_span(&self, span: Span) -> Span {
        let raw = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let blanks = [' ', '\t', '\n', '\r'];
        let start = span.start + offset(raw.len() - raw.trim_start_matches(blanks).len());
        let end = span.start + offset(raw.trim_end_matches(blanks).len());
        if start < end {
            return Span { start, end };
        }
        let before = self.text.get(..span.start as usize).unwrap_or("");
        let line = offset(before.rfind('\n').map_or(0, |i| i + 1));
        Span { start: line, end: line }
    }
}

fn anchor_id(anchor: usize) -> Option<usize> {
    (anchor != 0).then_some(anchor)
}

fn tag_of(tag: &granit_parser::Tag) -> Tag {
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("null") => Tag::Null,
        Some("bool") => Tag::Bool,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("binary") => Tag::Binary,
        Some("merge") => Tag::Merge,
        _ => Tag::String,
    }
}
