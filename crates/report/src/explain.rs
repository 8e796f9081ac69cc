//! The text of `explain`: a rule with its documentation, or an object with every question asked of it.

use crate::report::{Counts, Excepted, GapEntry};
use crate::style::{BOLD, DIM, Style, clean, plural, severity, status, wrap};
use crate::{kubectl, markdown, place};
use kastell_model::{Confidence, Finding, GroupKind, Object, Origin, Place, RuleId, Severity, Status, Str};
use std::fmt::Write as _;
use std::sync::Arc;

/// What there is to say about a rule.
#[derive(Clone, Debug)]
pub struct RuleDoc {
    /// The id.
    pub id: RuleId,
    /// One line that says what a finding means.
    pub title: Str,
    /// The stable name of its ring.
    pub ring: Str,
    /// The severity of a finding that does not say otherwise.
    pub severity: Severity,
    /// The confidence of a finding that does not say otherwise.
    pub confidence: Confidence,
    /// The release that brought it.
    pub since: Str,
    /// Former ids.
    pub aliases: Vec<Str>,
    /// The documentation as the rule's source has it.
    pub docs: Str,
    /// Pairs of a framework's (or other tool's) stable name (`cis-1.12`) and its item, in the order of reports.
    pub maps: Vec<(Str, Str)>,
}

/// A rule as text: reason, examples, fix, mappings, and what the guides say.
pub fn explain_rule(doc: &RuleDoc, style: &Style) -> String {
    let level = style.paint(severity(doc.severity), doc.severity.name());
    let mut out = format!("{} {}\n", style.paint(BOLD, &format!("{}:", clean(&doc.id.0))), clean(&doc.title));
    let _ = writeln!(
        out,
        "  severity {level}{dot}confidence {}{dot}ring {}{dot}since {}",
        doc.confidence.name(),
        clean(&doc.ring),
        clean(&doc.since),
        dot = style.dot(),
    );
    if !doc.aliases.is_empty() {
        let _ = writeln!(out, "  formerly {}", clean(&doc.aliases.join(", ")));
    }
    out.push('\n');
    out.push_str(&markdown::text(&doc.docs, style));
    if !doc.maps.is_empty() {
        let _ = writeln!(out, "\n{}", style.paint(BOLD, "Maps to"));
        let by = by_framework(&doc.maps);
        let width = by.iter().map(|(framework, _)| framework.chars().count()).max().unwrap_or(0);
        for (framework, items) in by {
            let items = wrap(&clean(&items.join(", ")), style.width, &" ".repeat(width + 4));
            let _ = write!(out, "  {:width$}  {}", clean(framework), items.trim_start());
        }
    }
    out
}

/// The items of each framework, both in the order given.
fn by_framework(maps: &[(Str, Str)]) -> Vec<(&str, Vec<&str>)> {
    let mut by: Vec<(&str, Vec<&str>)> = Vec::new();
    for (framework, item) in maps {
        match by.iter_mut().find(|(f, _)| *f == &**framework) {
            Some((_, items)) => items.push(item),
            None => by.push((framework, vec![item])),
        }
    }
    by
}

/// What one rule answered about one object.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The rule.
    pub rule: RuleId,
    /// One line that says what a finding means.
    pub title: Str,
    /// The stable name of its ring.
    pub ring: Str,
    /// The rule's severity.
    pub severity: Severity,
    /// The answer.
    pub status: Status,
    /// Parts that passed.
    pub passed: u32,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What is wrong and accepted.
    pub excepted: Vec<Excepted>,
    /// What was not decided.
    pub gaps: Vec<GapEntry>,
    /// The kind of which the rule misses an object, where its findings argue from an absence.
    pub misses: Option<GroupKind>,
}

