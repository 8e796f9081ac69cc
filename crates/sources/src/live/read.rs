//! One cluster, from the first request to the account of all of them.

use super::api::{Api, Failure, Policy, Sink, Whole};
use super::config::Target;
use super::discovery::{self, Discovered, Index, root};
use super::errors::{self, Trouble};
use super::list::{Job, Listed, list};
use super::{LiveRequest, Wanted};
use crate::load::Progress;
use http::header::{HeaderValue, USER_AGENT};
use kastell_model::{ClusterReading, Date, GroupKind, KindReading, Object, Seen, Str};
use kube::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Kinds that are read at the same time: the server's fair queuing gives one client about so many seats.
const AT_ONCE: usize = 4;

/// The definitions of custom kinds.
const DEFINITIONS: (&str, &str) = ("apiextensions.k8s.io", "CustomResourceDefinition");

/// Kinds of older groups whose objects the newer group serves too: they are read once.
const TWINS: &[(&str, &str)] = &[
    ("extensions", "apps"),
    ("extensions", "networking.k8s.io"),
    ("extensions", "policy"),
    ("crd.projectcalico.org", "projectcalico.org"),
];

/// Groups in which nothing that looks like a pod template runs, and whose definitions are full of such schemas.
const NO_TEMPLATES: &[&str] = &["kyverno.io", "policies.kyverno.io", "policies.kubewarden.io"];

/// What came of a cluster.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) reading: ClusterReading,
    pub(super) objects: Vec<Arc<Object>>,
    pub(super) bytes: u64,
    /// Why nothing was read at all.
    pub(super) trouble: Option<Trouble>,
}

/// Reads a cluster.
pub(super) async fn cluster(target: &Target, request: &LiveRequest, progress: &Progress) -> Read {
    let mut read = Read { reading: head(target), objects: Vec::new(), bytes: 0, trouble: None };
    let client = match client(target, request) {
        Ok(client) => client,
        Err(trouble) => {
            read.trouble = Some(trouble);
            return read;
        }
    };
    let api = Arc::new(Api::new(client, Policy::default(), request.requests_per_second));
    through(&api, target, request, progress, &mut read).await;
    read.reading.requests = api.sent();
    read.bytes = api.bytes();
    read
}

/// Reads a cluster through `api` into `read`.
pub(super) async fn through(
    api: &Arc<Api>,
    target: &Target,
    request: &LiveRequest,
    progress: &Progress,
    read: &mut Read,
) {
    match version(api, target).await {
        Ok(version) => read.reading.version = version,
        Err(trouble) => {
            read.trouble = Some(trouble);
            return;
        }
    }
    let discovered = match discover(api, &request.kinds).await {
        Ok(discovered) => discovered,
        Err(failure) => {
            read.trouble = Some(errors::answer(target, &failure.reason()));
            return;
        }
    };
    let unit = &read.reading.unit;
    let mut jobs = jobs(&discovered, request, unit);
    read.reading.kinds.append(&mut jobs.readings);
    progress.expect(jobs.asked.len() as u64);
    let mut listed = run(api, jobs.asked, progress).await;
    let known: BTreeSet<(&str, &str)> = request.kinds.iter().map(|w| (w.group, w.kind)).collect();
    let embedding: BTreeSet<(String, String)> =
        listed.iter_mut().flat_map(|l| std::mem::take(&mut l.templates)).collect();
    let mut more = Vec::new();
    for (group, kind) in &embedding {
        if known.contains(&(group.as_str(), kind.as_str())) || NO_TEMPLATES.contains(&group.as_str()) {
            continue;
        }
        if let Some(served) = discovered.discovered.choose(group, kind).filter(|s| s.listable) {
            let wanted = Asked { kind: GroupKind::new(group, kind), metadata_only: false };
            more.extend(of_kind(unit, &wanted, served, &request.namespaces));
        }
    }
    progress.expect(more.len() as u64);
    listed.append(&mut run(api, more, progress).await);
    for l in listed {
        read.reading.kinds.push(l.reading);
        read.objects.extend(l.objects);
    }
    read.reading.kinds.sort_by(|a, b| (&a.kind, &a.namespace).cmp(&(&b.kind, &b.namespace)));
    read.reading.uid = uid(api, read).await;
}

fn head(target: &Target) -> ClusterReading {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    ClusterReading {
        unit: target.unit.clone(),
        server: target.server.clone(),
        uid: None,
        version: None,
        reader: target.reader.clone(),
        requests: 0,
        read_at: time(seconds).into(),
        kinds: Vec::new(),
    }
}

