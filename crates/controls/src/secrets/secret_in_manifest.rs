use crate::Framework::{Attack, GuideA, GuideB};
use crate::credentials::is_placeholder;
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{Confidence, Origin, Out, Severity};

control! {
    /// The data of a Secret is encoded, not encrypted. A manifest with its values gives them to everybody who can read the
    /// repository, its forks, the pipeline's logs and every laptop with a clone, and taking it out later leaves it in the history.
    ///
    /// Only files are looked at: in a running cluster a Secret has to have values. Empty values and placeholders are fine.
    ///
    /// Severity: medium, because the repository is often closed and the value may be a default for trying things out.
    /// Confidence: medium, because of those defaults.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: db}
    /// stringData: #~
    ///   user: shop
    ///   password: hunter2
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata: {name: db}
    /// stringData:
    ///   password: ${DB_PASSWORD}
    /// data:
    ///   token: ""
    /// ```
    ///
    /// ## Fix
    /// Keep the values in a store (External Secrets Operator, the CSI driver of a vault) or encrypt the manifest (Sealed Secrets,
    /// SOPS), and replace those that were committed.
    pub(crate) static CONTROL: Control = Control::new(
        "secret-in-manifest",
        "Secret with its values in a manifest",
        Ring::Secrets,
        Severity::Medium,
        Check::Object(&[("", "Secret")], check),
    )
    .confidence(Confidence::Medium)
    .maps(&[
        (Attack, "T1552.001"),
        (GuideA, "5"),
        (GuideB, "secrets"),
    ]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    if !matches!(cx.object.origin, Origin::File { .. }) {
        return;
    }
    let root = cx.object.root();
    // SOPS leaves the shape of the object and encrypts its values.
    let encrypted = root.get("sops").is_some();
    let says = |v: &Value<'_>| {
        let text = v.scalar_text().unwrap_or_default();
        !encrypted && !text.trim().is_empty() && !is_placeholder(&text)
    };
    let with_values = ["data", "stringData"].iter().filter_map(|k| root.field(k)).find_map(|map| {
        let count = map.entries().filter(|(_, v)| says(v)).count();
        (count > 0).then_some((map, count))
    });
    match with_values {
        Some((map, 1)) => {
            out.fail(map, "the manifest gives away one value of this Secret");
        }
        Some((map, n)) => {
            out.fail(map, format!("the manifest gives away {n} values of this Secret"));
        }
        None => out.pass(),
    }
}
