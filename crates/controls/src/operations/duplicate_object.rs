use crate::{Check, ClusterCx, ClusterOut, Control, Ring, control};
use kastell_model::{Confidence, Severity};

control! {
    /// Two objects of one kind, namespace and name that are deployed together are one object in the cluster: whichever
    /// is applied last wins, and the other file is a lie. A hardened copy beside a forgotten open one is the usual case.
    ///
    /// Severity: low, because it is hygiene; what the losing copy hides is found in both.
    ///
    /// Confidence: low, since a folder may hold variants that are never applied together.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: shop}
    /// data: {color: blue}
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: shop} #~
    /// data: {color: green}
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: shop}
    /// ---
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings, namespace: warehouse}
    /// ```
    ///
    /// ## Fix
    /// Keep one of them, or put variants into overlays of their own.
    pub(crate) static CONTROL: Control = Control::new(
        "duplicate-object",
        "Object is defined twice",
        Ring::Operations,
        Severity::Low,
        Check::Cluster(check),
    )
    .confidence(Confidence::Low);
}

fn check(cx: &ClusterCx<'_>, out: &mut ClusterOut<'_>) {
    let mut index = 0_u32;
    for same in cx.cluster().objects().chunk_by(|a, b| a.key == b.key) {
        // What a controller names has no name yet, and a patch is meant to have its object's.
        let mut first = None;
        for object in same {
            let at = index;
            index += 1;
            if object.key.name.is_empty() || object.key.name.ends_with('*') || object.patch {
                continue;
            }
            let Some(first) = first else {
                first = Some(object);
                out.on(at, |o| o.pass());
                continue;
            };
            let place = object.metadata().and_then(|m| m.get("name")).unwrap_or(object.root());
            let line = first.position(first.root().span()).line;
            out.on(at, |o| {
                o.fail(place, format!("{} stands in {}:{line} too", object.key, first.source.path));
            });
        }
    }
}
