use crate::Framework::{Attack, GuideA, GuideB, Kubescape, Popeye, Trivy};
use crate::images::{covers, impossible, with_image};
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::{Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// Scanning, signing and pulling limits hold for the registries that somebody watches. An image from anywhere else goes
    /// around all of them: a name with one letter exchanged, or a public copy with a miner in it, is pulled like any other.
    ///
    /// `allowed` names registries (`registry.example`) or paths in them (`registry.example/team`); `*` stands for any text.
    /// While it is empty nothing is said.
    ///
    /// Severity: medium, because it breaks a rule that this cluster's operators set, and the image may still be a good one.
    ///
    /// ## Fails
    /// ```yaml
    /// # params: {"allowed": ["registry.example/team"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/team/shop:1
    ///   - name: cache
    ///     image: redis:7 #~
    ///   - name: other
    ///     image: registry.example/teammate/shop:1 #~
    ///   - name: broken
    ///     image: .registry.example/team/shop #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// # params: {"allowed": ["registry.example", "docker.io/library", "*.dkr.ecr.*.amazonaws.com"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/team/shop:1
    ///   - name: cache
    ///     image: redis:7
    ///   - name: other
    ///     image: 123.dkr.ecr.eu-west-1.amazonaws.com/shop:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// # params: {"allowed": ["registry.example"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: ${REGISTRY}/shop:1 #?
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: cache
    ///     image: redis:7
    /// ```
    ///
    /// ## Fix
    /// Copy the image into an allowed registry and name it there, or add its registry to `allowed` after a look at it. An
    /// admission policy with the same list keeps it so.
    ///
    /// ## The guides
    /// Other tools ship lists of their own, such as every registry of a cloud; which registries a cluster trusts is not ours to
    /// say, so the list is empty until somebody sets it.
    pub(crate) static CONTROL: Control = Control::new(
        "untrusted-registry",
        "Image comes from a registry that is not allowed",
        Ring::SupplyChain,
        Severity::Medium,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (Attack, "T1525"),
        (GuideA, "6"),
        (GuideB, "image supply chain"),
        (Kubescape, "C-0078"),
        (Trivy, "KSV-0125"),
        (Trivy, "KSV-0032"),
        (Trivy, "KSV-0033"),
        (Trivy, "KSV-0035"),
        (Popeye, "POP-113"),
    ]);
}

/// The registries that images may come from.
#[derive(Serialize, Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct Params {
    allowed: Vec<String>,
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let params: &Params = cx.params();
    if params.allowed.is_empty() {
        return;
    }
    if let Some(at) = impossible(cx) {
        out.fail(at, "this names no registry, so it is not among the allowed ones");
        return;
    }
    with_image(cx, out, |image, at, out| {
        let allowed = params.allowed.iter().any(|p| covers(p, image));
        out.check(!allowed, at, format!("`{}` is not among the allowed registries", image.registry));
    });
}
