//! The readers against each other: what tests, fuzz targets and the examples assert on any text.
//!
//! Owns: exact comparison of trees of one text. Must not know: where texts come from.

use crate::build::Finished;
use crate::line::{self, Check, Line, LineReader};
use crate::tree::{KEY_QUOTED, NodeId, SHADOWED, Tree};
use crate::{Kind, Problem, ProblemCode, Value, event, fallback, json, read, split};
use std::sync::Arc;

/// How many documents a comparison saw.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Compared {
    /// Documents that both readers read, with equal trees.
    pub equal: usize,
    /// Documents that the first reader handed on or refused.
    pub handed_on: usize,
    /// Bytes of the former.
    pub equal_bytes: usize,
}

/// Reads `text` by the line reader and each of its documents by the event reader too: values, keys, spans, duplicate keys.
///
/// # Errors
/// A sentence about the first difference. A document that the line reader takes and the event reader refuses is one.
pub fn line_against_event(text: &str) -> Result<Compared, String> {
    let mut compared = Compared::default();
    let mut at = 0;
    let check = line::check(text.as_bytes());
    if check == Check::Odd {
        return Ok(compared);
    }
    let shared: Arc<str> = text.into();
    let mut lines = LineReader::new(text, check == Check::Tabs);
    while at < text.len() {
        at = match lines.next(at) {
            Line::Nothing(end) => end,
            Line::Document(finished, end) => {
                let reference = event::read(text, at..end)
                    .map_err(|r| format!("only the line reader takes {at}..{end}: {}", r.into_problem().message))?
                    .ok_or_else(|| format!("only the line reader finds a document in {at}..{end}"))?;
                same_problems(&finished.problems, &reference.problems)?;
                same_trees(&tree(&shared, finished), &tree(&shared, reference))?;
                compared.equal += 1;
                compared.equal_bytes += end - at;
                end
            }
            Line::Beyond => {
                compared.handed_on += 1;
                match split::next_part(text, at) {
                    Some(part) => part.range.end,
                    None => break,
                }
            }
        };
    }
    Ok(compared)
}

/// Reads each document of `text` by the event reader and the last resort: values and keys only.
///
/// # Errors
/// A sentence about the first document that both read, to different values.
pub fn event_against_fallback(text: &str) -> Result<Compared, String> {
    let mut compared = Compared::default();
    let shared: Arc<str> = text.into();
    let mut at = 0;
    while let Some(part) = split::next_part(text, at) {
        at = part.range.end;
        let body = part.body.clone();
        let apart = split::is_blank(text, body.clone())
            || split::forbidden_character(text, body.clone()).is_some()
            || split::has_old_breaks(text, body.clone())
            || split::deeper_bracket(text, body.clone(), 100).is_some();
        if apart {
            continue;
        }
        let (Ok(Some(a)), Ok(b)) = (event::read(text, body.clone()), fallback::read(text, body.clone())) else {
            compared.handed_on += 1;
            continue;
        };
        let (a, b) = (tree(&shared, a), tree(&shared, b));
        let (a, b) = (json::to_json(a.root()), json::to_json(b.root()));
        if a != b {
            return Err(format!("{body:?}: the event reader reads {a}, the last resort {b}"));
        }
        compared.equal += 1;
        compared.equal_bytes += body.len();
    }
    Ok(compared)
}

/// Reads `text` by the line reader and each of its documents by the last resort, whose parser is a port of the one that
/// kubectl's was ported from: values and keys.
///
/// # Errors
/// A sentence about the first document that the line reader takes and the last resort refuses or reads differently.
pub fn line_against_fallback(text: &str) -> Result<Compared, String> {
    let mut compared = Compared::default();
    let check = line::check(text.as_bytes());
    if check == Check::Odd {
        return Ok(compared);
    }
    let shared: Arc<str> = text.into();
    let mut lines = LineReader::new(text, check == Check::Tabs);
    let mut at = 0;
    while at < text.len() {
        at = match lines.next(at) {
            Line::Nothing(end) => end,
            Line::Document(finished, end) => {
                let line = json::to_json(tree(&shared, finished).root());
                match fallback::read(text, at..end) {
                    Ok(reference) => {
                        let reference = json::to_json(tree(&shared, reference).root());
                        if line != reference {
                            return Err(format!(
                                "{at}..{end}: the line reader reads {line}, the last resort {reference}"
                            ));
                        }
                        compared.equal += 1;
                        compared.equal_bytes += end - at;
                    }
                    // It follows fewer levels.
                    Err(p) if p.code != ProblemCode::Syntax => compared.handed_on += 1,
                    Err(p) => return Err(format!("only the line reader takes {at}..{end}: {}", p.message)),
                }
                end
            }
            Line::Beyond => {
                compared.handed_on += 1;
                match split::next_part(text, at) {
                    Some(part) => part.range.end,
                    None => break,
                }
            }
        };
    }
    Ok(compared)
}