/// Every question asked of one object and its answer: what fails first, then what is unknown, what passes, and what does
/// not concern it.
pub fn explain_object(object: &Arc<Object>, answers: &[Answer], style: &Style) -> String {
    let name = style.paint(BOLD, &clean(&object.key.to_string()));
    let mut out = format!("{name}   {}   {}\n", clean(&object.api_version()), clean(&origin(object)));
    let counts: Vec<String> = [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable]
        .map(|s| format!("{} {}", answers.iter().filter(|a| a.status == s).count(), words(s)))
        .into();
    let asked = plural(answers.len() as u64, "question");
    let _ = writeln!(out, "{asked}: {}\n", counts.join(", "));
    let width = answers.iter().map(|a| a.rule.0.chars().count()).max().unwrap_or(0).min(40);
    for s in [Status::Fail, Status::Unknown, Status::Pass] {
        let mut of: Vec<&Answer> = answers.iter().filter(|a| a.status == s).collect();
        of.sort_by(|a, b| worst(b).cmp(&worst(a)).then_with(|| a.ring.cmp(&b.ring)).then_with(|| a.rule.cmp(&b.rule)));
        for answer in &of {
            one(answer, width, style, &mut out);
        }
        if !of.is_empty() {
            out.push('\n');
        }
    }
    let mut rest: Vec<String> =
        answers.iter().filter(|a| a.status == Status::NotApplicable).map(|a| clean(&a.rule.0)).collect();
    rest.sort_unstable();
    if !rest.is_empty() {
        let _ = writeln!(out, "{}", style.paint(DIM, "not applicable"));
        out.push_str(&wrap(&rest.join(", "), style.width, "  "));
    }
    out
}

/// `file:line:column`, or which live object it is.
fn origin(object: &Object) -> String {
    match &object.origin {
        Origin::Live { uid, resource_version } => {
            format!("live in {}, uid {uid}, resourceVersion {resource_version}", object.key.unit)
        }
        _ => {
            let at = object.position(object.root().span());
            format!("{}:{}:{}", object.source.path, at.line, at.column)
        }
    }
}

fn words(s: Status) -> &'static str {
    match s {
        Status::NotApplicable => "not applicable",
        other => other.name(),
    }
}

/// The severity of the worst finding; passing rules go by ring and id alone.
fn worst(a: &Answer) -> Option<Severity> {
    a.findings.iter().chain(a.excepted.iter().map(|e| &e.finding)).map(|f| f.severity).max()
}

fn one(a: &Answer, width: usize, style: &Style, out: &mut String) {
    let word = style.paint(status(a.status.name()), &format!("{:7}", a.status.name()));
    let level = match worst(a) {
        Some(s) => style.paint(severity(s), &format!("{:8}  ", s.name())),
        // Only what fails has a severity, and its column.
        None if a.status == Status::Fail => " ".repeat(10),
        None => String::new(),
    };
    let parts = if a.status == Status::Pass && a.passed > 1 { format!(" ({} parts)", a.passed) } else { String::new() };
    let _ = writeln!(out, "{word}  {level}{:width$}  {}{parts}", clean(&a.rule.0), clean(&a.title));
    for f in &a.findings {
        detail(out, &finding(f), style);
    }
    for e in &a.excepted {
        let until = e.until.as_ref().map(|u| format!(" until {u}")).unwrap_or_default();
        detail(out, &format!("{}; accepted ({}): {}{until}", finding(&e.finding), e.origin.name(), e.reason), style);
    }
    for command in commands(a) {
        let _ = writeln!(out, "         $ {command}");
    }
    for g in &a.gaps {
        let at = g.at.as_ref().map(place).filter(|at| !at.is_empty());
        let at = at.map(|at| format!("{at}: ")).unwrap_or_default();
        detail(out, &format!("{at}{} ({})", g.detail, g.reason.name()), style);
    }
}

/// What shows the findings on live objects in the cluster itself, each command once. Not wrapped: they are to be pasted.
fn commands(a: &Answer) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for f in a.findings.iter().chain(a.excepted.iter().map(|e| &e.finding)) {
        let command = match &a.misses {
            Some(kind) => kubectl::list(&f.at.object, kind),
            None => kubectl::get(&f.at),
        };
        if let Some(command) = command
            && !commands.contains(&command)
        {
            commands.push(command);
        }
    }
    commands
}

/// A line below an answer; its further lines stand behind its place.
fn detail(out: &mut String, text: &str, style: &Style) {
    let text = wrap(&clean(text), style.width, "           ");
    let mut lines = text.lines();
    if let Some(first) = lines.next() {
        let _ = writeln!(out, "{}", first.strip_prefix("  ").unwrap_or(first));
    }
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}

