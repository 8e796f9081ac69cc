//! The readers of manifests' values, on YAML text.

use super::defaults::{is_default_empty_dir, volume_sources};
use super::lists::identity;
use super::{IntOrString, IntOrStringError, LabelSelector, Quantity, QuantityError, SelectorError};
use kastell_yaml::{Tree, Value};

fn with<R>(text: &str, f: impl FnOnce(Value<'_>) -> R) -> R {
    let stream = kastell_yaml::read(text.into());
    let tree: &Tree = stream.documents.first().and_then(|d| d.tree.as_ref()).expect("a document");
    f(tree.root().get("v").expect("the key v"))
}

fn selector(text: &str) -> Result<LabelSelector, SelectorError> {
    with(text, LabelSelector::from_value)
}

#[test]
fn selectors_of_manifests() {
    assert!(selector("v: null").unwrap().is_nothing());
    assert!(selector("v: {}").unwrap().is_everything());
    assert!(selector("v: {matchLabels: null, matchExpressions: []}").unwrap().is_everything());
    let s = selector(
        "v:\n  matchLabels: {app: web}\n  matchExpressions:\n  - {key: tier, operator: NotIn, values: [db]}\n  - {key: x, operator: DoesNotExist}\n",
    );
    assert_eq!(s.unwrap().to_string(), "app=web,tier!=db,!x");
    for (text, part) in [
        ("v: []", "must be a mapping"),
        ("v: {matchLabels: {app: 1}}", "must be a string"),
        ("v: {matchExpressions: {}}", "must be a list"),
        ("v: {matchExpressions: [{key: a, operator: in, values: [b]}]}", "\"in\" is not a selector operator"),
        ("v: {matchExpressions: [{key: a, operator: Gt, values: ['1']}]}", "\"Gt\" is not a selector operator"),
        ("v: {matchExpressions: [{key: a, operator: In}]}", "at least one value"),
        ("v: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}", "no values"),
        ("v: {matchExpressions: [{operator: Exists}]}", "is empty"),
    ] {
        let error = selector(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(with("v: null", LabelSelector::from_map_value).unwrap().is_nothing());
    assert_eq!(with("v: {b: '2', a: x}", LabelSelector::from_map_value).unwrap().to_string(), "a=x,b=2");
}

#[test]
fn labels_of_manifests() {
    with("v: {app: web, empty: null, n: 1}", |labels| {
        let matches = |s: &str| LabelSelector::parse(s).unwrap().matches(&labels);
        assert!(matches("app=web") && matches("empty=") && matches("!n") && matches("!none"));
    });
}

#[test]
fn quantities_of_manifests() {
    let q = |text: &str| with(text, Quantity::from_value).map(|q| q.to_string());
    for (text, shown) in [
        ("v: 500m", "500m"),
        ("v: ' 1Gi '", "1Gi"),
        ("v: 0.5", "500m"),
        ("v: 2", "2"),
        ("v: 1e3", "1k"),
        ("v: null", "0"),
        ("v: '1e3'", "1e3"),
    ] {
        assert_eq!(q(text).as_deref(), Ok(shown), "{text}");
    }
    assert_eq!(q("v: true"), Err(QuantityError::Type));
    assert_eq!(q("v: []"), Err(QuantityError::Type));
    assert_eq!(q("v: '1GB'"), Err(QuantityError::Format));
}

#[test]
fn int_or_strings_of_manifests() {
    let v = |text: &str| with(text, |v| IntOrString::from_value(v).map(|v| v.to_string()));
    for (text, shown) in [("v: 80", "80"), ("v: http", "http"), ("v: 25%", "25%"), ("v: '80'", "80"), ("v: null", "0")]
    {
        assert_eq!(v(text).as_deref(), Ok(shown), "{text}");
    }
    assert_eq!(v("v: 3000000000"), Err(IntOrStringError::OutOfRange));
    assert_eq!(v("v: 1.5"), Err(IntOrStringError::OutOfRange));
    assert_eq!(v("v: true"), Err(IntOrStringError::Type));
}

#[test]
fn volumes_and_items_of_manifests() {
    assert!(with("v: {name: a}", is_default_empty_dir));
    assert!(with("v: {name: a, hostPath: null, unknown: {}}", is_default_empty_dir));
    assert!(!with("v: {name: a, emptyDir: {}}", is_default_empty_dir));
    with("v: {name: a, secret: {}, hostPath: {path: /}}", |v| {
        assert_eq!(volume_sources(v).map(|(k, _)| k).collect::<Vec<_>>(), ["secret", "hostPath"]);
    });
    with("v: {containerPort: 80, name: web}", |v| {
        assert_eq!(identity(v, &["containerPort", "protocol"]).as_deref(), Some("containerPort=80,protocol=TCP"));
        assert_eq!(identity(v, &["mountPath"]), None);
    });
}