/// Reads `text`, which is JSON, by the strict reader and as YAML: equal values wherever both take it.
///
/// # Errors
/// A sentence about the difference.
pub fn json_against_event(text: &str) -> Result<Compared, String> {
    let mut compared = Compared::default();
    let (Ok(strict), Ok(Some(yaml))) = (json::read_strict(text), event::read(text, 0..text.len())) else {
        compared.handed_on += 1;
        return Ok(compared);
    };
    let yaml = tree(strict.text(), yaml);
    let (a, b) = (json::to_json(strict.root()), json::to_json(yaml.root()));
    if a != b {
        return Err(format!("JSON reads {a}, YAML {b}"));
    }
    compared.equal += 1;
    Ok(compared)
}

/// What holds for any text: reading does not fail, every document has a tree or an error, spans lie in the text, and the
/// documents follow one another.
///
/// # Errors
/// A sentence about what does not hold.
pub fn invariants(text: &str) -> Result<(), String> {
    let stream = read(text.into());
    let mut end = 0;
    for document in &stream.documents {
        if document.span.start < end || document.span.end as usize > text.len() {
            return Err(format!("the document {:?} is out of order", document.span));
        }
        end = document.span.end;
        for problem in &document.problems {
            if problem.span.start > problem.span.end || problem.span.end as usize > text.len() {
                return Err(format!("the problem {problem:?} is outside of the text"));
            }
        }
        let Some(tree) = &document.tree else {
            if document.problems.iter().all(|p| p.level != crate::Level::Error) {
                return Err(format!("the document {:?} has neither a tree nor an error", document.span));
            }
            continue;
        };
        for i in 0..tree.node_count() {
            let Ok(id) = u32::try_from(i) else { break };
            let span = tree.value(NodeId(id)).span();
            if text.get(span.start as usize..span.end as usize).is_none() {
                return Err(format!("the node {i} has a span {span:?} that is no part of the text"));
            }
        }
    }
    Ok(())
}

fn tree(text: &Arc<str>, finished: Finished) -> Tree {
    Tree::from_parts(Arc::clone(text), finished.nodes, finished.owned, false)
}

fn same_problems(a: &[Problem], b: &[Problem]) -> Result<(), String> {
    let sorted = |p: &[Problem]| {
        let mut p: Vec<Problem> = p.iter().filter(|p| p.code != ProblemCode::Lenient).cloned().collect();
        p.sort_by_key(|p| p.span);
        p
    };
    if sorted(a) == sorted(b) { Ok(()) } else { Err(format!("problems {a:?} and {b:?}")) }
}

/// Compares two trees of one text node by node.
fn same_trees(a: &Tree, b: &Tree) -> Result<(), String> {
    if a.node_count() != b.node_count() {
        return Err(format!("{} nodes and {} nodes", a.node_count(), b.node_count()));
    }
    for i in 0..a.node_count() {
        let Ok(id) = u32::try_from(i) else { break };
        let (x, y) = (a.value(NodeId(id)), b.value(NodeId(id)));
        let flags = |t: &Tree| t.raw_node(id).flags & (KEY_QUOTED | SHADOWED);
        let same = x.kind() == y.kind()
            && x.key() == y.key()
            && x.key_span() == y.key_span()
            && x.span() == y.span()
            && flags(a) == flags(b)
            && a.raw_node(id).next == b.raw_node(id).next
            && same_scalar(x, y);
        if !same {
            return Err(format!("node {i}: {} and {}", describe(x), describe(y)));
        }
    }
    Ok(())
}