/// RFC 3339 in UTC.
fn time(seconds: u64) -> String {
    let (day, rest) = (Date::from_unix_seconds(seconds), seconds % 86_400);
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Plugins for credentials run here.
fn client(target: &Target, request: &LiveRequest) -> Result<Client, Trouble> {
    let mut config = match &target.config {
        Ok(config) => config.clone(),
        Err(why) => return Err(errors::configuration(target, why)),
    };
    if let Ok(agent) = HeaderValue::from_str(&request.user_agent) {
        config.headers.push((USER_AGENT, agent));
    }
    Client::try_from(config).map_err(|e| errors::connection(target, &e))
}

/// The server's version, by the first request of all; `None` where the reader may not know it.
async fn version(api: &Api, target: &Target) -> Result<Option<Str>, Trouble> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Info {
        git_version: String,
    }
    let mut reply = Whole::default();
    let mut answer = api.first("/version", &mut reply).await;
    if matches!(&answer, Err((failure @ Failure::Status { .. }, _)) if failure.is_passing()) {
        answer = api.get("/version", "application/json", &mut 0, &mut reply).await.map_err(|f| (f, None));
    }
    match answer {
        Ok(()) => {
            let info: Info = serde_json::from_slice(&reply.0)
                .map_err(|_| errors::answer(target, "what answers there is no Kubernetes API server"))?;
            Ok(Some(errors::one_line(&info.git_version).into()))
        }
        Err((Failure::Status { code: 401, .. }, _)) => Err(errors::unauthorised(target)),
        Err((_, Some(error))) => Err(errors::connection(target, &error)),
        Err((failure @ (Failure::Connection(_) | Failure::Reply(_)), None)) => {
            Err(errors::answer(target, &failure.reason()))
        }
        Err((Failure::Status { code: 403, .. }, None)) => Ok(None),
        Err((failure @ Failure::Status { .. }, None)) => Err(errors::answer(target, &failure.reason())),
    }
}

/// What the server serves, and why some of it does not answer.
struct Surroundings {
    discovered: Discovered,
    /// By group: why its server does not answer.
    broken: BTreeMap<String, String>,
    /// Why it is not known which groups there are; then Kubernetes' own kinds are asked for all the same.
    unknown: Option<String>,
}

async fn discover(api: &Api, wanted: &[Wanted]) -> Result<Surroundings, Failure> {
    let mut found = Surroundings { discovered: Discovered::default(), broken: BTreeMap::new(), unknown: None };
    for path in ["/api", "/apis"] {
        let mut reply = Whole::default();
        let answer = api.get(path, discovery::ACCEPT, &mut 0, &mut reply).await;
        let index = answer.and_then(|()| {
            discovery::read_index(&reply.0).ok_or_else(|| Failure::Reply(format!("{path} gave no list of API groups")))
        });
        match index {
            Ok(Index::Aggregated(discovered)) => found.discovered.merge(discovered),
            Ok(Index::Groups(groups)) => found.group_by_group(api, &groups).await,
            Err(failure @ Failure::Connection(_)) => return Err(failure),
            Err(failure) => found.unknown = Some(failure.reason()),
        }
    }
    if found.unknown.is_some() {
        found.discovered.merge(discovery::assumed(wanted));
    }
    for (group, version) in found.discovered.broken.clone() {
        let why = why_broken(api, &group, &version).await;
        found.broken.insert(group, format!("its API service does not answer: {why}"));
    }
    Ok(found)
}

/// The server's own words for a group that does not answer.
async fn why_broken(api: &Api, group: &str, version: &str) -> String {
    match api.first(&root(group, version), &mut Whole::default()).await {
        Ok(()) => "what it said last is out of date".into(),
        Err((Failure::Status { message, .. }, _)) => message,
        Err((failure, _)) => failure.reason(),
    }
}

impl Surroundings {
    async fn group_by_group(&mut self, api: &Api, groups: &[(String, String)]) {
        for (group, version) in groups {
            let mut reply = Whole::default();
            let answer = api.get(&root(group, version), "application/json", &mut 0, &mut reply).await;
            let failed = match answer {
                Ok(()) if self.discovered.merge_legacy(group, version, &reply.0) => continue,
                Ok(()) => "it gave no list of its resources".into(),
                Err(Failure::Status { message, .. }) => message,
                Err(failure) => failure.reason(),
            };
            self.broken.insert(group.clone(), format!("its API service does not answer: {failed}"));
        }
    }
}

/// What is to be asked, and the kinds about which nothing is asked.
struct Jobs {
    asked: Vec<Job>,
    readings: Vec<KindReading>,
}

struct Asked {
    kind: GroupKind,
    metadata_only: bool,
}

