//! Label selectors as the API server evaluates them.
//!
//! Semantics: apimachinery `pkg/labels/selector.go` (requirements, the text form) and
//! `pkg/apis/meta/v1/helpers.go` (`LabelSelectorAsSelector`). Knows no object: labels come through [`Labels`].

use super::names::{NameError, label_key, label_value};
use super::selector_text;
use kastell_yaml::{Kind, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasher;

/// A set of labels to look into.
pub trait Labels {
    /// The value of the label `key`; `None` where there is no such label.
    fn label(&self, key: &str) -> Option<Cow<'_, str>>;
}

impl<L: Labels + ?Sized> Labels for &L {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        (**self).label(key)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Labels for [(K, V)] {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        self.iter().rev().find(|(k, _)| k.as_ref() == key).map(|(_, v)| Cow::Borrowed(v.as_ref()))
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Labels for [(K, V); N] {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        self.as_slice().label(key)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Labels for Vec<(K, V)> {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        self.as_slice().label(key)
    }
}

impl<V: AsRef<str>> Labels for BTreeMap<String, V> {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).map(|v| Cow::Borrowed(v.as_ref()))
    }
}

impl<V: AsRef<str>, S: BuildHasher> Labels for HashMap<String, V, S> {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).map(|v| Cow::Borrowed(v.as_ref()))
    }
}

/// The mapping under `metadata.labels`. A null is the empty string, as Go decodes it; a value that is no string makes
/// the API server refuse the object, so here the label is not there.
impl Labels for Value<'_> {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        let v = self.get(key)?;
        if v.is_null() { Some(Cow::Borrowed("")) } else { v.as_str() }
    }
}

/// No labels, or those that there are.
impl<L: Labels> Labels for Option<L> {
    fn label(&self, key: &str) -> Option<Cow<'_, str>> {
        self.as_ref().and_then(|l| l.label(key))
    }
}

/// How a requirement relates a key to its values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operator {
    /// The key is there with one of the values. Equality is `In` with one value.
    In,
    /// The key is missing, or there with none of the values. Inequality is `NotIn` with one value.
    NotIn,
    /// The key is there.
    Exists,
    /// The key is missing.
    DoesNotExist,
    /// The key is there and both it and the value are integers, the label's being the greater. Text form only.
    Gt,
    /// As `Gt`, the label's being the smaller.
    Lt,
}

/// Why a selector is not valid; the API server would refuse it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SelectorError {
    /// A key that no label can have.
    #[error("the label key \"{key}\" {reason}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// A value that no label can have.
    #[error("the value \"{value}\" of the label \"{key}\" {reason}")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// An operator other than In, NotIn, Exists and DoesNotExist (spelled exactly so).
    #[error("\"{0}\" is not a selector operator: use In, NotIn, Exists or DoesNotExist")]
    Operator(String),
    /// In or NotIn without values.
    #[error("the requirement on \"{0}\" needs at least one value")]
    NoValues(String),
    /// Exists or DoesNotExist with values.
    #[error("the requirement on \"{0}\" must have no values")]
    UnexpectedValues(String),
    /// Gt or Lt without exactly one integer.
    #[error("the comparison of \"{0}\" needs exactly one integer")]
    NotAnInteger(String),
    /// A field of another type than the API has.
    #[error("{field} must be {expected}")]
    Type {
        /// The field, from the selector on.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The text form can't be read.
    #[error("at byte {at} of the selector: found '{found}', expected {expected}")]
    Syntax {
        /// Byte offset into the text.
        at: usize,
        /// What stands there; empty at the end.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
}

/// One condition on one label.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

impl Requirement {
    /// Builds a requirement.
    ///
    /// # Errors
    /// As upstream's `NewRequirement`: an invalid key, a wrong number of values, an invalid value.
    pub fn new(key: String, operator: Operator, values: Vec<String>) -> Result<Requirement, SelectorError> {
        if let Err(reason) = label_key(&key) {
            return Err(SelectorError::Key { key, reason });
        }
        match operator {
            Operator::In | Operator::NotIn if values.is_empty() => return Err(SelectorError::NoValues(key)),
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                return Err(SelectorError::UnexpectedValues(key));
            }
            Operator::Gt | Operator::Lt => match values.as_slice() {
                [one] if one.parse::<i64>().is_ok() => {}
                _ => return Err(SelectorError::NotAnInteger(key)),
            },
            _ => {}
        }
        for value in &values {
            if let Err(reason) = label_value(value) {
                return Err(SelectorError::Value { key, value: value.clone(), reason });
            }
        }
        Ok(Requirement { key, operator, values })
    }

    /// The label that the requirement is about.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The operator.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The values, as given.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether `labels` satisfy the requirement.
    pub fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        let found = labels.label(&self.key);
        match (self.operator, found) {
            (Operator::Exists, found) => found.is_some(),
            (Operator::DoesNotExist, found) => found.is_none(),
            (Operator::In, Some(v)) => self.values.iter().any(|w| *w == v),
            (Operator::NotIn, Some(v)) => !self.values.iter().any(|w| *w == v),
            (Operator::NotIn, None) => true,
            (Operator::Gt, Some(v)) => self.compare(&v).is_some_and(std::cmp::Ordering::is_gt),
            (Operator::Lt, Some(v)) => self.compare(&v).is_some_and(std::cmp::Ordering::is_lt),
            (Operator::In | Operator::Gt | Operator::Lt, None) => false,
        }
    }

    fn compare(&self, label: &str) -> Option<std::cmp::Ordering> {
        let wanted = self.values.first()?.parse::<i64>().ok()?;
        Some(label.parse::<i64>().ok()?.cmp(&wanted))
    }
}

