//! Pod Security admission's own fixtures: the verdict, and the part of the message that upstream asserts.

use crate::case::Case;
use crate::data::{self, Data};
use anyhow::{Result, anyhow};
use kastell_analysis::pod_security::{self, LevelVersion};
use kastell_model::views::PodView;
use kastell_model::{Ingested, Source};
use rayon::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

const FOLDER: &str = "policy/psa";

/// A row of the index.
#[derive(Deserialize)]
struct Row {
    id: String,
    file: String,
    level: String,
    version: String,
    /// The check that the fixture is about; none for those that pass all of a level.
    #[serde(default)]
    check: Option<String>,
    expected: String,
    #[serde(default)]
    expect_substring: Option<String>,
}

pub(crate) fn run(data: &Data) -> Result<Vec<Case>> {
    let folder = data.path(FOLDER);
    let rows: Vec<Row> = data::lines(&folder.join("cases.jsonl"))?;
    rows.into_par_iter()
        .map(|row| {
            let bytes = data::bytes(&folder.join(&row.file))?;
            let policy: LevelVersion = format!("{}:{}", row.level, row.version)
                .parse()
                .map_err(|why| anyhow!("the level of {}: {why}", row.id))?;
            let answer = judge(bytes, policy);
            let part = row.expect_substring.as_deref().unwrap_or("");
            let told = answer.message.as_deref().is_none_or(|m| m.contains(part));
            let agrees = told && answer.verdict == row.expected;
            let got = match &answer.message {
                Some(message) if !told => format!("{} without the expected words: {message}", answer.verdict),
                _ => answer.verdict.to_string(),
            };
            Ok(Case {
                topic: "policy",
                index: "psa/cases.jsonl".into(),
                id: row.id,
                rule: row.check.unwrap_or_else(|| format!("all of {}", row.level)),
                control: None,
                expected: row.expected.into(),
                got: got.into(),
                deviation: None,
                agrees,
            })
        })
        .collect()
}

struct Answer {
    verdict: &'static str,
    message: Option<String>,
}

/// What admission says of the pods of a file: `deny` with its message, `allow`, or `unknown`.
fn judge(bytes: Vec<u8>, policy: LevelVersion) -> Answer {
    let stream = kastell_yaml::read_bytes(bytes);
    let source = Arc::new(Source::new("pod.yaml", Arc::clone(&stream.text)));
    let mut answer = Answer { verdict: "unknown", message: None };
    for (number, document) in (0..).zip(&stream.documents) {
        let Some(tree) = &document.tree else { return Answer { verdict: "unknown", message: None } };
        for object in Ingested::from_document(&"psa".into(), &source, number, tree).objects {
            for pod in PodView::all(&object) {
                let found = pod_security::evaluate(&pod, policy);
                if !found.results.is_empty() {
                    let message = pod_security::message(&found.results, policy);
                    return Answer { verdict: "deny", message: Some(message) };
                }
                if !found.gaps.is_empty() {
                    return Answer { verdict: "unknown", message: None };
                }
                answer.verdict = "allow";
            }
        }
    }
    answer
}
