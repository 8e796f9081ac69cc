use crate::Framework::GuideA;
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Field, Out, Severity};

control! {
    /// With `shareProcessNamespace` each container of the pod sees the others' processes, their arguments and, as the
    /// same user, their environment and, through `/proc/PID/root`, their file system with the Secrets mounted there. A
    /// compromised sidecar is then as good as the main container.
    ///
    /// Severity: low, because it joins containers that were deployed together.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   shareProcessNamespace: true #~
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   - name: side
    ///     image: registry.example/side:1
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
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   shareProcessNamespace: "yes" #?
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Fix
    /// Remove it. To send a signal to another container use a shared file or a local port; to debug use an ephemeral
    /// container with `targetContainerName`. To reap zombies start the program through a small init.
    pub(crate) static CONTROL: Control = Control::new(
        "shared-process-namespace",
        "Containers of the pod see each other's processes",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    )
    .maps(&[(GuideA, "4.B")]);
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    match Field::bool(cx.pod.spec(), &["shareProcessNamespace"]) {
        Field::Set(true, at) => {
            out.fail(at, "each container sees the processes and files of the others");
        }
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "shareProcessNamespace"),
        _ => out.pass(),
    }
}
