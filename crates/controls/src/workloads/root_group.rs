use crate::Framework::{GuideA, GuideB, KubeLinter, Kubescape, Nsa, Trivy};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity, views::ContainerView, yaml::Value};

control! {
    /// Group 0 owns much of an image and, through mounted directories, of the node. A process with it can read and
    /// often write files that its user alone could not.
    ///
    /// Severity: low, because group 0 gives little without root's files within reach.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     runAsGroup: 0 #~
    ///     fsGroup: 0 #~
    ///     supplementalGroups:
    ///     - 1000
    ///     - 0 #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
    ///     securityContext:
    ///       runAsGroup: 0 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     runAsGroup: 1000
    ///     fsGroup: 1000
    ///     supplementalGroups: [1000]
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
    ///   securityContext: {runAsGroup: 0}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///     securityContext: {runAsGroup: 1000}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   securityContext:
    ///     fsGroup: root #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   os: {name: windows}
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Use the program's own group in `runAsGroup` and `fsGroup`. Images for OpenShift keep their writable files in
    /// group 0: change the files' group with the number.
    pub(crate) static CONTROL: Control = Control::new(
        "root-group",
        "Pod is told to use the root group",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    )
    .maps(&[(Nsa, "pod security"), (GuideA, "4.B"), (GuideB, "pod security"), (Kubescape, "C-0013"), (Kubescape, "C-0211"), (Trivy, "KSV-0116"), (KubeLinter, "run-as-non-root")]);
}

const RUN_AS_GROUP: &[&str] = &["securityContext", "runAsGroup"];

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    if cx.pod.is_windows() {
        return;
    }
    if cx.pod.has_user_namespace() {
        return out.pass();
    }
    let spec = cx.pod.spec();
    let mut clean = true;
    let mut look = |field: Field<'_, i64>, name: &str| match field {
        Field::Set(0, at) => {
            out.fail(at, format!("`{name}` is the root group"));
            clean = false;
        }
        Field::Unreadable(at, reason) => {
            out.unreadable(at, reason, name);
            clean = false;
        }
        _ => {}
    };
    // The pod's group matters only where a container has none of its own.
    let own = |c: &ContainerView<'_>| !c.field(RUN_AS_GROUP).is_absent();
    if cx.containers.is_empty() || !cx.containers.iter().all(own) {
        look(Field::int(spec, RUN_AS_GROUP), "runAsGroup");
    }
    look(Field::int(spec, &["securityContext", "fsGroup"]), "fsGroup");
    let groups = spec.at(&["securityContext", "supplementalGroups"]);
    for group in groups.into_iter().flat_map(Value::items) {
        look(Field::Set(group, group).read(Value::as_i64), "supplementalGroups");
    }
    for container in cx.containers {
        look(Field::int(container.value, RUN_AS_GROUP), "runAsGroup");
    }
    if clean {
        out.pass();
    }
}
