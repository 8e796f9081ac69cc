//! What identifies an item of a well-known list: the `listMapKey` markers and `patchMergeKey` tags of k8s.io/api
//! `*/v1/types.go`.
//!
//! For paths that survive reordering. Lists that are atomic or sets have no keys here.

use kastell_yaml::Value;
use std::fmt::Write as _;

/// What kind of mapping holds the list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ListContext {
    /// `metadata`.
    Metadata,
    /// The spec of a pod or of a pod template.
    PodSpec,
    /// An item of one of the three container lists.
    Container,
    /// `resources` of a container or pod.
    Resources,
    /// The spec of a Service.
    ServiceSpec,
    /// A ServiceAccount's root.
    ServiceAccount,
    /// The root of a webhook configuration.
    WebhookConfiguration,
    /// An item of `webhooks`.
    Webhook,
    /// The spec of an admission policy.
    AdmissionPolicySpec,
    /// `status`.
    Status,
    /// Anything else: no keys.
    Other,
}

impl ListContext {
    /// The context of a mapping of a built-in object: `path` holds the mapping keys from the root to it, list indexes
    /// left out. Of a `containers` item the last key is `containers`.
    pub fn of(kind: &str, path: &[&str]) -> ListContext {
        match (kind, path) {
            (_, ["metadata" | "objectMeta"] | [.., "template", "metadata"]) => ListContext::Metadata,
            (_, [.., "containers" | "initContainers" | "ephemeralContainers"]) => ListContext::Container,
            (_, [.., "containers" | "initContainers" | "spec", "resources"]) => ListContext::Resources,
            ("ServiceAccount", []) => ListContext::ServiceAccount,
            ("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration", []) => {
                ListContext::WebhookConfiguration
            }
            ("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration", ["webhooks"]) => ListContext::Webhook,
            ("ValidatingAdmissionPolicy" | "MutatingAdmissionPolicy", ["spec"]) => ListContext::AdmissionPolicySpec,
            ("Service", ["spec"]) => ListContext::ServiceSpec,
            ("Pod", ["spec"]) | (_, [.., "template", "spec"]) => ListContext::PodSpec,
            (_, ["status"]) => ListContext::Status,
            _ => ListContext::Other,
        }
    }
}

/// The keys that together identify an item of the list `field`; empty where the list is atomic, a set or unknown.
pub fn list_map_keys(field: &str, context: ListContext) -> &'static [&'static str] {
    match (context, field) {
        (ListContext::Metadata, "ownerReferences") => &["uid"],
        (
            ListContext::PodSpec,
            "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "imagePullSecrets",
        ) => &["name"],
        (ListContext::PodSpec, "resourceClaims" | "schedulingGates" | "evictionResponders") => &["name"],
        (ListContext::PodSpec, "hostAliases") => &["ip"],
        (ListContext::PodSpec, "topologySpreadConstraints") => &["topologyKey", "whenUnsatisfiable"],
        (ListContext::Container, "env") => &["name"],
        (ListContext::Container, "ports") => &["containerPort", "protocol"],
        (ListContext::Container, "volumeMounts") => &["mountPath"],
        (ListContext::Container, "volumeDevices") => &["devicePath"],
        (ListContext::Resources, "claims") => &["name"],
        (ListContext::ServiceSpec, "ports") => &["port", "protocol"],
        // imagePullSecrets of a ServiceAccount has no marker upstream and is atomic; secrets has one.
        (ListContext::ServiceAccount, "secrets") => &["name"],
        (ListContext::WebhookConfiguration, "webhooks") => &["name"],
        (ListContext::Webhook | ListContext::AdmissionPolicySpec, "matchConditions") => &["name"],
        (ListContext::AdmissionPolicySpec, "variables") => &["name"],
        (ListContext::Status, "conditions") => &["type"],
        (ListContext::Status, "podIPs") => &["ip"],
        _ => &[],
    }
}

/// The identity of an item by `keys`, as `key=value,key=value`: a missing `protocol` is TCP, as the API server defaults
/// it. `None` where there are no keys, or one is missing or not a scalar.
pub fn identity(item: Value<'_>, keys: &[&str]) -> Option<String> {
    identity_of(keys, |key| item.field(key)?.scalar_text().map(std::borrow::Cow::into_owned))
}

fn identity_of(keys: &[&str], value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    for key in keys {
        let value = value(key).or_else(|| (*key == "protocol").then(|| super::defaults::PROTOCOL.to_owned()))?;
        let comma = if out.is_empty() { "" } else { "," };
        write!(out, "{comma}{key}={value}").ok()?;
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_follow_the_path() {
        for (kind, path, field, keys) in [
            ("Pod", &["spec"][..], "containers", &["name"][..]),
            ("Pod", &["spec", "containers"], "env", &["name"]),
            ("Pod", &["spec", "initContainers"], "ports", &["containerPort", "protocol"]),
            ("Deployment", &["spec", "template", "spec"], "volumes", &["name"]),
            ("Deployment", &["spec", "template", "spec", "containers"], "volumeMounts", &["mountPath"]),
            ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"], "hostAliases", &["ip"]),
            (
                "Deployment",
                &["spec", "template", "spec"],
                "topologySpreadConstraints",
                &["topologyKey", "whenUnsatisfiable"],
            ),
            ("Service", &["spec"], "ports", &["port", "protocol"]),
            ("ServiceAccount", &[], "secrets", &["name"]),
            ("Pod", &["metadata"], "ownerReferences", &["uid"]),
            ("Node", &["status"], "conditions", &["type"]),
            ("MutatingWebhookConfiguration", &[], "webhooks", &["name"]),
            ("MutatingWebhookConfiguration", &["webhooks"], "matchConditions", &["name"]),
            ("Pod", &["spec", "containers", "resources"], "claims", &["name"]),
        ] {
            assert_eq!(list_map_keys(field, ListContext::of(kind, path)), keys, "{kind} {path:?} {field}");
        }
    }

    #[test]
    fn atomic_lists_have_no_keys() {
        for (kind, path, field) in [
            ("Pod", &["spec", "containers"][..], "args"),
            ("Pod", &["spec", "containers"], "envFrom"),
            ("Pod", &["spec"], "tolerations"),
            ("Pod", &["spec", "securityContext"], "sysctls"),
            ("Pod", &["spec", "containers", "livenessProbe", "httpGet"], "httpHeaders"),
            ("RoleBinding", &[], "subjects"),
            ("ServiceAccount", &[], "imagePullSecrets"),
            ("Role", &[], "rules"),
            ("NetworkPolicy", &["spec"], "ingress"),
            ("ConfigMap", &["data"], "env"),
        ] {
            assert!(list_map_keys(field, ListContext::of(kind, path)).is_empty(), "{kind} {path:?} {field}");
        }
    }

    #[test]
    fn an_identity_needs_every_key_but_a_protocol() {
        let item = |key: &str| {
            [("containerPort", "80"), ("name", "web")].iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned())
        };
        assert_eq!(identity_of(&["name"], item).as_deref(), Some("name=web"));
        assert_eq!(identity_of(&["containerPort", "protocol"], item).as_deref(), Some("containerPort=80,protocol=TCP"));
        assert_eq!(identity_of(&["mountPath"], item), None);
        assert_eq!(identity_of(&[], item), None);
    }
}
