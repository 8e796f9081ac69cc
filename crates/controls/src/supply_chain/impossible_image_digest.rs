use crate::{Check, ContainerCx, Control, Ring, control, images};
use kastell_model::kube::ImageReference;
use kastell_model::{Field, Out, Severity};

control! {
    /// A digest of sha256 has 64 hexadecimal digits. One that is cut short, or was typed for an example, looks pinned
    /// and pins nothing: the kubelet refuses the reference, and whoever mends it in a hurry takes the digest away.
    ///
    /// Severity: low, because the container does not start; it is the false sense of being pinned that is worth a line.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop@sha256:abc123 #~
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
    ///     image: registry.example/shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1
    /// ```
    ///
    /// ## Fix
    /// Ask the registry for the digest of the tag that was tested, and write all of it.
    pub(crate) static CONTROL: Control = Control::new(
        "impossible-image-digest",
        "Image names a digest that no image can have",
        Ring::SupplyChain,
        Severity::Low,
        Check::Container(check),
    );
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let Field::Set(text, at) = Field::string(cx.container.value, &["image"]) else { return };
    match ImageReference::parse(&text) {
        Ok(image) if image.digest.is_some() => out.pass(),
        Err(error) if images::beside_digest(&text).is_some() => {
            out.fail(at, format!("`image` {error}, so it cannot be pulled"));
        }
        // A tag is another control's affair, and what is no reference at all is told by those that read it.
        Ok(_) | Err(_) => {}
    }
}
