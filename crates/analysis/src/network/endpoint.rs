//! A pod as the selectors of policies see it: its labels, its namespace and the namespace's labels.

use super::Answer;
use crate::facts::Facts;
use kastell_model::Str;
use kastell_model::kube::{LabelSelector, Requirement};
use kastell_model::views::PodView;
use kastell_model::yaml::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// What is known of one label.
#[derive(Clone, Debug)]
pub(super) enum Known<'a> {
    /// It has this value.
    Is(Cow<'a, str>),
    /// It is not there.
    Absent,
    /// It is set by somebody whose work was not read.
    Unknown,
}

/// Labels that controllers put on the pods that they make from a template.
const BY_CONTROLLERS: [&str; 12] = [
    "pod-template-hash",
    "pod-template-generation",
    "controller-revision-hash",
    "rollouts-pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "job-name",
    "controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "topology.kubernetes.io/zone",
];

/// A pod or pod template as an endpoint of the network.
pub struct Endpoint<'a> {
    facts: &'a Facts,
    unit: &'a Str,
    namespace: &'a str,
    labels: Option<Value<'a>>,
    service_account: Cow<'a, str>,
    is_pod: bool,
    /// Stands for every pod of the namespace: nothing is known of its own labels.
    is_any: bool,
    /// The labels of the Namespace object; the outer `None`: it was not read.
    namespace_labels: OnceCell<Option<Option<Value<'a>>>>,
}

impl<'a> Endpoint<'a> {
    /// The endpoint that a pod (or the pods of a template) is.
    pub fn new(facts: &'a Facts, pod: &PodView<'a>) -> Endpoint<'a> {
        let service_account = pod.service_account_name();
        Endpoint {
            facts,
            unit: &pod.object.key.unit,
            namespace: pod.object.key.namespace_or_default(),
            labels: pod.metadata().and_then(|m| m.field("labels")),
            service_account: service_account.value().cloned().unwrap_or_default(),
            is_pod: pod.object.is("", "Pod"),
            is_any: false,
            namespace_labels: OnceCell::new(),
        }
    }

    /// What stands for any pod of a namespace, also those that are still to come: a policy selects it where it selects
    /// every pod, and does not where it selects none.
    pub fn any_of(facts: &'a Facts, unit: &'a Str, namespace: &'a str) -> Endpoint<'a> {
        Endpoint {
            facts,
            unit,
            namespace,
            labels: None,
            service_account: Cow::Borrowed(""),
            is_pod: false,
            is_any: true,
            namespace_labels: OnceCell::new(),
        }
    }

    /// The pod's unit.
    pub fn unit(&self) -> &'a Str {
        self.unit
    }

    /// The pod's namespace.
    pub fn namespace(&self) -> &'a str {
        self.namespace
    }

    fn label(&self, key: &str) -> Known<'a> {
        if self.is_any {
            return Known::Unknown;
        }
        match text(self.labels, key) {
            Some(v) => Known::Is(v),
            None if !self.is_pod && BY_CONTROLLERS.contains(&key) => Known::Unknown,
            None => Known::Absent,
        }
    }

    fn account(&self) -> Known<'a> {
        if self.is_any { Known::Unknown } else { Known::Is(self.service_account.clone()) }
    }

    pub(super) fn namespace_label(&self, key: &str) -> Known<'a> {
        // The API server keeps this label on every namespace; the other is Calico's name for the same.
        if key == "kubernetes.io/metadata.name" || key == "projectcalico.org/name" {
            return Known::Is(Cow::Borrowed(self.namespace));
        }
        let labels = self.namespace_labels.get_or_init(|| {
            let namespace = self.facts.namespace(self.unit, self.namespace).into_found()?;
            Some(namespace.metadata().and_then(|m| m.field("labels")))
        });
        match labels {
            None => Known::Unknown,
            Some(labels) => text(*labels, key).map_or(Known::Absent, Known::Is),
        }
    }

    pub(super) fn calico_label(&self, key: &str) -> Known<'a> {
        if let Some(of_namespace) = key.strip_prefix("pcns.") {
            return self.namespace_label(of_namespace);
        }
        match key {
            "projectcalico.org/namespace" => Known::Is(Cow::Borrowed(self.namespace)),
            "projectcalico.org/orchestrator" => Known::Is(Cow::Borrowed("k8s")),
            "projectcalico.org/serviceaccount" => self.account(),
            _ if key.starts_with("pcsa.") => Known::Unknown,
            _ => self.label(key),
        }
    }

    fn cilium_label(&self, key: &str) -> Known<'a> {
        if let Some(of_namespace) = key.strip_prefix("io.cilium.k8s.namespace.labels.") {
            return self.namespace_label(of_namespace);
        }
        match key {
            "io.kubernetes.pod.namespace" => Known::Is(Cow::Borrowed(self.namespace)),
            "io.cilium.k8s.policy.serviceaccount" => self.account(),
            "io.cilium.k8s.policy.cluster" => Known::Unknown,
            _ => self.label(key),
        }
    }

    pub(super) fn matches(&self, selector: &LabelSelector) -> Answer {
        decide(selector, |key| self.label(key))
    }

    pub(super) fn namespace_matches(&self, selector: &LabelSelector) -> Answer {
        decide(selector, |key| self.namespace_label(key))
    }

    pub(super) fn matches_cilium(&self, selector: &LabelSelector) -> Answer {
        decide(selector, |key| self.cilium_label(key))
    }
}

fn text<'a>(labels: Option<Value<'a>>, key: &str) -> Option<Cow<'a, str>> {
    let v = labels?.get(key)?;
    // A null is the empty string, as Go decodes it.
    if v.is_null() { Some(Cow::Borrowed("")) } else { v.as_str() }
}

fn decide<'a>(selector: &LabelSelector, label: impl Fn(&str) -> Known<'a>) -> Answer {
    if selector.is_nothing() {
        return Answer::No;
    }
    let mut all = Answer::Yes;
    for requirement in selector.requirements() {
        all = all.and(holds(requirement, label(requirement.key())));
        if all == Answer::No {
            break;
        }
    }
    all
}

fn holds(requirement: &Requirement, label: Known<'_>) -> Answer {
    match label {
        Known::Is(v) => Answer::of(requirement.matches(&[(requirement.key(), v.as_ref())])),
        Known::Absent => Answer::of(requirement.matches(&[] as &[(&str, &str)])),
        Known::Unknown => Answer::Unknown,
    }
}
