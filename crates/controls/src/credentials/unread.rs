//! What to hide of a text that nobody could read as YAML or JSON: no tree says what belongs to what.

use super::{find_tokens, hidden_in_line, is_sensitive_name};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A key that opens a line, in YAML or JSON, items included; and all that its line holds.
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^[\s{\[-]*(?:"([^"]*)"|'([^']*)'|([^\s:"'#{\[]+))[ \t]*:"#).ok());
/// The kind of a Secret, in YAML or JSON.
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"kind["']?\s*:\s*["']?Secret\b"#).ok());

/// Whether a Secret stands anywhere in `text`, readable or not.
pub fn mentions_secret(text: &str) -> bool {
    SECRET.as_ref().is_none_or(|r| r.is_match(text))
}

/// The ranges of `text`, in bytes, that no output may show: tokens and keys, what stands behind or below a credential's
/// name, and all values where they may be those of a `secret`. Sorted by start; they may overlap.
pub fn hidden_in_text(text: &str, secret: bool) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = find_tokens(text).map(|(r, _)| r).collect();
    // The indentation of a credential's key with nothing behind it: deeper lines are its value.
    let mut below: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() {
            continue;
        }
        below = below.filter(|outer| indent > *outer || line.starts_with('\t'));
        if below.is_some() {
            hidden.push(at + indent..start);
            continue;
        }
        let key = KEY.as_ref().and_then(|r| r.captures(line));
        if secret {
            let from = key.as_ref().and_then(|c| c.get(0)).map_or(indent, |m| m.end());
            hidden.push(at + from..start);
            continue;
        }
        hidden.extend(hidden_in_line(line).into_iter().map(|r| at + r.start..at + r.end));
        let name = key.as_ref().and_then(|c| c.get(1).or_else(|| c.get(2)).or_else(|| c.get(3)));
        if name.is_some_and(|n| is_sensitive_name(n.as_str())) {
            below = Some(indent);
        }
    }
    hidden.retain(|r| !text.get(r.clone()).unwrap_or("").trim().is_empty());
    hidden.sort_by_key(|r| (r.start, r.end));
    hidden
}

#[cfg(test)]
mod tests {
    use super::{hidden_in_text, mentions_secret};

    fn shown(text: &str) -> String {
        let hidden = hidden_in_text(text, mentions_secret(text));
        let is_hidden = |i: usize| hidden.iter().any(|r| r.contains(&i));
        text.char_indices().filter(|(i, c)| *c == '\n' || !is_hidden(*i)).map(|(_, c)| c).collect()
    }

    #[test]
    fn of_a_secret_only_the_keys_are_shown() {
        let text = "kind: Secret\ndata:\n\tpassword: abc\n  - x y\n  \"k\": v\n# c\n";
        assert_eq!(shown(text), "kind:\ndata:\n\tpassword:\n  - \n  \"k\":\n\n".replace("  - \n", "  \n"));
        assert_eq!(shown("{kind: Secret, data: {a: b}]}"), "{kind:");
    }

    #[test]
    fn of_other_texts_only_what_belongs_to_a_credential_is_hidden() {
        let text = "kind: Pod\nspec:\n  password: |\n    abc\n    def\n  image: nginx\n\tx: y\n";
        assert_eq!(shown(text), "kind: Pod\nspec:\n  password: \n    \n    \n  image: nginx\n\tx: y\n");
        assert_eq!(shown("a: [b\n"), "a: [b\n");
    }

    #[test]
    fn a_private_key_is_hidden_on_all_its_lines() {
        let key = "x: [\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33\n  -----END RSA PRIVATE KEY-----\n";
        assert!(!shown(key).contains("MIIE"), "{}", shown(key));
    }
}
