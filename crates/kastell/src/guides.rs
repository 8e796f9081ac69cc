//! `kastell scan --framework NAME`: the items of a framework with the verdicts of their controls.

use kastell_controls::{Framework, guides};
use kastell_model::RuleId;
use kastell_report::{Counts, FrameworkControl, FrameworkRow, Report, Style};
use std::collections::BTreeMap;

/// One table a framework.
pub(crate) fn table(frameworks: &[Framework], report: &Report, style: &Style) -> String {
    let tables: Vec<String> = frameworks
        .iter()
        .map(|f| {
            let rows = match f {
                Framework::GuideA | Framework::GuideB => of_guide(*f, report),
                _ => of_framework(*f, report),
            };
            kastell_report::framework_table(&title(*f), &rows, style)
        })
        .collect();
    tables.join("\n")
}

/// What stands above a table: the name that `--framework` takes, and what it is where that says little.
fn title(framework: Framework) -> String {
    let what = match framework {
        Framework::Cis => "CIS Kubernetes Benchmark",
        Framework::Nsa => "NSA/CISA Kubernetes Hardening Guidance",
        Framework::Pss => "Pod Security Standards",
        Framework::Attack => "MITRE ATT&CK techniques",
        Framework::GuideA => "the hardening guide of 2026",
        Framework::GuideB => "the guide on what actually matters",
        _ => "checks of another tool",
    };
    format!("{}: {what}", framework.name())
}

fn control(id: &str, report: &Report) -> FrameworkControl {
    let id = RuleId(id.into());
    let counts = report.rule(&id).map_or(Counts::default(), |r| r.counts);
    FrameworkControl { id, counts }
}

fn of_guide(guide: Framework, report: &Report) -> Vec<FrameworkRow> {
    guides::asks()
        .filter(|a| a.guide == guide)
        .map(|a| {
            let (built, later): (Vec<_>, Vec<_>) = a.controls().partition(|id| kastell_controls::find(id).is_some());
            let mut notes: Vec<String> = a.verbs().map(String::from).collect();
            notes.extend(later.iter().map(|id| format!("{id} (planned)")));
            FrameworkRow {
                item: format!("{} {}", a.section, a.id).into(),
                text: a.text.into(),
                controls: built.into_iter().map(|id| control(id, report)).collect(),
                in_part: notes.iter().any(|n| n.ends_with(" (planned)")),
                note: (!notes.is_empty()).then(|| notes.join(", ").into()),
            }
        })
        .collect()
}

fn of_framework(framework: Framework, report: &Report) -> Vec<FrameworkRow> {
    let mut items: BTreeMap<&str, Vec<&kastell_controls::Control>> = BTreeMap::new();
    for c in kastell_controls::CONTROLS {
        for (_, item) in c.maps.iter().filter(|(f, _)| *f == framework) {
            items.entry(item).or_default().push(c);
        }
    }
    items
        .into_iter()
        .map(|(item, controls)| FrameworkRow {
            item: item.into(),
            text: controls.first().map_or("", |c| c.title).into(),
            controls: controls.iter().map(|c| control(c.id, report)).collect(),
            note: None,
            in_part: false,
        })
        .collect()
}
