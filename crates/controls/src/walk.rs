//! One control on one object: the walk by scope.

use crate::context::{ClusterCx, ClusterEntry, ClusterOut, ContainerCx, ObjectCx, PodCx};
use crate::control::{Check, Control};
use crate::params::Parameter;
use kastell_analysis::Facts;
use kastell_model::views::{ContainerView, PodView};
use kastell_model::{Object, Out, Outcome};

/// An object with its pods and containers, found once for all controls.
pub struct Parts<'a> {
    /// The object.
    pub object: &'a Object,
    /// Its pods and pod templates, each with its containers.
    pub pods: Vec<(PodView<'a>, Vec<ContainerView<'a>>)>,
}

impl<'a> Parts<'a> {
    /// Finds the parts of `object`.
    pub fn of(object: &'a Object) -> Parts<'a> {
        let pods = PodView::all(object).into_iter().map(|p| (p, p.containers())).collect();
        Parts { object, pods }
    }
}

impl Control {
    /// Whether the control can say anything about an object of this kind. Pod and container controls look at the pods.
    pub fn applies_to(&self, parts: &Parts<'_>) -> bool {
        match self.check {
            Check::Container(_) | Check::Pod(_) => !parts.pods.is_empty(),
            Check::Object([], _) => true,
            Check::Object(kinds, _) => kinds.iter().any(|(g, k)| parts.object.is(g, k)),
            Check::Cluster(_) | Check::Manual(_) => false,
        }
    }

    /// What the control says of one object; cluster controls say nothing here.
    pub fn evaluate(&self, parts: &Parts<'_>, facts: &Facts, params: Option<&Parameter>) -> Outcome {
        let mut outcome = Outcome::default();
        let object = parts.object;
        match self.check {
            Check::Container(check) => {
                for (pod, containers) in &parts.pods {
                    let from = outcome.hits.len();
                    for container in containers {
                        let part = Some(container.value.id());
                        let cx = ContainerCx { container, pod, object, facts, params };
                        check(&cx, &mut Out::new(&mut outcome, part));
                    }
                    self.temper(pod, &mut outcome, from);
                }
            }
            Check::Pod(check) => {
                for (pod, containers) in &parts.pods {
                    let from = outcome.hits.len();
                    check(&PodCx { pod, containers, object, facts, params }, &mut Out::new(&mut outcome, None));
                    self.temper(pod, &mut outcome, from);
                }
            }
            Check::Object(kinds, check) => {
                if kinds.is_empty() || kinds.iter().any(|(g, k)| object.is(g, k)) {
                    check(&ObjectCx { object, facts, params }, &mut Out::new(&mut outcome, None));
                    if object.patch {
                        outcome.hits.retain(|h| !is_absence(object, h));
                    }
                }
            }
            Check::Cluster(_) | Check::Manual(_) => {}
        }
        outcome
    }

    /// What a cluster control says, object by object.
    pub fn evaluate_cluster(&self, facts: &Facts, params: Option<&Parameter>) -> Vec<ClusterEntry> {
        let mut entries = Vec::new();
        if let Check::Cluster(check) = self.check {
            check(&ClusterCx { facts, params }, &mut ClusterOut { entries: &mut entries });
        }
        entries
    }

    /// Hits of a pod are no surer than that it is one, and what a patch leaves out is no finding.
    fn temper(&self, pod: &PodView<'_>, outcome: &mut Outcome, from: usize) {
        if pod.is_patch() {
            let mut i = 0;
            outcome.hits.retain(|h| {
                i += 1;
                i <= from || !is_absence(pod.object, h)
            });
        }
        for hit in outcome.hits.iter_mut().skip(from) {
            hit.pod = Some(pod.root.id());
            let own = hit.confidence.unwrap_or(self.confidence);
            if pod.confidence < own {
                hit.confidence = Some(pod.confidence);
            }
        }
    }
}

fn is_absence(object: &Object, hit: &kastell_model::Hit) -> bool {
    !hit.missing.is_empty() || object.value(hit.at).is_null()
}
