use crate::Framework::{Kubesec, Trivy};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity, yaml::Value};

control! {
    /// `hostAliases` puts lines into `/etc/hosts` of every container, before DNS is asked. A line that sends a known
    /// name elsewhere is hard to notice, and one that was right outlives a change of the address.
    ///
    /// Severity: info, because names are not what should be trusted: TLS is.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostAliases:
    ///   - ip: 203.0.113.10 #~
    ///     hostnames: [payments.example]
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostAliases: []
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   hostAliases: ${ALIASES} #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Use an ExternalName Service, a Service without selector, or the cluster's DNS.
    pub(crate) static CONTROL: Control = Control::new(
        "host-alias",
        "Pod rewrites names in its hosts file",
        Ring::Workloads,
        Severity::Info,
        Check::Pod(check),
    )
    .maps(&[(Trivy, "KSV-0007"), (Kubesec, "HostAliases")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let list = Field::at(cx.pod.spec(), &["hostAliases"]).read(|v| v.is_sequence().then_some(v));
    let list = match list {
        Field::Set(list, _) => Some(list),
        Field::Unreadable(at, reason) => return out.unreadable(at, reason, "hostAliases"),
        _ => None,
    };
    let mut clean = true;
    for alias in list.into_iter().flat_map(Value::items) {
        let at = alias.get("ip").unwrap_or(alias);
        let ip = at.scalar_text().unwrap_or_default();
        out.fail(at, format!("names lead to `{ip}` without DNS"));
        clean = false;
    }
    if clean {
        out.pass();
    }
}
