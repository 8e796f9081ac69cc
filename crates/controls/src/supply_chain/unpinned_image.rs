use crate::Framework::{Attack, Checkov, Datree, GuideA, GuideB, Kubescape};
use crate::images::with_image;
use crate::{Check, ContainerCx, Control, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// A tag can be moved: what was scanned, signed and tested under `1.4.2` need not be what the node pulls tomorrow. A digest
    /// names one content for ever, so a registry that was broken into can refuse to serve it but not replace it.
    ///
    /// Severity: low, because it takes somebody who can push to the repository, and few clusters pin every image.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1.4.2 #~
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
    ///     image: registry.example/shop:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
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
    ///     image: registry.example/shop@sha256:abc123... #?
    /// ```
    ///
    /// ## Fix
    /// Write the digest behind the tag: `crane digest IMAGE` or `docker buildx imagetools inspect IMAGE` shows it. Let a tool
    /// such as Renovate raise tag and digest together, else security fixes stay out.
    pub(crate) static CONTROL: Control = Control::new(
        "unpinned-image",
        "Image is not pinned to a digest",
        Ring::SupplyChain,
        Severity::Low,
        Check::Container(check),
    )
    .maps(&[
        (GuideB, "pod security"),
        (Attack, "T1525"),
        (GuideA, "6"),
        (GuideB, "image supply chain"),
        (Kubescape, "C-0306"),
        (Checkov, "CKV_K8S_43"),
        (Datree, "CONTAINERS_MISSING_IMAGE_VALUE_DIGEST"),
    ]);
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    with_image(cx, out, |image, at, out| {
        out.check(!image.is_pinned(), at, "the image is named by a tag, which can be moved");
    });
}
