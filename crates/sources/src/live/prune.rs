//! From an item of a list to the compact text that is kept: what no question needs is left out before a tree is built.
//!
//! Left out: `status`, `metadata.managedFields` and kubectl's copy of the object. Written in front: `apiVersion` and
//! `kind`, which items of typed lists lack. Of a Secret nothing but metadata is ever asked for; its annotations may still
//! hold a copy of it, so those with more than a short plain text are left out too.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const LAST_APPLIED: &[u8] = b"kubectl.kubernetes.io/last-applied-configuration";
/// Names and references are shorter, copies of a Secret (also packed ones) are longer.
const SHORT_ANNOTATION: usize = 256;

/// An item that is not a JSON object with JSON objects where Kubernetes has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Malformed;

/// Writes `item`, which has no blanks between its tokens, pruned.
pub(super) fn prune(item: &[u8], api_version: &str, kind: &str, is_secret: bool) -> Result<String, Malformed> {
    let mut out = Vec::with_capacity(item.len() / 2 + 128);
    out.extend_from_slice(b"{\"apiVersion\":");
    write_string(&mut out, api_version);
    out.extend_from_slice(b",\"kind\":");
    write_string(&mut out, kind);
    let mut names = None;
    for member in Members::of(item)? {
        let (key, value) = member?;
        match key {
            b"apiVersion" | b"kind" | b"status" => {}
            b"metadata" => {
                out.extend_from_slice(b",\"metadata\":");
                names = metadata(value, is_secret, &mut out)?;
            }
            // A server that sends a Secret's body although metadata was asked for must not make us keep it.
            _ if is_secret => {}
            _ => copy(&mut out, key, value, false),
        }
    }
    if let Some(names) = names.filter(|n| !n.is_empty()) {
        out.extend_from_slice(b",\"data\":{");
        for (n, name) in names.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            write_string(&mut out, name);
            out.extend_from_slice(b":null");
        }
        out.push(b'}');
    }
    out.push(b'}');
    String::from_utf8(out).map_err(|_| Malformed)
}

/// Writes `metadata`; of a Secret gives the names of its entries, as the managers of its fields left them.
fn metadata(value: &[u8], is_secret: bool, out: &mut Vec<u8>) -> Result<Option<BTreeSet<String>>, Malformed> {
    let mut names = None;
    out.push(b'{');
    let mut first = true;
    for member in Members::of(value)? {
        let (key, value) = member?;
        match key {
            b"managedFields" => names = is_secret.then(|| entry_names(value)),
            b"annotations" if value != b"null" => {
                copy(out, key, b"", first);
                annotations(value, is_secret, out)?;
                first = false;
            }
            _ => {
                copy(out, key, value, first);
                first = false;
            }
        }
    }
    out.push(b'}');
    Ok(names)
}

fn annotations(value: &[u8], is_secret: bool, out: &mut Vec<u8>) -> Result<(), Malformed> {
    out.push(b'{');
    let mut first = true;
    for member in Members::of(value)? {
        let (key, value) = member?;
        let may_be_a_copy = value.len() > SHORT_ANNOTATION || value.starts_with(b"\"{") || value.starts_with(b"\"[");
        if key == LAST_APPLIED || (is_secret && may_be_a_copy) {
            continue;
        }
        copy(out, key, value, first);
        first = false;
    }
    out.push(b'}');
    Ok(())
}

/// The keys below `f:data` and `f:stringData` of `metadata.managedFields`. What is not as expected names nothing.
fn entry_names(managed_fields: &[u8]) -> BTreeSet<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Managed {
        #[serde(default)]
        fields_v1: BTreeMap<String, serde_json::Value>,
    }
    let managed: Vec<Managed> = serde_json::from_slice(managed_fields).unwrap_or_default();
    let data = managed.iter().flat_map(|m| ["f:data", "f:stringData"].iter().filter_map(|k| m.fields_v1.get(*k)));
    let keys = data.filter_map(serde_json::Value::as_object).flat_map(serde_json::Map::keys);
    keys.filter_map(|k| k.strip_prefix("f:")).map(String::from).collect()
}

fn copy(out: &mut Vec<u8>, key: &[u8], value: &[u8], first: bool) {
    out.extend_from_slice(if first { b"\"" } else { b",\"" });
    out.extend_from_slice(key);
    out.extend_from_slice(b"\":");
    out.extend_from_slice(value);
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    // A string is always written.
    let _ = serde_json::to_writer(out, text);
}