fn finding(f: &Finding) -> String {
    let part = f.part.as_ref().map(|p| format!("{p}: ")).unwrap_or_default();
    let missing = if f.at.missing.is_empty() { "" } else { ", missing" };
    let path = place::field(&f.at);
    if place::is_live(&f.at.object) {
        let field = if path.is_empty() { String::new() } else { format!("{path}{missing}: ") };
        return format!("{field}{part}{}", f.message);
    }
    // The container is named already.
    let field = path.rsplit_once("].").map_or(path.as_str(), |(_, field)| field);
    let severity = match &f.severity_overridden {
        Some(o) => format!("; {} by itself, {} by the configuration: {}", o.from, f.severity, o.reason),
        None => String::new(),
    };
    format!("{}: {part}{} ({field}{missing}){severity}", place(&f.at), f.message)
}

/// `line:column` in the file that is named above, or the field of the live object.
fn place(p: &Place) -> String {
    if place::is_live(&p.object) {
        return place::field(p);
    }
    let at = p.object.position(p.span());
    format!("{}:{}", at.line, at.column)
}

/// A control that answers an item of a framework, and what it gave.
#[derive(Clone, Debug)]
pub struct FrameworkControl {
    /// The rule's id.
    pub id: RuleId,
    /// Objects by status.
    pub counts: Counts,
}

impl FrameworkControl {
    fn status(&self) -> Status {
        let c = self.counts;
        match (c.fail, c.unknown, c.pass) {
            (1.., _, _) => Status::Fail,
            (0, 1.., _) => Status::Unknown,
            (0, 0, 1..) => Status::Pass,
            _ => Status::NotApplicable,
        }
    }
}

/// One item of a framework.
#[derive(Clone, Debug)]
pub struct FrameworkRow {
    /// Its id in the framework.
    pub item: Str,
    /// What it asks for.
    pub text: Str,
    /// The controls that answer it.
    pub controls: Vec<FrameworkControl>,
    /// What is to say where no control answers it: which verb does, or that a later part will.
    pub note: Option<Str>,
    /// Whether something that would answer it is not built: then nothing makes it pass.
    pub in_part: bool,
}

impl FrameworkRow {
    /// The worst of its controls' answers; where all that were asked pass and more is to be asked, it is not decided.
    fn status(&self) -> Option<Status> {
        match self.controls.iter().map(FrameworkControl::status).min() {
            Some(Status::Pass) if self.in_part => Some(Status::Unknown),
            other => other,
        }
    }
}

/// A framework with a verdict for each item: the worst of its controls. An item without a control has none.
pub fn framework_table(title: &str, rows: &[FrameworkRow], style: &Style) -> String {
    let mut out = format!("{}\n\n", style.paint(BOLD, &clean(title)));
    let width = rows.iter().map(|r| r.item.chars().count()).max().unwrap_or(0);
    let indent = " ".repeat(16 + width + 2);
    let mut totals = [0_u32; 5];
    for row in rows {
        let verdict = row.status();
        let word = verdict.map_or("not asked", words);
        let slot = verdict.map_or(4, |v| v as usize);
        if let Some(n) = totals.get_mut(slot) {
            *n += 1;
        }
        let text = wrap(&clean(&row.text), style.width, &indent);
        let head = style.paint(status(verdict.map_or("", Status::name)), &format!("{word:14}"));
        let _ = write!(out, "{head}  {:width$}  {}", clean(&row.item), text.trim_start());
        let mut below: Vec<String> = row.controls.iter().map(control).collect();
        below.extend(row.note.as_ref().map(|n| clean(n)));
        if !below.is_empty() {
            out.push_str(&wrap(&below.join(", "), style.width, &indent));
        }
    }
    let [fail, unknown, pass, not_applicable, not_asked] = totals;
    let all = plural(rows.len() as u64, "item");
    let _ = writeln!(
        out,
        "\n{all}: {fail} fail, {unknown} unknown, {pass} pass, {not_applicable} not applicable, {not_asked} not asked"
    );
    out
}

/// `privileged-container (2 fail, 5 pass)`.
fn control(c: &FrameworkControl) -> String {
    let counts = [(c.counts.fail, "fail"), (c.counts.unknown, "unknown"), (c.counts.pass, "pass")];
    let parts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let id = clean(&c.id.0);
    if parts.is_empty() { format!("{id} (not applicable)") } else { format!("{id} ({})", parts.join(", ")) }
}
