//! Which names Kubernetes accepts: DNS-1123 labels and subdomains, label keys (qualified names), label values.
//!
//! Semantics: apimachinery `pkg/api/validate/content/{dns,kube}.go`. The reasons are ours, and only the first one is
//! given. Knows nothing of what a name is used for.

/// The longest name part of a label key, label value or DNS label, in bytes.
pub const LABEL_MAX: usize = 63;
/// The longest DNS subdomain, in bytes.
pub const SUBDOMAIN_MAX: usize = 253;

/// Why a name is not valid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameError {
    /// Nothing stands where a name must stand.
    #[error("is empty")]
    Empty,
    /// More bytes than the field holds.
    #[error("is longer than {0} bytes")]
    TooLong(usize),
    /// A character that the name may not hold, or may not start or end with.
    #[error("may hold only letters, digits, '-', '_' and '.', and must start and end with a letter or digit")]
    Characters,
    /// As `Characters`, for DNS names.
    #[error(
        "may hold only lowercase letters, digits, '-' and '.', and each part must start and end with a letter or digit"
    )]
    Dns,
    /// The part before the slash is empty or no DNS subdomain.
    #[error("has a prefix before '/' that is not a lowercase DNS name")]
    Prefix,
    /// More than one slash.
    #[error("has more than one '/'")]
    Slashes,
}

/// Whether `s` is `[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`.
fn is_label_word(s: &str) -> bool {
    let b = s.as_bytes();
    b.first().is_some_and(u8::is_ascii_alphanumeric)
        && b.last().is_some_and(u8::is_ascii_alphanumeric)
        && b.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
}

fn is_dns_word(s: &str) -> bool {
    let edge = |c: &u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let b = s.as_bytes();
    b.first().is_some_and(edge) && b.last().is_some_and(edge) && b.iter().all(|c| edge(c) || *c == b'-')
}

/// Checks a DNS-1123 label, as for namespaces and Service names (`IsDNS1123Label`).
///
/// # Errors
/// The first reason why `s` is not one.
pub fn dns_label(s: &str) -> Result<(), NameError> {
    match s {
        "" => Err(NameError::Empty),
        _ if s.len() > LABEL_MAX => Err(NameError::TooLong(LABEL_MAX)),
        _ if !is_dns_word(s) => Err(NameError::Dns),
        _ => Ok(()),
    }
}

/// Checks a DNS-1123 subdomain, as for most object names (`IsDNS1123Subdomain`).
///
/// # Errors
/// The first reason why `s` is not one.
pub fn dns_subdomain(s: &str) -> Result<(), NameError> {
    match s {
        "" => Err(NameError::Empty),
        _ if s.len() > SUBDOMAIN_MAX => Err(NameError::TooLong(SUBDOMAIN_MAX)),
        _ if !s.split('.').all(is_dns_word) => Err(NameError::Dns),
        _ => Ok(()),
    }
}

/// Checks a label or annotation key: `[subdomain/]name` (`IsLabelKey`, formerly `IsQualifiedName`).
///
/// # Errors
/// The first reason why `s` is not one.
pub fn label_key(s: &str) -> Result<(), NameError> {
    let name = match s.split_once('/') {
        Some((_, rest)) if rest.contains('/') => return Err(NameError::Slashes),
        Some((prefix, name)) => {
            dns_subdomain(prefix).map_err(|_| NameError::Prefix)?;
            name
        }
        None => s,
    };
    match name {
        "" => Err(NameError::Empty),
        _ if name.len() > LABEL_MAX => Err(NameError::TooLong(LABEL_MAX)),
        _ if !is_label_word(name) => Err(NameError::Characters),
        _ => Ok(()),
    }
}

/// Checks a label value; the empty string is one (`IsLabelValue`).
///
/// # Errors
/// The first reason why `s` is not one.
pub fn label_value(s: &str) -> Result<(), NameError> {
    match s {
        "" => Ok(()),
        _ if s.len() > LABEL_MAX => Err(NameError::TooLong(LABEL_MAX)),
        _ if !is_label_word(s) => Err(NameError::Characters),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_keys_are_an_optional_subdomain_and_a_word() {
        for good in ["a", "A", "1-num", "a.b_c-d", "example.com/x", "1.2.3.4/5678", "a/A_b", &"k".repeat(63)] {
            assert_eq!(label_key(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", NameError::Empty),
            ("a/", NameError::Empty),
            ("/a", NameError::Prefix),
            ("a/b/c", NameError::Slashes),
            ("Example.com/a", NameError::Prefix),
            ("a..b/c", NameError::Prefix),
            ("-a", NameError::Characters),
            ("a-", NameError::Characters),
            ("a b", NameError::Characters),
            ("é", NameError::Characters),
            (&"k".repeat(64), NameError::TooLong(63)),
            (&format!("{}/a", "a.".repeat(126) + "aa"), NameError::Prefix),
        ] {
            assert_eq!(label_key(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn label_values_may_be_empty_but_not_end_in_punctuation() {
        assert_eq!(label_value(""), Ok(()));
        assert_eq!(label_value("1.2_3-x"), Ok(()));
        assert_eq!(label_value("a/b"), Err(NameError::Characters));
        assert_eq!(label_value("a."), Err(NameError::Characters));
        assert_eq!(label_value(&"v".repeat(64)), Err(NameError::TooLong(63)));
    }

    #[test]
    fn dns_names_are_lowercase_and_bounded() {
        assert_eq!(dns_label("a-b"), Ok(()));
        assert_eq!(dns_label("a.b"), Err(NameError::Dns));
        assert_eq!(dns_subdomain("a.b-c.1"), Ok(()));
        assert_eq!(dns_subdomain("a..b"), Err(NameError::Dns));
        assert_eq!(dns_subdomain("A"), Err(NameError::Dns));
        assert_eq!(dns_subdomain(&"a".repeat(254)), Err(NameError::TooLong(253)));
    }
}
