//! How kubectl reads scalars: each case stands below the head of a ConfigMap, and its answer is the value of `v`.

use crate::case::Case;
use crate::data::{self, Data};
use crate::yaml_suites::same;
use anyhow::{Context as _, Result};
use kastell_model::{Ingested, SkipReason, Source};
use kastell_yaml::{Level, Stream, json};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

/// The mark that a byte order mark leaves in text.
const MARK: char = '\u{feff}';

#[derive(Deserialize)]
struct Oracle {
    cases: Map<String, Value>,
    kubectl: Map<String, Value>,
}

pub(crate) fn run(data: &Data) -> Result<Vec<Case>> {
    let path = data.path("kubectl-scalars/oracle.json");
    let oracle: Oracle = serde_json::from_slice(&data::bytes(&path)?).with_context(|| path.display().to_string())?;
    let mut cases = Vec::with_capacity(oracle.cases.len());
    for (id, text) in &oracle.cases {
        let text = text.as_str().with_context(|| format!("the case `{id}` is no text"))?;
        let expected = oracle.kubectl.get(id).with_context(|| format!("kubectl's answer to `{id}` is missing"))?;
        let got = answer(text);
        let is_error = |v: &Value| v.as_str().is_some_and(|s| s.starts_with("ERR "));
        let agrees = if is_error(expected) { is_error(&got) } else { same(expected, &got) };
        cases.push(Case {
            topic: "kubectl-scalars",
            index: "oracle.json".into(),
            id: id.clone(),
            rule: if is_error(expected) { "refused" } else { "read" }.into(),
            control: None,
            expected: expected.clone(),
            got,
            deviation: None,
            agrees,
        });
    }
    Ok(cases)
}

/// The value of `v`, or `ERR ` and why there is none. As for kubectl, one bad document is an error of the whole.
fn answer(case: &str) -> Value {
    let text = match case.strip_prefix(MARK) {
        Some(rest) => format!("{MARK}{HEAD}{rest}"),
        None => format!("{HEAD}{case}"),
    };
    let stream = kastell_yaml::read_bytes(text.into_bytes());
    if let Some(why) = refusal(&stream) {
        return format!("ERR {why}").into();
    }
    let first = stream.documents.first().and_then(|d| d.tree.as_ref());
    let value = first.and_then(|t| t.root().get("v"));
    value.map_or(Value::Null, |v| serde_json::from_str(&json::to_json(v)).unwrap_or(Value::Null))
}

fn refusal(stream: &Stream) -> Option<String> {
    let source = Arc::new(Source::new("case.yaml", Arc::clone(&stream.text)));
    let documents = stream.documents.iter().flat_map(|d| &d.problems);
    if let Some(p) = stream.problems.iter().chain(documents).find(|p| p.level == Level::Error) {
        return Some(format!("{}: {}", p.code.name(), p.message));
    }
    (0..).zip(&stream.documents).find_map(|(number, document)| {
        let Some(tree) = &document.tree else { return Some("a document that could not be read".to_string()) };
        let ingested = Ingested::from_document(&"case".into(), &source, number, tree);
        let skip = ingested.skipped.iter().find(|s| s.reason == SkipReason::NotKubernetes)?;
        let shown = json::to_json(tree.value(skip.node));
        Some(format!("{}: 'apiVersion' or 'kind' is missing in '{shown}'", skip.reason.name()))
    })
}
