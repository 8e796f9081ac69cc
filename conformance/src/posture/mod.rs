//! Verdicts that other scanners' own tests expect, one profile a source.

mod judge;
mod profile;

use crate::case::{Case, UNMAPPED};
use crate::data::{self, Data};
use crate::deviation::{Deviations, Difference};
use anyhow::{Context as _, Result};
use judge::{Input, Named};
use profile::Fold;
pub use profile::Profile;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// A row of a source's index.
#[derive(Deserialize)]
struct Row {
    case: String,
    rule: String,
    expect: String,
    file: String,
    #[serde(default)]
    resources: Vec<Named>,
    #[serde(default)]
    pass_resources: Vec<Named>,
    /// Whether a match is what the rule warns of or what it advises, where the source says so.
    #[serde(default)]
    polarity: Option<Polarity>,
    /// The input describes a host, not an object of the API.
    #[serde(default)]
    non_k8s: bool,
    /// How the tool was configured for the case: two sources write it under different names.
    #[serde(default)]
    params: Value,
    #[serde(default, rename = "with_")]
    with: Value,
}

/// What a match of a rule means.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Polarity {
    /// A match is bad.
    CriticalIfMatched,
    /// A match is good; the rule fails where nothing matches.
    AdviseIfNotMatched,
}

/// Runs the cases of a source.
///
/// # Errors
/// Data, a profile or a list of deviations that cannot be read.
pub fn run(data: &Data, source: &'static str) -> Result<Vec<Case>> {
    let folder = data.path("posture").join(source);
    let rows: Vec<Row> = data::lines(&folder.join("cases.jsonl"))?;
    let profile = Profile::of(source)?;
    let deviations = Deviations::of(source)?;
    rows.into_par_iter()
        .map(|row| {
            let context = || format!("{source}: {}", row.case);
            let (control, got, deviation) = if row.non_k8s {
                (None, UNMAPPED, None)
            } else {
                answer(&row, &folder, &profile, &deviations).with_context(context)?
            };
            Ok(Case {
                topic: "posture",
                index: format!("{source}/cases.jsonl"),
                id: format!("{}|{}", row.case, row.rule),
                agrees: got == row.expect,
                rule: row.rule,
                control,
                expected: row.expect.into(),
                got: got.into(),
                deviation,
            })
        })
        .collect()
}

type Answer = (Option<String>, &'static str, Option<String>);

fn answer(row: &Row, folder: &std::path::Path, profile: &Profile, deviations: &Deviations) -> Result<Answer> {
    let Some(rule) = profile.rule(&row.rule) else { return Ok((None, UNMAPPED, None)) };
    let input = Input::read(&folder.join(&row.file))?;
    if input.is_pod_security_policy() {
        return Ok((None, UNMAPPED, None));
    }
    let asked = rule.asked(if row.with.is_null() { &row.params } else { &row.with })?;
    let fold = match row.polarity {
        Some(Polarity::AdviseIfNotMatched) => Fold::Any,
        Some(Polarity::CriticalIfMatched) => Fold::All,
        None => rule.fold,
    };
    let judgement = judge::judge(rule, fold, &asked, &input, &row.resources, &row.pass_resources);
    let got = judgement.status.name();
    let documents = input.documents();
    let (rule_name, expected) = (row.rule.as_str(), row.expect.as_str());
    let difference = Difference { rule: rule_name, expected, got, documents: &documents, gaps: &judgement.gaps };
    let explain = || deviations.explain(&difference).map(str::to_string);
    let deviation = if got == row.expect { None } else { explain() };
    Ok((Some(rule.control_ids()), got, deviation))
}
