//! Test results for CI servers, as the JUnit task of Ant wrote them first and all servers read them.
//!
//! A suite is a ring and a case is a control on a subject, because servers follow a case by its class and name from run
//! to run: one that is mended turns green, one that comes back turns red. The result is that of the run: there is a
//! failure where a finding fails it and an error where something was not read, so that a server that counts them says
//! what the exit code says. Whatever else there is to say is a skipped case with its reason; nothing undecided passes.
//! There are no times: the same report gives the same bytes.

use crate::report::{Excepted, GapEntry, Report, Rule};
use crate::style::{clean, first_sentence, plural};
use crate::web::{self, Group};
use kastell_model::{Diagnostic, DiagnosticLevel, Finding, Severity};
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io;

/// Findings that the text of one case lists.
const LISTED: usize = 20;

/// Writes the report as JUnit XML, with a final line break.
///
/// # Errors
/// What `out` says.
pub fn junit(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let suites = suites(report);
    let all = suites.iter().flat_map(|s| &s.cases);
    let (failures, errors) = (count(all.clone(), Outcome::is_failure), count(all.clone(), Outcome::is_error));
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="kastell" tests="{}" failures="{failures}" errors="{errors}">"#, all.count())?;
    for suite in &suites {
        out.write_all(suite.xml().as_bytes())?;
    }
    writeln!(out, "</testsuites>")
}

/// What became of a case.
enum Outcome {
    /// Nothing is wrong.
    Passed,
    /// A finding fails the run.
    Failure(Told),
    /// Something was not read.
    Error(Told),
    /// Nothing that the run fails for.
    Skipped(Told),
}

struct Told {
    /// The severity of a finding, the reason of a gap.
    kind: String,
    message: String,
    /// Lines; may be empty.
    text: String,
}

impl Outcome {
    fn is_failure(&self) -> bool {
        matches!(self, Outcome::Failure(_))
    }

    fn is_error(&self) -> bool {
        matches!(self, Outcome::Error(_))
    }

    fn is_skipped(&self) -> bool {
        matches!(self, Outcome::Skipped(_))
    }
}

struct Case {
    class: String,
    name: String,
    outcome: Outcome,
    /// What a passed case says; may be empty.
    said: String,
}

struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Case>,
}

fn count<'a>(cases: impl Iterator<Item = &'a Case>, of: impl Fn(&Outcome) -> bool) -> usize {
    cases.filter(|c| of(&c.outcome)).count()
}

impl Suite {
    fn xml(&self) -> String {
        let of = |is: fn(&Outcome) -> bool| count(self.cases.iter(), is);
        let mut out = format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
            xml(&self.name),
            self.cases.len(),
            of(Outcome::is_failure),
            of(Outcome::is_error),
            of(Outcome::is_skipped)
        );
        if !self.properties.is_empty() {
            out.push_str("    <properties>\n");
            for (name, value) in &self.properties {
                let _ = writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", xml(value));
            }
            out.push_str("    </properties>\n");
        }
        for case in &self.cases {
            case.xml(&mut out);
        }
        out.push_str("  </testsuite>\n");
        out
    }
}

impl Case {
    fn xml(&self, out: &mut String) {
        let _ = write!(out, "    <testcase classname=\"{}\" name=\"{}\"", xml(&self.class), xml(&self.name));
        let (tag, told) = match &self.outcome {
            Outcome::Passed if self.said.is_empty() => return out.push_str("/>\n"),
            Outcome::Passed => {
                let _ = write!(out, ">\n      <system-out>{}</system-out>\n    </testcase>\n", xml(&self.said));
                return;
            }
            Outcome::Failure(told) => ("failure", told),
            Outcome::Error(told) => ("error", told),
            Outcome::Skipped(told) => ("skipped", told),
        };
        let (kind, message) = (xml(&told.kind), xml(&told.message));
        let _ = write!(out, ">\n      <{tag} type=\"{kind}\" message=\"{message}\"");
        if told.text.is_empty() {
            out.push_str("/>\n    </testcase>\n");
        } else {
            let _ = write!(out, ">{}</{tag}>\n    </testcase>\n", xml(&told.text));
        }
    }
}

/// Text as XML 1.0 may hold it, for elements and attributes: what steers a terminal is replaced as everywhere, and so are
/// the two code points that XML forbids. Line breaks stay.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        for c in clean(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&apos;"),
                '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
                c => out.push(c),
            }
        }
    }
    out
}

fn suites(report: &Report) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    let groups = Groups::of(report);
    for ring in web::rings(report) {
        let mut cases = Vec::new();
        for rule in report.rules.iter().filter(|r| *r.ring == *ring) {
            groups.cases(report, rule, &mut cases);
        }
        if !cases.is_empty() {
            suites.push(Suite { name: format!("kastell.{ring}"), properties: Vec::new(), cases });
        }
    }
    suites.insert(0, reading(report, &suites));
    suites
}

