use crate::Framework::{Attack, GuideA, GuideB, Kubescape, Polaris, Trivy};
use crate::credentials::credentials_in;
use crate::exposure::{Params, report, strongest};
use crate::{Check, Control, ObjectCx, ParamSpec, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// ConfigMaps are readable for nearly everybody who may look into a namespace, and encryption at rest usually leaves them
    /// out. A password that lies in one is known to every viewer, every dashboard and every backup.
    ///
    /// Looked at are entries by their name, assignments in the files that a ConfigMap carries (`DB_PASSWORD=…`, `password: …`),
    /// URLs with a password, private keys and tokens of known form. Programs and templates (`check.py`, `run.sh`) are searched
    /// for tokens and keys only. `names`, `allowed_names` and `allowed_values` are those of `literal-credential`.
    ///
    /// Severity: high where it has the form of a real credential (a known issuer's, a private key, random text); medium where
    /// somebody typed it, as a default password; low where it is plainly an example.
    /// Confidence: high by form, medium by name, low for examples.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: shop}
    /// data:
    ///   theme: dark
    ///   admin-password: hunter2 #~
    ///   shop.env: |
    ///     DB_USER=shop #~
    ///     DB_PASSWORD=hunter2
    ///   url: amqp://shop:hunter2@queue:5672 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: shop}
    /// data:
    ///   theme: dark
    ///   username: shop
    ///   password_validation.py: |
    ///     password = "hunter2"
    ///   token_ttl: 1h
    ///   shop.env: |
    ///     DB_PASSWORD=${DB_PASSWORD}
    ///     DB_PASSWORD_FILE=/run/secrets/db
    /// ```
    ///
    /// ## Fix
    /// Move the entry into a Secret, mount that beside the ConfigMap, and replace the credential: whoever read it still has it.
    ///
    /// ## The guides
    /// A user's name alone is no finding here; Trivy's KSV-01010 takes it for one.
    pub(crate) static CONTROL: Control = Control::new(
        "configmap-credential",
        "Credential in a ConfigMap",
        Ring::Secrets,
        Severity::High,
        Check::Object(&[("", "ConfigMap")], check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideA, "conclusion"),
        (Attack, "T1552.001"),
        (GuideA, "5"),
        (GuideB, "secrets"),
        (Kubescape, "C-0012"),
        (Trivy, "KSV-0109"),
        (Trivy, "KSV-01010"),
        (Polaris, "sensitiveConfigmapContent"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let params: &Params = cx.params();
    let root = cx.object.root();
    for (name, at) in ["data", "binaryData"].iter().filter_map(|k| root.get(k)).flat_map(Value::entries) {
        let Some(text) = at.scalar_text() else {
            out.unreadable(at, GapReason::of_mistyped(at), "data");
            continue;
        };
        let mut found = credentials_in(name, &text);
        found.retain(|c| !params.allows(name, text.get(c.span.clone()).unwrap_or("")));
        match strongest(found).or_else(|| params.also(name, &text)) {
            Some(c) => report(out, at, &format!("the entry `{name}`"), &c),
            None => out.pass(),
        }
    }
    // Nothing to look at is nothing wrong.
    out.pass();
}
