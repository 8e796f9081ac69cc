//! What a server serves: aggregated discovery (`apidiscovery.k8s.io/v2`, KEP-3352), else group by group.
//!
//! Owns: the replies of `/api` and `/apis` and below, and which version of a kind is asked. Must not know: requests.

use super::Wanted;
use kastell_model::kube::kinds;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Asks for aggregated discovery, and takes the older forms where the server has none.
pub(super) const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                                 application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// One version of a kind that the server serves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Served {
    /// The version, `v1`.
    pub(super) version: String,
    /// The resource's name in paths.
    pub(super) resource: String,
    /// Whether its objects live in namespaces.
    pub(super) namespaced: bool,
    /// Whether they can be listed.
    pub(super) listable: bool,
}

/// What the server serves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Discovered {
    /// By group and kind, in the server's order of preference.
    pub(super) kinds: BTreeMap<(String, String), Vec<Served>>,
    /// Groups and versions that are registered and whose server did not answer.
    pub(super) broken: Vec<(String, String)>,
}

/// A reply of `/api` or `/apis`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Index {
    /// Everything at once.
    Aggregated(Discovered),
    /// Only the groups and versions, the preferred ones first; their resources stand elsewhere.
    Groups(Vec<(String, String)>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Root {
    kind: Option<String>,
    #[serde(default)]
    items: Vec<Group>,
    #[serde(default)]
    groups: Vec<LegacyGroup>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Name,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Name {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    response_kind: Option<Kind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    group: String,
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LegacyGroup {
    name: String,
    preferred_version: Option<LegacyVersion>,
    #[serde(default)]
    versions: Vec<LegacyVersion>,
}

#[derive(Deserialize)]
struct LegacyVersion {
    version: String,
}

#[derive(Deserialize)]
struct LegacyList {
    #[serde(default)]
    resources: Vec<LegacyResource>,
}

#[derive(Deserialize)]
struct LegacyResource {
    name: String,
    kind: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    verbs: Vec<String>,
}

/// Reads the reply of `/api` (the core group) or `/apis`. `None` where it is neither form.
pub(super) fn read_index(json: &[u8]) -> Option<Index> {
    let root: Root = serde_json::from_slice(json).ok()?;
    match root.kind.as_deref()? {
        "APIGroupDiscoveryList" => Some(Index::Aggregated(aggregated(root.items))),
        "APIVersions" => Some(Index::Groups(root.versions.into_iter().map(|v| (String::new(), v)).collect())),
        "APIGroupList" => Some(Index::Groups(root.groups.into_iter().flat_map(legacy_group).collect())),
        _ => None,
    }
}

fn legacy_group(group: LegacyGroup) -> Vec<(String, String)> {
    let preferred = group.preferred_version.map(|v| v.version);
    let mut versions: Vec<String> = group.versions.into_iter().map(|v| v.version).collect();
    versions.sort_by_key(|v| Some(v) != preferred.as_ref());
    versions.into_iter().map(|v| (group.name.clone(), v)).collect()
}

fn aggregated(groups: Vec<Group>) -> Discovered {
    let mut found = Discovered::default();
    for group in groups {
        for version in group.versions {
            if version.freshness == "Stale" {
                found.broken.push((group.metadata.name.clone(), version.version.clone()));
            }
            for r in version.resources {
                let Some(kind) = r.response_kind else { continue };
                let group = if kind.group.is_empty() { &group.metadata.name } else { &kind.group };
                let served = Served {
                    version: version.version.clone(),
                    resource: r.resource,
                    namespaced: r.scope == "Namespaced",
                    listable: r.verbs.iter().any(|v| v == "list"),
                };
                found.add(group, &kind.kind, served);
            }
        }
    }
    found
}

impl Discovered {
    /// Adds a version; of two resources of one kind the one that can be listed is the kind's own.
    fn add(&mut self, group: &str, kind: &str, served: Served) {
        let versions = self.kinds.entry((group.to_string(), kind.to_string())).or_default();
        match versions.iter_mut().find(|v| v.version == served.version) {
            Some(known) if !known.listable && served.listable => *known = served,
            Some(_) => {}
            None => versions.push(served),
        }
    }

    /// Takes in what another reply says.
    pub(super) fn merge(&mut self, other: Discovered) {
        for ((group, kind), versions) in other.kinds {
            for served in versions {
                self.add(&group, &kind, served);
            }
        }
        self.broken.extend(other.broken);
    }

    /// Takes in an `APIResourceList`: the resources of one version of a group. Whether it was one.
    pub(super) fn merge_legacy(&mut self, group: &str, version: &str, json: &[u8]) -> bool {
        let Ok(list) = serde_json::from_slice::<LegacyList>(json) else { return false };
        for r in list.resources.into_iter().filter(|r| !r.name.contains('/')) {
            let of = if r.group.is_empty() { group } else { &r.group };
            let served = Served {
                version: version.to_string(),
                resource: r.name,
                namespaced: r.namespaced,
                listable: r.verbs.iter().any(|v| v == "list"),
            };
            self.add(of, &r.kind, served);
        }
        true
    }

    /// The version of a kind that is asked: of Kubernetes' own kinds the most stable one that is known here, of others the
    /// one that the server prefers.
    pub(super) fn choose(&self, group: &str, kind: &str) -> Option<&Served> {
        let versions = self.kinds.get(&(group.to_string(), kind.to_string()))?;
        let known = kinds::builtin(group, kind)
            .and_then(|b| b.versions().find_map(|k| versions.iter().find(|v| v.version == k && v.listable)));
        known.or_else(|| versions.iter().find(|v| v.listable)).or_else(|| versions.first())
    }
}

/// What Kubernetes' own kinds are called where the server does not say what it serves.
pub(super) fn assumed(wanted: &[Wanted]) -> Discovered {
    let mut found = Discovered::default();
    for w in wanted {
        let Some(builtin) = kinds::builtin(w.group, w.kind) else { continue };
        let Some(version) = builtin.versions().next().filter(|_| w.group != "extensions") else { continue };
        let served = Served {
            version: version.to_string(),
            resource: builtin.resource.to_string(),
            namespaced: builtin.scope == kinds::Scope::Namespaced,
            listable: true,
        };
        found.add(w.group, w.kind, served);
    }
    found
}

/// The path of a group's version: `/api/v1`, `/apis/apps/v1`.
pub(super) fn root(group: &str, version: &str) -> String {
    if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGGREGATED: &str = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
        {"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[
            {"resource":"deployments","responseKind":{"group":"apps","version":"v1","kind":"Deployment"},"scope":"Namespaced",
             "singularResource":"deployment","verbs":["get","list"],"subresources":[{"subresource":"scale"}]},
            {"resource":"odd","responseKind":{"group":"","version":"","kind":"Odd"},"scope":"Cluster","verbs":["create"]}]}]},
        {"metadata":{"name":"autoscaling"},"versions":[
            {"version":"v1","resources":[{"resource":"horizontalpodautoscalers","responseKind":{"kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","verbs":["list"]}]},
            {"version":"v2","resources":[{"resource":"horizontalpodautoscalers","responseKind":{"kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","verbs":["list"]}]}]},
        {"metadata":{"name":"example.com"},"versions":[
            {"version":"v2","resources":[{"resource":"things","responseKind":{"kind":"Thing"},"scope":"Cluster","verbs":["list"]}]},
            {"version":"v1","resources":[{"resource":"things","responseKind":{"kind":"Thing"},"scope":"Cluster","verbs":["list"]}]}]},
        {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale","resources":[]}]}]}"#;

    fn aggregated_reply() -> Discovered {
        match read_index(AGGREGATED.as_bytes()).unwrap() {
            Index::Aggregated(d) => d,
            Index::Groups(g) => panic!("{g:?}"),
        }
    }

    #[test]
    fn aggregated_discovery_is_read_with_what_is_stale() {
        let d = aggregated_reply();
        let deployment = d.choose("apps", "Deployment").unwrap();
        assert_eq!((&*deployment.resource, deployment.namespaced, deployment.listable), ("deployments", true, true));
        assert!(!d.choose("apps", "Odd").unwrap().listable);
        assert_eq!(d.broken, [("metrics.k8s.io".to_string(), "v1beta1".to_string())]);
        assert_eq!(d.choose("apps", "DaemonSet"), None);
    }

    #[test]
    fn known_kinds_are_asked_in_their_most_stable_version_and_others_as_the_server_prefers() {
        let d = aggregated_reply();
        assert_eq!(d.choose("autoscaling", "HorizontalPodAutoscaler").unwrap().version, "v2");
        assert_eq!(d.choose("example.com", "Thing").unwrap().version, "v2");
    }

    #[test]
    fn older_servers_are_read_group_by_group() {
        let groups = r#"{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1beta1","version":"v1beta1"},
            {"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}"#;
        let pairs =
            |v: &[(&str, &str)]| Some(Index::Groups(v.iter().map(|(g, v)| (g.to_string(), v.to_string())).collect()));
        assert_eq!(read_index(groups.as_bytes()), pairs(&[("apps", "v1"), ("apps", "v1beta1")]));
        assert_eq!(read_index(br#"{"kind":"APIVersions","versions":["v1"]}"#), pairs(&[("", "v1")]));
        let list = r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[
            {"name":"pods","kind":"Pod","namespaced":true,"verbs":["list"]},
            {"name":"pods/eviction","kind":"Eviction","group":"policy","version":"v1","namespaced":true,"verbs":["create"]}]}"#;
        let mut d = Discovered::default();
        assert!(d.merge_legacy("", "v1", list.as_bytes()) && !d.merge_legacy("", "v1", b"<html>"));
        assert_eq!(d.choose("", "Pod").unwrap().resource, "pods");
        assert_eq!(d.kinds.len(), 1);
    }

    #[test]
    fn what_is_no_discovery_is_none() {
        for text in ["", "<html>", "{}", r#"{"kind":"Status"}"#, r#"{"kind":7}"#] {
            assert_eq!(read_index(text.as_bytes()), None, "{text}");
        }
    }
}