/// A label selector: what it needs, all of it. See [`LabelSelector::nothing`] for the absent one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LabelSelector {
    /// `None`: matches nothing.
    requirements: Option<Vec<Requirement>>,
}

impl LabelSelector {
    /// The selector that matches nothing: what an absent (null) selector means.
    pub fn nothing() -> LabelSelector {
        LabelSelector { requirements: None }
    }

    /// The selector that matches everything: what the empty selector `{}` means.
    pub fn everything() -> LabelSelector {
        LabelSelector { requirements: Some(Vec::new()) }
    }

    /// The selector of these requirements, ordered by key.
    pub fn from_requirements(mut requirements: Vec<Requirement>) -> LabelSelector {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        LabelSelector { requirements: Some(requirements) }
    }

    /// The selector that needs exactly these labels, as the `spec.selector` of a Service or ReplicationController. An
    /// empty set matches everything; what such a Service does instead (it selects nothing) is the caller's to know.
    ///
    /// # Errors
    /// An invalid key or value.
    pub fn from_labels<K: Into<String>, V: Into<String>>(
        labels: impl IntoIterator<Item = (K, V)>,
    ) -> Result<LabelSelector, SelectorError> {
        let requirements = labels.into_iter().map(|(k, v)| Requirement::new(k.into(), Operator::In, vec![v.into()]));
        Ok(LabelSelector::from_requirements(requirements.collect::<Result<_, _>>()?))
    }

    /// The selector of a plain map of labels in a manifest (Service, ReplicationController, `nodeSelector`). Null: nothing.
    ///
    /// # Errors
    /// A value of another type, an invalid key or value.
    pub fn from_map_value(map: Value<'_>) -> Result<LabelSelector, SelectorError> {
        if map.is_null() {
            return Ok(LabelSelector::nothing());
        }
        Ok(LabelSelector::from_requirements(match_labels(map, "selector")?))
    }

    /// The `metav1.LabelSelector` in a manifest: `matchLabels` and `matchExpressions`. Null matches nothing, the empty
    /// mapping everything. Unknown fields are passed over, as the API server does without strict validation.
    ///
    /// # Errors
    /// A field of another type, an unknown operator, an invalid requirement.
    pub fn from_value(selector: Value<'_>) -> Result<LabelSelector, SelectorError> {
        if selector.is_null() {
            return Ok(LabelSelector::nothing());
        }
        if !selector.is_mapping() {
            return Err(SelectorError::Type { field: "the label selector", expected: "a mapping" });
        }
        let mut requirements = match selector.field("matchLabels") {
            Some(labels) => match_labels(labels, "matchLabels")?,
            None => Vec::new(),
        };
        if let Some(list) = selector.field("matchExpressions") {
            if !list.is_sequence() {
                return Err(SelectorError::Type { field: "matchExpressions", expected: "a list" });
            }
            for item in list.items() {
                requirements.push(match_expression(item)?);
            }
        }
        Ok(LabelSelector::from_requirements(requirements))
    }

