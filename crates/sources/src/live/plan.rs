//! The requests that a reading would make, told without sending one.

use super::discovery;
use super::list::{Job, PAGE};
use super::{LiveError, LiveRequest, config};
use kastell_model::kube::kinds;
use kastell_model::{GroupKind, Str};
use std::collections::BTreeSet;

/// A request that would be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedRequest {
    /// The path below the server's URL, with the query of a list's first page. `{version}` stands where only the server
    /// knows the version.
    pub path: String,
    /// The `Accept` header.
    pub accept: Str,
}

/// For every cluster that is meant, its unit and server, and the requests in their order; all of them are GET. What a
/// server does not serve is not asked for, custom kinds that embed pod templates are asked for besides, and lists of more
/// than 500 objects take more requests.
///
/// # Errors
/// Where it is not known which cluster is meant.
pub fn plan(request: &LiveRequest) -> Result<Vec<(Str, Str, Vec<PlannedRequest>)>, LiveError> {
    let targets = config::targets(request)?;
    let requests = requests(request);
    Ok(targets.into_iter().map(|t| (t.unit, t.server, requests.clone())).collect())
}

fn requests(request: &LiveRequest) -> Vec<PlannedRequest> {
    let planned = |path: &str, accept: &str| PlannedRequest { path: path.to_string(), accept: accept.into() };
    let mut out = vec![
        planned("/version", "application/json"),
        planned("/api", discovery::ACCEPT),
        planned("/apis", discovery::ACCEPT),
    ];
    let definitions = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit={PAGE}");
    out.push(planned(&definitions, "application/json"));
    let namespaces: BTreeSet<&String> = request.namespaces.iter().collect();
    for w in request.kinds.iter().filter(|w| w.group != "extensions") {
        let builtin = kinds::builtin(w.group, w.kind);
        let served = discovery::Served {
            version: builtin.and_then(|b| b.versions().next()).unwrap_or("{version}").to_string(),
            resource: w.resource.clone(),
            namespaced: kinds::scope(w.group, w.kind) != Some(kinds::Scope::Cluster),
            listable: true,
        };
        let is_namespace = w.group.is_empty() && w.kind == "Namespace";
        let each: Vec<Option<&String>> = if (served.namespaced || is_namespace) && !namespaces.is_empty() {
            namespaces.iter().copied().map(Some).collect()
        } else {
            vec![None]
        };
        for namespace in each {
            let within: Option<Str> = namespace.map(|n| n.as_str().into());
            let job = Job {
                unit: "".into(),
                kind: GroupKind::new(w.group, w.kind),
                served: served.clone(),
                namespace: within.clone().filter(|_| !is_namespace),
                name: within.filter(|_| is_namespace),
                metadata_only: w.metadata_only,
                definitions: false,
            };
            out.push(planned(&job.path(None), job.accept()));
        }
    }
    if !namespaces.is_empty() {
        out.push(planned("/api/v1/namespaces/kube-system", "application/json"));
    }
    out
}
