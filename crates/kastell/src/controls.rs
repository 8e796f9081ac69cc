//! `kastell controls`: what there is.

use crate::args::{ControlsArgs, ListFormat};
use crate::{Exit, output, wiring};
use anyhow::Result;
use std::fmt::Write as _;

pub(crate) fn run(args: &ControlsArgs) -> Result<Exit> {
    let controls = wiring::controls(args.ring.as_deref())?;
    let text = match args.format {
        ListFormat::Terminal => {
            let mut text = String::new();
            let width = controls.iter().map(|c| c.id.len()).max().unwrap_or(0);
            for c in &controls {
                let _ = writeln!(text, "{:width$}  {:<8}  {:<13}  {}", c.id, c.severity.name(), c.ring.name(), c.title);
            }
            let _ = writeln!(text, "\n{} controls; `kastell explain ID` says why and how to fix it", controls.len());
            text
        }
        ListFormat::Json => {
            let list: Vec<_> = controls
                .iter()
                .map(|c| {
                    let maps: Vec<_> = wiring::maps(c).iter().map(|(f, i)| serde_json::json!([&**f, &**i])).collect();
                    serde_json::json!({
                        "id": c.id, "title": c.title, "ring": c.ring.name(), "severity": c.severity.name(),
                        "confidence": c.confidence.name(), "since": c.since, "aliases": c.aliases,
                        "hardening": c.hardening, "maps": maps,
                        "parameters": c.params.as_ref().map(kastell_controls::ParamSpec::default_json),
                    })
                })
                .collect();
            format!("{}\n", serde_json::to_string_pretty(&list)?)
        }
    };
    output::print(&text)?;
    Ok(Exit::Clean)
}
