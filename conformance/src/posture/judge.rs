//! The verdict of a rule's controls on a file.

use super::profile::{Asked, Fold, Rule};
use crate::data;
use anyhow::Result;
use kastell_analysis::Facts;
use kastell_controls::{Check, Parts};
use kastell_model::views::PodView;
use kastell_model::{Cluster, ClusterBuilder, GapReason, Ingested, Object, Outcome, Seen, Source, Status, Str};
use kastell_yaml::{Tree, Value};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

/// An object as a row names it.
#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

impl Named {
    /// Whether `object` is of the kind that this names. A tool that looks at templates calls them pods.
    fn is_of_kind(&self, object: &Object) -> bool {
        *object.key.kind.kind == *self.kind || self.kind == "Pod" && !PodView::all(object).is_empty()
    }

    /// Whether this names `object`. A tool may fill in the default namespace, and put labels behind a name.
    fn names(&self, object: &Object) -> bool {
        let key = &object.key;
        let same_name = self.name.as_deref().is_none_or(|n| {
            let bare = &*key.name;
            n == bare || n.strip_prefix(bare).is_some_and(|rest| rest.starts_with('.')) || bare.is_empty()
        });
        let same_namespace =
            self.namespace.as_deref().is_none_or(|ns| key.namespace.is_none() || key.namespace_or_default() == ns);
        self.is_of_kind(object) && same_name && same_namespace
    }
}

/// The objects of a case.
pub(super) struct Input {
    trees: Vec<Arc<Tree>>,
    objects: Vec<Arc<Object>>,
}

/// The unit of a case's file.
const UNIT: &str = "case";

impl Input {
    pub(super) fn read(path: &Path) -> Result<Input> {
        let stream = kastell_yaml::read_bytes(data::bytes(path)?);
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        let source = Arc::new(Source::new(&shown, Arc::clone(&stream.text)));
        let unit: Str = UNIT.into();
        let (mut objects, mut trees) = (Vec::new(), Vec::new());
        for (number, document) in (0..).zip(&stream.documents) {
            if let Some(tree) = &document.tree {
                objects.extend(Ingested::from_document(&unit, &source, number, tree).objects);
                trees.push(Arc::clone(tree));
            }
        }
        Ok(Input { trees, objects })
    }

    /// The roots of all documents, objects or not.
    pub(super) fn documents(&self) -> Vec<Value<'_>> {
        self.trees.iter().map(|t| t.root()).collect()
    }

    /// Whether the case is about PodSecurityPolicy objects only.
    pub(super) fn is_pod_security_policy(&self) -> bool {
        !self.objects.is_empty() && self.objects.iter().all(|o| &*o.key.kind.kind == "PodSecurityPolicy")
    }

    fn cluster(&self, complete: bool) -> Cluster {
        let mut builder = ClusterBuilder { objects: self.objects.clone(), ..ClusterBuilder::default() };
        builder.coverage.set_unit(UNIT.into(), if complete { Seen::All } else { Seen::Open });
        builder.build()
    }
}

/// What the controls of a rule say.
pub(super) struct Judgement {
    pub(super) status: Status,
    /// Why something was not decided.
    pub(super) gaps: Vec<GapReason>,
}

/// What the rule's controls say of the objects of the file. Where the row lists passing objects beside failing ones, the
/// tool looked at those only among the kinds that it lists, and so do we.
pub(super) fn judge(
    rule: &Rule,
    fold: Fold,
    asked: &[Asked],
    input: &Input,
    failing: &[Named],
    passing: &[Named],
) -> Judgement {
    let facts = Facts::new(Arc::new(input.cluster(rule.complete)));
    let all = || failing.iter().chain(passing);
    let listed = |o: &Object| passing.is_empty() || !all().any(|n| n.is_of_kind(o)) || all().any(|n| n.names(o));
    let kind = |o: &Object| rule.kinds.is_empty() || rule.kinds.iter().any(|k| *k == *o.key.kind.kind);
    let chosen = |o: &Object| listed(o) && kind(o) && rule.only.iter().all(|p| p.holds(o.root()));
    let mut outcome = Outcome::default();
    for (control, parameters) in asked {
        for object in facts.cluster().objects().iter().filter(|o| chosen(o)) {
            let parts = Parts::of(object);
            if control.applies_to(&parts) {
                add(&mut outcome, control.evaluate(&parts, &facts, parameters.as_ref()));
            }
        }
        if matches!(control.check, Check::Cluster(_)) {
            for entry in control.evaluate_cluster(&facts, parameters.as_ref()) {
                let at = facts.cluster().objects().get(entry.object as usize);
                if at.is_some_and(|o| chosen(o) || entry.subject.is_some()) {
                    add(&mut outcome, entry.outcome);
                }
            }
        }
    }
    Judgement { status: folded(fold, &outcome), gaps: outcome.gaps.iter().map(|g| g.reason).collect() }
}

fn add(all: &mut Outcome, one: Outcome) {
    all.passed += one.passed;
    all.hits.extend(one.hits);
    all.gaps.extend(one.gaps);
}

/// A rule that finds nothing to look at finds nothing wrong, which the tools call a pass. One that asks whether some part
/// is surely right says no wherever none is.
fn folded(fold: Fold, outcome: &Outcome) -> Status {
    match (fold, outcome.status()) {
        (Fold::Any, _) if outcome.passed > 0 => Status::Pass,
        (Fold::Any, _) => Status::Fail,
        (Fold::All, Status::NotApplicable) => Status::Pass,
        (_, status) => status,
    }
}
