use crate::Framework::{Cis, GuideA, GuideB, Nsa, Pss};
use crate::{Check, Control, ParamSpec, PodCx, Ring, control};
use kastell_analysis::Lookup;
use kastell_analysis::pod_security::{
    CheckResult, Evaluation, LevelVersion, NamespacePolicy, evaluate, message, would_message,
};
use kastell_model::carriers::Shape;
use kastell_model::{GapReason, Message, Out, Seen, Severity, Spot};
use serde::{Deserialize, Serialize};

control! {
    /// The namespace asks for a level of the Pod Security Standards that the pod does not keep. The API server refuses
    /// such a pod. It accepts the controller around it with no more than a warning, so that a rollout looks done
    /// while its pods are never made, and the next drain of a node takes away the ones that still run.
    ///
    /// The text is the one that the API server gives. Each pod and template is held against the labels of its own
    /// namespace, where that Namespace is among the objects. The default for namespaces without labels, and the exemptions,
    /// stand in the API server's configuration, which no manifest shows: without the label `enforce` the question stays
    /// open.
    ///
    /// Severity: medium, because a refused pod is no way in: what the pod could do is told, with its own severity, by the
    /// controls of the single fields. Violations of the modes audit and warn refuse nothing and are low.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: baseline
    ///     pod-security.kubernetes.io/enforce-version: v1.34
    /// ---
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: cart, namespace: shop}
    /// spec:
    ///   template:
    ///     spec:
    ///       hostNetwork: true #~
    ///       containers:
    ///       - {name: cart, image: "registry.example/cart:1"}
    /// ```
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: baseline
    ///     pod-security.kubernetes.io/warn: restricted
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: cart, namespace: shop}
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///     seccompProfile: {type: RuntimeDefault}
    ///   containers:
    ///   - name: cart
    ///     image: registry.example/cart:1
    ///     securityContext:
    ///       allowPrivilegeEscalation: true #~
    ///       capabilities: {drop: [ALL]}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels: {pod-security.kubernetes.io/enforce: restricted}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: cart, namespace: shop}
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///     seccompProfile: {type: RuntimeDefault}
    ///   containers:
    ///   - name: cart
    ///     image: registry.example/cart:1
    ///     securityContext:
    ///       allowPrivilegeEscalation: false
    ///       capabilities: {drop: [ALL]}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: cart
    ///   namespace: shop #?
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///   - {name: cart, image: "registry.example/cart:1"}
    /// ```
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels: {pod-security.kubernetes.io/enforce: baseline}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: cart, namespace: shop}
    /// spec:
    ///   hostNetwork: "yes" #?
    ///   containers:
    ///   - {name: cart, image: "registry.example/cart:1"}
    /// ```
    ///
    /// ## Fix
    /// Change the fields that the message names. Where the pod needs them (agents of nodes, storage and network drivers),
    /// move it to a namespace of its own with the level that it needs, and leave the other namespace as strict as it is.
    pub(crate) static CONTROL: Control = Control::new(
        "pod-security-violation",
        "Pod violates the Pod Security level of its namespace",
        Ring::Workloads,
        Severity::Medium,
        Check::Pod(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideB, "operating discipline"),
        (Cis, "5.2.1"),
        (Nsa, "pod security"),
        (Pss, "baseline"),
        (Pss, "restricted"),
        (GuideA, "4.B"),
        (GuideB, "pod security"),
    ]);
}

/// What pods are held against.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// A level and version (`restricted:v1.34`) that takes the place of every namespace's labels.
    pub(crate) level: Option<String>,
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if let Some(level) = &cx.params::<Params>().level {
        match level.parse() {
            Ok(policy) => {
                report(cx, out, policy, None);
            }
            Err(why) => out.gap(cx.pod.root, GapReason::Invalid, format!("the parameter `level`: {why}")),
        }
        return;
    }
    let unit = &cx.object.key.unit;
    let namespace = match cx.facts.namespace(unit, cx.object.key.namespace_or_default()) {
        Lookup::Found(namespace) => namespace,
        Lookup::Missing(seen) => return unseen(cx, out, &seen),
    };
    let (policy, _) = NamespacePolicy::from_labels(namespace.metadata().and_then(|m| m.field("labels")));
    let refused = policy.enforce.is_some_and(|enforce| report(cx, out, enforce, None));
    if !refused {
        advise(cx, out, policy);
    }
    if policy.enforce.is_none() {
        let detail = "the namespace has no readable label `pod-security.kubernetes.io/enforce`; the API server's default \
                      is in its configuration, which is not among the input";
        out.gap(namespace_spot(cx), GapReason::NeedsSource, detail);
    }
}

/// The namespace that the object names, else the pod.
fn namespace_spot<'a>(cx: &PodCx<'a>) -> Spot<'a> {
    cx.object.root().at(&["metadata", "namespace"]).unwrap_or(cx.pod.root).into()
}

fn unseen(cx: &PodCx<'_>, out: &mut Out<'_>, seen: &Seen) {
    let (reason, detail): (_, Message) = match seen {
        Seen::Failed(why) => (GapReason::Unreadable, format!("the Namespace could not be read: {why}").into()),
        _ => (
            GapReason::NeedsSource,
            "the pod's Namespace, whose labels set the Pod Security level, is not among the input".into(),
        ),
    };
    out.gap(namespace_spot(cx), reason, detail);
}

