//! Which built-in API versions are deprecated or gone, since when, and what to write instead.
//!
//! Facts: the `APILifecycle…` methods of k8s.io/api v0.37 (`zz_generated.prerelease-lifecycle.go`), the deprecated API
//! migration guide, and types.go of apiextensions-apiserver and kube-aggregator for their groups. Where upstream names a
//! replacement that is gone too, the version that is still served stands here. Alpha versions that were never on by
//! default are listed only where upstream's lifecycle marks them.

use super::versions::KubernetesVersion;

/// What became of an API version of a kind. Minors are of Kubernetes 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApiVersionChange {
    /// The group; empty for the core group.
    pub group: &'static str,
    /// The version.
    pub version: &'static str,
    /// The kinds, parted by spaces.
    kinds: &'static str,
    /// The first minor in which it is deprecated.
    pub deprecated_in: u16,
    /// The first minor that does not serve it; beyond the newest minor it is upstream's plan. `None`: nothing is planned.
    pub removed_in: Option<u16>,
    /// The `apiVersion` to write instead; `None` where there is none.
    pub replacement: Option<&'static str>,
}

/// How an API version stands with a Kubernetes version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ApiVersionStatus {
    /// Served and not deprecated, or not known to the table.
    Current,
    /// Served, and deprecated.
    Deprecated,
    /// No longer served: applying it fails.
    Removed,
}

impl ApiVersionChange {
    /// How the version stands in Kubernetes `version`.
    pub fn status(&self, version: KubernetesVersion) -> ApiVersionStatus {
        match self.removed_in {
            Some(minor) if version.at_least(minor) => ApiVersionStatus::Removed,
            _ if version.at_least(self.deprecated_in) => ApiVersionStatus::Deprecated,
            _ => ApiVersionStatus::Current,
        }
    }

    /// The kinds that the row is about.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.kinds.split(' ')
    }
}

/// What became of `group`/`version` of `kind`; `None` where nothing did.
pub fn change(group: &str, version: &str, kind: &str) -> Option<&'static ApiVersionChange> {
    CHANGES.iter().find(|c| c.group == group && c.version == version && c.kinds().any(|k| k == kind))
}

/// How `group`/`version` of `kind` stands in Kubernetes `kubernetes`.
pub fn status(group: &str, version: &str, kind: &str, kubernetes: KubernetesVersion) -> ApiVersionStatus {
    change(group, version, kind).map_or(ApiVersionStatus::Current, |c| c.status(kubernetes))
}

const fn row(
    group: &'static str,
    version: &'static str,
    kinds: &'static str,
    deprecated_in: u16,
    removed_in: Option<u16>,
    replacement: Option<&'static str>,
) -> ApiVersionChange {
    ApiVersionChange { group, version, kinds, deprecated_in, removed_in, replacement }
}

