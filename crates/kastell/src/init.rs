//! `kastell init`: a commented configuration from what is there. What is certain stands in force, the rest as comments
//! to take over.

use crate::args::InputArgs;
use crate::config::edit::quoted;
use crate::config::{NAME, frames, read, schema};
use crate::{Exit, input, output, scan};
use anyhow::{Result, bail};
use clap::Args;
use kastell_analysis::Facts;
use kastell_engine::{Evaluation, ExceptionPolicy, Selection, Settings, evaluate};
use kastell_model::{Class, Cluster, Date, Object, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  kastell init deploy/\n  kastell init deploy/ --stdout\n  kastell init --schema > kastell.schema.json"
)]
pub(crate) struct InitArgs {
    /// What the configuration is for [default: this folder]
    #[command(flatten)]
    input: InputArgs,
    /// Writes over a configuration that is there
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Prints the configuration and writes nothing
    #[arg(long, conflicts_with = "force", help_heading = "Output")]
    stdout: bool,
    /// Prints the JSON schema of configurations and does nothing else
    #[arg(long, exclusive = true, help_heading = "Output")]
    schema: bool,
}

pub(crate) fn run(args: &InitArgs) -> Result<Exit> {
    if args.schema {
        output::print(&schema::text())?;
        return Ok(Exit::Clean);
    }
    let path = Path::new(NAME);
    if !args.stdout && !args.force && path.exists() {
        bail!("`{NAME}` is there already: --force writes over it, --stdout prints instead");
    }
    let loaded = input::read(&args.input.or_here())?;
    let now = scan::today();
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    let evaluation = evaluate(&facts, &Selection::all(), &Settings::new(ExceptionPolicy::All, now));
    let text = configuration(&loaded.cluster, &evaluation, now, crate::config::has_codeowners());
    if let Err(errors) = read(path, text.as_bytes().to_vec()) {
        output::note(&frames(&errors));
        bail!("what was found makes no valid configuration; nothing was written");
    }
    if args.stdout {
        output::print(&text)?;
    } else {
        output::write_file(path, &text)?;
        output::note(&format!("`{NAME}` written; `kastell scan --show-config` prints what is in force"));
    }
    Ok(if loaded.is_complete() { Exit::Clean } else { Exit::Incomplete })
}

/// The configuration for what was read.
fn configuration(cluster: &Cluster, evaluation: &Evaluation, now: Date, has_codeowners: bool) -> String {
    let objects: Vec<&Object> = cluster.objects().iter().map(|o| &**o).collect();
    let namespaces: BTreeSet<&str> = objects.iter().filter_map(|o| namespace(o)).collect();
    let mut out = format!(
        "# How kastell looks at this repository; written by `kastell init` from {} objects in {} namespaces.\n\
         # Every key is told in docs/configuration.md; `kastell scan --show-config` prints what is in force.\n{}",
        objects.len(),
        namespaces.len(),
        crate::config::edit::EMPTY
    );
    production(&objects, &namespaces, &mut out);
    owners(&objects, has_codeowners, &mut out);
    assets(&objects, &mut out);
    severities(evaluation, &mut out);
    exceptions(evaluation, now, &mut out);
    expected(evaluation, &mut out);
    out
}

fn namespace(o: &Object) -> Option<&str> {
    if o.is("", "Namespace") { Some(&o.key.name) } else { o.key.namespace.as_deref() }
}

/// Whether a name or a label's value says production as one of its words.
fn says_production(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| matches!(w, "prod" | "production" | "prd"))
}

fn production(objects: &[&Object], namespaces: &BTreeSet<&str>, out: &mut String) {
    let labelled = objects.iter().filter(|o| o.is("", "Namespace")).filter(|o| {
        ["environment", "env", "stage", "tier"].iter().any(|l| o.label(l).is_some_and(|v| says_production(&v)))
    });
    let mut found: BTreeSet<&str> = namespaces.iter().copied().filter(|n| says_production(n)).collect();
    found.extend(labelled.map(|o| &*o.key.name));
    out.push_str("\n# Which namespaces are production: names, globs with `*`, or a `selector` of their labels.\n");
    if found.is_empty() {
        out.push_str("# production:\n#   namespaces: [\"prod-*\"]\n");
        return;
    }
    let list: Vec<String> = found.iter().map(|n| quoted(n)).collect();
    let _ = writeln!(out, "production:\n  namespaces: [{}]", list.join(", "));
}

/// Whether a key is one that names a team.
fn names_a_team(key: &str) -> bool {
    let last = key.rsplit('/').next().unwrap_or(key);
    last == "part-of" || last.split(['-', '_', '.']).any(|w| matches!(w, "team" | "owner" | "squad" | "tribe"))
}

/// The keys of a mapping of metadata that name a team, with how many of the objects have them; only those that half of
/// the objects or more have.
fn keys(objects: &[&Object], field: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for o in objects {
        let map = o.metadata().and_then(|m| m.field(field));
        for (key, _) in map.into_iter().flat_map(kastell_model::yaml::Value::entries).filter(|(k, _)| names_a_team(k)) {
            *counts.entry(key.to_string()).or_default() += 1;
        }
    }
    let mut found: Vec<_> = counts.into_iter().filter(|(_, n)| n * 2 >= objects.len()).collect();
    found.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    found
}

