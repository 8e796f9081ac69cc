use crate::Framework::{Attack, GuideA, GuideB};
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::{Confidence, Field, Origin, Out, Severity};

control! {
    /// A Secret of type `kubernetes.io/service-account-token` makes Kubernetes write a token into it that is bound to no pod,
    /// names no audience and never expires. Whoever reads it once, in a backup, a pipeline or a chat, is that service account from
    /// anywhere until somebody deletes the Secret. Since Kubernetes 1.24 nothing needs such tokens by default.
    ///
    /// Severity: medium, because somebody has to get at the token first; what it opens depends on the account's rights.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: deployer
    ///   annotations: {kubernetes.io/service-account.name: deployer}
    /// type: kubernetes.io/service-account-token #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: db}
    /// type: Opaque
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: db}
    /// type: [kubernetes.io/service-account-token] #?
    /// ```
    ///
    /// ## Fix
    /// Delete the Secret, which makes the token invalid. Inside the cluster use the projected token that pods get; outside, ask
    /// for a short one with `kubectl create token` or let the CI system's own identity sign in.
    pub(crate) static CONTROL: Control = Control::new(
        "long-lived-token",
        "Token of a service account that never expires",
        Ring::Secrets,
        Severity::Medium,
        Check::Object(&[("", "Secret")], check),
    )
    .maps(&[
        (GuideA, "2"),
        (Attack, "T1528"),
        (GuideA, "5"),
        (GuideB, "secrets"),
    ]);
}

/// The type of such Secrets.
const TOKEN: &str = "kubernetes.io/service-account-token";
/// The annotation that names the account, required by `k8s.io/kubernetes/pkg/apis/core/validation` (ValidateSecret).
const ACCOUNT: &str = "kubernetes.io/service-account.name";

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    match Field::string(cx.object.root(), &["type"]) {
        Field::Set(t, at) if t == TOKEN => {
            out.fail(at, "the token in this Secret never expires");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "type"),
        // The API server gives every Secret a type: where a live one has none, only its metadata was read.
        Field::Absent(_) if matches!(cx.object.origin, Origin::Live { .. }) => by_metadata(cx, out),
        _ => out.pass(),
    }
}

/// The API server takes no Secret of this type without the annotation that names the account, so that its absence decides.
fn by_metadata(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let annotations = cx.object.metadata().and_then(|m| m.field("annotations"));
    match annotations.and_then(|a| a.get(ACCOUNT)) {
        Some(at) => {
            let message = "by its annotation this Secret holds a token that never expires (only its metadata was read)";
            out.fail(at, message).confidence(Confidence::Medium);
        }
        None => out.pass(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parts;
    use kastell_analysis::Facts;
    use kastell_model::{ClusterBuilder, Object, Outcome, Seen};
    use kastell_testkit::cluster_with;
    use std::sync::Arc;

    /// What is said of a Secret of which only the metadata was read.
    fn of_metadata(annotations: &str) -> Outcome {
        let text = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a, annotations: {{{annotations}}}}}\n");
        let read = cluster_with(&text, Seen::All);
        let found = &read.objects()[0];
        let live = Object {
            key: found.key.clone(),
            version: found.version.clone(),
            tree: Arc::clone(&found.tree),
            root: found.root,
            origin: Origin::Live { uid: "u".into(), resource_version: "1".into() },
            source: Arc::clone(&found.source),
            patch: false,
        };
        let cluster = ClusterBuilder { objects: vec![Arc::new(live)], ..ClusterBuilder::default() }.build();
        let facts = Facts::new(Arc::new(cluster));
        CONTROL.evaluate(&Parts::of(&facts.cluster().objects()[0]), &facts, None)
    }

    #[test]
    fn metadata_alone_tells_tokens_by_the_annotation_that_each_of_them_has() {
        let token = of_metadata("kubernetes.io/service-account.name: deployer");
        assert_eq!(token.hits[0].confidence, Some(Confidence::Medium));
        let other = of_metadata("note: x");
        assert!(other.hits.is_empty() && other.passed == 1);
    }
}
