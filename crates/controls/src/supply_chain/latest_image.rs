use crate::Framework::{
    Attack, Checkov, Datree, GuideA, GuideB, KubeLinter, KubeScore, Kubeaudit, Polaris, Popeye, Trivy,
};
use crate::images::with_image;
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// An image without a tag, or with `latest`, is whatever the registry holds at the moment of the pull. Whoever can push
    /// there, once, runs code in the cluster at the next restart of a pod, and no change of a manifest shows it. Two pods of one
    /// Deployment may run different programs, and nobody can say afterwards which one it was.
    ///
    /// Severity: medium, because it turns a stolen push right into code in the cluster without a step of its own.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop #~
    ///   - name: cache
    ///     image: redis:latest #~
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
    ///     image: registry.example:5000/shop:1.4.2
    ///   - name: cache
    ///     image: redis:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    /// ```
    ///
    /// A digest that no image can have is not a tag that moves: nothing is pulled at all.
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: cache
    ///     image: redis@sha256:abc123
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:${VERSION} #?
    /// ```
    ///
    /// ## Fix
    /// Name the version that was tested, better the digest. A tool such as Renovate keeps it up to date.
    pub(crate) static CONTROL: Control = Control::new(
        "latest-image",
        "Image has no tag or the tag latest",
        Ring::SupplyChain,
        Severity::Medium,
        Check::Container(check),
    )
    .maps(&[
        (GuideB, "pod security"),
        (Attack, "T1525"),
        (GuideA, "6"),
        (GuideB, "image supply chain"),
        (Trivy, "KSV-0013"),
        (Checkov, "CKV_K8S_14"),
        (KubeLinter, "latest-tag"),
        (KubeScore, "container-image-tag"),
        (Polaris, "tagNotSpecified"),
        (Popeye, "POP-100"),
        (Popeye, "POP-101"),
        (Datree, "CONTAINERS_MISSING_IMAGE_VALUE_VERSION"),
        (Kubeaudit, "ImageTagMissing"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    with_image(cx, out, |image, at, out| {
        if !image.is_latest() {
            out.pass();
        } else if image.tag.is_none() {
            out.fail(at, "the image has no tag, which means `latest`");
        } else {
            out.fail(at, "the image's tag is `latest`");
        }
    });
}