fn owners(objects: &[&Object], has_codeowners: bool, out: &mut String) {
    let namespaces: Vec<&Object> = objects.iter().copied().filter(|o| o.is("", "Namespace")).collect();
    let mut lines = Vec::new();
    for (key, of, field) in [
        ("label", objects, "labels"),
        ("annotation", objects, "annotations"),
        ("namespaceLabel", &namespaces, "labels"),
    ] {
        for (name, n) in keys(of, field) {
            lines.push(format!("{key}: {} # on {n} of {}", quoted(&name), of.len()));
        }
    }
    let any = |f: &dyn Fn(&Object) -> bool| objects.iter().any(|o| f(o));
    if any(&|o| o.is("argoproj.io", "Application")) {
        lines.push("argocdProject: true".into());
    }
    if any(&|o| o.label("kustomize.toolkit.fluxcd.io/name").is_some()) {
        lines.push("fluxKustomization: true".into());
    }
    if has_codeowners {
        lines.push("codeowners: true".into());
    }
    out.push_str("\n# Where the name of the team stands: the first of these keys that an object has.\n");
    if lines.is_empty() {
        out.push_str("# owners:\n#   - label: app.kubernetes.io/part-of\n#   - codeowners: true\n");
        return;
    }
    out.push_str("owners:\n");
    for line in lines {
        let _ = writeln!(out, "  - {line}");
    }
}

/// How many of a kind of suggestion are written.
const FEW: usize = 3;

fn assets(objects: &[&Object], out: &mut String) {
    out.push_str("\n# What is worth most: the attack graph asks the way to it.\n# assets:\n");
    let secrets = objects.iter().filter(|o| o.is("", "Secret") && !o.key.name.is_empty());
    let mut lines: Vec<String> = secrets
        .filter_map(|o| {
            Some(format!("namespace: {}, name: {}", quoted(o.key.namespace.as_deref()?), quoted(&o.key.name)))
        })
        .collect();
    if lines.is_empty() {
        lines.push("namespace: payments, name: card-keys".into());
    }
    for line in lines.iter().take(FEW) {
        let _ = writeln!(out, "#   - {{kind: Secret, {line}}}");
    }
}

fn severities(evaluation: &Evaluation, out: &mut String) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for f in evaluation.findings.iter().filter(|f| f.severity == Severity::Medium) {
        *counts.entry(&f.rule.0).or_default() += usize::from(kastell_controls::find(&f.rule.0).is_some());
    }
    let most = counts.into_iter().max_by_key(|(id, n)| (*n, std::cmp::Reverse(*id)));
    let (id, n) = most.unwrap_or(("writable-root-filesystem", 0));
    let (id, n) = if kastell_controls::find(id).is_some() { (id, n) } else { ("privileged-container", 0) };
    out.push_str("\n# Severities that differ here; a reason must be given.\n# severity:\n");
    let _ = writeln!(out, "#   - control: {id} # {n} findings");
    out.push_str("#     severity: low\n#     reason: say why\n");
}

fn exceptions(evaluation: &Evaluation, now: Date, out: &mut String) {
    out.push_str(
        "\n# Findings that are accepted: exact names, or globs with `*`. `kastell exceptions add` writes an entry.\n# exceptions:\n",
    );
    let until = Date::from_unix_seconds(u64::try_from(now.days() + 180).unwrap_or(0) * 86_400);
    let of_controls = evaluation.findings.iter().filter(|f| kastell_controls::find(&f.rule.0).is_some());
    let mut candidates: Vec<_> = of_controls.filter(|f| f.severity >= Severity::High).collect();
    // What an agent of the nodes needs is accepted more often than what an application does.
    candidates.sort_by_key(|f| (&*f.subject.key.kind.kind != "DaemonSet", f.class == Class::System));
    let mut seen = BTreeSet::new();
    candidates.retain(|f| seen.insert((&f.rule, &f.subject.key)));
    let mut lines: Vec<String> = Vec::new();
    for f in candidates.iter().take(FEW) {
        let key = &f.subject.key;
        let namespace = key.namespace.as_ref().map(|n| format!(", namespace: {}", quoted(n))).unwrap_or_default();
        let name = if key.name.is_empty() { String::new() } else { format!(", name: {}", quoted(&key.name)) };
        lines.push(format!("  - controls: [{}]", f.rule));
        lines.push(format!("    match: {{kind: {}{namespace}{name}}}", quoted(&key.kind.kind)));
        lines.push("    reason: say why".into());
        lines.push(format!("    until: {until}"));
    }
    if lines.is_empty() {
        lines = [
            "  - controls: [host-path-volume]",
            "    match: {kind: DaemonSet, name: node-agent}",
            "    reason: say why",
        ]
        .map(String::from)
        .to_vec();
    }
    for line in lines {
        let _ = writeln!(out, "# {line}");
    }
}

fn expected(evaluation: &Evaluation, out: &mut String) {
    let mut gaps: Vec<String> = evaluation
        .incomplete_gaps()
        .map(|g| {
            let namespace =
                g.subject.namespace.as_ref().map(|n| format!(", namespace: {}", quoted(n))).unwrap_or_default();
            let name =
                if g.subject.name.is_empty() { String::new() } else { format!(", name: {}", quoted(&g.subject.name)) };
            format!("{{control: {}, kind: {}{namespace}{name}, reason: say why}}", g.rule, quoted(&g.subject.kind.kind))
        })
        .collect();
    gaps.dedup();
    if gaps.is_empty() {
        return;
    }
    out.push_str(
        "\n# Answers that cannot be known: they are counted and do not make a run incomplete.\n# expectUnknown:\n",
    );
    for gap in gaps.iter().take(FEW) {
        let _ = writeln!(out, "#   - {gap}");
    }
}