fn jobs(found: &Surroundings, request: &LiveRequest, unit: &Str) -> Jobs {
    let mut jobs = Jobs { asked: Vec::new(), readings: Vec::new() };
    for w in &request.kinds {
        let kind = GroupKind::new(w.group, w.kind);
        let is_twin = TWINS.iter().any(|(old, new)| *old == w.group && found.discovered.choose(new, w.kind).is_some());
        let served = found.discovered.choose(w.group, w.kind).filter(|_| !is_twin);
        match served {
            Some(served) if served.listable => {
                let asked = Asked { kind, metadata_only: w.metadata_only };
                jobs.asked.extend(of_kind(unit, &asked, served, &request.namespaces));
            }
            Some(_) => jobs.readings.push(unasked(kind, &w.resource, Seen::Failed("it cannot be listed".into()))),
            None => jobs.readings.push(unasked(kind, &w.resource, found.absence(w.group))),
        }
    }
    let definitions = GroupKind::new(DEFINITIONS.0, DEFINITIONS.1);
    match found.discovered.choose(DEFINITIONS.0, DEFINITIONS.1) {
        Some(served) => jobs.asked.push(Job {
            unit: unit.clone(),
            kind: definitions,
            served: served.clone(),
            namespace: None,
            name: None,
            metadata_only: false,
            definitions: true,
        }),
        None => {
            let seen = found.absence(DEFINITIONS.0);
            jobs.readings.push(unasked(definitions, "customresourcedefinitions", seen));
        }
    }
    jobs
}

impl Surroundings {
    /// What it means that a kind of this group is not served.
    fn absence(&self, group: &str) -> Seen {
        match (self.broken.get(group), &self.unknown) {
            (Some(why), _) => Seen::Failed(why.as_str().into()),
            (None, Some(why)) => Seen::Failed(format!("it is not known what the server serves: {why}").into()),
            (None, None) => Seen::All,
        }
    }
}

/// A kind about which nothing was asked, with what is known of it all the same.
fn unasked(kind: GroupKind, resource: &str, seen: Seen) -> KindReading {
    KindReading {
        kind,
        version: "".into(),
        resource: resource.into(),
        namespace: None,
        seen,
        metadata_only: false,
        objects: 0,
        requests: 0,
    }
}

/// The requests for one kind: one list, or one for each of the namespaces that were asked for.
fn of_kind(unit: &Str, asked: &Asked, served: &discovery::Served, namespaces: &[String]) -> Vec<Job> {
    let job = |namespace: Option<&String>, name: Option<&String>| Job {
        unit: unit.clone(),
        kind: asked.kind.clone(),
        served: served.clone(),
        namespace: namespace.map(|n| n.as_str().into()),
        name: name.map(|n| n.as_str().into()),
        metadata_only: asked.metadata_only,
        definitions: false,
    };
    let unique: BTreeSet<&String> = namespaces.iter().collect();
    if unique.is_empty() {
        vec![job(None, None)]
    } else if asked.kind.is("", "Namespace") {
        // Whoever may read one namespace only may not list them.
        unique.into_iter().map(|n| job(None, Some(n))).collect()
    } else if served.namespaced {
        unique.into_iter().map(|n| job(Some(n), None)).collect()
    } else {
        vec![job(None, None)]
    }
}

/// Runs the jobs, a few at a time; the result is in the order of the jobs.
async fn run(api: &Arc<Api>, jobs: Vec<Job>, progress: &Progress) -> Vec<Listed> {
    let seats = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for (n, job) in jobs.into_iter().enumerate() {
        let (api, seats) = (Arc::clone(api), Arc::clone(&seats));
        tasks.spawn(async move {
            let _seat = seats.acquire_owned().await;
            let listed = list(&api, &job).await;
            (n, listed)
        });
    }
    let mut results = BTreeMap::new();
    while let Some(done) = tasks.join_next().await {
        let Ok((n, listed)) = done else { continue };
        progress.label(&listed.reading.resource);
        progress.done.fetch_add(1, Ordering::Relaxed);
        results.insert(n, listed);
    }
    results.into_values().collect()
}

/// The uid of `kube-system`: from what was read, else by a request of its own.
async fn uid(api: &Api, read: &Read) -> Option<Str> {
    let uid_of = |o: &Object| match &o.origin {
        kastell_model::Origin::Live { uid, .. } if !uid.is_empty() => Some(uid.clone()),
        _ => None,
    };
    let known = read.objects.iter().find(|o| o.is("", "Namespace") && &*o.key.name == "kube-system");
    if let Some(uid) = known.and_then(|o| uid_of(o)) {
        return Some(uid);
    }
    let mut reply = Whole::default();
    api.get("/api/v1/namespaces/kube-system", "application/json", &mut 0, &mut reply as &mut dyn Sink).await.ok()?;
    let object: serde_json::Value = serde_json::from_slice(&reply.0).ok()?;
    object.get("metadata")?.get("uid")?.as_str().map(Str::from)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(1_795_550_401), "2026-11-24T20:00:01Z");
    }
}
