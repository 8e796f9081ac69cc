//! The identity of findings over time: keyed paths and fingerprints.
//!
//! A fingerprint hashes the format's version, the rule, group and kind, namespace, the subject's name and the keyed path.
//! It holds no file path, API version, message, severity or list index, so moving a file, shuffling keys, putting a
//! container in front or replacing a pod by its sibling keeps it.

use crate::kube::lists::{self, ListContext};
use crate::object::{Object, ObjectKey};
use kastell_yaml::{NodeId, PathSegment, Value};
use std::fmt::Write as _;

/// Raised when the meaning of a fingerprint changes; a baseline of another version is refused, never compared.
pub const FINGERPRINT_VERSION: u32 = 1;

/// The path from the object's root for people: `spec.containers[0].image`.
pub fn display_path(object: &Object, node: NodeId, missing: &[&str]) -> String {
    let mut out = String::new();
    for segment in object.tree.path(object.root, node).unwrap_or_default() {
        match segment {
            PathSegment::Key(k) => push_key(&mut out, k),
            PathSegment::Index(i, _) => {
                let _ = write!(out, "[{i}]");
            }
        }
    }
    for k in missing {
        push_key(&mut out, k);
    }
    out
}

fn push_key(out: &mut String, key: &str) {
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain {
        let _ = write!(out, "[{key:?}]");
        return;
    }
    if !out.is_empty() {
        out.push('.');
    }
    out.push_str(key);
}

/// The path from `from` with list items named by their Kubernetes list-map key, else by the hash of their content:
/// `containers[app].securityContext.privileged`.
pub fn keyed_path(object: &Object, from: NodeId, node: NodeId, missing: &[&str]) -> String {
    let mut out = String::new();
    let mut list = object.value(from).key();
    for segment in object.tree.path(from, node).unwrap_or_default() {
        match segment {
            PathSegment::Key(k) => {
                push_key(&mut out, k);
                list = k;
            }
            PathSegment::Index(index, item) => {
                let _ = write!(out, "[{}]", item_key(list, index, object.value(item)));
            }
        }
    }
    for k in missing {
        push_key(&mut out, k);
    }
    out
}

/// The identity of an item of the list `list` by its Kubernetes list-map keys, as `name=app`, or
/// `containerPort=80,protocol=TCP` where several make it; `None` where the list has no keys or the item lacks one.
pub fn item_identity(list: &str, item: Value<'_>) -> Option<String> {
    contexts(list).iter().find_map(|c| lists::identity(item, lists::list_map_keys(list, *c)))
}

/// What names the item at `index` of the list `list`: its Kubernetes list-map key, else its short text, else the hash of
/// its content. What may hold a secret (an argument's value, a list of tokens) does not name itself: fingerprints are
/// published, and must hold no hash of one.
pub fn item_key(list: &str, index: u32, item: Value<'_>) -> String {
    if let Some(key) = item_identity(list, item) {
        return match key.split_once('=') {
            // One key speaks for itself: `containers[app]`.
            Some((_, value)) if !key.contains(',') => value.to_string(),
            _ => key,
        };
    }
    // Lists of custom kinds whose CRDs declare `name` as their key.
    let by_name =
        matches!(list, "steps" | "sidecars" | "templates" | "tasks" | "finally" | "listeners" | "replicatedJobs");
    let name = item.get("name").and_then(Value::scalar_text).filter(|n| by_name && !n.is_empty());
    if let Some(text) = item.scalar_text().filter(|_| name.is_none()) {
        let flag = text.split_once('=').map_or("", |(flag, _)| flag);
        return match () {
            () if is_word(&text) && !may_be_secret(list) && !matches!(list, "args" | "command") => text.into_owned(),
            () if flag.starts_with('-') => flag.to_string(),
            () => format!("@{index}"),
        };
    }
    match name {
        Some(t) => t.into_owned(),
        #[expect(clippy::cast_possible_truncation, reason = "64 of 128 bits name an item well enough")]
        None => format!("#{:016x}", hash_of(item, true) as u64),
    }
}

/// Whether a text is one of the words that lists of names hold: capabilities, verbs, resources, images, paths.
fn is_word(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.*:/-".contains(&b))
}

/// Whether what stands below a key of this name may be a secret.
fn may_be_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["passw", "secret", "token", "credential", "apikey", "privatekey"].iter().any(|word| key.contains(word))
}

/// Where a list of this name may stand. Names do not clash but for `ports`, whose keys do not either.
fn contexts(list: &str) -> &'static [ListContext] {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "imagePullSecrets"
        | "hostAliases"
        | "topologySpreadConstraints"
        | "resourceClaims"
        | "schedulingGates" => &[ListContext::PodSpec],
        "env" | "volumeMounts" | "volumeDevices" => &[ListContext::Container],
        "ports" => &[ListContext::Container, ListContext::ServiceSpec],
        "ownerReferences" => &[ListContext::Metadata],
        "secrets" => &[ListContext::ServiceAccount],
        "webhooks" => &[ListContext::WebhookConfiguration],
        "matchConditions" => &[ListContext::Webhook],
        "variables" => &[ListContext::AdmissionPolicySpec],
        "conditions" | "podIPs" => &[ListContext::Status],
        "claims" => &[ListContext::Resources],
        _ => &[],
    }
}

