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
            cases.push(as_manifest(row, as_manifest_index, kubectl, bytes, &deviations));
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

/// The file as a manifest, against kubectl's reader.
fn as_manifest(row: &Row, index: &str, kubectl: &Kubectl, bytes: Vec<u8>, named: &Deviations) -> Case {
    let stream = kastell_yaml::read_bytes(bytes);
    let trees = stream.documents.iter().filter_map(|d| d.tree.as_ref());
    let ours: Vec<Node<'_>> = trees.map(|t| t.root()).filter(|v| !v.is_null()).collect();
    let theirs = kubectl.documents();
    let refused = refusal(&stream);
    let error = kubectl.error();
    let prefix = theirs.len() <= ours.len() && theirs.iter().zip(&ours).all(|(a, b)| same_node(*a, *b));
    let lenient = lenient_reading(&stream).filter(|code| named.has(code));
    let (agrees, deviation) = match (&error, &refused) {
        (Some(_), Some(_)) => (true, None),
        (Some(_), None) => (false, lenient),
        (None, Some(_)) => (false, None),
        (None, None) => (prefix && theirs.len() == ours.len(), lenient.filter(|_| prefix)),
    };
    Case {
        topic: FOLDER,
        index: index.into(),
        id: row.id.clone(),
        rule: format!("{}: {}", row.suite, if error.is_some() { "kubectl refuses" } else { "kubectl reads" }),
        control: None,
        expected: shown(&theirs, error.as_deref()),
        got: shown(&ours, refused.as_deref()),
        deviation: if agrees { None } else { deviation.map(str::to_string) },
        agrees,
    }
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
