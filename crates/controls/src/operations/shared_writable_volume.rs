use crate::Framework::GuideA;
use crate::{Check, Control, ObjectCx, Ring, control};
use kastell_model::yaml::Value;
use kastell_model::{GapReason, Out, Severity};

control! {
    /// The volume can be written from several nodes at once. One pod that is taken over changes what the others read and
    /// run: uploads become scripts, caches become code, and node boundaries do not help.
    ///
    /// Severity: info, because some programs need it; this is the list to look through.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: uploads}
    /// spec:
    ///   accessModes:
    ///   - ReadOnlyMany
    ///   - ReadWriteMany #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: uploads}
    /// spec:
    ///   accessModes: [ReadWriteOncePod]
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata: {name: uploads}
    /// spec:
    ///   accessModes: ${MODES} #?
    /// ```
    ///
    /// ## Fix
    /// Give each writer a volume of its own (`ReadWriteOncePod`) and mount shared data read-only, or share it through an
    /// object store whose credentials can be told apart.
    pub(crate) static CONTROL: Control = Control::new(
        "shared-writable-volume",
        "Volume can be written from several nodes",
        Ring::Operations,
        Severity::Info,
        Check::Object(&[("", "PersistentVolumeClaim")], check),
    )
    .maps(&[(GuideA, "4.B")]);
}

fn check(cx: &ObjectCx<'_>, out: &mut Out<'_>) {
    let Some(modes) = cx.object.root().at(&["spec", "accessModes"]) else { return };
    if !modes.is_sequence() {
        return out.unreadable(modes, GapReason::of_mistyped(modes), "accessModes");
    }
    match modes.items().find(|m| m.is_str("ReadWriteMany")) {
        Some(mode) => drop(out.fail(mode, "every pod that mounts the claim may write, on any node")),
        None => match modes.items().find(|m| Value::as_str(*m).is_none_or(|s| s.contains("${") || s.contains("{{"))) {
            Some(unclear) => out.unreadable(unclear, GapReason::of_mistyped(unclear), "accessModes"),
            None => out.pass(),
        },
    }
}