/// Violations of the stricter of the modes that refuse nothing.
fn advise(cx: &PodCx<'_>, out: &mut Out<'_>, policy: NamespacePolicy) {
    let audit = policy.audit.filter(|p| Some(*p) != policy.enforce);
    let warn = policy.warn.filter(|p| Some(*p) != policy.enforce);
    let (first, second) = match (audit, warn) {
        (Some(a), Some(w)) if a == w => (Some((a, "audit and warn")), None),
        (Some(a), Some(w)) if a.level >= w.level => (Some((a, "audit")), Some((w, "warn"))),
        (a, w) => (w.map(|w| (w, "warn")), a.map(|a| (a, "audit"))),
    };
    for (policy, mode) in first.into_iter().chain(second) {
        if report(cx, out, policy, Some(mode)) {
            return;
        }
    }
}

/// Says what `policy` says of the pod; whether it violates. `mode` is that of a policy that refuses nothing.
fn report(cx: &PodCx<'_>, out: &mut Out<'_>, policy: LevelVersion, mode: Option<&str>) -> bool {
    let Evaluation { results, gaps } = evaluate(cx.pod, policy);
    for gap in &gaps {
        out.unreadable(cx.object.value(gap.at), gap.reason, &gap.field);
    }
    let spot = |v: &kastell_analysis::pod_security::Violated| Spot { at: cx.object.value(v.at), missing: v.missing };
    let Some(first) = results.iter().find_map(|r| r.places.first()) else {
        if gaps.is_empty() && mode.is_none() {
            conclude(cx, out);
        }
        return false;
    };
    let hit = out.fail(spot(first), text(cx, &results, policy, mode));
    if mode.is_some() {
        hit.severity(Severity::Low);
    }
    for result in &results {
        for place in result.places.iter().filter(|p| *p != first) {
            hit.related(spot(place).at, result.reason.clone());
        }
    }
    true
}

/// A pod without violations passes, unless a controller makes the rest of it.
fn conclude(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_patch() {
        return;
    }
    if cx.pod.is_partial() {
        out.gap(
            cx.pod.root,
            GapReason::Dynamic,
            "a controller makes the pod around this part, so its level is known only then",
        );
    } else {
        out.pass();
    }
}

fn text(cx: &PodCx<'_>, results: &[CheckResult], policy: LevelVersion, mode: Option<&str>) -> String {
    let is_pod = cx.pod.shape == Shape::Pod;
    match mode {
        Some(mode) => format!("{} (mode {mode}: the pod is not refused)", would_message(results, policy)),
        None if is_pod => message(results, policy),
        None => format!(
            "{}; for a {} the API server only warns, but it will refuse the pods",
            would_message(results, policy),
            cx.object.key.kind.kind
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTROL, Params};
    use crate::{Parameter, Parts};
    use kastell_analysis::Facts;
    use kastell_model::{Outcome, Severity};
    use std::sync::Arc;

    const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop}
spec: {hostPID: true, containers: [{name: cart}]}
";

    const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {template: {spec: {hostPID: true, containers: [{name: cart}]}}}
";

    fn namespace(labels: &str) -> String {
        let labels = labels.replace("PS/", "pod-security.kubernetes.io/");
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n---\n")
    }

    fn outcome(text: &str, level: Option<&str>) -> Outcome {
        let facts = Facts::new(Arc::new(kastell_testkit::cluster(text)));
        let params: Parameter = Box::new(Params { level: level.map(str::to_string) });
        let objects = facts.cluster().objects();
        let carrier = objects.iter().find(|o| !o.is("", "Namespace")).expect("a workload");
        CONTROL.evaluate(&Parts::of(carrier), &facts, Some(&params))
    }

    fn told(text: &str, level: Option<&str>) -> Vec<(Option<Severity>, String)> {
        outcome(text, level).hits.into_iter().map(|h| (h.severity, h.message.into_owned())).collect()
    }

    #[test]
    fn a_pod_is_refused_and_a_controller_only_warned() {
        let labels = namespace("PS/enforce: baseline, PS/enforce-version: v1.30");
        let text = r#"PodSecurity "baseline:v1.30": host namespaces (hostPID=true)"#;
        assert_eq!(told(&(labels.clone() + POD), None), [(None, format!("violates {text}"))]);
        let warned =
            format!("would violate {text}; for a Deployment the API server only warns, but it will refuse the pods");
        assert_eq!(told(&(labels + DEPLOYMENT), None), [(None, warned)]);
    }

    #[test]
    fn modes_that_refuse_nothing_are_low_and_named_and_the_missing_label_stays_a_gap() {
        let text = namespace("PS/audit: baseline, PS/warn: baseline") + POD;
        let message = "would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true) (mode audit and \
                       warn: the pod is not refused)";
        assert_eq!(told(&text, None), [(Some(Severity::Low), message.to_string())]);
        assert_eq!(outcome(&text, None).gaps.len(), 1);
        let text = namespace("PS/enforce: privileged, PS/audit: baseline") + POD;
        assert_eq!((told(&text, None).len(), outcome(&text, None).gaps.len()), (1, 0));
    }

    #[test]
    fn a_given_level_takes_the_place_of_labels() {
        let text = namespace("PS/enforce: privileged") + POD;
        assert_eq!(told(&text, None), []);
        let message = r#"violates PodSecurity "baseline:v1.34": host namespaces (hostPID=true)"#;
        for text in [text.as_str(), POD] {
            assert_eq!(told(text, Some("baseline:v1.34")), [(None, message.to_string())]);
            assert_eq!(outcome(text, Some("baseline:v1.34")).gaps, []);
        }
    }
}
