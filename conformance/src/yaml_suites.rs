//! The official YAML and JSON test suites.
//!
//! JSON: our strict reader alone, against the suite's own verdict. YAML (and every JSON case once more, as a manifest):
//! against what kubectl's reader makes of it. Where that reader and the specification differ, the reader wins.

use crate::case::Case;
use crate::data::{self, Data};
use crate::deviation::Deviations;
use anyhow::{Context as _, Result, anyhow};
use kastell_yaml::{Kind, Level, ProblemCode, Stream, Tree, Value as Node, json};
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

const FOLDER: &str = "yaml-suites";

#[derive(Deserialize)]
struct Row {
    id: String,
    suite: String,
    #[serde(rename = "in")]
    input: String,
    #[serde(default)]
    expect: Option<String>,
    /// Whether the suite says that the input must be refused.
    #[serde(default)]
    fails: Option<bool>,
    /// The values that the suite gives, where it does.
    #[serde(default)]
    json: Option<String>,
    /// The input in the suite's canonical form, where it has one.
    #[serde(default)]
    out: Option<String>,
}

/// What kubectl's reader makes of a case. Kept as a tree of ours: some cases nest deeper than serde follows.
struct Kubectl {
    tree: Tree,
}

impl Kubectl {
    fn field(&self, key: &str) -> Option<Node<'_>> {
        self.tree.root().field(key)
    }

    fn error(&self) -> Option<Cow<'_, str>> {
        self.field("error")?.as_str()
    }

    /// The documents that have a value. Empty ones count for nobody.
    fn documents(&self) -> Vec<Node<'_>> {
        self.field("docs").into_iter().flat_map(Node::items).filter(|v| !v.is_null()).collect()
    }
}

fn kubectl_answers(path: &Path) -> Result<HashMap<String, Kubectl>> {
    let text = String::from_utf8(data::bytes(path)?).with_context(|| path.display().to_string())?;
    let rows = text.lines().filter(|l| !l.trim().is_empty()).map(|line| {
        let tree = json::read_strict(line).map_err(|p| anyhow!("{}: {}", path.display(), p.message))?;
        let row = Kubectl { tree };
        let id = row.field("id").and_then(Node::as_str).map(Cow::into_owned).context("a row without `id`")?;
        Ok((id, row))
    });
    rows.collect()
}

pub(crate) fn run(data: &Data) -> Result<Vec<Case>> {
    let folder = data.path(FOLDER);
    let rows: Vec<Row> = data::lines(&folder.join("index.jsonl"))?;
    let answers = kubectl_answers(&folder.join("kubectl.jsonl"))?;
    let deviations = Deviations::of("yaml-suites")?;
    let mut cases = Vec::new();
    for row in &rows {
        let bytes = data::bytes(&folder.join(&row.input))?;
        let strict = row.expect.as_deref().filter(|e| *e != "look").map(|expect| strict(row, expect, &bytes));
        let as_manifest_index = if strict.is_some() { "kubectl.jsonl" } else { "index.jsonl" };
        cases.extend(strict);
        if let Some(kubectl) = answers.get(&row.id) {
            let specified = specified(row, &folder)?;
            let stream = kastell_yaml::read_bytes(bytes);
            cases.push(as_manifest(row, as_manifest_index, kubectl, &stream, &deviations, specified.as_ref()));
        }
    }
    Ok(cases)
}

/// The strict JSON reader alone.
fn strict(row: &Row, expect: &str, bytes: &[u8]) -> Case {
    let accepted = std::str::from_utf8(bytes).is_ok_and(|text| json::read_strict(text).is_ok());
    let got = if accepted { "accept" } else { "reject" };
    let decided = matches!(expect, "accept" | "reject");
    Case {
        topic: FOLDER,
        index: "index.jsonl".into(),
        id: row.id.clone(),
        rule: format!("strict JSON: {expect}"),
        control: None,
        expected: expect.into(),
        got: got.into(),
        deviation: None,
        // Both answers are right where the suite leaves it open.
        agrees: !decided || got == expect,
    }
}

/// What the specification wants of a case: the values, or `None` within for a refusal.
type Specified = Option<Vec<Value>>;

fn specified(row: &Row, folder: &Path) -> Result<Option<Specified>> {
    if row.fails == Some(true) {
        return Ok(Some(None));
    }
    let Some(file) = &row.json else { return canonical(row, folder) };
    let bytes = data::bytes(&folder.join(file))?;
    let values = serde_json::Deserializer::from_slice(&bytes).into_iter().collect::<Result<Vec<Value>, _>>();
    Ok(Some(Some(values.with_context(|| file.clone())?)))
}

/// The values of the canonical form, in which nothing is left to interpretation.
fn canonical(row: &Row, folder: &Path) -> Result<Option<Specified>> {
    let Some(file) = &row.out else { return Ok(None) };
    let stream = kastell_yaml::read_bytes(data::bytes(&folder.join(file))?);
    let trees = stream.documents.iter().filter_map(|d| d.tree.as_ref());
    let values = trees.map(|t| serde_json::from_str(&json::to_json(t.root()))).collect::<Result<Vec<Value>, _>>();
    Ok(Some(Some(values.with_context(|| file.clone())?)))
}

