//! The standard against small pods of our own: texts, revisions, places, gaps; and against a brute-force re-statement.

mod labels;
mod property;
mod revisions;
mod words;

use super::{CheckResult, Evaluation, evaluate, message};
use kastell_model::views::PodView;
use kastell_model::{Cluster, Place};
use std::sync::Arc;

/// A pod whose body starts below `spec:`, two spaces in.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}\n")
}

fn first_pod(cluster: &Cluster) -> PodView<'_> {
    PodView::all(cluster.objects().first().expect("an object")).into_iter().next().expect("a pod")
}

fn judge(text: &str, policy: &str) -> Evaluation {
    let cluster = kastell_testkit::cluster(text);
    evaluate(&first_pod(&cluster), policy.parse().expect("a level and version"))
}

/// The text of the check `id`; `None` where it is not violated.
fn detail_of(text: &str, policy: &str, id: &str) -> Option<String> {
    let results = judge(text, policy).results;
    let result = results.iter().find(|r| r.id == id)?;
    assert!(!result.places.is_empty(), "{id} has no place");
    let one: &[CheckResult] = std::slice::from_ref(result);
    let text = message(one, policy.parse().expect("a level and version"));
    text.split_once("\": ").map(|(_, t)| t.to_string())
}

/// The paths of the places of the check `id`.
fn places_of(text: &str, policy: &str, id: &str) -> Vec<String> {
    let cluster = kastell_testkit::cluster(text);
    let object = cluster.objects().first().expect("an object");
    let found = evaluate(&first_pod(&cluster), policy.parse().expect("a level and version"));
    let places = found.results.into_iter().filter(|r| r.id == id).flat_map(|r| r.places);
    places.map(|v| Place { object: Arc::clone(object), node: v.at, missing: v.missing }.path()).collect()
}
