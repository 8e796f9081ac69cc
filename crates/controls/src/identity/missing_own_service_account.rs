use crate::Framework::{Cis, GuideA, GuideB, Kubescape};
use crate::{Check, ClusterCx, ClusterOut, Control, Ring, absence, control};
use kastell_analysis::Facts;
use kastell_model::views::PodView;
use kastell_model::{Confidence, GapReason, Object, Out, Seen, Severity, Spot};
use std::collections::BTreeSet;

control! {
    /// All workloads of the namespace run as the account `default`, because there is no other. They cannot be told
    /// apart in the audit log, and none can be given a right that the others do not get.
    ///
    /// Severity: low, because it says how the namespace is organised; what is bound to `default` is a finding of its own.
    ///
    /// Confidence: low for files, where the accounts may stand elsewhere.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata: #~
    ///   name: shop
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, namespace: shop}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: app, namespace: shop}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a, namespace: shop}
    /// spec:
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: its-account-stands-elsewhere, namespace: bank}
    /// spec:
    ///   serviceAccountName: app
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Fix
    /// Create a service account for each workload and name it in `serviceAccountName`.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-own-service-account",
        "Workloads of a namespace have no service account but the default one",
        Ring::Identity,
        Severity::Low,
        Check::Cluster(check),
    )
    .maps(&[
        (GuideB, "rbac"),(Cis, "5.1.5"), (GuideA, "4.A"), (Kubescape, "C-0189")]);
}

fn check(cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>) {
    let objects = cx.cluster().objects();
    for (unit, namespace, workloads) in cx.facts.namespaces_with_workloads() {
        let Some(first) = workloads.first() else { continue };
        let found = cx.facts.namespace_object(unit, namespace);
        let at = found.map_or(*first, |(i, _)| i);
        let Some(object) = objects.get(at as usize) else { continue };
        let own = cx.facts.in_namespace(unit, "", "ServiceAccount", namespace).any(|(_, a)| &*a.key.name != "default");
        let named = || workloads.iter().filter_map(|i| objects.get(*i as usize)).any(|o| names_an_account(o));
        let subject = Some(Facts::namespace_key(unit, namespace));
        let seen = cx.facts.seen(unit, "", "ServiceAccount", Some(namespace));
        let passes = own || named();
        // A Deployment, its ReplicaSets and their pods are one workload.
        let subjects: BTreeSet<u32> = workloads.iter().filter_map(|i| cx.facts.owners().number(*i)).collect();
        out.about(at, subject, |o| if passes { o.pass() } else { absent(object, namespace, subjects.len(), &seen, o) });
    }
    for unit in cx.facts.index().units() {
        for (at, object) in cx.facts.index().kind(cx.cluster(), unit, "", "Namespace") {
            let name = &object.key.name;
            let pods = cx.facts.seen(unit, "", "Pod", Some(name));
            // A namespace of pods without controllers looks empty where pods could not be read.
            let is_empty = cx.facts.workloads().in_namespace(unit, name).is_empty();
            if let Some(why) = absence::unread(&pods, "pods").filter(|_| is_empty) {
                let spot = object.metadata().unwrap_or(object.root());
                out.about(at, Some(Facts::namespace_key(unit, name)), |o| o.gap(spot, GapReason::Unreadable, why));
            }
        }
    }
}

/// Whether a pod of the object names an account, which then exists somewhere.
fn names_an_account(object: &Object) -> bool {
    PodView::all(object)
        .iter()
        .any(|p| matches!(p.service_account_name(), kastell_model::Field::Set(name, _) if name != "default"))
}

fn absent(object: &Object, namespace: &str, count: usize, seen: &Seen, out: &mut Out<'_>) {
    let spot: Spot<'_> = object.metadata().unwrap_or(object.root()).into();
    match seen {
        Seen::All => {
            out.fail(spot, format!("{count} workloads of `{namespace}` share the account `default`"));
        }
        Seen::Open => {
            let message = format!("no service account of `{namespace}` is named or is among the files given");
            out.fail(spot, message).confidence(Confidence::Low);
        }
        Seen::NotAsked => out.gap(spot, GapReason::NeedsSource, "service accounts were not read"),
        Seen::Failed(why) => out.gap(spot, GapReason::Unreadable, format!("service accounts could not be read: {why}")),
    }
}