/// The file as a manifest, against kubectl's reader.
fn as_manifest(
    row: &Row,
    index: &str,
    kubectl: &Kubectl,
    stream: &Stream,
    named: &Deviations,
    specified: Option<&Specified>,
) -> Case {
    let trees = stream.documents.iter().filter_map(|d| d.tree.as_ref());
    let ours: Vec<Node<'_>> = trees.map(|t| t.root()).filter(|v| !v.is_null()).collect();
    let (theirs, error) = (kubectl.documents(), kubectl.error());
    let refused = refusal(stream);
    let agrees = match (&error, &refused) {
        (Some(_), Some(_)) => true,
        (None, None) => ours.len() == theirs.len() && same_start(&theirs, &ours),
        _ => false,
    };
    let told = || match (&error, &refused) {
        (Some(_), _) => lenient_reading(stream),
        (None, None) => lenient_reading(stream).filter(|_| ours.len() >= theirs.len() && same_start(&theirs, &ours)),
        // What kubectl drops, or takes for a document of its own, is told as an error where it is no YAML.
        (None, Some(_)) => only_after_end(stream).filter(|_| same_start(&theirs, &ours)),
    };
    let as_specified = || specified.is_some_and(|s| is_as_specified(s.as_ref(), &ours, refused.is_some()));
    let deviation = || told().or_else(|| as_specified().then_some(AS_SPECIFIED)).filter(|name| named.has(name));
    Case {
        topic: FOLDER,
        index: index.into(),
        id: row.id.clone(),
        rule: format!("{}: {}", row.suite, if error.is_some() { "kubectl refuses" } else { "kubectl reads" }),
        control: None,
        expected: shown(&theirs, error.as_deref()),
        got: shown(&ours, refused.as_deref()),
        deviation: if agrees { None } else { deviation().map(str::to_string) },
        agrees,
    }
}

/// The deviation of a reading that is what the specification wants and kubectl does not do.
const AS_SPECIFIED: &str = "as-specified";

fn is_as_specified(specified: Option<&Vec<Value>>, ours: &[Node<'_>], refused: bool) -> bool {
    let Some(values) = specified else { return refused };
    let values: Vec<&Value> = values.iter().filter(|v| !v.is_null()).collect();
    let read = |n: &Node<'_>| serde_json::from_str::<Value>(&json::to_json(*n)).ok();
    !refused
        && values.len() == ours.len()
        && values.iter().zip(ours).all(|(v, n)| read(n).is_some_and(|mine| same(v, &mine)))
}

/// Whether the documents that both have are equal.
fn same_start(a: &[Node<'_>], b: &[Node<'_>]) -> bool {
    a.iter().zip(b).all(|(a, b)| same_node(*a, *b))
}

/// The name of the error that says what kubectl drops, where there is no other error.
fn only_after_end(stream: &Stream) -> Option<&'static str> {
    let problems = || stream.problems.iter().chain(stream.documents.iter().flat_map(|d| &d.problems));
    let mut errors = problems().filter(|p| p.level == Level::Error);
    errors.all(|p| p.code == ProblemCode::AfterDocumentEnd).then(|| ProblemCode::AfterDocumentEnd.name())
}

/// The documents, or the error, as data; as text where they nest deeper than serde follows.
fn shown(documents: &[Node<'_>], error: Option<&str>) -> Value {
    if let Some(error) = error {
        return json!({ "error": error });
    }
    let each: Vec<String> = documents.iter().map(|d| json::to_json(*d)).collect();
    let text = format!("[{}]", each.join(","));
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// The first error of a stream.
fn refusal(stream: &Stream) -> Option<String> {
    let documents = stream.documents.iter().flat_map(|d| &d.problems);
    let error = stream.problems.iter().chain(documents).find(|p| p.level == Level::Error)?;
    Some(format!("{}: {}", error.code.name(), error.message))
}

/// The name of the warning that says that we read more than kubectl would.
fn lenient_reading(stream: &Stream) -> Option<&'static str> {
    let problems = stream.documents.iter().flat_map(|d| &d.problems);
    let mut codes = problems.filter(|p| p.level == Level::Warning).map(|p| p.code);
    let found = codes.find(|c| !matches!(c, ProblemCode::DuplicateKey | ProblemCode::Approximate));
    found.map(ProblemCode::name)
}

/// Equal as Go compares decoded JSON: numbers as floats, keys in any order. Without recursion.
fn same_node(a: Node<'_>, b: Node<'_>) -> bool {
    let mut stack = vec![(a, b)];
    while let Some((a, b)) = stack.pop() {
        let alike = match (a.kind(), b.kind()) {
            (Kind::Mapping, Kind::Mapping) => {
                let pairs: Vec<_> = a.entries().map(|(k, v)| (v, b.get(k))).collect();
                let same = pairs.len() == b.entries().count() && pairs.iter().all(|(_, w)| w.is_some());
                stack.extend(pairs.into_iter().filter_map(|(v, w)| Some((v, w?))));
                same
            }
            (Kind::Sequence, Kind::Sequence) => {
                stack.extend(a.items().zip(b.items()));
                a.items().count() == b.items().count()
            }
            (Kind::Number, Kind::Number) => a.as_f64() == b.as_f64(),
            (Kind::String, Kind::String) => a.as_str() == b.as_str(),
            (Kind::Bool, Kind::Bool) => a.as_bool() == b.as_bool(),
            (x, y) => x == y,
        };
        if !alike {
            return false;
        }
    }
    true
}

/// [`same_node`] for values of serde.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}
