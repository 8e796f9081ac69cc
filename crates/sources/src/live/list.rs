//! One kind, in all namespaces or one: its pages, and the objects in them.
//!
//! A list is consistent over its pages by the token that each page gives. Where the token has expired (410), the server's
//! own token for going on is taken: what existed all the time is still in the list once, what came or went meanwhile may be
//! or not be, as in any list that is a moment older. The kind counts as read in full. A server that gives no such token
//! is asked once more from the start.

use super::api::{Api, Failure, Sink};
use super::crds;
use super::discovery::{Served, root};
use super::prune::prune;
use super::split::Splitter;
use kastell_model::{GroupKind, KindReading, Object, Seen, Source, Str};
use std::fmt::Write as _;
use std::sync::Arc;

/// Objects asked for at once, as kubectl does it.
pub(super) const PAGE: u32 = 500;

/// Asks for metadata, and for nothing else where the server cannot do that.
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const JSON: &str = "application/json";

/// What to read and how.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) unit: Str,
    pub(super) kind: GroupKind,
    pub(super) served: Served,
    /// One namespace instead of all.
    pub(super) namespace: Option<Str>,
    /// One object instead of a list (the namespaces that were asked for).
    pub(super) name: Option<Str>,
    /// Whether only metadata may be asked for.
    pub(super) metadata_only: bool,
    /// Whether the objects are CRDs, of which only the kinds that embed pod templates are kept.
    pub(super) definitions: bool,
}

/// What came of a job.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) reading: KindReading,
    pub(super) objects: Vec<Arc<Object>>,
    /// From definitions: group and kind of those that embed a pod template.
    pub(super) templates: Vec<(String, String)>,
}

impl Job {
    pub(super) fn accept(&self) -> &'static str {
        if self.metadata_only { METADATA } else { JSON }
    }

    fn api_version(&self) -> String {
        let group = &self.kind.group;
        if group.is_empty() { self.served.version.clone() } else { format!("{group}/{}", self.served.version) }
    }

    /// The path of the list, or of its page after `next`.
    pub(super) fn path(&self, next: Option<&str>) -> String {
        let mut path = root(&self.kind.group, &self.served.version);
        if let Some(ns) = &self.namespace {
            let _ = write!(path, "/namespaces/{}", encoded(ns));
        }
        let _ = write!(path, "/{}", encoded(&self.served.resource));
        if let Some(name) = &self.name {
            let _ = write!(path, "/{}", encoded(name));
            return path;
        }
        let _ = write!(path, "?limit={PAGE}");
        if let Some(next) = next {
            let _ = write!(path, "&continue={}", encoded(next));
        }
        path
    }
}

/// Percent-encoding of everything but unreserved characters (RFC 3986).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
            _ => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
    out
}

/// Reads everything that the job is about. What was read before a failure is kept.
pub(super) async fn list(api: &Api, job: &Job) -> Listed {
    let mut pages = Pages::default();
    let seen = match pages.read(api, job).await {
        Ok(()) => Seen::All,
        Err(failure) => Seen::Failed(failure.reason().into()),
    };
    let count = pages.objects.len() + pages.definitions;
    let reading = KindReading {
        kind: job.kind.clone(),
        version: job.served.version.as_str().into(),
        resource: job.served.resource.as_str().into(),
        // A single Namespace object says nothing about the others.
        namespace: job.namespace.clone().or_else(|| job.name.clone()),
        seen,
        metadata_only: job.metadata_only,
        objects: u32::try_from(count).unwrap_or(u32::MAX),
        requests: pages.requests,
    };
    Listed { reading, objects: pages.objects, templates: pages.templates }
}

#[derive(Default)]
struct Pages {
    objects: Vec<Arc<Object>>,
    templates: Vec<(String, String)>,
    definitions: usize,
    requests: u32,
}