/// Everything that a report says of rules, by rule and subject.
struct Groups<'a> {
    findings: Vec<Group<'a, Finding>>,
    gaps: Vec<Group<'a, GapEntry>>,
    excepted: Vec<Group<'a, Excepted>>,
}

impl<'a> Groups<'a> {
    fn of(report: &'a Report) -> Groups<'a> {
        let findings = web::groups(report.findings.iter(), |f| Some((&f.rule, &f.subject.key)));
        let gaps = web::groups(report.gaps.iter(), |g| Some((g.rule.as_ref()?, g.subject.as_ref()?)));
        let excepted = web::groups(report.excepted.iter(), |e| Some((&e.finding.rule, &e.finding.subject.key)));
        let mut all = Groups { findings, gaps, excepted };
        all.findings.sort_by_key(|g| g.rule);
        all.gaps.sort_by_key(|g| g.rule);
        all.excepted.sort_by_key(|g| g.rule);
        all
    }

    /// The cases of a rule: its subjects, and one for everything that passes.
    fn cases(&self, report: &Report, rule: &Rule, cases: &mut Vec<Case>) {
        let class = format!("kastell.{}.{}", rule.ring, rule.id);
        let mut add = |name: String, outcome: Outcome| {
            cases.push(Case { class: class.clone(), name, outcome, said: String::new() });
        };
        for g in of_rule(&self.findings, rule) {
            add(web::subject(report, g.subject), found(report, rule, &g.items));
        }
        for g in of_rule(&self.gaps, rule) {
            add(format!("{} (not decided)", web::subject(report, g.subject)), undecided(&g.items));
        }
        for g in of_rule(&self.excepted, rule) {
            add(format!("{} (accepted)", web::subject(report, g.subject)), accepted(&g.items));
        }
        let counts = &rule.counts;
        let others = |n: u32| plural(u64::from(n), "object");
        if counts.pass > 0 {
            let said = format!("passed: {}; not concerned: {}", others(counts.pass), others(counts.not_applicable));
            cases.push(Case { class, name: EVERYTHING_ELSE.to_owned(), outcome: Outcome::Passed, said });
        } else if counts.fail + counts.unknown == 0 {
            let message = "nothing that was read is concerned".to_owned();
            let told = Told { kind: "not-applicable".to_owned(), message, text: String::new() };
            add(EVERYTHING_ELSE.to_owned(), Outcome::Skipped(told));
        }
    }
}

/// The name of the case for all objects that a control has nothing to say about. It must not change from run to run.
const EVERYTHING_ELSE: &str = "everything else";

fn of_rule<'g, 'a, T>(groups: &'g [Group<'a, T>], rule: &Rule) -> &'g [Group<'a, T>] {
    let start = groups.partition_point(|g| *g.rule < rule.id);
    let end = groups.partition_point(|g| *g.rule <= rule.id);
    groups.get(start..end).unwrap_or_default()
}