/// The members of a JSON object: the key between its quotes, and the value's bytes.
struct Members<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Members<'t> {
    fn of(object: &'t [u8]) -> Result<Members<'t>, Malformed> {
        let inside = object.strip_prefix(b"{").and_then(|o| o.strip_suffix(b"}")).ok_or(Malformed)?;
        Ok(Members { text: inside, at: 0 })
    }

    fn next_member(&mut self) -> Result<(&'t [u8], &'t [u8]), Malformed> {
        let start = self.at;
        let key_end = string_end(self.text, start).ok_or(Malformed)?;
        if self.text.get(key_end) != Some(&b':') {
            return Err(Malformed);
        }
        let value_start = key_end + 1;
        let end = value_end(self.text, value_start).ok_or(Malformed)?;
        self.at = if self.text.get(end) == Some(&b',') { end + 1 } else { end };
        let key = self.text.get(start + 1..key_end - 1).ok_or(Malformed)?;
        Ok((key, self.text.get(value_start..end).ok_or(Malformed)?))
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = Result<(&'t [u8], &'t [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        let member = self.next_member();
        if member.is_err() {
            self.at = self.text.len();
        }
        Some(member)
    }
}

/// The byte after the string that begins at `start`.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The byte after the value that begins at `start`: a comma, or the end. `None` where there is no value.
fn value_end(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = start;
    while let Some(b) = text.get(at) {
        match b {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    (depth == 0 && at > start).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn pruned(item: &Value, is_secret: bool) -> Value {
        let text = prune(item.to_string().as_bytes(), "v1", "Thing", is_secret).unwrap();
        assert!(!text.contains("\": "), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn type_comes_first_and_what_nobody_asks_for_is_gone() {
        let item = json!({
            "kind": "Odd",
            "metadata": {
                "name": "a", "managedFields": [{"fieldsV1": {"f:data": {"f:k": {}}}}], "resourceVersion": "7",
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"x\":1}", "note": "{}"},
            },
            "spec": {"status": 1, "managedFields": [2], "s": "a\"}],:"},
            "status": {"phase": "Running"},
        });
        let text = prune(item.to_string().as_bytes(), "apps/v1", "Deployment", false).unwrap();
        assert_eq!(
            text,
            r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","resourceVersion":"7","annotations":{"note":"{}"}},"spec":{"status":1,"managedFields":[2],"s":"a\"}],:"}}"#
        );
    }

    #[test]
    fn a_secret_keeps_names_and_never_a_value() {
        let long = "x".repeat(300);
        let item = json!({
            "kind": "PartialObjectMetadata", "data": {"password": "Y2FuYXJ5"}, "stringData": {"t": "canary"}, "type": "Opaque",
            "metadata": {
                "name": "db",
                "annotations": {
                    "kubectl.kubernetes.io/last-applied-configuration": "canary", "copy": "{\"data\":\"canary\"}",
                    "packed": long, "kubernetes.io/service-account.name": "deployer",
                },
                "managedFields": [
                    {"fieldsV1": {"f:data": {".": {}, "f:password": {}, "f:a\"b": {}}, "f:type": {}}},
                    {"fieldsV1": {"f:stringData": {"f:t": {}}}}, {"manager": "m"},
                ],
            },
        });
        let out = pruned(&item, true);
        let annotations = json!({"kubernetes.io/service-account.name": "deployer"});
        assert_eq!(
            out,
            json!({
                "apiVersion": "v1", "kind": "Thing", "metadata": {"name": "db", "annotations": annotations},
                "data": {"a\"b": null, "password": null, "t": null},
            })
        );
        assert!(!out.to_string().contains("canary") && !out.to_string().contains("Y2FuYXJ5"));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for bad in ["", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"metadata\":1}", "{\"a\":]}", "{\"a\":\"}", "{a:1}"] {
            assert_eq!(prune(bad.as_bytes(), "v1", "Thing", false), Err(Malformed), "{bad}");
        }
    }

    /// The same by way of a tree: the original without the named paths.
    fn by_tree(item: &Value) -> Value {
        let mut v = item.clone();
        let root = v.as_object_mut().unwrap();
        root.shift_remove("status");
        root.insert("apiVersion".into(), "v1".into());
        root.insert("kind".into(), "Thing".into());
        if let Some(m) = root.get_mut("metadata").and_then(Value::as_object_mut) {
            m.shift_remove("managedFields");
            if let Some(a) = m.get_mut("annotations").and_then(Value::as_object_mut) {
                a.shift_remove("kubectl.kubernetes.io/last-applied-configuration");
            }
        }
        v
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~\u{e9}\u{1F600}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(key(), inner, 0..5).prop_map(|m| m.into_iter().collect()),
            ]
        })
    }

    fn key() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("metadata".to_string()),
            Just("status".to_string()),
            Just("managedFields".to_string()),
            Just("annotations".to_string()),
            Just("kubectl.kubernetes.io/last-applied-configuration".to_string()),
            "[a-z\"\\\\]{0,6}",
        ]
    }

    fn mapping() -> impl Strategy<Value = Value> {
        proptest::collection::btree_map(key(), value(), 0..5).prop_map(|m| m.into_iter().collect())
    }

    proptest! {
        #[test]
        fn pruned_is_the_original_without_the_named_paths(
            root in mapping(), metadata in mapping(), annotations in mapping()
        ) {
            let mut item = root;
            item["metadata"] = metadata;
            item["metadata"]["annotations"] = annotations;
            prop_assert_eq!(pruned(&item, false), by_tree(&item));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = prune(&bytes, "v1", "Thing", true);
        }

        #[test]
        fn no_json_like_text_makes_it_panic(text in "\\{[\\{\\}\\[\\]\",:a\\\\ ]{0,40}\\}") {
            let _ = prune(text.as_bytes(), "v1", "Thing", false);
        }
    }
}
