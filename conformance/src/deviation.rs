//! The lists of deviations: where upstream's expectation is wrong, or asks less than kubectl's reader gives.
//!
//! A list is a text of entries. An entry is its name in brackets, then lines `key = value`: `rules` (names separated by
//! commas), `verdict` (`EXPECTED -> GOT`), any number of `when` (conditions that one document of the case fulfils
//! together), `gap` (the one reason of all gaps of the answer), and `reason`, which goes on over indented lines. Lines that start with `#` are comments.

use crate::pattern::Pattern;
use anyhow::{Context as _, Result, bail};
use kastell_model::GapReason;
use kastell_yaml::Value;
use std::path::PathBuf;

/// The folder of a kind of checked-in files of this crate.
pub(crate) fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(kind)
}

#[derive(Clone, Debug, Default)]
struct Entry {
    name: String,
    rules: Vec<String>,
    verdict: Option<(String, String)>,
    when: Vec<Pattern>,
    gap: Option<String>,
    reason: String,
}

/// An answer that is not the expected one.
pub struct Difference<'a> {
    /// The upstream rule.
    pub rule: &'a str,
    /// What upstream says.
    pub expected: &'a str,
    /// What the controls say.
    pub got: &'a str,
    /// The case's documents.
    pub documents: &'a [Value<'a>],
    /// Why the controls could not decide something.
    pub gaps: &'a [GapReason],
}

/// A list of deviations.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    entries: Vec<Entry>,
}

impl Deviations {
    /// The checked-in list of a source; empty where there is none.
    ///
    /// # Errors
    /// A list that cannot be read or parsed.
    pub fn of(source: &str) -> Result<Deviations> {
        let path = folder("deviations").join(format!("{source}.txt"));
        if !path.exists() {
            return Ok(Deviations::default());
        }
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Deviations::parse(&text).with_context(|| path.display().to_string())
    }

    pub(crate) fn parse(text: &str) -> Result<Deviations> {
        let mut entries: Vec<Entry> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                entries.push(Entry { name: name.to_string(), ..Entry::default() });
                continue;
            }
            let entry = entries.last_mut().with_context(|| format!("line {number} stands before the first entry"))?;
            entry.add(line).with_context(|| format!("line {number}"))?;
        }
        for (n, entry) in entries.iter().enumerate() {
            if entry.reason.is_empty() {
                bail!("`{}` gives no reason", entry.name);
            }
            if entries.iter().take(n).any(|e| e.name == entry.name) {
                bail!("`{}` stands twice", entry.name);
            }
        }
        Ok(Deviations { entries })
    }

    /// Whether the list has an entry of this name.
    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|e| e.name == name)
    }

    /// The first entry that explains `difference`.
    pub fn explain(&self, difference: &Difference<'_>) -> Option<&str> {
        let entry = self.entries.iter().find(|e| e.explains(difference))?;
        Some(&entry.name)
    }

    /// The names and reasons, in order.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|e| (e.name.as_str(), e.reason.as_str()))
    }
}

impl Entry {
    fn add(&mut self, line: &str) -> Result<()> {
        if line.starts_with(' ') && !self.reason.is_empty() {
            self.reason.push(' ');
            self.reason.push_str(line.trim());
            return Ok(());
        }
        let (key, value) = line.split_once(" = ").context("a line is `key = value`")?;
        let value = value.trim();
        match key.trim() {
            "rules" => self.rules = value.split(',').map(|r| r.trim().to_string()).collect(),
            "verdict" => {
                let (expected, got) = value.split_once(" -> ").context("a verdict is `EXPECTED -> GOT`")?;
                self.verdict = Some((expected.to_string(), got.to_string()));
            }
            "gap" => self.gap = Some(value.to_string()),
            "when" => self.when.push(Pattern::parse(value)?),
            "reason" => self.reason = value.to_string(),
            other => bail!("`{other}` is no key of an entry"),
        }
        Ok(())
    }

    fn explains(&self, d: &Difference<'_>) -> bool {
        self.rules.iter().any(|r| r == d.rule)
            && self.verdict.as_ref().is_none_or(|(e, g)| e == d.expected && g == d.got)
            && (self.when.is_empty() || d.documents.iter().any(|o| self.when.iter().all(|p| p.holds(*o))))
            && self.gap.as_ref().is_none_or(|gap| !d.gaps.is_empty() && d.gaps.iter().all(|g| g.name() == gap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_explains_its_rules_and_its_verdict_only() {
        let text = "# a list\n[a]\nrules = X, Y\nverdict = fail -> pass\nreason = one\n  two\n";
        let list = Deviations::parse(text).unwrap();
        assert_eq!(list.reasons().collect::<Vec<_>>(), [("a", "one two")]);
        let explain = |rule, expected, got| {
            list.explain(&Difference { rule, expected, got, documents: &[], gaps: &[] }).map(str::to_string)
        };
        assert_eq!(explain("Y", "fail", "pass").as_deref(), Some("a"));
        assert_eq!(explain("Y", "pass", "fail"), None);
        assert_eq!(explain("Z", "fail", "pass"), None);
    }

    #[test]
    fn an_entry_without_a_reason_is_an_error() {
        assert!(Deviations::parse("[a]\nrules = X\n").is_err());
        assert!(Deviations::parse("reason = x\n").is_err());
        assert!(Deviations::parse("[a]\nreason = x\n[a]\nreason = y\n").is_err());
    }

    #[test]
    fn every_checked_in_list_can_be_read() {
        for suite in crate::suite::SUITES {
            let source = suite.name.rsplit('/').next().unwrap();
            Deviations::of(source).unwrap();
        }
    }
}
