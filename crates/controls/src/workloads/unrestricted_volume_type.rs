use crate::Framework::{Pss, Trivy};
use crate::{Check, Control, PodCx, Ring, control};
use kastell_model::{Out, Severity};

control! {
    /// Volumes that name a server, disk or plugin in the pod itself (NFS, iSCSI, RBD, FlexVolume, …) let whoever writes
    /// pods choose what is mounted, with the addresses and sometimes the credentials in the manifest. Through a
    /// PersistentVolumeClaim an administrator decides.
    ///
    /// Severity: low, because the volume alone gives no more than its server grants.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   volumes:
    ///   - name: share
    ///     nfs: #~
    ///       server: nfs.example
    ///       path: /share
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: registry.example/web:1
    ///   volumes:
    ///   - name: scratch
    ///     emptyDir: {}
    ///   - name: data
    ///     persistentVolumeClaim: {claimName: data}
    ///   - name: implicit
    /// ```
    ///
    /// ## Fix
    /// Describe the storage in a PersistentVolume or StorageClass and use a PersistentVolumeClaim.
    pub(crate) static CONTROL: Control = Control::new(
        "unrestricted-volume-type",
        "Volume of a type that ties the pod to infrastructure",
        Ring::Workloads,
        Severity::Low,
        Check::Pod(check),
    )
    .maps(&[(Pss, "restricted"), (Trivy, "KSV-0028")]);
}

/// What a volume of the Pod Security Standards' restricted level may be (policy/check_restrictedVolumes.go), and `image`,
/// which is content and no infrastructure.
const RESTRICTED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let mut clean = true;
    for volume in cx.pod.volumes() {
        // A volume without a source is an emptyDir.
        for (kind, source) in volume.entries().filter(|(k, v)| *k != "name" && !v.is_null()) {
            if !RESTRICTED.contains(&kind) {
                out.fail(source, format!("a volume of type `{kind}`"));
                clean = false;
            }
        }
    }
    if clean {
        out.pass();
    }
}
