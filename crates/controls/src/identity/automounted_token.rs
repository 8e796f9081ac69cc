use crate::Framework::{
    Attack, Checkov, Cis, Datree, GuideA, GuideB, Kubeaudit, Kubescape, Kubesec, Nsa, Polaris, Popeye, Trivy,
};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_analysis::Lookup;
use kastell_model::yaml::Value;
use kastell_model::{Anchor, Confidence, Field, GapReason, Out, Seen, Severity};

control! {
    /// A pod gets a token for the API server mounted unless the pod or its service account says otherwise. Whoever runs
    /// code in the container reads the token and speaks to the API server as the workload: he lists what the account may
    /// list, and every role that is bound to it later is his as well. Most programs never use the token.
    ///
    /// The pod's own field wins over its service account's.
    ///
    /// Severity: medium, because the token is worth what is bound to the account; alone it opens discovery.
    ///
    /// Confidence: where the service account is not among the files, it may say `false`: medium for `default`, which
    /// hardly anybody writes down, low for others.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec: #~
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: b}
    /// spec:
    ///   serviceAccountName: closed
    ///   automountServiceAccountToken: true #~
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: closed}
    /// automountServiceAccountToken: false
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: c}
    /// spec: #~
    ///   serviceAccountName: open
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: open}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec:
    ///   automountServiceAccountToken: false
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: b}
    /// spec:
    ///   serviceAccountName: closed
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata: {name: closed, namespace: default}
    /// automountServiceAccountToken: false
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec:
    ///   automountServiceAccountToken: ${AUTOMOUNT} #?
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Fix
    /// Set `automountServiceAccountToken: false` in the pod's specification. A program that calls the API server needs
    /// the token: give it a service account of its own and mount a short-lived projected token where it reads it.
    pub(crate) static CONTROL: Control = Control::new(
        "automounted-token",
        "Pod mounts a token for the API server without asking for it",
        Ring::Identity,
        Severity::Medium,
        Check::Pod(check),
    )
    .hardening()
    .maps(&[
        (GuideA, "2"),
        (Cis, "5.1.6"),
        (Nsa, "authentication and authorization"),
        (Attack, "T1528"),
        (GuideA, "4.A"),
        (GuideB, "rbac"),
        (Kubescape, "C-0034"),
        (Kubescape, "C-0190"),
        (Kubescape, "C-0261"),
        (Trivy, "KSV-0036"),
        (Checkov, "CKV_K8S_38"),
        (Polaris, "automountServiceAccountToken"),
        (Kubesec, "AutomountServiceAccountToken"),
        (Popeye, "POP-301"),
        (Popeye, "POP-303"),
        (Datree, "SRVACC_INCORRECT_AUTOMOUNTSERVICEACCOUNTTOKEN_VALUE"),
        (Kubeaudit, "AutomountServiceAccountTokenTrueAndDefaultSA"),
    ]);
}

const FIELD: &str = "automountServiceAccountToken";

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    match Field::bool(cx.pod.spec(), &[FIELD]) {
        Field::Set(false, _) => out.pass(),
        Field::Set(true, at) => drop(out.fail(at, "the token is mounted because the pod asks for it")),
        Field::Unreadable(at, reason) => out.unreadable(at, reason, FIELD),
        Field::Absent(anchor) | Field::Default(_, _, anchor) => by_service_account(cx, anchor, out),
    }
}

/// The pod says nothing: its service account decides, and without a word from it the token is mounted.
fn by_service_account<'t>(cx: &PodCx<'t>, anchor: Anchor<'t>, out: &mut Out<'_>) {
    // A controller completes what stands here and may set the field.
    if cx.pod.is_partial() {
        return;
    }
    let account = cx.pod.service_account_name();
    let name = match (account.value(), &account) {
        (Some(name), _) => name,
        (None, Field::Unreadable(at, reason)) => return out.unreadable(*at, *reason, "serviceAccountName"),
        (None, _) => return,
    };
    let key = &cx.object.key;
    match cx.facts.service_account(&key.unit, key.namespace_or_default(), name) {
        Lookup::Found(account) => match account.root().field(FIELD).map(Value::as_bool) {
            Some(Some(false)) => out.pass(),
            Some(None) => {
                out.gap(anchor, GapReason::Invalid, format!("`{FIELD}` of service account `{name}` is no boolean"))
            }
            _ => drop(out.fail(anchor, format!("neither the pod nor its service account `{name}` says `false`"))),
        },
        Lookup::Missing(Seen::All) => {
            out.fail(
                anchor,
                format!("the pod does not say `false`, and there is no service account `{name}` that does"),
            );
        }
        Lookup::Missing(Seen::Open) => {
            let sure = if name == "default" { Confidence::Medium } else { Confidence::Low };
            let message =
                format!("the pod does not say `false`, and service account `{name}` is not among the files given");
            out.fail(anchor, message).confidence(sure);
        }
        Lookup::Missing(Seen::NotAsked) => {
            let detail = format!("whether service account `{name}` mounts its token: service accounts were not read");
            out.gap(anchor, GapReason::NeedsSource, detail);
        }
        Lookup::Missing(Seen::Failed(why)) => {
            out.gap(anchor, GapReason::Unreadable, format!("service accounts could not be read: {why}"));
        }
    }
}
