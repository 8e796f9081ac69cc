//! `kastell exceptions`: what is accepted, for how long, and accepting more.

use crate::args::{InputArgs, ListFormat, WhichExceptions, day};
use crate::config::{Config, ConfigArgs, NAME, edit, frames, schema};
use crate::{Exit, input, output, scan};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use kastell_analysis::Facts;
use kastell_engine::{ExceptionPolicy, ExceptionUse, Selection, SelectionRequest, Settings, evaluate, resolve};
use kastell_model::Date;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  kastell exceptions list deploy/\n  kastell exceptions list deploy/ --expiring 30d\n  \
                  kastell exceptions add --control host-path-volume --kind DaemonSet --name node-agent --reason \"reads the journal\" --until 2027-01-31"
)]
pub(crate) struct ExceptionsArgs {
    #[command(subcommand)]
    command: ExceptionsCommand,
}

#[derive(Debug, Subcommand)]
enum ExceptionsCommand {
    /// Lists every exception: comments, annotations, and those of kastell.yaml
    List(ListArgs),
    /// Adds an exception to kastell.yaml
    Add(AddArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// What the exceptions are looked up in and held against [default: this folder]
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    config: ConfigArgs,
    /// Only those that end within this time, or have ended: 30d, 4w
    #[arg(long, value_name = "TIME", value_parser = days)]
    expiring: Option<i64>,
    /// Which exceptions count [default: all for files, config for a cluster]
    #[arg(long, value_name = "WHICH")]
    exceptions: Option<WhichExceptions>,
    /// The day that expiries are compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    now: Option<Date>,
    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: ListFormat,
}

#[derive(Debug, Args)]
struct AddArgs {
    /// The control whose findings are accepted; several with commas
    #[arg(long, value_name = "ID", value_delimiter = ',', required = true)]
    control: Vec<String>,
    /// Only for objects of this kind, or a glob with `*`
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only in this namespace, or a glob
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// Only for this name, or a glob
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only for this container, or a glob
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
    /// Only for objects with these labels: app=cart,tier in (web,api)
    #[arg(long, value_name = "SELECTOR")]
    selector: Option<String>,
    /// Why the findings are accepted
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The last day on which it counts
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    until: Option<Date>,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// Where it was decided
    #[arg(long, value_name = "ID")]
    ticket: Option<String>,
    /// The configuration [default: the nearest kastell.yaml, else a new one here]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Prints the change and writes nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &ExceptionsArgs) -> Result<Exit> {
    match &args.command {
        ExceptionsCommand::List(args) => list(args),
        ExceptionsCommand::Add(args) => add(args),
    }
}

/// `30d`, `4w` or `30`, in days.
fn days(text: &str) -> Result<i64, String> {
    let (number, factor) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or(text), 1),
    };
    let number: u16 = number.parse().map_err(|_| "write a time as 30d or 4w".to_string())?;
    Ok(i64::from(number) * factor)
}

fn list(args: &ListArgs) -> Result<Exit> {
    let config = Config::load(&args.config)?;
    let input = args.input.or_here();
    let loaded = input::read(&input)?;
    let now = args.now.unwrap_or_else(scan::today);
    let mut request = SelectionRequest::default();
    config.select(&mut request);
    let selection = Selection::new(&request)?;
    let policy = input::exceptions(args.exceptions, &loaded);
    let settings = Settings::new(policy, now).with(Arc::clone(&config.configured));
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    let evaluation = evaluate(&facts, &selection, &settings);
    let ends = |u: &ExceptionUse| u.exception.until.map(|d| d.days() - now.days());
    let is_asked = |u: &&ExceptionUse| args.expiring.is_none_or(|within| ends(u).is_some_and(|left| left <= within));
    let found: Vec<&ExceptionUse> = evaluation.exceptions.iter().filter(is_asked).collect();
    let text = match args.format {
        ListFormat::Terminal => table(&found, now, policy, args.expiring.is_some()),
        ListFormat::Json => {
            let list: Vec<_> = found.iter().map(|u| json(u)).collect();
            format!("{}\n", serde_json::to_string_pretty(&list)?)
        }
    };
    output::print(&text)?;
    let empty = loaded.cluster.objects().is_empty();
    Ok(if loaded.is_complete() && !empty { Exit::Clean } else { Exit::Incomplete })
}

fn place(u: &ExceptionUse) -> String {
    format!("{}:{}", u.exception.object.source.path, u.exception.line)
}