/// Every change that the table knows, by group.
pub static CHANGES: &[ApiVersionChange] = &[
    row("", "v1", "ComponentStatus", 19, None, None),
    row("", "v1", "Endpoints", 33, None, Some("discovery.k8s.io/v1")),
    row(
        "admissionregistration.k8s.io",
        "v1alpha1",
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
        35,
        Some(38),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row(
        "admissionregistration.k8s.io",
        "v1alpha1",
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        29,
        Some(32),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row(
        "admissionregistration.k8s.io",
        "v1beta1",
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
        37,
        Some(40),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row(
        "admissionregistration.k8s.io",
        "v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        16,
        Some(22),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row(
        "admissionregistration.k8s.io",
        "v1beta1",
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        31,
        Some(34),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition", 16, Some(22), Some("apiextensions.k8s.io/v1")),
    row("apiregistration.k8s.io", "v1beta1", "APIService", 19, Some(22), Some("apiregistration.k8s.io/v1")),
    row("apps", "v1beta1", "ControllerRevision Deployment StatefulSet", 8, Some(16), Some("apps/v1")),
    row(
        "apps",
        "v1beta2",
        "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
        9,
        Some(16),
        Some("apps/v1"),
    ),
    row("authentication.k8s.io", "v1alpha1", "SelfSubjectReview", 29, Some(32), Some("authentication.k8s.io/v1")),
    row("authentication.k8s.io", "v1beta1", "SelfSubjectReview", 30, Some(33), Some("authentication.k8s.io/v1")),
    row("authentication.k8s.io", "v1beta1", "TokenReview", 19, Some(22), Some("authentication.k8s.io/v1")),
    row(
        "authorization.k8s.io",
        "v1beta1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        19,
        Some(22),
        Some("authorization.k8s.io/v1"),
    ),
    row("autoscaling", "v2beta1", "HorizontalPodAutoscaler", 22, Some(25), Some("autoscaling/v2")),
    row("autoscaling", "v2beta2", "HorizontalPodAutoscaler", 23, Some(26), Some("autoscaling/v2")),
    row("batch", "v1beta1", "CronJob", 21, Some(25), Some("batch/v1")),
    row("batch", "v2alpha1", "CronJob", 8, Some(21), Some("batch/v1")),
    row("certificates.k8s.io", "v1alpha1", "ClusterTrustBundle", 34, Some(37), Some("certificates.k8s.io/v1")),
    row("certificates.k8s.io", "v1beta1", "CertificateSigningRequest", 19, Some(22), Some("certificates.k8s.io/v1")),
    row(
        "certificates.k8s.io",
        "v1beta1",
        "ClusterTrustBundle PodCertificateRequest",
        37,
        Some(40),
        Some("certificates.k8s.io/v1"),
    ),
    row("coordination.k8s.io", "v1alpha2", "LeaseCandidate", 35, Some(38), None),
    row("coordination.k8s.io", "v1beta1", "Lease", 19, Some(22), Some("coordination.k8s.io/v1")),
    row("coordination.k8s.io", "v1beta1", "LeaseCandidate", 36, Some(39), None),
    row("discovery.k8s.io", "v1beta1", "EndpointSlice", 21, Some(25), Some("discovery.k8s.io/v1")),
    row("events.k8s.io", "v1beta1", "Event", 22, Some(25), Some("events.k8s.io/v1")),
    row("extensions", "v1beta1", "DaemonSet Deployment ReplicaSet", 8, Some(16), Some("apps/v1")),
    row("extensions", "v1beta1", "Ingress", 14, Some(22), Some("networking.k8s.io/v1")),
    row("extensions", "v1beta1", "NetworkPolicy", 9, Some(16), Some("networking.k8s.io/v1")),
    row("extensions", "v1beta1", "PodSecurityPolicy", 10, Some(16), None),
    row(
        "flowcontrol.apiserver.k8s.io",
        "v1beta1",
        "FlowSchema PriorityLevelConfiguration",
        23,
        Some(26),
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
    row(
        "flowcontrol.apiserver.k8s.io",
        "v1beta2",
        "FlowSchema PriorityLevelConfiguration",
        26,
        Some(29),
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
    row(
        "flowcontrol.apiserver.k8s.io",
        "v1beta3",
        "FlowSchema PriorityLevelConfiguration",
        29,
        Some(32),
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
    row("networking.k8s.io", "v1beta1", "IPAddress ServiceCIDR", 34, Some(37), Some("networking.k8s.io/v1")),
    row("networking.k8s.io", "v1beta1", "Ingress IngressClass", 19, Some(22), Some("networking.k8s.io/v1")),
    row("node.k8s.io", "v1beta1", "RuntimeClass", 22, Some(25), Some("node.k8s.io/v1")),
    row("policy", "v1beta1", "Eviction", 22, Some(25), Some("policy/v1")),
    row("policy", "v1beta1", "PodDisruptionBudget", 21, Some(25), Some("policy/v1")),
    row("policy", "v1beta1", "PodSecurityPolicy", 21, Some(25), None),
    row(
        "rbac.authorization.k8s.io",
        "v1beta1",
        "ClusterRole ClusterRoleBinding Role RoleBinding",
        17,
        Some(22),
        Some("rbac.authorization.k8s.io/v1"),
    ),
    row("resource.k8s.io", "v1alpha3", "DeviceTaintRule", 36, Some(39), Some("resource.k8s.io/v1")),
    row(
        "resource.k8s.io",
        "v1beta1",
        "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
        35,
        Some(38),
        Some("resource.k8s.io/v1"),
    ),
    row(
        "resource.k8s.io",
        "v1beta2",
        "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
        36,
        Some(39),
        Some("resource.k8s.io/v1"),
    ),
    row("scheduling.k8s.io", "v1beta1", "PriorityClass", 14, Some(22), Some("scheduling.k8s.io/v1")),
    row("settings.k8s.io", "v1alpha1", "PodPreset", 20, Some(20), None),
    row("storage.k8s.io", "v1alpha1", "CSIStorageCapacity VolumeAttachment", 21, Some(24), Some("storage.k8s.io/v1")),
    row("storage.k8s.io", "v1alpha1", "VolumeAttributesClass", 32, Some(35), Some("storage.k8s.io/v1")),
    row(
        "storage.k8s.io",
        "v1beta1",
        "CSIDriver StorageClass VolumeAttachment",
        19,
        Some(22),
        Some("storage.k8s.io/v1"),
    ),
    row("storage.k8s.io", "v1beta1", "CSINode", 17, Some(22), Some("storage.k8s.io/v1")),
    row("storage.k8s.io", "v1beta1", "CSIStorageCapacity", 24, Some(27), Some("storage.k8s.io/v1")),
    row("storage.k8s.io", "v1beta1", "VolumeAttributesClass", 34, Some(37), Some("storage.k8s.io/v1")),
    row(
        "storagemigration.k8s.io",
        "v1beta1",
        "StorageVersionMigration",
        37,
        Some(40),
        Some("storagemigration.k8s.io/v1"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::kinds::{GroupVersion, builtin};

    #[test]
    fn known_removals() {
        for (group, version, kind, removed, replacement) in [
            ("extensions", "v1beta1", "Deployment", 16, Some("apps/v1")),
            ("extensions", "v1beta1", "Ingress", 22, Some("networking.k8s.io/v1")),
            ("networking.k8s.io", "v1beta1", "IngressClass", 22, Some("networking.k8s.io/v1")),
            ("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition", 22, Some("apiextensions.k8s.io/v1")),
            ("rbac.authorization.k8s.io", "v1beta1", "RoleBinding", 22, Some("rbac.authorization.k8s.io/v1")),
            ("batch", "v1beta1", "CronJob", 25, Some("batch/v1")),
            ("policy", "v1beta1", "PodDisruptionBudget", 25, Some("policy/v1")),
            ("policy", "v1beta1", "PodSecurityPolicy", 25, None),
            ("autoscaling", "v2beta1", "HorizontalPodAutoscaler", 25, Some("autoscaling/v2")),
            ("autoscaling", "v2beta2", "HorizontalPodAutoscaler", 26, Some("autoscaling/v2")),
            ("flowcontrol.apiserver.k8s.io", "v1beta1", "FlowSchema", 26, Some("flowcontrol.apiserver.k8s.io/v1")),
            ("flowcontrol.apiserver.k8s.io", "v1beta3", "FlowSchema", 32, Some("flowcontrol.apiserver.k8s.io/v1")),
            ("storage.k8s.io", "v1beta1", "CSIStorageCapacity", 27, Some("storage.k8s.io/v1")),
        ] {
            let c = change(group, version, kind).unwrap();
            assert_eq!((c.removed_in, c.replacement), (Some(removed), replacement), "{group}/{version} {kind}");
        }
    }

    #[test]
    fn a_version_goes_from_current_through_deprecated_to_removed() {
        let at = |minor| status("batch", "v1beta1", "CronJob", KubernetesVersion::minor(minor));
        assert_eq!((at(20), at(21)), (ApiVersionStatus::Current, ApiVersionStatus::Deprecated));
        assert_eq!((at(24), at(25)), (ApiVersionStatus::Deprecated, ApiVersionStatus::Removed));
        assert_eq!(status("apps", "v1", "Deployment", KubernetesVersion::NEWEST), ApiVersionStatus::Current);
        assert_eq!(status("", "v1", "Endpoints", KubernetesVersion::NEWEST), ApiVersionStatus::Deprecated);
        let patched = "1.25.3".parse().unwrap();
        assert_eq!(status("batch", "v1beta1", "CronJob", patched), ApiVersionStatus::Removed);
    }

    #[test]
    fn replacements_are_served_by_the_newest_kubernetes_and_rows_are_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for c in CHANGES {
            assert!(c.removed_in.is_none_or(|r| r >= c.deprecated_in));
            for kind in c.kinds() {
                assert!(seen.insert((c.group, c.version, kind)), "{} {} {kind}", c.group, c.version);
                let known = builtin(c.group, kind).unwrap_or_else(|| panic!("{} {kind}", c.group));
                assert!(known.versions().any(|v| v == c.version), "{} {} {kind}", c.group, c.version);
                let Some(new) = c.replacement else { continue };
                let new = GroupVersion::parse(new).unwrap();
                assert_ne!(status(new.group, new.version, kind, KubernetesVersion::NEWEST), ApiVersionStatus::Removed);
                let exists = kind == "Endpoints"
                    || builtin(new.group, kind).is_some_and(|k| k.versions().any(|v| v == new.version));
                assert!(exists, "{new} {kind}");
            }
        }
    }
}
