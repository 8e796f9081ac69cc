use crate::Framework::{KubeLinter, Kubeaudit, Kubescape};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Out, Severity};

control! {
    /// `serviceAccount` is the old name of `serviceAccountName`. Tools and policies that look only at the new field see
    /// a pod that runs as `default`, so a check on the account can be passed by accident or on purpose.
    ///
    /// Severity: info, because the API server still reads the old name and fills in the new one.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec:
    ///   serviceAccount: app #~
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: a}
    /// spec:
    ///   serviceAccountName: app
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: as-the-api-server-returns-it}
    /// spec:
    ///   serviceAccount: app
    ///   serviceAccountName: app
    ///   containers: [{name: c, image: registry.example/c:1}]
    /// ```
    ///
    /// ## Fix
    /// Rename the field to `serviceAccountName`.
    pub(crate) static CONTROL: Control = Control::new(
        "deprecated-service-account-field",
        "Pod names its service account in the deprecated field",
        Ring::Identity,
        Severity::Info,
        Check::Pod(check),
    )
    .maps(&[
        (Kubescape, "C-0294"),
        (KubeLinter, "deprecated-service-account-field"),
        (Kubeaudit, "AutomountServiceAccountTokenDeprecated"),
    ]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let spec = cx.pod.spec();
    let old = spec.field("serviceAccount").filter(|v| !v.is_str(""));
    let new = spec.field("serviceAccountName").and_then(Value::as_str);
    match old {
        // The API server returns both with the same value.
        Some(v) if new.as_deref().is_none_or(|n| !v.is_str(n)) => {
            out.fail(v, "`serviceAccount` is deprecated in favour of `serviceAccountName`");
        }
        _ => out.pass(),
    }
}