impl Pages {
    async fn read(&mut self, api: &Api, job: &Job) -> Result<(), Failure> {
        let mut next: Option<String> = None;
        let mut restarted = false;
        loop {
            let mut page = Page::new(job);
            let answer = api.get(&job.path(next.as_deref()), job.accept(), &mut self.requests, &mut page).await;
            let expired = match &answer {
                Err(Failure::Status { code: 410, next: token, .. }) if next.is_some() => Some(token.clone()),
                _ => None,
            };
            if let Some(token) = expired {
                if token.is_none() {
                    if restarted {
                        return answer;
                    }
                    restarted = true;
                    *self = Pages { requests: self.requests, ..Pages::default() };
                } else if token == next {
                    return answer;
                }
                next = token;
                continue;
            }
            let empty = page.objects.is_empty() && page.definitions == 0;
            let following = page.next.take();
            self.objects.append(&mut page.objects);
            self.templates.append(&mut page.templates);
            self.definitions += page.definitions;
            answer?;
            if following.is_some() && (following == next || empty) {
                return Err(Failure::Reply("the server sends the same page again and again".into()));
            }
            match following {
                None => return Ok(()),
                Some(token) => next = Some(token),
            }
        }
    }
}

/// One page while it arrives.
struct Page<'j> {
    job: &'j Job,
    api_version: String,
    splitter: Splitter,
    /// A single object is kept as a whole.
    single: Vec<u8>,
    objects: Vec<Arc<Object>>,
    templates: Vec<(String, String)>,
    definitions: usize,
    malformed: bool,
    next: Option<String>,
}

impl<'j> Page<'j> {
    fn new(job: &'j Job) -> Page<'j> {
        Page {
            job,
            api_version: job.api_version(),
            splitter: Splitter::default(),
            single: Vec::new(),
            objects: Vec::new(),
            templates: Vec::new(),
            definitions: 0,
            malformed: false,
            next: None,
        }
    }

    fn end_of_list(&mut self) -> Result<(), Failure> {
        #[derive(serde::Deserialize)]
        struct Envelope {
            kind: String,
            #[serde(default)]
            metadata: Option<ListMeta>,
        }
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct ListMeta {
            #[serde(rename = "continue")]
            next: String,
        }
        // A connection that closes in the middle looks like an end where the length was not told.
        let envelope = std::mem::take(&mut self.splitter).finish();
        let envelope = envelope.map_err(|e| Failure::Connection(e.to_string()))?;
        let envelope: Envelope = serde_json::from_slice(&envelope)
            .map_err(|_| Failure::Reply("the reply is no list of the Kubernetes API".into()))?;
        if self.job.metadata_only && envelope.kind != "PartialObjectMetadataList" {
            self.objects.clear();
            return Err(Failure::Reply("the server cannot send metadata alone".into()));
        }
        self.next = envelope.metadata.map(|m| m.next).filter(|n| !n.is_empty());
        Ok(())
    }
}

/// The object in an item's JSON; `None` where it is no object.
fn object(job: &Job, api_version: &str, item: &[u8]) -> Option<Arc<Object>> {
    let text = prune(item, api_version, &job.kind.kind, job.metadata_only).ok()?;
    let tree = Arc::new(kastell_yaml::json::read_strict(&text).ok()?);
    let source = Arc::new(Source::new(&job.unit, Arc::clone(tree.text())));
    Object::live(&job.unit, &source, &tree).map(Arc::new)
}

impl Sink for Page<'_> {
    fn reset(&mut self) {
        *self = Page::new(self.job);
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.job.name.is_some() {
            self.single.extend_from_slice(bytes);
            return Ok(());
        }
        let Page { job, api_version, splitter, objects, templates, definitions, malformed, .. } = self;
        let mut each = |item: &[u8]| {
            if job.definitions {
                *definitions += 1;
                templates.extend(crds::embeds_pod_template(item));
                return;
            }
            match object(job, api_version, item) {
                Some(o) => objects.push(o),
                None => *malformed = true,
            }
        };
        splitter.push(bytes, &mut each).map_err(|e| e.to_string())
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.job.name.is_some() {
            let found = serde_json::from_slice::<serde_json::Value>(&self.single).ok();
            let found = found.and_then(|v| object(self.job, &self.api_version, v.to_string().as_bytes()));
            self.objects.extend(found);
            self.malformed = self.objects.is_empty();
        } else {
            self.end_of_list()?;
        }
        if self.malformed { Err(Failure::Reply("an object in the reply is no JSON object".into())) } else { Ok(()) }
    }
}