fn same_scalar(x: Value<'_>, y: Value<'_>) -> bool {
    match x.kind() {
        Kind::Sequence | Kind::Mapping => true,
        Kind::Number | Kind::Bool => x.scalar_text() == y.scalar_text(),
        Kind::Null => true,
        Kind::String => x.scalar() == y.scalar(),
    }
}

fn describe(v: Value<'_>) -> String {
    format!("{v:?} {:?} key {:?} at {:?}", v.scalar_text().unwrap_or_default(), v.key(), v.key_span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{KEY_OWNED, Node, NodeKind, Owned, STRIP, Span};

    /// A text with everything that the line reader knows.
    const SAMPLE: &str = "a: 1\nb:\n- x\n- 'y''z'\n- k: |\n    l\n    m\n\n- \"n\\to\"\nc: {d: e, f: [g, true]}\nyes: p\n  q\na: |2-\n  r\n";

    fn parts() -> (Arc<str>, Finished, Tree) {
        let text: Arc<str> = SAMPLE.into();
        let Line::Document(finished, _) = LineReader::new(SAMPLE, false).next(0) else { panic!("not read") };
        let reference = event::read(SAMPLE, 0..SAMPLE.len()).unwrap().unwrap();
        (Arc::clone(&text), finished, tree(&text, reference))
    }

    type Fault = fn(&mut Vec<Node>, &mut Vec<Owned>);

    #[test]
    fn every_deliberately_wrong_tree_is_told_from_the_right_one() {
        let faults: &[(&str, Fault)] = &[
            ("a value starts later", |n, _| n[1].start += 1),
            ("a value ends later", |n, _| n[3].end += 1),
            ("a mapping ends later", |n, _| n[0].end += 1),
            ("a sequence starts later", |n, _| n[2].start += 1),
            ("a subtree ends earlier", |n, _| n[2].next -= 1),
            ("a key starts later", |n, _| n[2].key_start += 1),
            ("a key is longer", |n, _| n[2].key_len += 1),
            ("a key is quoted", |n, _| n[2].flags |= KEY_QUOTED),
            ("a key is not resolved", |n, _| {
                let i = n.iter().position(|n| n.flags & KEY_OWNED != 0).unwrap();
                n[i].flags &= !KEY_OWNED;
            }),
            ("a later duplicate is hidden", |n, _| {
                let i = n.iter().position(|n| n.flags & SHADOWED != 0).unwrap();
                n[i].flags &= !SHADOWED;
            }),
            ("a number is a string", |n, _| n[1].kind = NodeKind::PlainString),
            ("a doubled quote is kept", |n, _| {
                let i = n.iter().position(|n| n.kind == NodeKind::Single).unwrap();
                n[i].kind = NodeKind::String;
            }),
            ("a block is folded", |n, _| {
                let i = n.iter().position(|n| n.kind == NodeKind::Literal).unwrap();
                n[i].kind = NodeKind::Folded;
            }),
            ("a block is stripped", |n, _| {
                let i = n.iter().position(|n| n.kind == NodeKind::Literal).unwrap();
                n[i].flags |= STRIP;
            }),
            ("lines are not folded", |n, _| {
                let i = n.iter().position(|n| n.kind == NodeKind::PlainMulti).unwrap();
                n[i].kind = NodeKind::PlainString;
            }),
            ("a string apart is another", |_, o| o[0].text = "other".into()),
            ("a string apart stands elsewhere", |_, o| o[0].span = Span { start: 0, end: 1 }),
            ("a node is missing", |n, _| {
                n.pop();
            }),
        ];
        for (name, fault) in faults {
            let (text, mut finished, reference) = parts();
            fault(&mut finished.nodes, &mut finished.owned);
            let wrong = tree(&text, finished);
            assert!(same_trees(&wrong, &reference).is_err(), "not told: {name}");
        }
        let (text, finished, reference) = parts();
        assert_eq!(same_trees(&tree(&text, finished), &reference), Ok(()));
    }
}
