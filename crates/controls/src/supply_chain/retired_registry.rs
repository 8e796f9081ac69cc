use crate::Framework::Kubescape;
use crate::images::with_image;
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// `k8s.gcr.io` was frozen in April 2023: it gets no new versions, hence no fixes, and its images may disappear. A cluster
    /// that still names it stops starting these pods on that day.
    ///
    /// Severity: low, because nothing is open to an attacker; it is a failure that is announced.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: pause
    ///     image: k8s.gcr.io/pause:3.6 #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: pause
    ///     image: registry.k8s.io/pause:3.10
    /// ```
    ///
    /// ## Fix
    /// Write `registry.k8s.io` instead; paths and tags are the same.
    pub(crate) static CONTROL: Control = Control::new(
        "retired-registry",
        "Image comes from the retired registry of Kubernetes",
        Ring::SupplyChain,
        Severity::Low,
        Check::Container(check),
    )
    .maps(&[
        (Kubescape, "C-0253"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    with_image(cx, out, |image, at, out| {
        let retired = image.registry == "k8s.gcr.io" || image.registry.ends_with(".k8s.gcr.io");
        out.check(retired, at, "`k8s.gcr.io` is frozen and no longer served for good");
    });
}
