//! `kastell explain`: a control, or every answer about one object.

use crate::args::{ExplainArgs, InputArgs};
use crate::config::Config;
use crate::{Exit, input, output, scan, wiring};
use anyhow::{Result, bail};
use kastell_analysis::Facts;
use kastell_engine::{Selection, SelectionRequest, Settings, answers};
use kastell_model::{Object, RuleId};
use kastell_report::{Answer, RuleDoc};
use std::sync::Arc;

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit> {
    match &args.object {
        None if args.live.is_asked() => of_object(args, &[], &args.what),
        None => control(args),
        Some(object) => of_object(args, std::slice::from_ref(&args.what), object),
    }
}

fn control(args: &ExplainArgs) -> Result<Exit> {
    // The selection knows how to say that there is no such control.
    let request = SelectionRequest { controls: vec![args.what.clone()], ..SelectionRequest::default() };
    let selection = match Selection::new(&request) {
        Err(error) if std::path::Path::new(&args.what).exists() => {
            bail!("{error}; to explain an object of `{0}` name it: kastell explain {0} Kind/name", args.what)
        }
        other => other?,
    };
    let style = output::style(args.color, false, true);
    for c in selection.controls() {
        let doc = RuleDoc {
            id: RuleId(c.id.into()),
            title: c.title.into(),
            ring: c.ring.name().into(),
            severity: c.severity,
            confidence: c.confidence,
            since: c.since.into(),
            aliases: c.aliases.iter().map(|a| (*a).into()).collect(),
            docs: c.docs.into(),
            maps: wiring::maps(c),
        };
        output::print(&kastell_report::explain_rule(&doc, &style))?;
    }
    Ok(Exit::Clean)
}

fn of_object(args: &ExplainArgs, paths: &[String], wanted: &str) -> Result<Exit> {
    let input = InputArgs {
        paths: paths.to_vec(),
        files_from: None,
        stdin_filename: None,
        live: args.live.clone(),
        snapshot: Vec::new(),
        kubernetes_version: args.kubernetes_version.clone(),
    };
    if input.live.plan {
        return input::print_plan(&input);
    }
    let loaded = input::read(&input)?;
    let objects = loaded.cluster.objects();
    let found: Vec<u32> = (0_u32..).zip(objects).filter(|(_, o)| is_named(o, wanted)).map(|(i, _)| i).collect();
    if found.is_empty() {
        let mut names: Vec<String> = objects.iter().map(|o| short_name(o)).collect();
        names.sort();
        names.dedup();
        let more = names.len().saturating_sub(20);
        names.truncate(20);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let place = input::names(&input, &loaded).join(", ");
        bail!("there is no `{wanted}` in `{place}`; there is {}{more}", names.join(", "));
    }
    let config = Config::load(&args.config)?;
    let mut request = SelectionRequest::default();
    config.parameters(&mut request);
    let selection = Selection::new(&request)?;
    let settings = Settings::new(input::exceptions(None, &loaded), scan::today()).with(Arc::clone(&config.configured));
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    let style = output::style(args.color, false, true);
    for index in found {
        let Some(object) = objects.get(index as usize) else { continue };
        let answers: Vec<Answer> = answers(&facts, &selection, index, &settings)
            .into_iter()
            .map(|a| Answer {
                rule: RuleId(a.control.id.into()),
                title: a.control.title.into(),
                ring: a.control.ring.name().into(),
                severity: a.control.severity,
                status: a.status,
                passed: a.passed,
                findings: a.findings,
                excepted: a.excepted.into_iter().map(wiring::excepted).collect(),
                gaps: a.gaps.into_iter().map(wiring::gap).collect(),
                misses: kastell_controls::missed_by(a.control.id)
                    .map(|(group, kind)| kastell_model::GroupKind::new(group, kind)),
            })
            .collect();
        output::print(&kastell_report::explain_object(object, &answers, &style))?;
    }
    Ok(if loaded.is_complete() { Exit::Clean } else { Exit::Incomplete })
}

/// `Kind/name`, or `Kind/namespace/name` where one is said.
fn short_name(o: &Object) -> String {
    format!("{}/{}", o.key.kind.kind, o.key.name)
}

fn is_named(o: &Object, wanted: &str) -> bool {
    match wanted.split('/').collect::<Vec<_>>()[..] {
        [kind, name] => o.key.kind.kind.eq_ignore_ascii_case(kind) && *o.key.name == *name,
        [kind, namespace, name] => {
            o.key.kind.kind.eq_ignore_ascii_case(kind)
                && *o.key.name == *name
                && o.key.namespace_or_default() == namespace
        }
        _ => false,
    }
}
