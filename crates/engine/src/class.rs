//! Whose software an object is: Kubernetes' and the provider's, an add-on of the platform, or the users' own.
//!
//! A class orders and folds; it excuses nothing. It rests on the table of known components where the object is one of
//! its, and else only on where the object stands: a label says nothing, since whoever writes the object writes it.

use crate::components;
use kastell_model::{Class, Object, ObjectKey, Str, Subject};

/// The class of a finding's subject, and what it rests on.
pub(crate) fn class(subject: &Subject, object: &Object) -> (Class, Option<Str>) {
    if let Some(listed) = components::of(subject, object) {
        return (listed.component.class, Some(listed.evidence(&subject.key)));
    }
    let key = &subject.key;
    if let Some((class, whose)) = home(key).and_then(namespace) {
        let (verb, name) =
            if key.kind.is("", "Namespace") { ("is", &*key.name) } else { ("stands in", home(key).unwrap_or("")) };
        return (class, Some(format!("{verb} {whose} namespace {name}").into()));
    }
    let rbac = &*key.kind.group == "rbac.authorization.k8s.io";
    if rbac && key.name.starts_with("system:") {
        return (Class::System, Some("has a name that Kubernetes keeps for its own roles".into()));
    }
    (Class::Yours, None)
}

/// The namespace that an object stands in; of a namespace, itself.
fn home(key: &ObjectKey) -> Option<&str> {
    if key.kind.is("", "Namespace") { Some(&key.name) } else { key.namespace.as_deref() }
}

/// Namespaces of Kubernetes and of providers, by name or by prefix (`*` at the end).
const SYSTEM: [(&str, &str); 21] = [
    ("kube-system", "Kubernetes' own"),
    ("kube-public", "Kubernetes' own"),
    ("kube-node-lease", "Kubernetes' own"),
    ("gke-*", "GKE's own"),
    ("gmp-*", "GKE's own"),
    ("gke-managed-*", "GKE's own"),
    ("config-management-*", "GKE's own"),
    ("asm-system", "GKE's own"),
    ("kube-addon-manager", "AKS' own"),
    ("aks-*", "AKS' own"),
    ("app-routing-system", "AKS' own"),
    ("azure-arc", "Azure's own"),
    ("amazon-*", "EKS' own"),
    ("aws-*", "EKS' own"),
    ("eks-*", "EKS' own"),
    ("openshift", "OpenShift's own"),
    ("openshift-*", "OpenShift's own"),
    ("cattle-*", "Rancher's own"),
    ("fleet-default", "Rancher's own"),
    ("kubernetes-dashboard", "Kubernetes' dashboard's"),
    ("local-path-storage", "the local path provisioner's"),
];

/// Namespaces that add-ons are installed in as their documentation says.
const PLATFORM: [(&str, &str); 29] = [
    ("argo-rollouts", "Argo Rollouts'"),
    ("argocd", "Argo CD's"),
    ("calico-apiserver", "Calico's"),
    ("calico-system", "Calico's"),
    ("cert-manager", "cert-manager's"),
    ("cilium-*", "Cilium's"),
    ("cnpg-system", "CloudNativePG's"),
    ("crossplane-system", "Crossplane's"),
    ("external-dns", "ExternalDNS'"),
    ("external-secrets", "External Secrets'"),
    ("falco", "Falco's"),
    ("flux-system", "Flux's"),
    ("gatekeeper-system", "Gatekeeper's"),
    ("ingress-nginx", "ingress-nginx'"),
    ("istio-*", "Istio's"),
    ("karpenter", "Karpenter's"),
    ("keda", "KEDA's"),
    ("knative-*", "Knative's"),
    ("kube-flannel", "Flannel's"),
    ("kyverno", "Kyverno's"),
    ("linkerd", "Linkerd's"),
    ("linkerd-*", "Linkerd's"),
    ("longhorn-system", "Longhorn's"),
    ("metallb-system", "MetalLB's"),
    ("rook-ceph", "Rook's"),
    ("tekton-*", "Tekton's"),
    ("tigera-operator", "Calico's"),
    ("trivy-system", "Trivy's"),
    ("velero", "Velero's"),
];

fn namespace(name: &str) -> Option<(Class, &'static str)> {
    let whose = |table: &[(&str, &'static str)]| {
        let is = |pattern: &str| pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix));
        table.iter().find(|(pattern, _)| is(pattern)).map(|(_, whose)| *whose)
    };
    whose(&SYSTEM).map(|w| (Class::System, w)).or_else(|| whose(&PLATFORM).map(|w| (Class::Platform, w)))
}
