use crate::Framework::{Attack, Checkov, Cis, Datree, GuideB, KubeLinter, Kubescape, Kubesec};
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Out, Severity};

control! {
    /// What stands in the environment is inherited by every child process, printed by crash handlers and debug pages, and
    /// readable in `/proc` for whoever reads files as the same user. A file is read once by the one program that needs it, and
    /// follows when the Secret is rotated; a variable stays as it was until the pod is replaced.
    ///
    /// Severity: low, because an attacker needs to run code or read files in the container first, and often reads a mounted file
    /// just as well.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     env:
    ///     - name: DB_PASSWORD
    ///       valueFrom:
    ///         secretKeyRef: {name: db, key: password} #~
    ///   - name: side
    ///     image: registry.example/side:1
    ///     envFrom:
    ///     - secretRef: {name: side} #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   volumes:
    ///   - name: db
    ///     secret: {secretName: db}
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     env:
    ///     - name: MODE
    ///       valueFrom: {configMapKeyRef: {name: shop, key: mode}}
    ///     volumeMounts:
    ///     - {name: db, mountPath: /run/secrets/db, readOnly: true}
    /// ```
    ///
    /// ## Fix
    /// Mount the Secret as a file where the program can read one (many images take `…_FILE` variables).
    pub(crate) static CONTROL: Control = Control::new(
        "secret-in-environment",
        "Secret is passed through the environment",
        Ring::Secrets,
        Severity::Low,
        Check::Container(check),
    )
    .maps(&[
        (Cis, "5.4.1"),
        (Attack, "T1552.007"),
        (GuideB, "secrets"),
        (Kubescape, "C-0207"),
        (Checkov, "CKV_K8S_35"),
        (KubeLinter, "read-secret-from-env-var"),
        (Kubesec, "SecretsAsEnvironmentVariables"),
        (Datree, "CIS_INVALID_KEY_SECRETKEYREF_SECRETREF"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let items = |key: &str| cx.container.value.field(key).into_iter().flat_map(Value::items);
    let one = items("env").filter_map(|e| e.at(&["valueFrom", "secretKeyRef"]));
    let all = items("envFrom").filter_map(|e| e.field("secretRef"));
    let mut found = one.chain(all);
    let Some(first) = found.next() else { return out.pass() };
    let more: Vec<Value<'_>> = found.collect();
    let message = match more.len() {
        0 => "a Secret is passed through the environment".to_string(),
        n => format!("{} references pass Secrets through the environment", n + 1),
    };
    let hit = out.fail(first, message);
    for at in more.into_iter().take(8) {
        hit.related(at, "and here");
    }
}
