//! A Service, as far as its exposure goes.

use crate::object::Object;
use kastell_yaml::Value;

/// A view on a Service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceView<'t> {
    /// The Service.
    pub object: &'t Object,
}

/// Annotations by which providers make a load balancer internal, each with the values that do so; none: any value.
const INTERNAL: &[(&str, &[&str])] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("networking.gke.io/load-balancer-type", &["internal"]),
    ("cloud.google.com/load-balancer-type", &["internal"]),
    ("service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", &["private"]),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
    ("oci.oraclecloud.com/load-balancer-type-internal", &["true"]),
    ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", &["intranet"]),
    ("service.kubernetes.io/qcloud-loadbalancer-internal-subnetid", &[]),
    ("service.beta.kubernetes.io/do-loadbalancer-network", &["internal"]),
];

impl<'t> ServiceView<'t> {
    /// The view on a Service.
    pub fn new(object: &'t Object) -> ServiceView<'t> {
        ServiceView { object }
    }

    /// The specification.
    pub fn spec(&self) -> Option<Value<'t>> {
        self.object.root().field("spec")
    }

    /// Whether `spec.type` is `name`. Without a type it is `ClusterIP`.
    pub fn is_type(&self, name: &str) -> bool {
        match self.spec().and_then(|s| s.field("type")) {
            Some(v) => v.is_str(name),
            None => name == "ClusterIP",
        }
    }

    /// The annotation that keeps the provider's load balancer inside its private network.
    pub fn internal_annotation(&self) -> Option<&'static str> {
        let annotations = self.object.metadata()?.field("annotations")?;
        let (key, _) = INTERNAL.iter().find(|(key, values)| {
            let value = annotations.field(key).and_then(Value::scalar_text);
            value.is_some_and(|v| values.is_empty() || values.iter().any(|w| v.eq_ignore_ascii_case(w)))
        })?;
        Some(key)
    }
}
