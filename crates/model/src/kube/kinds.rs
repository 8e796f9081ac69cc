//! Which kinds Kubernetes has: group, resource name, scope, and the versions that were ever served; scopes of widely used
//! custom kinds; and how an `apiVersion` is cut into group and version.
//!
//! Facts: k8s.io/api v0.37 (`*/*/types.go`, `register.go`), apiextensions-apiserver, kube-aggregator, and the groups and
//! kinds that earlier releases served. Kinds that are only a subresource's body or are never sent to the API server (Scale,
//! TokenRequest, AdmissionReview, configuration files) are not here.

use Scope::{Cluster, Namespaced};
use std::fmt;

/// Where an object of a kind lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// In the cluster; it has no namespace.
    Cluster,
    /// In a namespace.
    Namespaced,
}

/// An `apiVersion`, cut at its slash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupVersion<'t> {
    /// The group; empty for the core group.
    pub group: &'t str,
    /// The version.
    pub version: &'t str,
}

impl<'t> GroupVersion<'t> {
    /// Reads an `apiVersion` (apimachinery `schema.ParseGroupVersion`): `v1`, `apps/v1`. `None` for more than one slash,
    /// and for an empty text or `/`, which upstream reads as "no version".
    pub fn parse(api_version: &'t str) -> Option<GroupVersion<'t>> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let empty = group.is_empty() && version.is_empty();
        (!empty && !version.contains('/')).then_some(GroupVersion { group, version })
    }
}

impl fmt::Display for GroupVersion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.group.is_empty() { "" } else { "/" };
        write!(f, "{}{slash}{}", self.group, self.version)
    }
}

/// A built-in kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BuiltinKind {
    /// The kind, such as `Deployment`.
    pub kind: &'static str,
    /// The plural resource, such as `deployments`.
    pub resource: &'static str,
    /// Where its objects live.
    pub scope: Scope,
    versions: &'static str,
}

impl BuiltinKind {
    /// The versions that were ever served, the most stable first.
    pub fn versions(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.versions.split(' ')
    }
}

struct Group {
    name: &'static str,
    kinds: &'static [BuiltinKind],
}

const fn kind(kind: &'static str, resource: &'static str, scope: Scope, versions: &'static str) -> BuiltinKind {
    BuiltinKind { kind, resource, scope, versions }
}

/// The built-in kind `kind` of `group`.
pub fn builtin(group: &str, kind: &str) -> Option<&'static BuiltinKind> {
    GROUPS.iter().find(|g| g.name == group)?.kinds.iter().find(|k| k.kind == kind)
}

/// Whether Kubernetes itself serves or served the kind.
pub fn is_builtin(group: &str, kind: &str) -> bool {
    builtin(group, kind).is_some()
}

/// Whether the group belongs to Kubernetes itself, whatever the kind.
pub fn is_builtin_group(group: &str) -> bool {
    GROUPS.iter().any(|g| g.name == group)
}

/// Whether objects of the kind live in a namespace; `None` for a kind of neither table.
pub fn scope(group: &str, kind: &str) -> Option<Scope> {
    let custom =
        || CUSTOM_CLUSTER.iter().chain(CUSTOM_NAMESPACED).position(|(g, kinds)| *g == group && has(kinds, kind));
    match builtin(group, kind) {
        Some(k) => Some(k.scope),
        None => custom().map(|i| if i < CUSTOM_CLUSTER.len() { Cluster } else { Namespaced }),
    }
}

/// The plural resource of a built-in kind, as RBAC rules name it.
pub fn resource(group: &str, kind: &str) -> Option<&'static str> {
    builtin(group, kind).map(|k| k.resource)
}

/// The built-in kind that is served as `resource` of `group`.
pub fn by_resource(group: &str, resource: &str) -> Option<&'static BuiltinKind> {
    GROUPS.iter().find(|g| g.name == group)?.kinds.iter().find(|k| k.resource == resource)
}

/// Every built-in kind with its group, by group and kind.
pub fn all() -> impl Iterator<Item = (&'static str, &'static BuiltinKind)> {
    GROUPS.iter().flat_map(|g| g.kinds.iter().map(|k| (g.name, k)))
}

fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|w| w == word)
}

