use crate::Framework::{GuideA, GuideB, Kubescape, Trivy};
use crate::images::{covers, with_image};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::{Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// An image pulled straight from a public registry is there only as long as its owner wants it, may be replaced by whoever
    /// takes over the owner's account, and is counted against a pull limit that stops new pods when nodes need them. A copy in a
    /// registry of one's own is scanned once and stays.
    ///
    /// `registries` names what counts as public; the default is the ones where anybody may push.
    ///
    /// Severity: info, because it is advice on where to pull from; most projects publish there and nowhere else.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: cache
    ///     image: redis:7 #~
    ///   - name: proxy
    ///     image: quay.io/team/proxy:1 #~
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
    ///   - name: other
    ///     image: docker.io.registry.example/shop:1
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
    ///     image: "{{ registry }}/shop:1" #?
    /// ```
    ///
    /// ## Fix
    /// Set up a pull-through cache or copy the images into a registry of your own, and name that.
    ///
    /// ## The guides
    /// Public copies of projects' images that only the project can push to (`registry.k8s.io`, `mcr.microsoft.com`) are not in
    /// the default list.
    pub(crate) static CONTROL: Control = Control::new(
        "public-registry",
        "Image comes straight from a public registry",
        Ring::SupplyChain,
        Severity::Info,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (GuideA, "6"),
        (GuideB, "image supply chain"),
        (Kubescape, "C-0001"),
        (Trivy, "KSV-0034"),
    ]);
}

/// The registries that count as public.
#[derive(Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
struct Params {
    registries: Vec<String>,
}

impl Default for Params {
    fn default() -> Params {
        Params { registries: ["docker.io", "ghcr.io", "quay.io", "public.ecr.aws"].map(String::from).to_vec() }
    }
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let params: &Params = cx.params();
    if params.registries.is_empty() {
        return;
    }
    with_image(cx, out, |image, at, out| {
        let public = params.registries.iter().any(|p| covers(p, image));
        out.check(public, at, format!("the image is pulled from the public registry `{}`", image.registry));
    });
}
