//! Conditions on an object, as the lists of deviations and the profiles write them.
//!
//! `PATH`, `PATH = VALUE`, `PATH contains TEXT` or `PATH is null`, with `not ` before it for the contrary. A path's steps are separated by
//! dots; a step may be quoted, ends with `*` for any key that starts so, is `*` for any key or item, and `**` for any
//! number of steps.

use anyhow::{Result, bail};
use kastell_yaml::Value;

/// A condition.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    negated: bool,
    path: Vec<String>,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Exists,
    Equals(String),
    Contains(String),
    Null,
}

impl Pattern {
    /// Reads a condition.
    pub(crate) fn parse(text: &str) -> Result<Pattern> {
        let text = text.trim();
        let (negated, text) = text.strip_prefix("not ").map_or((false, text), |rest| (true, rest));
        let (path, test) = if let Some((path, value)) = text.split_once(" contains ") {
            (path, Test::Contains(value.trim().to_string()))
        } else if let Some((path, value)) = text.split_once(" = ") {
            (path, Test::Equals(value.trim().to_string()))
        } else if let Some(path) = text.strip_suffix(" is null") {
            (path, Test::Null)
        } else {
            (text, Test::Exists)
        };
        let path = steps(path.trim());
        if path.is_empty() || path.iter().any(String::is_empty) {
            bail!("`{text}` has an empty step in its path");
        }
        Ok(Pattern { negated, path, test })
    }

    /// Whether `root` fulfils it.
    pub(crate) fn holds(&self, root: Value<'_>) -> bool {
        self.found(root) != self.negated
    }

    fn found(&self, root: Value<'_>) -> bool {
        let mut stack: Vec<(Value<'_>, &[String])> = vec![(root, &self.path)];
        while let Some((value, path)) = stack.pop() {
            let Some((step, rest)) = path.split_first() else {
                if self.is_met(value) {
                    return true;
                }
                continue;
            };
            if step == "**" {
                stack.push((value, rest));
                stack.extend(children(value).map(|(_, v)| (v, path)));
            } else {
                stack.extend(children(value).filter(|(k, _)| fits(step, k)).map(|(_, v)| (v, rest)));
            }
        }
        false
    }

    fn is_met(&self, value: Value<'_>) -> bool {
        let text = || value.scalar_text().unwrap_or_default();
        match &self.test {
            Test::Exists => !value.is_null(),
            Test::Equals(wanted) => !value.is_mapping() && !value.is_sequence() && text() == wanted.as_str(),
            Test::Null => value.is_null(),
            Test::Contains(part) => text().contains(part.as_str()),
        }
    }
}

/// Entries with their keys, items with an empty one.
fn children(value: Value<'_>) -> impl Iterator<Item = (&str, Value<'_>)> {
    value.entries().chain(value.items().map(|v| ("", v)))
}

fn fits(step: &str, key: &str) -> bool {
    match step.strip_suffix('*') {
        Some(start) => key.starts_with(start),
        None => step == key,
    }
}

fn steps(path: &str) -> Vec<String> {
    let (mut steps, mut step, mut quoted) = (Vec::new(), String::new(), false);
    for c in path.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => steps.push(std::mem::take(&mut step)),
            _ => step.push(c),
        }
    }
    steps.push(step);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(pattern: &str, yaml: &str) -> bool {
        let stream = kastell_yaml::read(yaml.into());
        Pattern::parse(pattern).unwrap().holds(stream.documents[0].tree.as_ref().unwrap().root())
    }

    const POD: &str = "kind: Pod\nmetadata: {annotations: {a.b/c: x}}\nspec: {containers: [{name: a}, {name: b, tty: true, x: null}]}";

    #[test]
    fn paths_go_through_keys_items_and_any_depth() {
        for yes in [
            "kind = Pod",
            "spec.containers.*.name = b",
            "spec.containers.*.tty",
            "**.tty = true",
            "metadata.annotations.\"a.b/c\" = x",
            "metadata.annotations.\"a.b/*\"",
            "kind contains o",
            "not spec.hostPID",
            "spec.containers.*.x is null",
        ] {
            assert!(holds(yes, POD), "{yes}");
        }
        for no in [
            "kind = pod",
            "spec.containers.*.name = c",
            "**.tty = false",
            "**.tty is null",
            "not kind",
            "spec.*.hostPID",
        ] {
            assert!(!holds(no, POD), "{no}");
        }
    }

    #[test]
    fn an_empty_step_is_an_error() {
        assert!(Pattern::parse("spec..x").is_err());
        assert!(Pattern::parse(".x = y").is_err());
    }
}
