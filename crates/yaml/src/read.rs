//! From bytes to documents: which reader gets which part of a text.

use crate::build::{Finished, MAX_DEPTH};
use crate::event::Refusal;
use crate::line::{self, Check, Line, LineReader};
use crate::problem::{Level, Problem, ProblemCode};
use crate::split::{self, Part};
use crate::tree::{Span, Tree};
use crate::{event, fallback, json};
use std::ops::Range;
use std::sync::Arc;

/// Which reader made a document's tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The strict JSON reader.
    Json,
    /// The line reader.
    Line,
    /// The event parser.
    Event,
    /// The last resort, without positions.
    Fallback,
}

/// One document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// The tree; `None` where no reader could read the document: `problems` says why.
    pub tree: Option<Arc<Tree>>,
    /// What stood out, in order of place. A document without a tree has at least one error.
    pub problems: Vec<Problem>,
    /// The document's text, comments before it included.
    pub span: Span,
    /// Which reader made the tree (or tried last).
    pub reader: Reader,
}

/// All documents of a text, in order. Documents without any content (comments, blank lines) are left out.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The text.
    pub text: Arc<str>,
    /// The documents.
    pub documents: Vec<Document>,
    /// Problems of the text as a whole.
    pub problems: Vec<Problem>,
}

/// Reads a text: as JSON where its first byte is `{` or `[`, else (and where that fails) as YAML.
///
/// The text is split into documents at `---` and `...` lines, lexically, as kubectl splits it; a document that cannot be
/// read costs only itself.
pub fn read(text: Arc<str>) -> Stream {
    read_marked(text, &[])
}

/// Reads bytes. Where they are no UTF-8, the documents that they stand in are refused and the others are read; each such
/// byte stands as `?` in the stream's text, so that offsets stay. More than 4 GiB give a stream without documents.
pub fn read_bytes(bytes: Vec<u8>) -> Stream {
    match String::from_utf8(bytes) {
        Ok(text) => read(text.into()),
        Err(e) => {
            let (text, bad) = split::replace_invalid(e.as_bytes());
            read_marked(text.into(), &bad)
        }
    }
}

/// As [`read_bytes`], for a buffer that is used again: the text is copied out of it once.
pub fn read_slice(bytes: &[u8]) -> Stream {
    match std::str::from_utf8(bytes) {
        Ok(text) => read(text.into()),
        Err(_) => {
            let (text, bad) = split::replace_invalid(bytes);
            read_marked(text.into(), &bad)
        }
    }
}

/// Reads `text`, in which the bytes at `bad` were no UTF-8.
fn read_marked(text: Arc<str>, bad: &[usize]) -> Stream {
    // A node's offsets have 32 bits, and some are one past an end.
    if text.len() >= u32::MAX as usize {
        let message = "the text is over 4 GiB; such a text is not read";
        let problems = vec![Problem::error(ProblemCode::TooLarge, Span::default(), message)];
        return Stream { text: "".into(), documents: Vec::new(), problems };
    }
    let starts_with_brace = text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']).starts_with('{');
    let mut stream = StreamReader {
        text: &text,
        bad,
        documents: Vec::new(),
        is_json_for_kubectl: starts_with_brace,
        json_refused: None,
    };
    stream.read();
    let documents = stream.documents;
    Stream { text, documents, problems: Vec::new() }
}

struct StreamReader<'a> {
    text: &'a Arc<str>,
    bad: &'a [usize],
    documents: Vec<Document>,
    /// The text begins with `{`: kubectl reads it as JSON.
    is_json_for_kubectl: bool,
    /// kubectl takes the text for JSON, and this is why it would refuse it.
    json_refused: Option<Problem>,
}

#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before")]
fn span(range: &Range<usize>) -> Span {
    Span { start: range.start as u32, end: range.end as u32 }
}