/// A hash of a value's content that does not depend on the order of keys, quoting, style or comments. For comparisons
/// inside of a run: it may be the hash of a secret, which must not be published.
pub fn content_hash(v: Value<'_>) -> u128 {
    hash_of(v, false)
}

/// As [`content_hash`]; where `masked`, of strings below a key that may hold a secret only the presence counts.
fn hash_of(v: Value<'_>, masked: bool) -> u128 {
    // Each leaf is hashed with its path; sums do not depend on the order.
    let mut sum: u128 = 0;
    let mut stack: Vec<(Value<'_>, u128, bool)> = vec![(v, seed(), false)];
    let mut budget: u32 = 100_000;
    while let Some((v, at, secret)) = stack.pop() {
        budget -= 1;
        if budget == 0 {
            break;
        }
        if v.is_mapping() {
            for (k, e) in v.entries() {
                stack.push((e, hash_bytes(at, &[b"k", k.as_bytes()]), secret || (masked && may_be_secret(k))));
            }
            sum = sum.wrapping_add(hash_bytes(at, &[b"{"]));
        } else if v.is_sequence() {
            for (i, e) in v.items().enumerate() {
                stack.push((e, hash_bytes(at, &[b"i", &(i as u64).to_le_bytes()]), secret));
            }
            sum = sum.wrapping_add(hash_bytes(at, &[b"["]));
        } else {
            let (kind, text) = match v.scalar() {
                Some(kastell_yaml::Scalar::String(_)) if secret => (b"s", String::new()),
                Some(kastell_yaml::Scalar::String(s)) => (b"s", s.into_owned()),
                Some(kastell_yaml::Scalar::Bool(b)) => (b"b", b.to_string()),
                Some(kastell_yaml::Scalar::Int(i)) => (b"n", i.to_string()),
                Some(kastell_yaml::Scalar::UInt(u)) => (b"n", u.to_string()),
                Some(kastell_yaml::Scalar::Float(f)) => (b"n", f.to_string()),
                _ => (b"0", String::new()),
            };
            sum = sum.wrapping_add(hash_bytes(at, &[kind, text.as_bytes()]));
        }
    }
    sum
}

const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

fn seed() -> u128 {
    0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
}

/// FNV-1a with 128 bits over parts, each closed by a byte that no UTF-8 text holds. Stable over releases and machines.
fn hash_bytes(start: u128, parts: &[&[u8]]) -> u128 {
    let mut h = start;
    for part in parts {
        for b in part.iter().chain(&[0xff]) {
            h = (h ^ u128::from(*b)).wrapping_mul(FNV_PRIME);
        }
    }
    h
}

/// The fingerprint of a finding of `rule` on `subject` at `path` (a [`keyed_path`]).
pub fn fingerprint(rule: &str, subject: &ObjectKey, path: &str) -> u128 {
    hash_bytes(
        seed(),
        &[
            &FINGERPRINT_VERSION.to_le_bytes(),
            rule.as_bytes(),
            subject.kind.group.as_bytes(),
            subject.kind.kind.as_bytes(),
            subject.namespace.as_deref().unwrap_or("").as_bytes(),
            subject.name.as_bytes(),
            path.as_bytes(),
        ],
    )
}

/// The hash of a [`keyed_path`] alone.
pub fn path_hash(path: &str) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "64 of 128 bits tell the places of one rule and subject apart")]
    let hash = hash_bytes(seed(), &[path.as_bytes()]) as u64;
    hash
}

#[cfg(test)]
mod tests {
    use super::{content_hash, hash_of, item_key};
    use kastell_yaml::{Tree, read};
    use std::sync::Arc;

    fn tree(text: &str) -> Arc<Tree> {
        let document = read(text.into()).documents.remove(0);
        document.tree.expect("a document")
    }

    fn key(list: &str, item: &str) -> String {
        item_key(list, 7, tree(item).root())
    }

    #[test]
    fn words_name_themselves_and_what_may_be_a_secret_does_not() {
        assert_eq!(key("add", "NET_ADMIN"), "NET_ADMIN");
        assert_eq!(key("args", "--password=hunter2"), "--password");
        assert_eq!(key("args", "hunter2"), "@7");
        assert_eq!(key("command", "sh"), "@7");
        assert_eq!(key("tokens", "hunter2"), "@7");
        assert_eq!(key("urls", "https://user:hunter2@example.com/?a=b"), "@7");
    }

    #[test]
    fn the_hash_that_names_an_item_does_not_hold_its_secrets() {
        let (a, b) = (tree("{host: db, password: one}"), tree("{host: db, password: two}"));
        assert_eq!(key("connections", "{host: db, password: one}"), key("connections", "{host: db, password: two}"));
        assert_ne!(key("connections", "{host: db, password: one}"), key("connections", "{host: x, password: one}"));
        assert_ne!(content_hash(a.root()), content_hash(b.root()));
        assert_eq!(hash_of(a.root(), true), hash_of(b.root(), true));
    }
}