fn json(u: &ExceptionUse) -> serde_json::Value {
    let e = &u.exception;
    serde_json::json!({
        "controls": e.ids, "origin": e.origin.name(), "path": &*e.object.source.path, "line": e.line,
        "reason": &*e.reason, "owner": e.owner.as_deref(), "ticket": e.ticket.as_deref(),
        "until": e.until.map(|d| d.to_string()), "status": u.status.name(), "covered": u.covered, "problem": e.problem,
    })
}

fn table(found: &[&ExceptionUse], now: Date, policy: ExceptionPolicy, expiring: bool) -> String {
    let mut rows: Vec<[String; 7]> =
        vec![["CONTROLS", "ORIGIN", "WHERE", "STATUS", "UNTIL", "OWNER", "REASON"].map(String::from)];
    for u in found {
        let e = &u.exception;
        let status = match u.status {
            kastell_engine::ExceptionStatus::Used => format!("used ({})", u.covered),
            other => other.name().to_string(),
        };
        let until = e.until.map_or("-".to_string(), |d| match d.days() - now.days() {
            left @ 0..=60 => format!("{d} ({left}d left)"),
            _ => d.to_string(),
        });
        let ticket = e.ticket.as_ref().map(|t| format!(" [{t}]")).unwrap_or_default();
        let reason = e.problem.clone().unwrap_or_else(|| e.reason.to_string());
        rows.push([
            e.ids.join(","),
            e.origin.name().to_string(),
            place(u),
            status,
            until,
            e.owner.as_deref().unwrap_or("-").to_string(),
            format!("{reason}{ticket}"),
        ]);
    }
    let mut out = String::new();
    if rows.len() > 1 {
        let width = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..7).map(width).collect();
        for row in &rows {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(c, w)| format!("{:w$}", plain(c))).collect();
            let _ = writeln!(out, "{}", cells.join("  ").trim_end());
        }
        out.push('\n');
    }
    let n = found.len();
    let which = match policy {
        ExceptionPolicy::All => "comments, annotations and the configuration",
        ExceptionPolicy::Config => "the configuration only",
        ExceptionPolicy::None => "none counts",
    };
    let what = if expiring { " that end in this time or have ended" } else { "" };
    let _ = writeln!(out, "{n} exception{}{what} ({which})", if n == 1 { "" } else { "s" });
    out
}

/// Characters that steer a terminal are replaced.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn add(args: &AddArgs) -> Result<Exit> {
    let path = target(args)?;
    let old = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("`{}` could not be read", path.display())),
    };
    let base = if old.trim().is_empty() { edit::EMPTY } else { &old };
    if let Err(errors) = crate::config::read(&path, base.as_bytes().to_vec()) {
        output::note(&frames(&errors));
        bail!("`{}` has errors; mend them first", path.display());
    }
    let exception = exception(args)?;
    let new = match edit::with_exception(base, &exception) {
        Ok(new) => new,
        Err(why) => bail!("`{}` was left alone: {why}", path.display()),
    };
    output::print(&edit::diff(&path.display().to_string(), &old, &new))?;
    if args.dry_run {
        output::note("nothing was written (--dry-run)");
    } else {
        output::write_file(&path, &new)?;
    }
    Ok(Exit::Clean)
}

/// The file to change: the one that is named, else the one that a scan would use, else a new one here.
fn target(args: &AddArgs) -> Result<PathBuf> {
    if let Some(path) = &args.config {
        return Ok(path.clone());
    }
    let found =
        crate::config::find(&ConfigArgs::default(), &std::env::current_dir().context("the working directory")?)?;
    Ok(found.unwrap_or_else(|| Path::new(NAME).to_path_buf()))
}

fn exception(args: &AddArgs) -> Result<schema::Exception> {
    let line = |text: &Option<String>| text.as_ref().map(|t| schema::Line(t.clone()));
    let about = schema::ExceptionMatch {
        kind: line(&args.kind),
        namespace: line(&args.namespace),
        name: line(&args.name),
        selector: line(&args.selector),
        container: line(&args.container),
    };
    if [&about.kind, &about.namespace, &about.name, &about.selector, &about.container].iter().all(|l| l.is_none()) {
        bail!("say whose findings are accepted: --kind, --namespace, --name, --selector or --container");
    }
    let controls = args.control.iter().map(|id| Ok(schema::ControlId(resolve(id)?.to_string())));
    Ok(schema::Exception {
        controls: controls.collect::<Result<_>>()?,
        about,
        reason: schema::Line(args.reason.clone()),
        owner: line(&args.owner),
        ticket: line(&args.ticket),
        until: args.until.map(|d| schema::Day(d.to_string())),
    })
}
