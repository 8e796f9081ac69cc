use crate::Framework::{Attack, Kubescape};
use crate::pods::{clean, host_paths};
use crate::{Check, Control, ParamSpec, PodCx, Ring, control};
use kastell_model::{Field, GapReason, Out, Severity};
use serde::{Deserialize, Serialize};

control! {
    /// Cloud command lines, kubelets and provider agents keep credentials in well-known files of the node. A pod that
    /// mounts them acts in the cloud account as the node or as an administrator who once logged in there.
    ///
    /// Severity: high, because the credentials work outside the cluster; what they may do is decided there.
    ///
    /// ## Fails
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///   volumes:
    ///   - name: cloud
    ///     hostPath:
    ///       path: /etc/kubernetes/azure.json #~
    ///   - name: home
    ///     hostPath:
    ///       path: /home/ops/.aws/ #~
    /// ```
    ///
    /// ## Passes
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///   volumes:
    ///   - name: logs
    ///     hostPath: {path: /var/log}
    ///   - name: scratch
    ///     emptyDir: {}
    /// ```
    ///
    /// ## Unknown
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: tool}
    /// spec:
    ///   containers:
    ///   - name: tool
    ///     image: registry.example/tool:1
    ///   volumes:
    ///   - name: cloud
    ///     hostPath:
    ///       path: $(CLOUD_CONFIG) #?
    /// ```
    ///
    /// ## Fix
    /// Give the pod an identity of its own (IRSA or EKS Pod Identity, Azure Workload Identity, GKE Workload Identity)
    /// and remove the mount.
    pub(crate) static CONTROL: Control = Control::new(
        "cloud-credential-path",
        "Pod reaches cloud credentials of its node",
        Ring::Workloads,
        Severity::High,
        Check::Pod(check),
    )
    .params(ParamSpec::of::<Params>())
    .maps(&[(Attack, "T1552.001"), (Kubescape, "C-0020")]);
}

/// What else holds credentials on these nodes.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    /// Paths without a trailing slash; `/etc/kubernetes` on AKS, which keeps azure.json there.
    paths: Vec<String>,
}

fn check(cx: &PodCx<'_>, out: &mut Out<'_>) {
    let further = &cx.params::<Params>().paths;
    let mut clean_pod = true;
    for (_, path) in host_paths(cx.pod) {
        match &path {
            Field::Set(_, at) if GapReason::of_mistyped(*at) == GapReason::Dynamic => {
                out.unreadable(*at, GapReason::Dynamic, "hostPath.path");
                clean_pod = false;
            }
            Field::Set(text, at) if holds_credentials(&clean(text), further) => {
                out.fail(*at, format!("`{text}` holds credentials for the cloud"));
                clean_pod = false;
            }
            Field::Unreadable(at, reason) => {
                out.unreadable(*at, *reason, "hostPath.path");
                clean_pod = false;
            }
            _ => {}
        }
    }
    if clean_pod {
        out.pass();
    }
}

/// Directories and files in which command lines and agents of AWS, Azure and Google keep credentials.
fn holds_credentials(path: &str, further: &[String]) -> bool {
    let in_home = [".aws", ".azure", ".config/gcloud"];
    let files = ["azure.json", "application_default_credentials.json"];
    let is_part = |directory: &str| {
        path.match_indices(directory).any(|(at, _)| {
            let (before, after) =
                (path.get(..at).unwrap_or_default(), path.get(at + directory.len()..).unwrap_or_default());
            before.ends_with('/') && (after.is_empty() || after.starts_with('/'))
        })
    };
    in_home.iter().any(|d| is_part(d))
        || files.iter().any(|f| path.rsplit('/').next() == Some(*f))
        || path == "/gcloud/creds"
        || further.iter().any(|f| f == path)
}
