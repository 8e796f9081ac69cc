//! `kastell fleet`: many clusters side by side, from snapshots and reports.

use crate::args::{When, day};
use crate::config::{Config, ConfigArgs};
use crate::{Exit, output, scan};
use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use kastell_analysis::Facts;
use kastell_controls::CONTROLS;
use kastell_engine::fleet::{Fleet, FleetMember, FleetRule, compare};
use kastell_engine::{ControlCount, Evaluation, ExceptionPolicy, Selection, SelectionRequest, Settings, evaluate};
use kastell_model::{Date, Str};
use kastell_report::Counts;
use kastell_report::fleet::{self as report, FleetCluster, FleetOutlier, FleetReport, FleetRow, ReportSummary};
use kastell_sources::Progress;
use kastell_sources::snapshot::{is_snapshot, load_each};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(crate) struct FleetArgs {
    #[command(subcommand)]
    verb: FleetVerb,
}

#[derive(Debug, Subcommand)]
enum FleetVerb {
    /// Shows every control in every cluster, who differs from the others, and who was not looked at for a while
    Report(Box<FleetReportArgs>),
}

const HELP: &str = "\
A cluster is known by the uid of its namespace kube-system, whatever it is called; of several sources of one cluster the
newest counts. Exceptions in the clusters do not count, as in a scan of a cluster.

Exit codes:
  0  answered
  2  wrong call
  3  a source could not be used, or is not complete itself

Examples:
  kastell fleet report snapshots/                        every snapshot and report in a folder
  kastell fleet report prod.snapshot staging.json        a snapshot and a report
  kastell fleet report snapshots/ --ring network         one ring
  kastell fleet report snapshots/ --format markdown      for a page";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
struct FleetReportArgs {
    /// Snapshots, reports of `kastell scan --format json`, and folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    config: ConfigArgs,
    /// Shows only these controls
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Questions")]
    control: Vec<String>,
    /// Leaves these controls out
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Questions")]
    skip: Vec<String>,
    /// Shows only the controls of these rings
    #[arg(long, value_name = "RING", value_delimiter = ',', help_heading = "Questions")]
    ring: Vec<String>,
    /// After how many days without a look a cluster is named
    #[arg(long, value_name = "DAYS", default_value = "14d", value_parser = days, help_heading = "Questions")]
    stale_after: u32,
    /// The day that this is about [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Questions")]
    now: Option<Date>,
    /// Ends with 0 although a source could not be used; the report says it all the same
    #[arg(long, help_heading = "Verdict")]
    allow_incomplete: bool,
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "terminal", help_heading = "Output")]
    format: FleetFormat,
    /// Writes the report to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Shows everything, however many lines it takes
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: When,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum FleetFormat {
    /// For people
    Terminal,
    /// For programs: docs/generated/fleet.schema.json
    Json,
    /// For pages and pull requests
    Markdown,
}

/// `14d`, or only the number.
fn days(text: &str) -> Result<u32, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse().ok();
    days.filter(|d| *d <= 36_500).ok_or_else(|| "write a number of days as 14d".to_owned())
}

pub(crate) fn run(args: &FleetArgs) -> Result<Exit> {
    let FleetVerb::Report(args) = &args.verb;
    let config = Config::load(&args.config)?;
    let mut request = SelectionRequest {
        controls: args.control.clone(),
        skip: args.skip.clone(),
        rings: args.ring.clone(),
        ..SelectionRequest::default()
    };
    config.select(&mut request);
    let selection = Selection::new(&request)?;
    let now = args.now.unwrap_or_else(scan::today);
    let settings = Settings::new(ExceptionPolicy::Config, now).with(Arc::clone(&config.configured));
    let mut gathered = Gathered::new(&selection, settings);
    for path in sources(&args.paths, &mut gathered.skipped)? {
        gathered.source(&path);
    }
    let report = gathered.report(now, args.stale_after);
    let mut sink = output::Sink::new(args.output.as_deref())?;
    match args.format {
        FleetFormat::Json => report::fleet_json(&report, &mut sink)?,
        FleetFormat::Markdown => sink.write_all(report::fleet_markdown(&report).as_bytes())?,
        FleetFormat::Terminal => {
            let style = output::style(args.color, args.output.is_some(), args.verbose);
            sink.write_all(report::fleet_terminal(&report, &style).as_bytes())?;
        }
    }
    sink.finish()?;
    let whole = !report.is_incomplete() || args.allow_incomplete;
    Ok(if whole { Exit::Clean } else { Exit::Incomplete })
}

