use crate::Framework::{Checkov, Cis, GuideB, KubeScore, Kubescape, Polaris};
use crate::images::with_image;
use crate::{Check, ContainerCx, Control, ParamSpec, Ring, control};
use kastell_model::kube::ImageReference;
use kastell_model::{Field, GapReason, Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// Where the tag can move and the policy is not `Always`, each node runs what it happened to pull first: a fix that was pushed
    /// under the same tag reaches some nodes and not others. With `Never` and `IfNotPresent` a pod also starts a private image
    /// that another tenant's pull left on the node, without credentials of its own.
    ///
    /// `tags: mutable` (the default) looks at images without a digest whose tag is missing, `latest` or holds no digit;
    /// `tags: all` looks at every image without a digest; `digests: true` at those too. `explicit: true` wants the policy
    /// written out, also where `Always` is what the API server fills in.
    ///
    /// Severity: low, because it is about which version runs; shared nodes need the admission plugin AlwaysPullImages anyway.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:latest
    ///     imagePullPolicy: IfNotPresent #~
    ///   - name: beta
    ///     image: registry.example/shop:beta #~
    ///   - name: cache
    ///     image: redis
    ///     imagePullPolicy: Never #~
    /// ```
    ///
    /// ```yaml
    /// # params: {"tags": "all"}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop
    ///     image: registry.example/shop:1.4.2 #~
    /// ```
    ///
    /// ```yaml
    /// # params: {"explicit": true}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: shop}
    /// spec:
    ///   containers:
    ///   - name: shop #~
    ///     image: registry.example/shop:latest
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
    ///     image: registry.example/shop:latest
    ///   - name: beta
    ///     image: registry.example/shop:beta
    ///     imagePullPolicy: Always
    ///   - name: cache
    ///     image: redis:7
    ///     imagePullPolicy: IfNotPresent
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
    ///     image: registry.example/shop:latest
    ///     imagePullPolicy: ${POLICY} #?
    /// ```
    ///
    /// ## Fix
    /// Name a version, best with its digest; then the policy does not matter. Else set `imagePullPolicy: Always`: every start
    /// then asks the registry, and does not succeed while it is away.
    pub(crate) static CONTROL: Control = Control::new(
        "cached-image",
        "Mutable image is not pulled anew",
        Ring::SupplyChain,
        Severity::Low,
        Check::Container(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[
        (Cis, "1.2.11"),
        (GuideB, "image supply chain"),
        (Kubescape, "C-0075"),
        (Checkov, "CKV_K8S_15"),
        (KubeScore, "container-image-pull-policy"),
        (Polaris, "pullPolicyNotAlways"),
    ]);
}

/// Which images must be pulled anew at every start.
#[derive(Serialize, Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct Params {
    tags: Tags,
    digests: bool,
    /// Whether the policy has to be written out, even where the API server would fill in `Always`.
    explicit: bool,
}

/// Which tags count.
#[derive(Serialize, Deserialize, Default, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Tags {
    /// Missing ones, `latest`, and those without a digit.
    #[default]
    Mutable,
    /// All of them.
    All,
}

fn is_concerned(image: &ImageReference<'_>, params: &Params) -> bool {
    if image.is_pinned() {
        return params.digests;
    }
    let tag = image.effective_tag().unwrap_or_default();
    params.tags == Tags::All || !tag.bytes().any(|b| b.is_ascii_digit())
}

fn check(cx: &ContainerCx<'_>, out: &mut Out<'_>) {
    let params: &Params = cx.params();
    with_image(cx, out, |image, at, out| {
        if !is_concerned(image, params) {
            return out.pass();
        }
        match Field::string(cx.container.value, &["imagePullPolicy"]) {
            Field::Set(policy, _) if policy == "Always" => out.pass(),
            Field::Set(policy, at) if matches!(&*policy, "IfNotPresent" | "Never") => {
                out.fail(at, format!("nodes keep the image that they have: the policy is `{policy}`"));
            }
            // What the API server fills in (`SetDefaults_Container`).
            Field::Absent(_) | Field::Default(..) if image.is_latest() && !params.explicit => out.pass(),
            Field::Absent(a) | Field::Default(_, _, a) if image.is_latest() => {
                out.fail(a, "the policy is not written out");
            }
            Field::Absent(_) | Field::Default(..) => {
                out.fail(at, "nodes keep the image that they have: the policy is `IfNotPresent` by default");
            }
            Field::Set(_, at) => out.unreadable(at, GapReason::of_mistyped(at), "imagePullPolicy"),
            Field::Unreadable(at, reason) => out.unreadable(at, reason, "imagePullPolicy"),
        }
    });
}
