//! `kastell diff A B`: two reports, snapshots or trees compared.

use crate::args::{FailOn, InputArgs, LiveArgs, MinConfidence, When, WhichExceptions, day};
use crate::config::{Config, ConfigArgs};
use crate::{Exit, input, output, scan};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use kastell_analysis::Facts;
use kastell_engine::{
    Comparison, NamespaceMap, Selection, SelectionRequest, Settings, Single, Standing, can_map, compare, evaluate,
    record,
};
use kastell_model::record::{Record, RecordedFinding};
use kastell_model::{Date, Str};
use kastell_report::{
    DiffAnswers, DiffFinding, DiffKind, DiffPair, DiffReport, DiffSide, Other, diff_json, diff_markdown, diff_terminal,
    is_report, read_record,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const HELP: &str = "\
Exit codes:
  0  nothing new at or above --fail-on
  1  something new
  2  wrong call
  3  something was not read
  4  defect of kastell

A and B are each a report that `kastell scan --format json` wrote, a snapshot, a file or a directory. Findings are the
same where their fingerprints are: in whatever file, line or unit they stand.

Examples:
  kastell diff main.json branch.json                             two reports
  kastell diff main.json deploy/ --format markdown               a report and a folder, for a pull request
  kastell diff staging/ production/ --map-namespace stg=prod     two folders whose namespaces are named differently";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct DiffArgs {
    /// What there was
    #[arg(value_name = "A")]
    before: String,
    /// What there is
    #[arg(value_name = "B")]
    after: String,
    /// The namespace FROM of A is called TO in B
    #[arg(long, value_name = "FROM=TO", value_delimiter = ',', help_heading = "Questions")]
    map_namespace: Vec<String>,
    /// Runs only these controls where files are scanned; of reports everything is compared
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Questions")]
    control: Vec<String>,
    /// The Kubernetes version that the questions are about [default: the newest known]
    #[arg(long, value_name = "VERSION", help_heading = "Questions")]
    kubernetes_version: Option<String>,
    /// The least severity of a new finding that fails the run
    #[arg(long, value_name = "SEVERITY", default_value = "high", help_heading = "Verdict")]
    fail_on: FailOn,
    /// The least confidence that a new finding needs to fail the run
    #[arg(long, value_name = "CONFIDENCE", default_value = "medium", help_heading = "Verdict")]
    min_confidence: MinConfidence,
    #[command(flatten)]
    config: ConfigArgs,
    /// Which exceptions count where something is scanned [default: all for files, config for clusters]
    #[arg(long, value_name = "WHICH", help_heading = "Verdict")]
    exceptions: Option<WhichExceptions>,
    /// Ends with 0 although something was not read; the report says it all the same
    #[arg(long, help_heading = "Verdict")]
    allow_incomplete: bool,
    /// The day that expiries are compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Verdict")]
    now: Option<Date>,
    /// The form of the comparison
    #[arg(long, value_name = "FORMAT", default_value = "terminal", help_heading = "Output")]
    format: DiffFormat,
    /// Writes the comparison to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Shows every line, however many there are
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: When,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum DiffFormat {
    /// For people
    Terminal,
    /// For programs: docs/generated/diff.schema.json
    Json,
    /// A comment for a pull request
    Markdown,
}

/// One of the two things that are compared.
struct Side {
    name: Str,
    is_report: bool,
    record: Record,
}

pub(crate) fn run(args: &DiffArgs) -> Result<Exit> {
    let map = namespaces(&args.map_namespace)?;
    let config = Config::load(&args.config)?;
    let mut request = SelectionRequest { controls: args.control.clone(), ..SelectionRequest::default() };
    config.select(&mut request);
    let selection = Selection::new(&request)?;
    if args.before == "-" && args.after == "-" {
        bail!("standard input can be one of the two, not both");
    }
    let before = side(&args.before, args, &config, &selection)?;
    let after = side(&args.after, args, &config, &selection)?;
    if !map.0.is_empty() && !can_map(&before.record, &after.record) {
        bail!("--map-namespace needs reports of this release: an older one does not say what a fingerprint is made of");
    }
    let comparison = compare(&before.record, &after.record, &map);
    let report = report(args, &before, &after, comparison);
    let mut sink = output::Sink::new(args.output.as_deref())?;
    let style = output::style(args.color, args.output.is_some(), args.verbose);
    match args.format {
        DiffFormat::Terminal => sink.write_text(&diff_terminal(&report, &style, args.verbose))?,
        DiffFormat::Json => diff_json(&report, &mut sink)?,
        DiffFormat::Markdown => sink.write_text(&diff_markdown(&report))?,
    }
    sink.finish()?;
    Ok(if report.failing() > 0 {
        Exit::Findings
    } else if report.is_incomplete() && !args.allow_incomplete {
        Exit::Incomplete
    } else {
        Exit::Clean
    })
}

fn namespaces(pairs: &[String]) -> Result<NamespaceMap> {
    let mut map = BTreeMap::new();
    for pair in pairs {
        let parts = pair.split_once('=').filter(|(from, to)| !from.is_empty() && !to.is_empty());
        let (from, to) = parts.ok_or_else(|| anyhow!("--map-namespace {pair}: write it as FROM=TO"))?;
        if map.insert(from.to_string(), to.to_string()).is_some_and(|known| known != to) {
            bail!("--map-namespace: `{from}` cannot be two namespaces of B");
        }
    }
    Ok(NamespaceMap(map))
}

/// A report as it is; anything else is read and evaluated.
fn side(path: &str, args: &DiffArgs, config: &Config, selection: &Selection) -> Result<Side> {
    if let Some(text) = report_text(Path::new(path))? {
        let record = read_record(&text).map_err(|e| anyhow!("`{path}` cannot be compared: {e}"))?;
        return Ok(Side { name: path.into(), is_report: true, record });
    }
    let loaded = input::read(&InputArgs {
        paths: vec![path.to_string()],
        files_from: None,
        stdin_filename: None,
        snapshot: Vec::new(),
        live: LiveArgs::default(),
        kubernetes_version: args.kubernetes_version.clone(),
    })?;
    let policy = input::exceptions(args.exceptions, &loaded);
    let settings = Settings::new(policy, args.now.unwrap_or_else(scan::today)).with(Arc::clone(&config.configured));
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    let evaluation = evaluate(&facts, selection, &settings);
    let incomplete = !loaded.is_complete() || loaded.cluster.objects().is_empty();
    let record = record(&facts, selection, &evaluation, settings.now, incomplete);
    Ok(Side { name: path.into(), is_report: false, record })
}

/// The text of a file that says to be a report.
fn report_text(path: &Path) -> Result<Option<String>> {
    if !path.is_file() {
        return Ok(None);
    }
    let mut start = [0; 64];
    let read = std::fs::File::open(path).and_then(|mut f| std::io::Read::read(&mut f, &mut start));
    let read = read.with_context(|| format!("`{}` could not be read", path.display()))?;
    let first = start.iter().take(read).find(|b| !b.is_ascii_whitespace());
    if first != Some(&b'{') {
        return Ok(None);
    }
    let bytes = std::fs::read(path).with_context(|| format!("`{}` could not be read", path.display()))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(is_report(&text).then_some(text))
}

fn report<'a>(args: &DiffArgs, before: &Side, after: &Side, c: Comparison<'a>) -> DiffReport<'a> {
    let (fail_on, min_confidence) = (args.fail_on.severity(), args.min_confidence.confidence());
    let fails = |f: &RecordedFinding, other: Standing| {
        other != Standing::NewControl
            && fail_on.is_some_and(|least| f.severity >= least)
            && f.confidence >= min_confidence
    };
    let single = |s: Single<'a>, is_new: bool| DiffFinding {
        finding: s.finding,
        copies: s.copies,
        other: other(s.other),
        fails: is_new && fails(s.finding, s.other),
    };
    let mut new: Vec<DiffFinding<'a>> = c.new.into_iter().map(|s| single(s, true)).collect();
    let mut gone: Vec<DiffFinding<'a>> = c.gone.into_iter().map(|s| single(s, false)).collect();
    for list in [&mut new, &mut gone] {
        list.sort_by(|a, b| b.finding.severity.cmp(&a.finding.severity));
    }
    let pair = |p: kastell_engine::Pair<'a>| DiffPair {
        before: p.before,
        after: p.after,
        changed: p.changed.iter().map(|what| what.name()).collect(),
    };
    let answers = |g: kastell_engine::AnswerGroup<'a>| DiffAnswers {
        rule: &g.rule.id,
        title: &g.rule.title,
        before: g.before,
        after: g.after,
        cause: g.cause,
        subjects: g.subjects,
    };
    let kind = |k: kastell_engine::KindChange| DiffKind {
        kind: k.kind,
        added: k.added,
        removed: k.removed,
        changed: k.changed,
    };
    DiffReport {
        version: env!("CARGO_PKG_VERSION").into(),
        before: head(before),
        after: head(after),
        new,
        gone,
        changed: c.changed.into_iter().map(pair).collect(),
        unchanged: c.unchanged,
        answers: c.answers.map(|all| all.into_iter().map(answers).collect()),
        questions: c.questions,
        kinds: c.kinds.map(|all| all.into_iter().map(kind).collect()),
        contents: c.contents,
        asked_before: c.asked_before,
        asked_after: c.asked_after,
        fail_on,
        min_confidence,
    }
}

fn head(side: &Side) -> DiffSide {
    DiffSide {
        name: side.name.clone(),
        is_report: side.is_report,
        release: side.record.release.clone(),
        now: side.record.now.clone(),
        objects: side.record.objects,
        incomplete: side.record.incomplete,
    }
}

fn other(standing: Standing) -> Other {
    match standing {
        Standing::Answered => Other::Answered,
        Standing::NoObject => Other::NoObject,
        Standing::Excepted => Other::Excepted,
        Standing::Undecided => Other::Undecided,
        Standing::NotAsked => Other::NotAsked,
        Standing::NewControl => Other::NewControl,
    }
}