impl StreamReader<'_> {
    fn read(&mut self) {
        let text = Arc::clone(self.text);
        let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut start = at;
        let check = line::check(text.as_bytes().get(at..).unwrap_or(&[]));
        let mut lines =
            (check != Check::Odd && self.bad.is_empty()).then(|| LineReader::new(&text, check == Check::Tabs));
        while at < text.len() {
            match lines.as_mut().map_or(Line::Beyond, |l| l.next(at)) {
                Line::Document(finished, end) => {
                    let document = self.document(finished, &(start..end), Reader::Line);
                    self.documents.push(document);
                    (at, start) = (end, end);
                }
                // Comments before a marker belong to the document after it.
                Line::Nothing(end) => at = end,
                Line::Beyond => {
                    let Some(part) = split::next_part(&text, at) else { break };
                    at = part.range.end;
                    if !split::is_blank(&text, part.body.clone()) {
                        self.slow(&part, start);
                        start = at;
                    }
                }
            }
        }
    }

    /// A part that the line reader does not know.
    fn slow(&mut self, part: &Part, start: usize) {
        let first = self.documents.len();
        self.part(part, start);
        for d in self.documents.iter_mut().skip(first) {
            d.problems.extend(part.problems.iter().cloned());
            d.problems.sort_by_key(|p| p.span);
        }
    }

    fn part(&mut self, part: &Part, start: usize) {
        let body = part.body.clone();
        let whole = start..part.range.end;
        let first_bad = self.bad.get(self.bad.partition_point(|b| *b < whole.start));
        if let Some(at) = first_bad.filter(|b| whole.contains(b)) {
            let place = span(&(*at..at + 1));
            let problem = Problem::error(ProblemCode::NotUtf8, place, "this byte is not UTF-8");
            return self.refused(&whole, Reader::Line, vec![problem]);
        }
        let head = json::skip_blanks(self.text.as_bytes(), body.start);
        if matches!(self.text.as_bytes().get(head), Some(b'{' | b'[')) && self.json(head, &body, &whole) {
            return;
        }
        self.yaml(body, &whole);
    }

    /// Reads `body` as JSON values one after another; false where it is something else.
    fn json(&mut self, head: usize, body: &Range<usize>, whole: &Range<usize>) -> bool {
        let text = self.text.get(..body.end).unwrap_or("");
        let (mut at, mut start, mut found) = (head, whole.start, Vec::new());
        while at < body.end {
            match json::read_value(text, at) {
                Ok((finished, end)) => {
                    let value = at..end;
                    at = json::skip_blanks(text.as_bytes(), end);
                    let mut document = self.document(finished, &(start..at), Reader::Json);
                    document.problems.extend(self.json_read_as_yaml(value, !found.is_empty()));
                    found.push(document);
                    start = at;
                }
                Err(problem) => {
                    if self.is_json_for_kubectl && self.documents.is_empty() {
                        self.json_refused = Some(problem);
                    }
                    return false;
                }
            }
        }
        self.documents.append(&mut found);
        true
    }

    /// What kubectl does otherwise with the JSON value in `value`, because it takes only a text that begins with `{` for
    /// JSON and reads every other as YAML; `later`: another value stands before it.
    fn json_read_as_yaml(&self, value: Range<usize>, later: bool) -> Option<Problem> {
        if self.is_json_for_kubectl {
            return None;
        }
        let raw = self.text.get(value.clone()).unwrap_or("");
        let (code, message) = match () {
            () if later => (ProblemCode::AfterDocumentEnd, "kubectl reads only the first of these values"),
            () if split::has_escaped_slash(raw) => (ProblemCode::Lenient, "kubectl does not know the escape '\\/'"),
            () if split::has_escaped_surrogate(raw) => {
                (ProblemCode::Lenient, "kubectl does not know escaped surrogate pairs")
            }
            () => {
                let problem = split::forbidden_character(self.text, value)?;
                return Some(Problem { code: ProblemCode::Lenient, level: Level::Warning, ..problem });
            }
        };
        Some(Problem::warning(code, span(&value), message))
    }

    fn yaml(&mut self, body: Range<usize>, whole: &Range<usize>) {
        if let Some(problem) = split::forbidden_character(self.text, body.clone()) {
            return self.refused(whole, Reader::Event, vec![problem]);
        }
        if let Some(at) = split::deeper_bracket(self.text, body.clone(), MAX_DEPTH) {
            let place = span(&(at..at + 1));
            let problem = Problem::error(ProblemCode::TooDeep, place, "nested deeper than 10,000 levels");
            return self.refused(whole, Reader::Event, vec![problem]);
        }
        // Parsers of YAML 1.2 take these for content, kubectl's takes them for line breaks.
        let old_breaks = split::has_old_breaks(self.text, body.clone());
        let event = if old_breaks { None } else { Some(event::read(self.text, body.clone())) };
        match event {
            Some(Ok(None)) => {}
            Some(Ok(Some(mut finished))) => {
                if let Some(p) = fallback::refuses(self.text, body) {
                    let message = format!("kubectl refuses this document: {}", p.message);
                    finished.problems.push(Problem::warning(ProblemCode::Lenient, p.span, message));
                }
                self.accepted(finished, whole, Reader::Event);
            }
            Some(Err(Refusal::Rule(problem))) => self.refused(whole, Reader::Event, vec![problem]),
            Some(Err(Refusal::Parser(problem))) if problem.code != ProblemCode::Syntax => {
                self.refused(whole, Reader::Event, vec![problem]);
            }
            other => match fallback::read(self.text, body) {
                Ok(mut finished) => {
                    let message =
                        "positions in this document are approximate: the reader with positions does not know it";
                    finished.problems.push(Problem::warning(ProblemCode::Approximate, span(whole), message));
                    self.accepted(finished, whole, Reader::Fallback);
                }
                Err(own) => {
                    let problem = match other {
                        Some(Err(refusal)) => refusal.into_problem(),
                        _ => own,
                    };
                    self.refused(whole, Reader::Fallback, vec![problem]);
                }
            },
        }
    }

    fn document(&self, finished: Finished, whole: &Range<usize>, reader: Reader) -> Document {
        let Finished { nodes, owned, problems } = finished;
        let tree = Tree::from_parts(Arc::clone(self.text), nodes, owned, reader == Reader::Fallback);
        Document { tree: Some(Arc::new(tree)), problems, span: span(whole), reader }
    }

    fn accepted(&mut self, finished: Finished, whole: &Range<usize>, reader: Reader) {
        let mut document = self.document(finished, whole, reader);
        document.problems.extend(self.not_json());
        self.documents.push(document);
    }

    fn refused(&mut self, whole: &Range<usize>, reader: Reader, problems: Vec<Problem>) {
        let mut problems = problems;
        problems.extend(self.not_json());
        self.documents.push(Document { tree: None, problems, span: span(whole), reader });
    }

    fn not_json(&mut self) -> Option<Problem> {
        let problem = self.json_refused.take()?;
        let message = format!("kubectl takes this text for JSON and refuses it: {}", problem.message);
        Some(Problem { code: ProblemCode::NotJson, level: Level::Warning, span: problem.span, message })
    }
}