/// The files that the paths stand for, sorted within a folder.
fn sources(paths: &[String], skipped: &mut u32) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for given in paths {
        let path = Path::new(given);
        match std::fs::metadata(path) {
            Ok(m) if m.is_dir() => {
                let entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
                let mut found: Vec<PathBuf> = entries.into_iter().map(|e| e.path()).filter(|p| !p.is_dir()).collect();
                found.sort();
                let (ours, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|p| may_be_ours(p));
                *skipped = skipped.saturating_add(u32::try_from(others.len()).unwrap_or(u32::MAX));
                files.extend(ours);
            }
            Ok(_) => files.push(path.to_path_buf()),
            Err(_) => bail!("`{given}` does not exist"),
        }
    }
    Ok(files)
}

/// Whether a file of a folder is a snapshot or a report, or cannot be looked into.
fn may_be_ours(path: &Path) -> bool {
    beginning(path).map_or(true, |b| is_snapshot(&b) || report::is_report(&b))
}

fn beginning(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the sources gave so far: only counts are kept.
struct Gathered<'s> {
    selection: &'s Selection,
    settings: Settings,
    members: Vec<FleetMember>,
    rules: BTreeMap<Str, FleetRule>,
    problems: Vec<(Str, Str)>,
    skipped: u32,
}

