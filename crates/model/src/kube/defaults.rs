//! What the API server (or the kubelet) fills in where a manifest is silent, as far as verdicts depend on it.
//!
//! Pure functions of what is written. Sources: kubernetes `pkg/apis/core/v1/defaults.go`, `pkg/apis/{apps,rbac,
//! networking}/v1/defaults.go`, `pkg/util/parsers`, `plugin/pkg/admission/serviceaccount`, named at each item.
//! An empty string counts as absent wherever Go's zero value does.

use super::image::{DEFAULT_TAG, ImageReference};
use kastell_yaml::Value;

/// The protocol of a port (`SetDefaults_Service`, and the `+default="TCP"` marker of `ContainerPort`).
pub const PROTOCOL: &str = "TCP";
/// The restart policy of a pod (`SetDefaults_PodSpec`).
pub const RESTART_POLICY: &str = "Always";
/// The DNS policy of a pod (`SetDefaults_PodSpec`).
pub const DNS_POLICY: &str = "ClusterFirst";
/// The seconds that a pod has to end (`SetDefaults_PodSpec`).
pub const TERMINATION_GRACE_PERIOD_SECONDS: i64 = 30;
/// The proc mount of a container (`SetDefaults_SecurityContext`).
pub const PROC_MOUNT: &str = "Default";
/// The type of a Service (`SetDefaults_Service`).
pub const SERVICE_TYPE: &str = "ClusterIP";
/// The update strategy of a Deployment (apps/v1 `SetDefaults_Deployment`) and of a DaemonSet and StatefulSet.
pub const DEPLOYMENT_STRATEGY: &str = "RollingUpdate";
/// The service account of a pod that names none (admission plugin ServiceAccount).
pub const SERVICE_ACCOUNT: &str = "default";
/// The namespace of a namespaced object that names none, where nothing else is known.
pub const NAMESPACE: &str = "default";
/// The lifetime of a projected service account token (`SetDefaults_ServiceAccountTokenProjection`).
pub const TOKEN_EXPIRATION_SECONDS: i64 = 3600;
/// The label that every namespace carries with its own name (`SetDefaults_Namespace`).
pub const NAMESPACE_NAME_LABEL: &str = "kubernetes.io/metadata.name";
/// The API group of roles, and of subjects that are users or groups (rbac/v1 `SetDefaults_Subject`).
pub const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// The fields of a volume that are its source, each of core/v1 `VolumeSource`.
pub const VOLUME_SOURCES: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

fn written(s: Option<&str>) -> Option<&str> {
    s.filter(|s| !s.is_empty())
}

/// The sources that a volume has, in the order of the manifest. None at all: the API server makes it an `emptyDir`
/// (`SetDefaults_Volume`). Unknown fields are no sources; more than one is refused by validation.
pub fn volume_sources(volume: Value<'_>) -> impl Iterator<Item = (&str, Value<'_>)> {
    volume.entries().filter(|(key, value)| VOLUME_SOURCES.contains(key) && !value.is_null())
}

/// Whether a volume becomes an `emptyDir` because it names no source.
pub fn is_default_empty_dir(volume: Value<'_>) -> bool {
    volume_sources(volume).next().is_none()
}

/// The service account of a pod: `serviceAccountName`, else the deprecated `serviceAccount` (core/v1 conversion.go),
/// else `default`.
pub fn service_account_name<'a>(name: Option<&'a str>, deprecated: Option<&'a str>) -> &'a str {
    written(name).or(written(deprecated)).unwrap_or(SERVICE_ACCOUNT)
}

/// Whether a service account's token is mounted: the pod's field wins, then the account's, else yes (admission plugin
/// ServiceAccount, `shouldAutomount`).
pub fn automounts_token(pod: Option<bool>, service_account: Option<bool>) -> bool {
    pod.or(service_account).unwrap_or(true)
}

/// The protocol of a port.
pub fn protocol(protocol: Option<&str>) -> &str {
    written(protocol).unwrap_or(PROTOCOL)
}

/// The pull policy of a container (`SetDefaults_Container`): `Always` where the tag is `latest`, written or implied,
/// even before a digest; else `IfNotPresent`, also for an image that can't be read.
pub fn image_pull_policy<'a>(policy: Option<&'a str>, image: &str) -> &'a str {
    written(policy).unwrap_or_else(|| match ImageReference::parse(image) {
        Ok(image) if image.effective_tag() == Some(DEFAULT_TAG) => "Always",
        _ => "IfNotPresent",
    })
}

/// The request that counts for one resource: the written one, else the limit (`SetDefaults_Pod`, for each resource that
/// has a limit). Templates get this only when their pods are made.
pub fn request<T>(request: Option<T>, limit: Option<T>) -> Option<T> {
    request.or(limit)
}

/// The host port of a container port; 0 is none. In a pod of the host's network the container's own port
/// (`defaultHostNetworkPorts`; in templates only before Kubernetes 1.28, but their pods get it all the same).
pub fn host_port(host_network: bool, host_port: i64, container_port: i64) -> i64 {
    if host_network && host_port == 0 { container_port } else { host_port }
}

