//! Which custom kinds embed a pod template, as the schemas of their CRDs say.
//!
//! Owns: the shapes in an OpenAPI v3 schema (`apiextensions.k8s.io`, JSONSchemaProps) that a pod template can have. Must not
//! know: where in an object it stands; that is found in the objects themselves.

use serde_json::Value;

/// A schema is looked at up to so many nodes; the largest ones in use have about 100,000.
const MAX_NODES: u32 = 2_000_000;

/// Group and kind of the CRD, if a version of it that is served embeds a pod template.
pub(super) fn embeds_pod_template(crd: &[u8]) -> Option<(String, String)> {
    let crd: Value = serde_json::from_slice(crd).ok()?;
    let spec = crd.get("spec")?;
    let group = spec.get("group")?.as_str()?;
    let kind = spec.get("names")?.get("kind")?.as_str()?;
    let versions = spec.get("versions").and_then(Value::as_array);
    let served = versions.into_iter().flatten().filter(|v| v.get("served").and_then(Value::as_bool) != Some(false));
    // `validation` is where v1beta1 keeps the schema of all versions.
    let holders = served.filter_map(|v| v.get("schema")).chain(spec.get("validation"));
    let mut schemas = holders.filter_map(|h| h.get("openAPIV3Schema"));
    schemas.any(holds_template).then(|| (group.to_string(), kind.to_string()))
}

fn holds_template(schema: &Value) -> bool {
    let mut stack = vec![schema];
    let mut nodes = 0_u32;
    while let Some(schema) = stack.pop() {
        nodes += 1;
        if nodes > MAX_NODES {
            // Rather a kind too many than one too few.
            return true;
        }
        if is_pod_spec(schema) {
            return true;
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, below) in properties {
                if name.ends_with("emplate") && is_open_template(below) {
                    return true;
                }
                stack.push(below);
            }
        }
        for key in ["items", "additionalProperties"] {
            stack.extend(schema.get(key).filter(|s| s.is_object()));
        }
    }
    false
}

/// `containers` with items that have an `image`.
fn is_pod_spec(schema: &Value) -> bool {
    let containers = schema.get("properties").and_then(|p| p.get("containers"));
    let item = containers.and_then(|c| c.get("items")).and_then(|i| i.get("properties"));
    item.is_some_and(|p| p.get("image").is_some())
}

/// A template whose fields the schema leaves open, so that it may hold a pod's.
fn is_open_template(schema: &Value) -> bool {
    let open = |s: &Value| s.get("x-kubernetes-preserve-unknown-fields").and_then(Value::as_bool) == Some(true);
    open(schema) || schema.get("properties").and_then(|p| p.get("spec")).is_some_and(open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn crd(schema: &Value) -> Option<(String, String)> {
        let crd = json!({"spec": {"group": "example.com", "names": {"kind": "Thing", "plural": "things"},
            "versions": [{"name": "v1", "served": true, "schema": {"openAPIV3Schema": schema}}]}});
        embeds_pod_template(crd.to_string().as_bytes())
    }

    fn object(properties: &Value) -> Value {
        json!({"type": "object", "properties": properties})
    }

    #[test]
    fn templates_are_found_wherever_they_stand() {
        let found = Some(("example.com".to_string(), "Thing".to_string()));
        let container = object(&json!({"name": {"type": "string"}, "image": {"type": "string"}}));
        let pod_spec = object(&json!({"containers": {"type": "array", "items": container}}));
        let template = object(&json!({"metadata": {"type": "object"}, "spec": pod_spec}));
        assert_eq!(crd(&object(&json!({"spec": object(&json!({"template": template}))}))), found);
        let listed = json!({"type": "array", "items": object(&json!({"podTemplate": template}))});
        assert_eq!(crd(&object(&json!({"spec": object(&json!({"groups": listed}))}))), found);
        let mapped = json!({"type": "object", "additionalProperties": pod_spec});
        assert_eq!(crd(&object(&json!({"spec": mapped}))), found);
        let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        assert_eq!(crd(&object(&json!({"spec": object(&json!({"template": open}))}))), found);
    }

    #[test]
    fn other_templates_and_versions_that_are_not_served_do_not_count() {
        let secret = object(&json!({"metadata": {"type": "object"}, "data": {"type": "object"}}));
        assert_eq!(crd(&object(&json!({"spec": object(&json!({"template": secret}))}))), None);
        let names = json!({"containers": {"type": "array", "items": {"type": "string"}}});
        assert_eq!(crd(&object(&names)), None);
        let pod = json!({"properties": {"containers": {"items": {"properties": {"image": {}}}}}});
        let old = json!({"spec": {"group": "g", "names": {"kind": "K"},
            "versions": [{"name": "v1", "served": false, "schema": {"openAPIV3Schema": pod}}]}});
        assert_eq!(embeds_pod_template(old.to_string().as_bytes()), None);
        let beta = json!({"spec": {"group": "g", "names": {"kind": "K"}, "validation": {"openAPIV3Schema": pod}}});
        assert!(embeds_pod_template(beta.to_string().as_bytes()).is_some());
        assert_eq!(embeds_pod_template(b"{}"), None);
    }
}
