//! Whom an entry of the configuration means: by kind, namespace, name, labels and container, always the whole of each.

use kastell_analysis::Facts;
use kastell_model::kube::kinds::{Scope, scope};
use kastell_model::kube::selector::LabelSelector;
use kastell_model::{Object, ObjectKey, Str};

/// A text, or a glob in which `*` stands for any characters. It matches the whole of a text or nothing: `cart` is not
/// `cart-2`, `cart-*` is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pattern(Str);

impl Pattern {
    /// A pattern as it is written.
    pub fn new(text: &str) -> Pattern {
        Pattern(text.into())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` is exactly what the pattern says.
    pub fn matches(&self, text: &str) -> bool {
        wild(self.0.as_bytes(), text.as_bytes(), |p| *p == b'*', |p, t| p == t)
    }
}

/// Whether `text` is what `pattern` says, where a star stands for any number of elements. Steps back to the last star
/// only, so that no pattern takes more than the product of the lengths.
pub(crate) fn wild<P, T>(
    pattern: &[P],
    text: &[T],
    is_star: impl Fn(&P) -> bool,
    same: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(element) = text.get(t) {
        match pattern.get(p) {
            Some(star) if is_star(star) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(one) if same(one, element) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = retry else { return false };
                retry = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(is_star)
}

/// Which namespaces are production.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Production {
    /// By name.
    pub namespaces: Vec<Pattern>,
    /// By the labels of the Namespace object, where it was read.
    pub selector: Option<LabelSelector>,
}

impl Production {
    /// Whether the namespace is production.
    fn holds(&self, facts: &Facts, unit: &Str, namespace: &str) -> bool {
        self.namespaces.iter().any(|p| p.matches(namespace))
            || self.selector.as_ref().is_some_and(|s| {
                let found = facts.namespace_object(unit, namespace);
                found.is_some_and(|(_, o)| s.matches(&o.metadata().and_then(|m| m.field("labels"))))
            })
    }
}

/// Whom an entry means: everything that it says must hold; what it does not say holds for all.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Match {
    /// `Deployment`, or with the group `Deployment.apps`.
    pub kind: Option<Pattern>,
    /// The namespace; a Namespace stands in itself. What the manifest leaves to the client stands in `default`.
    pub namespace: Option<Pattern>,
    /// The name.
    pub name: Option<Pattern>,
    /// The labels of the object, or of its topmost controller.
    pub selector: Option<LabelSelector>,
    /// The container.
    pub container: Option<Pattern>,
    /// Whether the namespace is production.
    pub production: Option<bool>,
}

/// Something that a match is asked about: a finding's or gap's subject, and the object that it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) subject: &'a ObjectKey,
    pub(crate) object: &'a Object,
}

/// The namespace that an object stands in, where it does in any.
fn namespace_of(key: &ObjectKey) -> Option<&str> {
    if key.kind.is("", "Namespace") {
        return Some(&key.name);
    }
    match (scope(&key.kind.group, &key.kind.kind), key.namespace.as_deref()) {
        (Some(Scope::Cluster), _) => None,
        (Some(Scope::Namespaced), None) => Some("default"),
        (_, said) => said,
    }
}

impl Match {
    /// Whether the object or its subject is meant, whatever the container.
    pub(crate) fn is_about(&self, c: Candidate<'_>, production: &Production) -> bool {
        (self.names(c.subject) || self.names(&c.object.key))
            && self.selects(c)
            && self.production.is_none_or(|wanted| {
                let of = |key: &ObjectKey| namespace_of(key).is_some_and(|ns| production.holds(c.facts, &key.unit, ns));
                (of(c.subject) || of(&c.object.key)) == wanted
            })
    }

    /// Whether the container (`None`: the finding is about no container) is meant.
    pub(crate) fn has_container(&self, part: Option<&str>) -> bool {
        self.container.as_ref().is_none_or(|c| part.is_some_and(|p| c.matches(p)))
    }

    /// All of kind, namespace and name hold for the same identity: never the kind of one and the name of another.
    fn names(&self, key: &ObjectKey) -> bool {
        let holds = |pattern: &Option<Pattern>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|p| text.is_some_and(|t| p.matches(t)))
        };
        let kind = self.kind.as_ref().is_none_or(|p| p.matches(&key.kind.kind) || p.matches(&key.kind.to_string()));
        kind && holds(&self.namespace, namespace_of(key)) && holds(&self.name, Some(&key.name))
    }

    fn selects(&self, c: Candidate<'_>) -> bool {
        let Some(selector) = &self.selector else { return true };
        let by = |o: &Object| selector.matches(&o.metadata().and_then(|m| m.field("labels")));
        by(c.object) || c.facts.index().find(c.facts.cluster(), c.subject).is_some_and(|(_, o)| by(o))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_text_or_nothing() {
        for (pattern, text, matches) in [
            ("cart", "cart", true),
            ("cart", "cart-2", false),
            ("cart", "my-cart", false),
            ("cart", "", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("cart-*", "cart-2", true),
            ("cart-*", "cart-", true),
            ("cart-*", "cart", false),
            ("*-db", "orders-db", true),
            ("*-db", "orders-db-0", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("**", "x", true),
            ("a?c", "abc", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = Pattern::new(&"*a".repeat(60));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5_000))));
    }

    #[test]
    fn a_namespace_stands_in_itself_and_cluster_kinds_in_none() {
        let key = |group: &str, kind: &str, namespace: Option<&str>, name: &str| ObjectKey {
            unit: "files".into(),
            kind: kastell_model::GroupKind::new(group, kind),
            namespace: namespace.map(Into::into),
            name: name.into(),
        };
        for (key, namespace) in [
            (key("", "Namespace", None, "shop"), Some("shop")),
            (key("apps", "Deployment", Some("shop"), "cart"), Some("shop")),
            (key("apps", "Deployment", None, "cart"), Some("default")),
            (key("rbac.authorization.k8s.io", "ClusterRole", None, "admin"), None),
            (key("example.com", "Thing", None, "one"), None),
            (key("example.com", "Thing", Some("shop"), "one"), Some("shop")),
        ] {
            assert_eq!(namespace_of(&key), namespace, "{key}");
        }
    }
}
