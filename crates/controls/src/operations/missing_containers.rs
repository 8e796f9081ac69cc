use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::carriers::{self, Shape};
use kastell_model::yaml::Value;
use kastell_model::{Field, GapReason, Out, Severity};

control! {
    /// A workload whose pod template holds no container runs nothing: the API server refuses it. In a repository it is
    /// mostly a patch that nobody marked as one, a list that slipped by two blanks, or a template that was cut short;
    /// every other control then has nothing to look at, and its silence must not be taken for an answer.
    ///
    /// Severity: low, because the object cannot be deployed as it stands. Where the specification is of another type
    /// altogether, the answer is unknown and the run incomplete.
    ///
    /// Confidence: medium, since the file may be a patch.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec: #~
    ///       restartPolicy: Always
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: empty}
    /// spec:
    ///   containers: [] #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///       - name: web
    ///         image: registry.example/web:1
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: slipped}
    /// spec: #?
    /// - containers:
    ///   - name: web
    ///     image: registry.example/web:1
    /// ```
    ///
    /// ## Not applicable
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: settings}
    /// ```
    ///
    /// ## Fix
    /// Write the containers where the kind has them, or list the file as a patch in its kustomization.
    pub(crate) static CONTROL: Control = Control::new(
        "missing-containers",
        "Workload without containers",
        Ring::Operations,
        Severity::Low,
        Check::Object(KINDS, check),
    )
    .confidence(kastell_model::Confidence::Medium);
}

const KINDS: &[(&str, &str)] = &[
    ("", "Pod"),
    ("", "PodTemplate"),
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
];

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    if cx.object.patch {
        return;
    }
    let found = carriers::find(cx.object);
    if found.is_empty() {
        let root = cx.object.root();
        let spec = root.get("spec").or_else(|| root.get("template"));
        match spec.filter(|s| !s.is_null() && !s.is_mapping()) {
            Some(odd) => invalid(out, odd),
            None => {
                out.fail(spec.unwrap_or(root), "there is no pod template where this kind has it");
            }
        }
    }
    for template in found.iter().filter(|f| matches!(f.shape, Shape::Pod | Shape::Template)) {
        of_template(template.value, out);
    }
}

fn of_template(template: Value<'_>, out: &mut Out<'_>) {
    let containers = match Field::at(template, &["spec", "containers"]) {
        Field::Set(list, _) => list,
        Field::Unreadable(at, _) => return invalid(out, at),
        Field::Default(_, _, anchor) | Field::Absent(anchor) => {
            out.fail(anchor, "the specification has no containers");
            return;
        }
    };
    if !containers.is_sequence() {
        return invalid(out, containers);
    }
    match containers.items().find(|c| !c.is_mapping()) {
        Some(odd) => invalid(out, odd),
        None => out.check(containers.items().next().is_none(), containers, "the list of containers is empty"),
    }
}

fn invalid(out: &mut Out<'_>, at: Value<'_>) {
    out.gap(
        at,
        GapReason::Invalid,
        "this is not of its type, so the API server would refuse the object and its pods were not checked",
    );
}
