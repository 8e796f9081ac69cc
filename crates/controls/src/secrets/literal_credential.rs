use crate::Framework::{Attack, Cis, GuideA, GuideB, KubeLinter, Kubescape, Nsa, Polaris};
use crate::credentials::{credentials_in, in_arguments};
use crate::exposure::{Params, report, strongest};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// A credential that stands in the specification of a pod is readable for everybody who may `get` pods or their controllers,
    /// which is far more people than may read Secrets; it lies in the repository's history, in last-applied annotations and in
    /// backups, and it can't be rotated without a new rollout. An intruder's first command is to list exactly these.
    ///
    /// Looked at are values of variables, options such as `--password=…`, assignments in scripts, URLs with a password, and
    /// tokens of known form. A name counts only where its last word says credential: `TOKEN_TTL`, `PASSWORD_FILE` and
    /// `SECRET_NAME` are settings. Placeholders, booleans and paths are no credentials. `names` adds names of yours;
    /// `allowed_names` and `allowed_values` take out what is none.
    ///
    /// Severity: high where it has the form of a real credential (a known issuer's, a private key, random text); medium where
    /// somebody typed it, as a default password; low where it is plainly an example.
    /// Confidence: high by form, medium by name, low for examples.
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
    ///     args:
    ///     - --user=shop
    ///     - --password=hunter2 #~
    ///     - sh -c 'export API_KEY=abc1234; run' #~
    ///     env:
    ///     - name: DB_PASSWORD
    ///       value: hunter2 #~
    ///     - name: CACHE_URL
    ///       value: redis://:hunter2@cache:6379 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     args: [--password-file=/run/secrets/password, --token, $(TOKEN)]
    ///     env:
    ///     - name: DB_PASSWORD
    ///       valueFrom: {secretKeyRef: {name: db, key: password}}
    ///     - {name: TOKEN_TTL, value: "3600"}
    ///     - {name: TLS_SECRET_NAME, value: shop-tls}
    ///     - {name: DB_URL, value: "postgres://shop:$(DB_PASSWORD)@db/shop"}
    /// ```
    ///
    /// ```yaml
    /// # params: {"allowed_names": ["DEMO_PASSWORD"], "allowed_values": ["guest"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    ///     env:
    ///     - {name: DEMO_PASSWORD, value: hunter2}
    ///     - {name: MQ_PASSWORD, value: guest}
    /// ```
    ///
    /// ## Fix
    /// Put the value into a Secret that an external store or an encrypted manifest brings, mount it as a file or refer to it with
    /// `secretKeyRef`, and replace the credential: whoever read the manifest still has the old one.
    pub(crate) static CONTROL: Control = Control::new(
        "literal-credential",
        "Credential in an environment variable or argument",
        Ring::Secrets,
        Severity::High,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideA, "conclusion"),
        (Cis, "5.4.1"),
        (Nsa, "authentication and authorization"),
        (Attack, "T1552.001"),
        (GuideA, "5"),
        (GuideB, "secrets"),
        (Kubescape, "C-0012"),
        (Kubescape, "C-0259"),
        (KubeLinter, "env-var-secret"),
        (Polaris, "sensitiveContainerEnvVar"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let params: &Params = cx.params();
    let container = cx.container.value;
    for list in ["command", "args"] {
        arguments(container.get(list), params, out);
    }
    for variable in container.get("env").into_iter().flat_map(Value::items) {
        let (Some(name), Some(at)) = (variable.get("name").and_then(Value::scalar_text), variable.field("value"))
        else {
            continue;
        };
        let Some(value) = at.scalar_text() else {
            out.unreadable(at, GapReason::of_mistyped(at), "env.value");
            continue;
        };
        let found = strongest(credentials_in(&name, &value)).or_else(|| params.also(&name, &value));
        match found {
            Some(c) if !params.allows(&name, &value) => report(out, at, &format!("the variable `{name}`"), &c),
            _ => out.pass(),
        }
    }
    // Nothing to look at is nothing wrong.
    out.pass();
}

/// One finding for each argument, by its strongest credential.
fn arguments(list: Option<Value<'_>>, params: &Params, out: &mut Out<'_>) {
    let Some(list) = list else { return };
    let mut found = in_arguments(list);
    found.retain(|(at, c)| {
        let text = at.scalar_text().unwrap_or_default();
        let option = text.split('=').next().unwrap_or("").trim_start_matches('-');
        !params.allows(option, text.get(c.span.clone()).unwrap_or(""))
    });
    for same in found.chunk_by(|a, b| a.0 == b.0) {
        let strongest = strongest(same.iter().map(|(_, c)| c.clone()).collect());
        if let (Some((at, _)), Some(c)) = (same.first(), strongest) {
            report(out, *at, "an argument", &c);
        }
    }
}