impl<'s> Gathered<'s> {
    fn new(selection: &'s Selection, settings: Settings) -> Gathered<'s> {
        let rules = selection.controls().map(|c| {
            let id: Str = c.id.into();
            let rule =
                FleetRule { id: id.clone(), title: c.title.into(), ring: c.ring.name().into(), severity: c.severity };
            (id, rule)
        });
        let rules = rules.collect();
        Gathered { selection, settings, members: Vec::new(), rules, problems: Vec::new(), skipped: 0 }
    }

    /// Takes one file; one that cannot be used is a problem and costs only itself.
    fn source(&mut self, path: &Path) {
        let name = path.display().to_string();
        let taken = match beginning(path) {
            Err(error) => Err(format!("it could not be read: {error}")),
            Ok(b) if is_snapshot(&b) => self.snapshot(&name, path),
            Ok(_) => std::fs::read(path)
                .map_err(|error| format!("it could not be read: {error}"))
                .and_then(|text| report::summary(&text).map_err(|e| e.to_string()))
                .map(|summary| self.report_of(&name, path, summary)),
        };
        if let Err(why) = taken {
            self.problems.push((name.into(), why.into()));
        }
    }

    /// Evaluates the clusters of a snapshot, one after the other, and drops them.
    fn snapshot(&mut self, name: &str, path: &Path) -> Result<(), String> {
        let file = File::open(path).map_err(|error| format!("it could not be read: {error}"))?;
        let clusters = load_each(name, file, &Progress::default()).map_err(|e| e.to_string())?;
        for (reading, loaded) in clusters {
            let version = loaded.cluster.version();
            let objects = u32::try_from(loaded.cluster.objects().len()).unwrap_or(u32::MAX);
            let complete = loaded.is_complete() && objects > 0;
            let damage = loaded.diagnostics.iter().filter(|d| d.path.as_deref() == Some(name));
            self.problems.extend(damage.map(|d| (name.into(), d.message.clone())));
            let facts = Facts::new(loaded.cluster);
            let evaluation = evaluate(&facts, self.selection, &self.settings);
            let incomplete = !complete || evaluation.incomplete_gaps().next().is_some();
            self.members.push(FleetMember {
                name: reading.unit.clone(),
                uid: reading.uid.clone(),
                source: name.into(),
                seen: Some(reading.read_at.clone()),
                kubernetes_version: format!("{}.{}", version.major, version.minor).into(),
                objects,
                incomplete,
                counts: counts(evaluation),
            });
        }
        Ok(())
    }

    /// A report of files is one cluster, called as its file.
    fn report_of(&mut self, name: &str, path: &Path, summary: ReportSummary) {
        let stem = || path.file_stem().map_or_else(|| name.to_owned(), |s| s.to_string_lossy().into_owned());
        let units: Vec<&str> = summary.clusters.iter().map(|c| c.unit.as_str()).collect();
        let seen = summary.clusters.iter().filter_map(|c| c.read_at.as_deref()).min();
        let uid = match summary.clusters.as_slice() {
            [only] => only.uid.as_deref().map(Str::from),
            _ => None,
        };
        self.members.push(FleetMember {
            name: if units.is_empty() { stem().into() } else { units.join(", ").into() },
            uid,
            source: name.into(),
            seen: Some(seen.unwrap_or(&summary.now).into()),
            kubernetes_version: summary.kubernetes_version.as_str().into(),
            objects: summary.objects,
            incomplete: summary.incomplete,
            counts: BTreeMap::new(),
        });
        for rule in summary.rules {
            let id: Str = rule.id.as_str().into();
            // Rules of a release that this one does not know are shown too, unless only some were asked for.
            let known = CONTROLS.iter().any(|c| c.id == &*id);
            if !self.rules.contains_key(&id) {
                if known || !self.selection.is_complete {
                    continue;
                }
                let (title, ring) = (rule.title.as_str().into(), rule.ring.as_str().into());
                self.rules.insert(id.clone(), FleetRule { id: id.clone(), title, ring, severity: rule.severity });
            }
            let Counts { pass, fail, unknown, .. } = rule.counts;
            if let Some(member) = self.members.last_mut() {
                member.counts.insert(id, ControlCount { fail, unknown, pass });
            }
        }
    }

    fn report(mut self, now: Date, stale_after: u32) -> FleetReport {
        // The damage of a file is that of each of its clusters.
        self.problems.dedup();
        let fleet = compare(self.members, self.rules.into_values().collect(), now.days_before(stale_after));
        let Fleet { clusters, rows, outliers, stale, superseded } = fleet;
        FleetReport {
            version: env!("CARGO_PKG_VERSION").into(),
            now: now.to_string().into(),
            stale_after,
            clusters: clusters.into_iter().map(cluster).collect(),
            rows: rows.into_iter().map(row).collect(),
            outliers: outliers
                .into_iter()
                .map(|o| FleetOutlier { cluster: o.cluster, row: o.row, fails: o.fails, others: o.others, of: o.of })
                .collect(),
            stale,
            superseded,
            problems: self.problems,
            skipped: self.skipped,
        }
    }
}

fn counts(evaluation: Evaluation) -> BTreeMap<Str, ControlCount> {
    evaluation.counts.into_iter().map(|(id, count)| (id.into(), count)).collect()
}

fn cluster(m: FleetMember) -> FleetCluster {
    let FleetMember { name, uid, source, seen, kubernetes_version, objects, incomplete, counts: _ } = m;
    FleetCluster { name, uid, source, seen, kubernetes_version, objects, incomplete }
}

fn row(r: kastell_engine::fleet::FleetRow) -> FleetRow {
    let cell = |c: ControlCount| Counts { pass: c.pass, fail: c.fail, unknown: c.unknown, not_applicable: 0 };
    FleetRow {
        id: r.rule.id,
        title: r.rule.title,
        ring: r.rule.ring,
        severity: r.rule.severity,
        cells: r.cells.into_iter().map(|c| c.map(cell)).collect(),
        fail: r.fail,
        unknown: r.unknown,
        pass: r.pass,
        objects: r.objects,
    }
}