fn found(report: &Report, rule: &Rule, findings: &[&Finding]) -> Outcome {
    let mut worst_first = findings.to_vec();
    worst_first.sort_by_key(|f| (Reverse(report.fails(f)), Reverse(f.severity)));
    let Some(worst) = worst_first.first() else { return Outcome::Passed };
    let more = match worst_first.len() - 1 {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    let mut text = String::new();
    for f in worst_first.iter().take(LISTED) {
        let part = f.part.as_ref().map(|p| format!(", {p}")).unwrap_or_default();
        let confidence = format!("confidence {}", f.confidence.name());
        let _ = writeln!(text, "{}: {}\n  at {}{part} ({confidence})", f.severity, clean(&f.message), web::at(&f.at));
        for (place, why) in &f.related {
            let _ = writeln!(text, "  see {} {}", web::at(place), clean(why));
        }
        if let Some(times) = web::times(f) {
            let _ = writeln!(text, "  seen {times}");
        }
    }
    if worst_first.len() > LISTED {
        let _ = writeln!(text, "{} more are not listed here", worst_first.len() - LISTED);
    }
    let help = first_sentence(&rule.help);
    if !help.is_empty() {
        let _ = writeln!(text, "fix: {}", clean(&help));
    }
    let _ = writeln!(text, "why: kastell explain {}", clean(&rule.id.0));
    let (kind, message) = (worst.severity.name().to_owned(), format!("{}{more}", worst.message));
    if report.fails(worst) {
        return Outcome::Failure(Told { kind, message, text });
    }
    let why = format!("{}: {message}", does_not_fail(report, worst));
    Outcome::Skipped(Told { kind, message: why, text })
}

/// Why a finding does not fail the run.
fn does_not_fail(report: &Report, f: &Finding) -> String {
    match report.head.fail_on {
        Some(least) if f.severity < least => format!("{}, below --fail-on {least}", f.severity),
        Some(_) => format!("{} of {} confidence", f.severity, f.confidence.name()),
        None => format!("{}, and no finding fails the run", f.severity),
    }
}

fn undecided(gaps: &[&GapEntry]) -> Outcome {
    let incomplete = gaps.iter().any(|g| g.reason.is_incomplete());
    let mut first: Vec<&&GapEntry> = gaps.iter().collect();
    first.sort_by_key(|g| Reverse(g.reason.is_incomplete()));
    let Some(g) = first.first() else { return Outcome::Passed };
    let mut text = String::new();
    for g in first.iter().take(LISTED) {
        let at = match (&g.at, &g.path) {
            (Some(place), _) => web::at(place),
            (None, Some(path)) => clean(path),
            (None, None) => String::new(),
        };
        let _ = writeln!(text, "{}: {}\n  at {at}", g.reason.name(), clean(&g.detail));
    }
    if first.len() > LISTED {
        let _ = writeln!(text, "{} more are not listed here", first.len() - LISTED);
    }
    let told = Told { kind: g.reason.name().to_owned(), message: format!("not decided: {}", g.detail), text };
    if incomplete { Outcome::Error(told) } else { Outcome::Skipped(told) }
}

fn accepted(excepted: &[&Excepted]) -> Outcome {
    let Some(e) = excepted.first() else { return Outcome::Passed };
    let until = e.until.as_ref().map(|u| format!(" until {u}")).unwrap_or_default();
    let mut text = String::new();
    for e in excepted.iter().take(LISTED) {
        let (f, reason) = (&e.finding, clean(&e.reason));
        let _ = writeln!(text, "{}: {}\n  at {}\n  accepted: {reason}", f.severity, clean(&f.message), web::at(&f.at));
    }
    if excepted.len() > LISTED {
        let _ = writeln!(text, "{} more are not listed here", excepted.len() - LISTED);
    }
    let message = format!("accepted ({}){until}: {}", e.origin.name(), e.reason);
    Outcome::Skipped(Told { kind: "excepted".to_owned(), message, text })
}

/// The suite about reading: what was read, what was not, and what belongs to no rule.
fn reading(report: &Report, others: &[Suite]) -> Suite {
    let case = |name: String, outcome| Case { class: "kastell.reading".to_owned(), name, outcome, said: String::new() };
    let mut cases: Vec<Case> = report.diagnostics.iter().map(|d| case(name_of(d), diagnosed(d))).collect();
    for g in report.gaps.iter().filter(|g| g.rule.is_none() || g.subject.is_none()) {
        let about = [g.rule.as_ref().map(ToString::to_string), g.path.as_ref().map(ToString::to_string)];
        let about: Vec<String> = about.into_iter().flatten().collect();
        cases.push(case(format!("{} {} {}", g.reason.name(), about.join(" "), g.detail), undecided(&[g])));
    }
    let all = others.iter().flat_map(|s| &s.cases).chain(&cases);
    let said = format!("read {}: {}", web::inputs(report, 20), web::what_was_read(report));
    let outcome = if report.incomplete && count(all, Outcome::is_error) == 0 {
        let (kind, message) = ("incomplete".to_owned(), web::INCOMPLETE.to_owned());
        Outcome::Error(Told { kind, message, text: said.clone() })
    } else {
        Outcome::Passed
    };
    cases.insert(0, Case { said, ..case("what was read".to_owned(), outcome) });
    let head = &report.head;
    let properties = vec![
        ("kastell", head.version.to_string()),
        ("kubernetes-version", head.kubernetes_version.to_string()),
        ("now", head.now.to_string()),
        ("requests", head.requests.to_string()),
        ("fail-on", head.fail_on.map_or("none", Severity::name).to_owned()),
        ("min-confidence", head.min_confidence.name().to_owned()),
        ("verdict", web::verdict(report)),
    ];
    Suite { name: "kastell.reading".to_owned(), properties, cases }
}

fn name_of(d: &Diagnostic) -> String {
    format!("{} {}", d.code.0, place_of(d))
}

fn place_of(d: &Diagnostic) -> String {
    match (d.labels.first(), &d.path) {
        (Some(l), _) => {
            let p = l.source.position(l.span.start);
            format!("{}:{}:{}", l.source.path, p.line, p.column)
        }
        (None, Some(path)) => path.to_string(),
        (None, None) => String::new(),
    }
}

fn diagnosed(d: &Diagnostic) -> Outcome {
    let mut text = String::new();
    let place = place_of(d);
    if !place.is_empty() {
        let _ = writeln!(text, "at {}", clean(&place));
    }
    if let Some(help) = &d.help {
        let _ = writeln!(text, "help: {}", clean(help));
    }
    let kind = d.gap.map_or(d.level.name(), kastell_model::GapReason::name).to_owned();
    let told = Told { kind, message: d.message.to_string(), text };
    let incomplete = d.gap.is_some_and(kastell_model::GapReason::is_incomplete);
    if incomplete || d.level == DiagnosticLevel::Error { Outcome::Error(told) } else { Outcome::Skipped(told) }
}
