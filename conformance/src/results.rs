//! Results as checked-in text: by rule how many cases agree, deviate, disagree and are unmapped, and which disagree.

use crate::case::{Case, Standing};
use crate::deviation::{Deviations, folder};
use crate::suite::Suite;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How many cases stand how.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// The answers agree.
    pub agree: usize,
    /// They differ for a listed reason.
    pub deviation: usize,
    /// They differ.
    pub disagree: usize,
    /// Nothing was asked.
    pub unmapped: usize,
}

impl Counts {
    /// Counts `cases`.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Counts {
        let mut counts = Counts::default();
        for case in cases {
            counts.add(case.standing());
        }
        counts
    }

    fn add(&mut self, standing: Standing) {
        match standing {
            Standing::Agree => self.agree += 1,
            Standing::Deviation => self.deviation += 1,
            Standing::Disagree => self.disagree += 1,
            Standing::Unmapped => self.unmapped += 1,
        }
    }

    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            agree: self.agree + other.agree,
            deviation: self.deviation + other.deviation,
            disagree: self.disagree + other.disagree,
            unmapped: self.unmapped + other.unmapped,
        }
    }

    /// Cases that were asked.
    pub fn mapped(self) -> usize {
        self.agree + self.deviation + self.disagree
    }

    /// Whether anything of this is worse than `before`: a case more that disagrees or is unmapped, or one fewer mapped.
    pub fn is_worse_than(self, before: Counts) -> bool {
        self.agree < before.agree || self.disagree > before.disagree || self.mapped() < before.mapped()
    }

    fn columns(self) -> [usize; 4] {
        [self.agree, self.deviation, self.disagree, self.unmapped]
    }
}

/// A share in per cent with one decimal, rounded down so that 100.0 means all.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_string();
    }
    let tenths = part * 1000 / whole;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A line of figures: `3345 cases: 3345 of 3345 mapped agree (100.0 %), 0 deviate, 0 disagree; 0 unmapped`.
pub fn summary(counts: Counts) -> String {
    let [agree, deviation, disagree, unmapped] = counts.columns();
    let mapped = counts.mapped();
    format!(
        "{} cases: {agree} of {mapped} mapped agree ({} %), {deviation} deviate, {disagree} disagree; {unmapped} unmapped",
        mapped + unmapped,
        percent(agree, mapped)
    )
}

/// The results of a suite as text.
pub fn text(suite: &Suite, cases: &[Case]) -> String {
    let mut rules: BTreeMap<&str, Counts> = BTreeMap::new();
    for case in cases {
        rules.entry(&case.rule).or_default().add(case.standing());
    }
    let width = rules.keys().map(|r| r.chars().count()).max().unwrap_or(0).max("total".len());
    let mut out = format!("# {}: {}.\n", suite.name, suite.about);
    out.push_str("# Written by `cargo run --release -p kastell-conformance -- --update`; it may only get better.\n\n");
    let head = ["agree", "deviation", "disagree", "unmapped"];
    let _ = writeln!(out, "{:<width$} {:>6} {:>9} {:>8} {:>8}", "rule", head[0], head[1], head[2], head[3]);
    let total = Counts::of(cases);
    for (rule, counts) in rules.into_iter().chain([("total", total)]) {
        let [a, b, c, d] = counts.columns();
        let _ = writeln!(out, "{rule:<width$} {a:>6} {b:>9} {c:>8} {d:>8}");
    }
    let _ = writeln!(out, "\n{}", summary(total));
    section(&mut out, "disagree", cases, |c| c.standing() == Standing::Disagree);
    section(&mut out, "deviate", cases, |c| c.standing() == Standing::Deviation);
    out
}

fn section(out: &mut String, title: &str, cases: &[Case], wanted: impl Fn(&Case) -> bool) {
    let mut found: Vec<&Case> = cases.iter().filter(|c| wanted(c)).collect();
    found.sort_by(|a, b| a.rule.cmp(&b.rule).then_with(|| a.id.cmp(&b.id)));
    if !found.is_empty() {
        let _ = writeln!(out, "\n{title}:");
    }
    for case in found {
        let name = case.deviation.as_deref().map(|d| format!(" [{d}]")).unwrap_or_default();
        let (expected, got) = (short(&case.expected), short(&case.got));
        let _ = writeln!(out, "  {} ({}): expected {expected}, got {got}{name}", escape(&case.id), case.rule);
    }
}

/// A value in at most sixty characters.
fn short(value: &serde_json::Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let mut cut: String = escape(&text).chars().take(60).collect();
    if text.chars().count() > 60 {
        cut.push('…');
    }
    cut
}

fn escape(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// Writes the results of a suite.
///
/// # Errors
/// A file that cannot be written.
pub fn update(suite: &Suite, cases: &[Case]) -> Result<()> {
    let path = folder("results").join(format!("{}.txt", suite.file_stem()));
    std::fs::write(&path, text(suite, cases)).with_context(|| path.display().to_string())
}

/// What is wrong with the checked-in results of a suite and with its list of deviations, if anything.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn check(suite: &Suite, cases: &[Case]) -> Result<Option<String>> {
    let unused = unused(suite, &Deviations::of(suite.source())?, cases);
    let problems: Vec<String> = differences(suite, cases)?.into_iter().chain(unused).collect();
    Ok((!problems.is_empty()).then(|| problems.join("\n")))
}

