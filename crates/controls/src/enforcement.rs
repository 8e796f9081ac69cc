//! What a namespace's labels make Pod Security admission refuse (`k8s.io/pod-security-admission/api`).

use crate::ObjectCx;
use kastell_model::{Anchor, GapReason, Out, Spot};
use serde::{Deserialize, Serialize};

const LABEL: &str = "pod-security.kubernetes.io/enforce";

/// The namespaces that a control leaves out.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Params {
    /// Names of namespaces whose pods need what the standard refuses.
    pub(crate) exempt: Vec<String>,
}

impl Default for Params {
    fn default() -> Params {
        let exempt = ["kube-system", "kube-public", "kube-node-lease"];
        Params { exempt: exempt.map(String::from).to_vec() }
    }
}

/// Fails where the namespace enforces none of `levels`.
pub(crate) fn check(cx: &ObjectCx<'_>, levels: &[&str], out: &mut Out<'_>) {
    let name = &*cx.object.key.name;
    if cx.params::<Params>().exempt.iter().any(|n| n == name) {
        return;
    }
    let metadata = cx.object.metadata();
    let labels = metadata.and_then(|m| m.field("labels"));
    let Some(at) = labels.and_then(|l| l.get(LABEL)) else {
        let spot: Spot<'_> = match (labels, metadata) {
            (Some(l), _) => Anchor { nearest: l, missing: &[LABEL] }.into(),
            (None, Some(m)) => Anchor { nearest: m, missing: &["labels", LABEL] }.into(),
            (None, None) => cx.object.root().into(),
        };
        out.fail(spot, format!("no label `{LABEL}`, so the API server's default decides, which is to refuse nothing"));
        return;
    };
    match at.as_str().as_deref() {
        Some(level) if levels.contains(&level) => out.pass(),
        Some(level @ ("privileged" | "baseline" | "restricted")) => {
            out.fail(at, format!("`{level}` is all that is enforced"));
        }
        Some(_) if GapReason::of_mistyped(at) != GapReason::Dynamic => {
            out.gap(
                at,
                GapReason::Invalid,
                "this is no level of the Pod Security Standards, so the API server refuses the label",
            );
        }
        _ => out.unreadable(at, GapReason::of_mistyped(at), LABEL),
    }
}