static GROUPS: &[Group] = &[
    Group {
        name: "",
        kinds: &[
            kind("Binding", "bindings", Namespaced, "v1"),
            kind("ComponentStatus", "componentstatuses", Cluster, "v1"),
            kind("ConfigMap", "configmaps", Namespaced, "v1"),
            kind("Endpoints", "endpoints", Namespaced, "v1"),
            kind("Event", "events", Namespaced, "v1"),
            kind("LimitRange", "limitranges", Namespaced, "v1"),
            kind("Namespace", "namespaces", Cluster, "v1"),
            kind("Node", "nodes", Cluster, "v1"),
            kind("PersistentVolume", "persistentvolumes", Cluster, "v1"),
            kind("PersistentVolumeClaim", "persistentvolumeclaims", Namespaced, "v1"),
            kind("Pod", "pods", Namespaced, "v1"),
            kind("PodTemplate", "podtemplates", Namespaced, "v1"),
            kind("ReplicationController", "replicationcontrollers", Namespaced, "v1"),
            kind("ResourceQuota", "resourcequotas", Namespaced, "v1"),
            kind("Secret", "secrets", Namespaced, "v1"),
            kind("Service", "services", Namespaced, "v1"),
            kind("ServiceAccount", "serviceaccounts", Namespaced, "v1"),
        ],
    },
    Group {
        name: "admissionregistration.k8s.io",
        kinds: &[
            kind("MutatingAdmissionPolicy", "mutatingadmissionpolicies", Cluster, "v1 v1beta1 v1alpha1"),
            kind("MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", Cluster, "v1 v1beta1 v1alpha1"),
            kind("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Cluster, "v1 v1beta1"),
            kind("ValidatingAdmissionPolicy", "validatingadmissionpolicies", Cluster, "v1 v1beta1 v1alpha1"),
            kind(
                "ValidatingAdmissionPolicyBinding",
                "validatingadmissionpolicybindings",
                Cluster,
                "v1 v1beta1 v1alpha1",
            ),
            kind("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Cluster, "v1 v1beta1"),
        ],
    },
    Group {
        name: "apiextensions.k8s.io",
        kinds: &[kind("CustomResourceDefinition", "customresourcedefinitions", Cluster, "v1 v1beta1")],
    },
    Group { name: "apiregistration.k8s.io", kinds: &[kind("APIService", "apiservices", Cluster, "v1 v1beta1")] },
    Group {
        name: "apps",
        kinds: &[
            kind("ControllerRevision", "controllerrevisions", Namespaced, "v1 v1beta2 v1beta1"),
            kind("DaemonSet", "daemonsets", Namespaced, "v1 v1beta2"),
            kind("Deployment", "deployments", Namespaced, "v1 v1beta2 v1beta1"),
            kind("ReplicaSet", "replicasets", Namespaced, "v1 v1beta2"),
            kind("StatefulSet", "statefulsets", Namespaced, "v1 v1beta2 v1beta1"),
        ],
    },
    Group { name: "auditregistration.k8s.io", kinds: &[kind("AuditSink", "auditsinks", Cluster, "v1alpha1")] },
    Group {
        name: "authentication.k8s.io",
        kinds: &[
            kind("SelfSubjectReview", "selfsubjectreviews", Cluster, "v1 v1beta1 v1alpha1"),
            kind("TokenReview", "tokenreviews", Cluster, "v1 v1beta1"),
        ],
    },
    Group {
        name: "authorization.k8s.io",
        kinds: &[
            kind("LocalSubjectAccessReview", "localsubjectaccessreviews", Namespaced, "v1 v1beta1"),
            kind("SelfSubjectAccessReview", "selfsubjectaccessreviews", Cluster, "v1 v1beta1"),
            kind("SelfSubjectRulesReview", "selfsubjectrulesreviews", Cluster, "v1 v1beta1"),
            kind("SubjectAccessReview", "subjectaccessreviews", Cluster, "v1 v1beta1"),
        ],
    },
    Group {
        name: "autoscaling",
        kinds: &[kind("HorizontalPodAutoscaler", "horizontalpodautoscalers", Namespaced, "v2 v1 v2beta2 v2beta1")],
    },
    Group {
        name: "batch",
        kinds: &[kind("CronJob", "cronjobs", Namespaced, "v1 v1beta1 v2alpha1"), kind("Job", "jobs", Namespaced, "v1")],
    },
    Group {
        name: "certificates.k8s.io",
        kinds: &[
            kind("CertificateSigningRequest", "certificatesigningrequests", Cluster, "v1 v1beta1"),
            kind("ClusterTrustBundle", "clustertrustbundles", Cluster, "v1 v1beta1 v1alpha1"),
            kind("PodCertificateRequest", "podcertificaterequests", Namespaced, "v1 v1beta1 v1alpha1"),
        ],
    },
    Group {
        name: "coordination.k8s.io",
        kinds: &[
            kind("Lease", "leases", Namespaced, "v1 v1beta1"),
            kind("LeaseCandidate", "leasecandidates", Namespaced, "v1beta1 v1alpha2 v1alpha1"),
        ],
    },
    Group { name: "discovery.k8s.io", kinds: &[kind("EndpointSlice", "endpointslices", Namespaced, "v1 v1beta1")] },
    Group { name: "events.k8s.io", kinds: &[kind("Event", "events", Namespaced, "v1 v1beta1")] },
    Group {
        name: "extensions",
        kinds: &[
            kind("DaemonSet", "daemonsets", Namespaced, "v1beta1"),
            kind("Deployment", "deployments", Namespaced, "v1beta1"),
            kind("Ingress", "ingresses", Namespaced, "v1beta1"),
            kind("NetworkPolicy", "networkpolicies", Namespaced, "v1beta1"),
            kind("PodSecurityPolicy", "podsecuritypolicies", Cluster, "v1beta1"),
            kind("ReplicaSet", "replicasets", Namespaced, "v1beta1"),
            kind("ThirdPartyResource", "thirdpartyresources", Cluster, "v1beta1"),
        ],
    },
    Group {
        name: "flowcontrol.apiserver.k8s.io",
        kinds: &[
            kind("FlowSchema", "flowschemas", Cluster, "v1 v1beta3 v1beta2 v1beta1 v1alpha1"),
            kind(
                "PriorityLevelConfiguration",
                "prioritylevelconfigurations",
                Cluster,
                "v1 v1beta3 v1beta2 v1beta1 v1alpha1",
            ),
        ],
    },
    Group {
        name: "internal.apiserver.k8s.io",
        kinds: &[kind("StorageVersion", "storageversions", Cluster, "v1alpha1")],
    },
    Group {
        name: "lifecycle.k8s.io",
        kinds: &[
            kind("Eviction", "evictions", Namespaced, "v1alpha1"),
            kind("EvictionRequest", "evictionrequests", Namespaced, "v1alpha1"),
        ],
    },
    Group {
        name: "networking.k8s.io",
        kinds: &[
            kind("ClusterCIDR", "clustercidrs", Cluster, "v1alpha1"),
            kind("IPAddress", "ipaddresses", Cluster, "v1 v1beta1 v1alpha1"),
            kind("Ingress", "ingresses", Namespaced, "v1 v1beta1"),
            kind("IngressClass", "ingressclasses", Cluster, "v1 v1beta1"),
            kind("NetworkPolicy", "networkpolicies", Namespaced, "v1"),
            kind("ServiceCIDR", "servicecidrs", Cluster, "v1 v1beta1 v1alpha1"),
        ],
    },
    Group { name: "node.k8s.io", kinds: &[kind("RuntimeClass", "runtimeclasses", Cluster, "v1 v1beta1 v1alpha1")] },
    Group {
        name: "policy",
        kinds: &[
            kind("Eviction", "evictions", Namespaced, "v1 v1beta1"),
            kind("PodDisruptionBudget", "poddisruptionbudgets", Namespaced, "v1 v1beta1"),
            kind("PodSecurityPolicy", "podsecuritypolicies", Cluster, "v1beta1"),
        ],
    },
    Group {
        name: "rbac.authorization.k8s.io",
        kinds: &[
            kind("ClusterRole", "clusterroles", Cluster, "v1 v1beta1 v1alpha1"),
            kind("ClusterRoleBinding", "clusterrolebindings", Cluster, "v1 v1beta1 v1alpha1"),
            kind("Role", "roles", Namespaced, "v1 v1beta1 v1alpha1"),
            kind("RoleBinding", "rolebindings", Namespaced, "v1 v1beta1 v1alpha1"),
        ],
    },
    Group {
        name: "resource.k8s.io",
        kinds: &[
            kind("DeviceClass", "deviceclasses", Cluster, "v1 v1beta2 v1beta1 v1alpha3"),
            kind("DeviceTaintRule", "devicetaintrules", Cluster, "v1 v1beta2 v1alpha3"),
            kind("PodSchedulingContext", "podschedulingcontexts", Namespaced, "v1alpha3 v1alpha2"),
            kind("ResourceClaim", "resourceclaims", Namespaced, "v1 v1beta2 v1beta1 v1alpha3 v1alpha2"),
            kind("ResourceClaimParameters", "resourceclaimparameters", Namespaced, "v1alpha2"),
            kind("ResourceClaimTemplate", "resourceclaimtemplates", Namespaced, "v1 v1beta2 v1beta1 v1alpha3 v1alpha2"),
            kind("ResourceClass", "resourceclasses", Cluster, "v1alpha2"),
            kind("ResourceClassParameters", "resourceclassparameters", Namespaced, "v1alpha2"),
            kind("ResourcePoolStatusRequest", "resourcepoolstatusrequests", Cluster, "v1alpha3"),
            kind("ResourceSlice", "resourceslices", Cluster, "v1 v1beta2 v1beta1 v1alpha3 v1alpha2"),
        ],
    },
    Group {
        name: "scheduling.k8s.io",
        kinds: &[
            kind("CompositePodGroup", "compositepodgroups", Namespaced, "v1alpha3"),
            kind("PodGroup", "podgroups", Namespaced, "v1beta1 v1alpha3 v1alpha2"),
            kind("PriorityClass", "priorityclasses", Cluster, "v1 v1beta1 v1alpha1"),
            kind("Workload", "workloads", Namespaced, "v1beta1 v1alpha3 v1alpha2 v1alpha1"),
        ],
    },
    Group { name: "settings.k8s.io", kinds: &[kind("PodPreset", "podpresets", Namespaced, "v1alpha1")] },
    Group {
        name: "storage.k8s.io",
        kinds: &[
            kind("CSIDriver", "csidrivers", Cluster, "v1 v1beta1"),
            kind("CSINode", "csinodes", Cluster, "v1 v1beta1"),
            kind("CSIStorageCapacity", "csistoragecapacities", Namespaced, "v1 v1beta1 v1alpha1"),
            kind("StorageClass", "storageclasses", Cluster, "v1 v1beta1"),
            kind("VolumeAttachment", "volumeattachments", Cluster, "v1 v1beta1 v1alpha1"),
            kind("VolumeAttributesClass", "volumeattributesclasses", Cluster, "v1 v1beta1 v1alpha1"),
        ],
    },
    Group {
        name: "storagemigration.k8s.io",
        kinds: &[kind("StorageVersionMigration", "storageversionmigrations", Cluster, "v1 v1beta1 v1alpha1")],
    },
];

/// Cluster-scoped kinds of widely used add-ons, from their CRDs.
static CUSTOM_CLUSTER: &[(&str, &str)] = &[
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy BaselineAdminNetworkPolicy ClusterNetworkPolicy"),
    ("cert-manager.io", "ClusterIssuer"),
    ("external-secrets.io", "ClusterSecretStore ClusterExternalSecret ClusterPushSecret"),
    ("kyverno.io", "ClusterPolicy ClusterCleanupPolicy GlobalContextEntry"),
    ("policies.kyverno.io", "ValidatingPolicy MutatingPolicy GeneratingPolicy DeletingPolicy ImageValidatingPolicy"),
    ("templates.gatekeeper.sh", "ConstraintTemplate"),
    ("mutations.gatekeeper.sh", "Assign AssignMetadata ModifySet AssignImage"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy CiliumNode CiliumIdentity"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy GlobalNetworkSet IPPool FelixConfiguration"),
    ("projectcalico.org", "GlobalNetworkPolicy GlobalNetworkSet IPPool FelixConfiguration"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass VolumeSnapshotContent"),
    ("karpenter.sh", "NodePool NodeClaim"),
    ("security.openshift.io", "SecurityContextConstraints"),
    ("trust.cert-manager.io", "Bundle"),
    ("kueue.x-k8s.io", "ClusterQueue ResourceFlavor"),
];

/// Namespaced kinds of widely used add-ons, from their CRDs.
static CUSTOM_NAMESPACED: &[(&str, &str)] = &[
    (
        "gateway.networking.k8s.io",
        "Gateway HTTPRoute GRPCRoute TLSRoute TCPRoute UDPRoute ReferenceGrant BackendTLSPolicy ListenerSet",
    ),
    ("cert-manager.io", "Issuer Certificate CertificateRequest"),
    ("external-secrets.io", "ExternalSecret SecretStore PushSecret"),
    ("bitnami.com", "SealedSecret"),
    ("kyverno.io", "Policy CleanupPolicy PolicyException"),
    ("cilium.io", "CiliumNetworkPolicy CiliumEndpoint"),
    ("crd.projectcalico.org", "NetworkPolicy NetworkSet"),
    ("projectcalico.org", "NetworkPolicy NetworkSet"),
    ("snapshot.storage.k8s.io", "VolumeSnapshot"),
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass SecretProviderClassPodStatus"),
    ("monitoring.coreos.com", "ServiceMonitor PodMonitor PrometheusRule Prometheus Alertmanager Probe"),
    (
        "networking.istio.io",
        "VirtualService Gateway DestinationRule ServiceEntry Sidecar EnvoyFilter WorkloadEntry WorkloadGroup",
    ),
    ("security.istio.io", "AuthorizationPolicy PeerAuthentication RequestAuthentication"),
    ("argoproj.io", "Application AppProject ApplicationSet Rollout Workflow WorkflowTemplate CronWorkflow"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
    ("source.toolkit.fluxcd.io", "GitRepository HelmRepository HelmChart OCIRepository Bucket"),
    ("keda.sh", "ScaledObject ScaledJob TriggerAuthentication"),
    ("traefik.io", "IngressRoute IngressRouteTCP IngressRouteUDP Middleware"),
    ("tekton.dev", "Task Pipeline TaskRun PipelineRun"),
    ("kueue.x-k8s.io", "LocalQueue Workload"),
    ("route.openshift.io", "Route"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_versions_are_cut_at_the_slash() {
        let gv = |group, version| Some(GroupVersion { group, version });
        assert_eq!(GroupVersion::parse("v1"), gv("", "v1"));
        assert_eq!(GroupVersion::parse("apps/v1"), gv("apps", "v1"));
        assert_eq!(GroupVersion::parse("/v1"), gv("", "v1"));
        assert_eq!(GroupVersion::parse("apps/"), gv("apps", ""));
        for none in ["", "/", "a/b/c"] {
            assert_eq!(GroupVersion::parse(none), None, "{none}");
        }
        assert_eq!(GroupVersion::parse("apps/v1").unwrap().to_string(), "apps/v1");
        assert_eq!(GroupVersion::parse("v1").unwrap().to_string(), "v1");
    }

    #[test]
    fn scopes_of_built_in_and_removed_kinds() {
        for (group, kind, scope_of) in [
            ("", "Pod", Namespaced),
            ("", "Node", Cluster),
            ("", "Namespace", Cluster),
            ("apps", "Deployment", Namespaced),
            ("extensions", "Ingress", Namespaced),
            ("policy", "PodSecurityPolicy", Cluster),
            ("rbac.authorization.k8s.io", "ClusterRole", Cluster),
            ("rbac.authorization.k8s.io", "RoleBinding", Namespaced),
            ("storage.k8s.io", "StorageClass", Cluster),
            ("storage.k8s.io", "CSIStorageCapacity", Namespaced),
            ("apiextensions.k8s.io", "CustomResourceDefinition", Cluster),
            ("certificates.k8s.io", "PodCertificateRequest", Namespaced),
            ("cert-manager.io", "ClusterIssuer", Cluster),
            ("gateway.networking.k8s.io", "HTTPRoute", Namespaced),
            ("projectcalico.org", "GlobalNetworkPolicy", Cluster),
        ] {
            assert_eq!(scope(group, kind), Some(scope_of), "{group}/{kind}");
        }
        assert_eq!(scope("apps", "Pod"), None);
        assert_eq!(scope("example.com", "Widget"), None);
        assert_eq!(scope("secrets-store.csi.x-k8s.io", "NoSuch"), None);
    }

    #[test]
    fn resources_and_kinds_lead_to_each_other() {
        for (group, k) in all() {
            assert_eq!(by_resource(group, k.resource).map(|k| k.kind), Some(k.kind), "{group}/{}", k.kind);
            assert_eq!(resource(group, k.kind), Some(k.resource));
            assert!(k.versions().all(|v| v.starts_with('v')), "{group}/{}", k.kind);
        }
        assert_eq!(resource("networking.k8s.io", "NetworkPolicy"), Some("networkpolicies"));
        assert_eq!(resource("", "Endpoints"), Some("endpoints"));
        assert!(is_builtin("apps", "Deployment") && !is_builtin("apps", "Rollout"));
        assert!(is_builtin_group("") && is_builtin_group("extensions") && !is_builtin_group("example.com"));
        assert_eq!(builtin("autoscaling", "HorizontalPodAutoscaler").unwrap().versions().next(), Some("v2"));
    }

    #[test]
    fn no_kind_stands_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for (group, k) in all() {
            assert!(seen.insert((group, k.kind)), "{group}/{}", k.kind);
        }
        for (group, kinds) in CUSTOM_CLUSTER.iter().chain(CUSTOM_NAMESPACED) {
            for kind in kinds.split(' ') {
                assert!(seen.insert((group, kind)), "{group}/{kind}");
            }
        }
    }
}