/// The entries of a list of deviations that explain no case: each would excuse the next difference that it fits.
fn unused(suite: &Suite, list: &Deviations, cases: &[Case]) -> Option<String> {
    let used: BTreeSet<&str> = cases.iter().filter_map(|c| c.deviation.as_deref()).collect();
    let unused: Vec<&str> = list.reasons().map(|(name, _)| name).filter(|name| !used.contains(name)).collect();
    (!unused.is_empty()).then(|| {
        format!("{}: no case deviates for these entries of its list any more: {}", suite.name, unused.join(", "))
    })
}

fn differences(suite: &Suite, cases: &[Case]) -> Result<Option<String>> {
    let path = folder("results").join(format!("{}.txt", suite.file_stem()));
    let shown = format!("conformance/results/{}.txt", suite.file_stem());
    if !path.exists() {
        return Ok(Some(format!("{shown} is missing; `--update` writes it")));
    }
    let before = std::fs::read_to_string(&path).with_context(|| shown.clone())?;
    let now = text(suite, cases);
    if before == now {
        return Ok(None);
    }
    let (old, new) = (totals(&before), Counts::of(cases));
    let worse = old.is_some_and(|old| new.is_worse_than(old));
    let what = if worse { "worse than" } else { "not what stands in" };
    let differing = now.lines().filter(|l| !before.lines().any(|b| b == *l)).take(20);
    let lines: String = differing.map(|l| format!("\n  {l}")).collect();
    Ok(Some(format!("{}: the results are {what} {shown}; if that is meant, `--update` writes them{lines}", suite.name)))
}

/// The figures of all suites, a line each, and those of the posture sources together.
pub fn totals_text(figures: &[(Suite, Counts)]) -> String {
    let mut out = String::from("# Figures of all suites; what is unmapped stands beside what is mapped.\n\n");
    let posture = figures.iter().filter(|(s, _)| s.name.starts_with("posture/"));
    let together = posture.fold(Counts::default(), |sum, (_, c)| sum.plus(*c));
    let rows = figures.iter().map(|(s, c)| (s.name, *c)).chain([("posture together", together)]);
    for (name, counts) in rows.filter(|(_, c)| *c != Counts::default()) {
        let _ = writeln!(out, "{name:<32} {}", summary(counts));
    }
    out
}

/// Where the figures of all suites stand.
fn totals_path() -> std::path::PathBuf {
    folder("results").join("totals.txt")
}

/// Writes the figures of all suites.
///
/// # Errors
/// A file that cannot be written.
pub fn update_totals(figures: &[(Suite, Counts)]) -> Result<()> {
    let path = totals_path();
    std::fs::write(&path, totals_text(figures)).with_context(|| path.display().to_string())
}

/// What is wrong with the checked-in figures of all suites, if anything.
pub fn check_totals(figures: &[(Suite, Counts)]) -> Option<String> {
    let before = std::fs::read_to_string(totals_path()).unwrap_or_default();
    let stale = before != totals_text(figures);
    stale.then(|| "conformance/results/totals.txt is out of date; `--update` writes it".to_string())
}

/// The totals of a checked-in text.
fn totals(text: &str) -> Option<Counts> {
    let line = text.lines().find(|l| l.starts_with("total "))?;
    let mut columns = line.split_whitespace().skip(1).map(|c| c.parse().ok());
    let mut next = || columns.next().flatten();
    Some(Counts { agree: next()?, deviation: next()?, disagree: next()?, unmapped: next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(rule: &str, expected: &str, got: &str, deviation: Option<&str>) -> Case {
        Case {
            topic: "t",
            index: "i".into(),
            id: format!("{rule}/{got}"),
            rule: rule.into(),
            control: None,
            expected: expected.into(),
            got: got.into(),
            deviation: deviation.map(Into::into),
            agrees: expected == got,
        }
    }

    #[test]
    fn the_text_holds_counts_that_can_be_read_back() {
        let cases = [
            case("a", "pass", "pass", None),
            case("a", "pass", "fail", None),
            case("b", "fail", "pass", Some("theirs")),
            case("c", "fail", "unmapped", None),
        ];
        let text = text(&crate::suite::SUITES[0], &cases);
        assert_eq!(totals(&text), Some(Counts { agree: 1, deviation: 1, disagree: 1, unmapped: 1 }));
        assert!(text.contains("b/pass (b): expected fail, got pass [theirs]"), "{text}");
    }

    #[test]
    fn a_case_that_is_no_longer_mapped_or_no_longer_agrees_is_worse() {
        let before = Counts { agree: 5, deviation: 1, disagree: 1, unmapped: 0 };
        assert!(!before.is_worse_than(before));
        assert!(Counts { disagree: 0, unmapped: 1, ..before }.is_worse_than(before));
        assert!(Counts { agree: 4, deviation: 2, ..before }.is_worse_than(before));
        assert!(!Counts { agree: 6, disagree: 0, ..before }.is_worse_than(before));
    }

    #[test]
    fn a_deviation_that_explains_no_case_is_a_problem() {
        let list = Deviations::parse("[theirs]\nreason = one\n[gone]\nreason = two\n").unwrap();
        let cases = [case("b", "fail", "pass", Some("theirs"))];
        let problem = unused(&crate::suite::SUITES[0], &list, &cases).unwrap();
        assert!(problem.ends_with("any more: gone"), "{problem}");
        let cases = [case("b", "fail", "pass", Some("theirs")), case("c", "fail", "pass", Some("gone"))];
        assert_eq!(unused(&crate::suite::SUITES[0], &list, &cases), None);
    }

    #[test]
    fn only_all_is_a_hundred_per_cent() {
        assert_eq!(percent(9999, 10000), "99.9");
        assert_eq!(percent(3, 3), "100.0");
        assert_eq!(percent(0, 0), "-");
    }
}