    /// The text form: `a=b,c!=d,e in (x,y),f notin (z),!g,h,i>1,j<2`. The empty text matches everything.
    ///
    /// # Errors
    /// As upstream's `labels.Parse`: a syntax error or an invalid requirement.
    pub fn parse(text: &str) -> Result<LabelSelector, SelectorError> {
        Ok(LabelSelector::from_requirements(selector_text::parse(text)?))
    }

    /// Whether `labels` satisfy every requirement.
    pub fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        self.requirements.as_ref().is_some_and(|all| all.iter().all(|r| r.matches(labels)))
    }

    /// Whether the selector matches nothing because there is none.
    pub fn is_nothing(&self) -> bool {
        self.requirements.is_none()
    }

    /// Whether the selector matches every set of labels because it asks for nothing.
    pub fn is_everything(&self) -> bool {
        self.requirements.as_ref().is_some_and(Vec::is_empty)
    }

    /// The requirements, by key; empty also for a selector that matches nothing.
    pub fn requirements(&self) -> &[Requirement] {
        self.requirements.as_deref().unwrap_or_default()
    }
}

fn match_labels(map: Value<'_>, field: &'static str) -> Result<Vec<Requirement>, SelectorError> {
    if !map.is_mapping() {
        return Err(SelectorError::Type { field, expected: "a mapping" });
    }
    map.entries()
        .map(|(key, value)| {
            let text = text_of(value, "a label of the selector")?;
            Requirement::new(key.to_owned(), Operator::In, vec![text])
        })
        .collect()
}

fn match_expression(item: Value<'_>) -> Result<Requirement, SelectorError> {
    if !item.is_mapping() {
        return Err(SelectorError::Type { field: "an item of matchExpressions", expected: "a mapping" });
    }
    let text = |name, field| item.field(name).map_or(Ok(String::new()), |v| text_of(v, field));
    let operator = match text("operator", "the operator of a match expression")? {
        op if op == "In" => Operator::In,
        op if op == "NotIn" => Operator::NotIn,
        op if op == "Exists" => Operator::Exists,
        op if op == "DoesNotExist" => Operator::DoesNotExist,
        op => return Err(SelectorError::Operator(op)),
    };
    let mut values = Vec::new();
    if let Some(list) = item.field("values") {
        if !list.is_sequence() {
            return Err(SelectorError::Type { field: "the values of a match expression", expected: "a list" });
        }
        for v in list.items() {
            values.push(text_of(v, "a value of a match expression")?);
        }
    }
    Requirement::new(text("key", "the key of a match expression")?, operator, values)
}

/// A string; null is the empty one.
fn text_of(v: Value<'_>, field: &'static str) -> Result<String, SelectorError> {
    match v.kind() {
        Kind::Null => Ok(String::new()),
        _ => v.as_str().map(Cow::into_owned).ok_or(SelectorError::Type { field, expected: "a string" }),
    }
}

impl fmt::Display for Requirement {
    /// The text form, values sorted and once each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        values.sort_unstable();
        values.dedup();
        let (key, single, values) = (&self.key, values.len() == 1, values.join(","));
        match self.operator {
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::In if single => write!(f, "{key}={values}"),
            Operator::NotIn if single => write!(f, "{key}!={values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
            Operator::Gt => write!(f, "{key}>{values}"),
            Operator::Lt => write!(f, "{key}<{values}"),
        }
    }
}

impl fmt::Display for LabelSelector {
    /// The text form; empty for the selectors of nothing and of everything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, r) in self.requirements().iter().enumerate() {
            write!(f, "{}{r}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "selector_tests.rs"]
mod tests;