/// The directions that a NetworkPolicy restricts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PolicyTypes {
    /// Traffic to the selected pods.
    pub ingress: bool,
    /// Traffic from the selected pods.
    pub egress: bool,
}

/// The `policyTypes` of a NetworkPolicy: the written ones; where none is written, ingress, and egress if the policy has
/// at least one egress rule (networking/v1 `SetDefaults_NetworkPolicy`).
pub fn policy_types<'a>(written: impl IntoIterator<Item = &'a str>, egress_rules: usize) -> PolicyTypes {
    let mut types = None;
    for name in written {
        let t = types.get_or_insert(PolicyTypes { ingress: false, egress: false });
        t.ingress |= name == "Ingress";
        t.egress |= name == "Egress";
    }
    types.unwrap_or(PolicyTypes { ingress: true, egress: egress_rules > 0 })
}

/// The API group of a binding's subject: the core group for a service account, RBAC's for a user or group (rbac/v1
/// `SetDefaults_Subject`). Another kind has no default.
pub fn subject_api_group<'a>(api_group: Option<&'a str>, kind: &str) -> &'a str {
    written(api_group).unwrap_or(match kind {
        "User" | "Group" => RBAC_GROUP,
        _ => "",
    })
}

/// The API group of a `roleRef` (rbac/v1 `SetDefaults_RoleBinding`, `SetDefaults_ClusterRoleBinding`).
pub fn role_ref_api_group(api_group: Option<&str>) -> &str {
    written(api_group).unwrap_or(RBAC_GROUP)
}

/// The lifetime in seconds of a projected service account token.
pub fn token_expiration_seconds(seconds: Option<i64>) -> i64 {
    seconds.unwrap_or(TOKEN_EXPIRATION_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_policy_follows_the_tag() {
        let hex = "0".repeat(64);
        for (image, policy) in [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("nginx:1.27", "IfNotPresent"),
            (&format!("nginx@sha256:{hex}"), "IfNotPresent"),
            (&format!("nginx:latest@sha256:{hex}"), "Always"),
            ("Not An Image", "IfNotPresent"),
            ("", "IfNotPresent"),
        ] {
            assert_eq!(image_pull_policy(None, image), policy, "{image}");
            assert_eq!(image_pull_policy(Some(""), image), policy, "{image}");
            assert_eq!(image_pull_policy(Some("Never"), image), "Never");
        }
    }

    #[test]
    fn policy_types_default_by_the_rules_that_exist() {
        let types = |ingress, egress| PolicyTypes { ingress, egress };
        assert_eq!(policy_types([], 0), types(true, false));
        assert_eq!(policy_types([], 1), types(true, true));
        assert_eq!(policy_types(["Egress"], 0), types(false, true));
        assert_eq!(policy_types(["Ingress"], 3), types(true, false));
        assert_eq!(policy_types(["Ingress", "Egress"], 0), types(true, true));
    }

    #[test]
    fn service_accounts_default_and_the_pod_decides_about_its_token() {
        assert_eq!(service_account_name(None, None), "default");
        assert_eq!(service_account_name(Some(""), Some("old")), "old");
        assert_eq!(service_account_name(Some("new"), Some("old")), "new");
        assert!(automounts_token(None, None) && automounts_token(Some(true), Some(false)));
        assert!(!automounts_token(None, Some(false)) && !automounts_token(Some(false), Some(true)));
    }

    #[test]
    fn ports_default_to_tcp_and_to_the_host_in_its_network() {
        assert_eq!((protocol(None), protocol(Some("")), protocol(Some("UDP"))), ("TCP", "TCP", "UDP"));
        assert_eq!(host_port(true, 0, 80), 80);
        assert_eq!(host_port(true, 90, 80), 90);
        assert_eq!(host_port(false, 0, 80), 0);
    }

    #[test]
    fn subjects_and_role_references_get_their_groups() {
        assert_eq!(subject_api_group(None, "ServiceAccount"), "");
        assert_eq!(subject_api_group(None, "Group"), RBAC_GROUP);
        assert_eq!(subject_api_group(Some(""), "User"), RBAC_GROUP);
        assert_eq!(subject_api_group(Some("x"), "User"), "x");
        assert_eq!(role_ref_api_group(None), RBAC_GROUP);
    }

    #[test]
    fn a_limit_is_the_request_where_none_is_written() {
        assert_eq!(request(None, Some(2)), Some(2));
        assert_eq!(request(Some(1), Some(2)), Some(1));
        assert_eq!(request::<i32>(None, None), None);
        assert_eq!(token_expiration_seconds(None), 3600);
        assert_eq!(token_expiration_seconds(Some(600)), 600);
    }

    #[test]
    fn volume_sources_are_sorted_and_unique() {
        assert!(VOLUME_SOURCES.windows(2).all(|w| w[0] < w[1]));
    }
}
