use crate::Framework::{Attack, Datree, GuideA, GuideB};
use crate::credentials::{Certainty, Credential, find_tokens, looks_secret};
use crate::exposure::report;
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::views::PodView;
use kastell_model::yaml::{NodeId, Value};
use kastell_model::{GapReason, Object, Out, Severity};
use std::collections::HashSet;

control! {
    /// A token of a provider, a private key or a URL with a password that stands in an annotation, in the values of a chart or in
    /// a custom resource is readable for everybody who may look at that object and lies in the repository's history. Scanners of
    /// public repositories find such tokens within minutes, and so do those who use them.
    ///
    /// Looked at is every text of every object but Secrets, whose place it is; containers and ConfigMaps are the matter of
    /// `literal-credential` and `configmap-credential`. Only forms that no other text has count.
    ///
    /// Severity: high where it has the form of a real credential (a known issuer's, a private key, random text); medium where
    /// somebody typed it, as a default password; low where it is plainly an example.
    /// Confidence: high by form, medium by name, low for examples.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: Application
    /// metadata:
    ///   name: shop
    /// spec:
    ///   source:
    ///     repoURL: https://bot:hunter2@git.example/shop.git #~
    /// ```
    ///
    /// ```yaml
    /// apiVersion: example.com/v1
    /// kind: Gateway
    /// metadata: {name: shop}
    /// spec:
    ///   tls:
    ///     key: |
    ///       -----BEGIN EC PRIVATE KEY----- #~
    ///       AAAA
    ///       -----END EC PRIVATE KEY-----
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: argoproj.io/v1alpha1
    /// kind: Application
    /// metadata: {name: shop}
    /// spec:
    ///   source:
    ///     repoURL: https://git.example/shop.git
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: tls}
    /// stringData:
    ///   url: https://bot:hunter2@git.example/shop.git
    /// ```
    ///
    /// ## Fix
    /// Replace the credential at its issuer first: it has been read. Then refer to a Secret where the field allows it.
    pub(crate) static CONTROL: Control = Control::new(
        "exposed-token",
        "Token or private key in a manifest",
        Ring::Secrets,
        Severity::High,
        Check::Object(&[], check),
    )
    .maps(&[
        (GuideA, "conclusion"),
        (Attack, "T1552.001"),
        (GuideA, "5"),
        (GuideB, "secrets"),
        (Datree, "ALL_EXPOSED_SECRET_BITBUCKET"),
        (Datree, "ALL_EXPOSED_SECRET_DATADOG"),
        (Datree, "ALL_EXPOSED_SECRET_GCP"),
        (Datree, "ALL_EXPOSED_SECRET_AWS"),
        (Datree, "ALL_EXPOSED_SECRET_GITHUB"),
        (Datree, "ALL_EXPOSED_SECRET_GITLAB"),
        (Datree, "ALL_EXPOSED_SECRET_TERRAFORM"),
        (Datree, "ALL_EXPOSED_SECRET_HEROKU"),
        (Datree, "ALL_EXPOSED_SECRET_JWT"),
        (Datree, "ALL_EXPOSED_SECRET_LAUNCHDARKLY"),
        (Datree, "ALL_EXPOSED_SECRET_NEWRELIC"),
        (Datree, "ALL_EXPOSED_SECRET_NPM"),
        (Datree, "ALL_EXPOSED_SECRET_OKTA"),
        (Datree, "ALL_EXPOSED_SECRET_STRIPE"),
        (Datree, "ALL_EXPOSED_SECRET_SUMOLOGIC"),
        (Datree, "ALL_EXPOSED_SECRET_TWILIO"),
        (Datree, "ALL_EXPOSED_SECRET_VAULT"),
        (Datree, "ALL_EXPOSED_SECRET_PRIVATEKEY"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let object = cx.object;
    if object.is("", "Secret") || object.is("", "ConfigMap") {
        return;
    }
    let span = object.root().span();
    let text = object.source.text.get(span.start as usize..span.end as usize).unwrap_or("");
    // One pass over the text decides for nearly all objects.
    if find_tokens(text).next().is_none() {
        return out.pass();
    }
    let elsewhere = looked_at_elsewhere(object);
    if search(out, object.root(), &elsewhere) == 0 {
        out.pass();
    }
}

/// Reports every text below `root` that holds a token; the number of findings.
fn search(out: &mut Out<'_>, root: Value<'_>, elsewhere: &HashSet<NodeId>) -> u32 {
    let mut findings = 0;
    let mut stack = vec![root];
    let mut budget = 1_000_000_u32;
    while let Some(v) = stack.pop() {
        budget -= 1;
        if budget == 0 {
            out.gap(root, GapReason::Limit, "the object refers to itself too often to be searched");
            break;
        }
        if v.is_mapping() || v.is_sequence() {
            let from = stack.len();
            stack.extend(v.entries().filter(|(k, _)| !is_no_place(k)).map(|(_, e)| e).chain(v.items()));
            // The last in is the next out, and findings stand in the order of the text.
            if let Some(new) = stack.get_mut(from..) {
                new.reverse();
            }
        } else if !elsewhere.contains(&v.id())
            && let Some(c) = v.scalar_text().and_then(|t| token_in(&t))
        {
            report(out, v, &format!("`{}`", place(v)), &c);
            findings += 1;
        }
    }
    findings
}

/// The first token of a text that is no example.
fn token_in(text: &str) -> Option<Credential> {
    find_tokens(text).next()?;
    looks_secret("", text).filter(|c| c.certainty > Certainty::Example)
}

fn place(v: Value<'_>) -> &str {
    if v.key().is_empty() { "an item" } else { v.key() }
}

/// Texts for people, and the copy of the object that kubectl keeps.
fn is_no_place(key: &str) -> bool {
    matches!(key, "description" | "kubectl.kubernetes.io/last-applied-configuration")
}

/// The nodes of containers that `literal-credential` looks at.
fn looked_at_elsewhere(object: &Object) -> HashSet<NodeId> {
    let containers = PodView::all(object).into_iter().flat_map(|p| p.containers());
    let mut out = HashSet::new();
    for c in containers {
        let items = |key: &str| c.value.get(key).into_iter().flat_map(Value::items);
        out.extend(items("command").chain(items("args")).map(Value::id));
        out.extend(items("env").filter_map(|e| e.get("value")).map(Value::id));
    }
    out
}
