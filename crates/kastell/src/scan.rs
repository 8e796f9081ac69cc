//! `kastell scan`: read, evaluate, report.

use crate::args::ScanArgs;
use crate::config::{self, Config};
use crate::formats::{Format, Target, targets};
use crate::{Exit, baseline, guides, ignores, input, mask, output, wiring};
use anyhow::{Result, bail};
use kastell_analysis::Facts;
use kastell_controls::Framework;
use kastell_engine::{Selection, SelectionRequest, Settings, Verdict, evaluate, evaluate_places, verdict};
use kastell_model::Date;
use kastell_report::Report;
use kastell_sources::Loaded;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

/// The id of the control behind `--pod-security`.
const POD_SECURITY: &str = "pod-security-violation";

pub(crate) fn run(args: &ScanArgs) -> Result<Exit> {
    let config = Config::load(&args.config)?;
    let flags = selection_request(args)?;
    let mut request = flags.clone();
    if args.pod_security.is_none() {
        config.select(&mut request);
    }
    let selection = Selection::new(&request)?;
    if args.show_config {
        output::print(&config::show(&config, &flags, &selection))?;
        return Ok(Exit::Clean);
    }
    let targets = targets(&args.format, args.output.as_deref())?;
    let frameworks = args.framework.as_deref().map(wiring::frameworks).transpose()?;
    let baseline = args.baseline.as_deref().map(baseline::read).transpose()?;
    if args.input.live.plan {
        return input::print_plan(&args.input);
    }
    let loaded = input::read(&args.input)?;
    let now = args.now.unwrap_or_else(today);
    let policy = input::exceptions(args.exceptions, &loaded);
    let settings = Settings::new(policy, now).with(Arc::clone(&config.configured));
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    if args.add_ignore && !loaded.clusters.is_empty() {
        bail!(
            "--add-ignore writes comments into files, and a running cluster has none: put exceptions into its manifests"
        );
    }
    if args.add_ignore {
        return ignores::add(args, &evaluate_places(&facts, &selection, &settings));
    }
    let mut evaluation = evaluate(&facts, &selection, &settings);
    if let Some(baseline) = &baseline {
        evaluation.compare(&selection, baseline);
    }
    let (fail_on, min_confidence) = (args.fail_on.severity(), args.min_confidence.confidence());
    let is_empty = loaded.cluster.objects().is_empty();
    let complete = loaded.is_complete() && (!is_empty || args.allow_empty);
    let verdict = verdict(&evaluation, fail_on, min_confidence, complete);
    let incomplete = !complete || evaluation.incomplete_gaps().next().is_some();
    let (timings, hits) = (evaluation.timings, evaluation.hits);
    let compared = evaluation.baseline.take();
    let mut report = wiring::report(args, &loaded, &selection, evaluation, now, incomplete);
    if let (Some(path), Some(record), Some(compared)) = (&args.baseline, &baseline, compared) {
        report.baseline = Some(wiring::baseline(path, record, compared));
    }
    if args.statistics {
        // Reporting is timed by doing it once for nobody: a report cannot say how long it will have taken.
        let start = Instant::now();
        for target in &targets {
            render(args, target, &report, &loaded, frameworks.as_deref(), &mut std::io::sink())?;
        }
        report.statistics = Some(wiring::statistics(&loaded, timings, start.elapsed(), hits));
    }
    for target in &targets {
        let mut sink = output::Sink::new(target.file.as_deref())?;
        render(args, target, &report, &loaded, frameworks.as_deref(), &mut sink)?;
        sink.finish()?;
    }
    Ok(match verdict {
        Verdict::Findings => Exit::Findings,
        Verdict::Incomplete if !args.allow_incomplete => Exit::Incomplete,
        Verdict::Incomplete | Verdict::Clean => Exit::Clean,
    })
}

/// Writes the report in one of the forms that were asked for.
fn render(
    args: &ScanArgs,
    target: &Target,
    report: &Report,
    loaded: &Loaded,
    frameworks: Option<&[Framework]>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mask = mask::Masker::new(&loaded.cluster);
    let source_url = args.source_url.as_deref();
    match target.format {
        Format::Json => kastell_report::json(report, out),
        Format::Sarif => kastell_report::sarif(report, out),
        Format::Junit => kastell_report::junit(report, out),
        Format::Markdown => out.write_all(kastell_report::pr_markdown(report, source_url).as_bytes()),
        Format::Html => out.write_all(kastell_report::html(report, &mask, source_url).as_bytes()),
        Format::Terminal => {
            let style = output::style(args.color, target.file.is_some(), args.verbose);
            let text = match frameworks {
                Some(frameworks) => guides::table(frameworks, report, &style),
                None => kastell_report::terminal(report, &mask, &style, args.verbose),
            };
            out.write_all(text.as_bytes())
        }
    }
}

fn selection_request(args: &ScanArgs) -> Result<SelectionRequest> {
    let mut request = SelectionRequest {
        controls: args.control.clone(),
        skip: args.skip.clone(),
        rings: args.ring.clone(),
        as_of: args.as_of.clone(),
        parameters: Vec::new(),
    };
    if let Some(level) = &args.pod_security {
        if let Err(error) = level.parse::<kastell_analysis::pod_security::LevelVersion>() {
            bail!("--pod-security {level}: {error}");
        }
        request.controls = vec![POD_SECURITY.into()];
        request.parameters = vec![(POD_SECURITY.into(), serde_json::json!({ "level": level }))];
    }
    Ok(request)
}

/// Today in UTC: the only clock of the program, and an input that the report names.
pub(crate) fn today() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Date::from_unix_seconds(since.map_or(0, |d| d.as_secs()))
}
