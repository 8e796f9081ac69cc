//! `kastell scan --add-ignore`: adopts old code by accepting what it has, with a reason.

use crate::args::ScanArgs;
use crate::{Exit, output};
use anyhow::{Context as _, Result, bail};
use kastell_engine::{Evaluation, adopt};
use kastell_model::Finding;
use std::collections::BTreeMap;
use std::path::Path;

/// Inserts exceptions above every finding that would fail the run. Files that cannot carry them are named, and the rest
/// is done all the same.
pub(crate) fn add(args: &ScanArgs, evaluation: &Evaluation) -> Result<Exit> {
    let reason = args.reason.as_deref().map(str::trim).unwrap_or_default();
    if reason.is_empty() || reason.contains(['\n', '\r']) {
        bail!("--reason takes one line of text: why these findings are accepted");
    }
    let (fail_on, min_confidence) = (args.fail_on.severity(), args.min_confidence.confidence());
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for f in &evaluation.findings {
        let fails = fail_on.is_some_and(|s| f.severity >= s) && f.confidence >= min_confidence;
        if fails && kastell_controls::find(&f.rule.0).is_some() {
            by_file.entry(&f.at.object.source.path).or_default().push(f);
        }
    }
    let (mut lines, mut files, mut refused) = (0, 0, 0_usize);
    for (path, findings) in by_file {
        let Some(first) = findings.first() else { continue };
        match adopt(&first.at.object.source.text, &findings, reason, args.until) {
            Ok(adoption) => {
                output::write_whole(Path::new(path), &adoption.text)
                    .with_context(|| format!("`{path}` could not be changed"))?;
                lines += adoption.lines;
                files += 1;
            }
            Err(error) => {
                refused += 1;
                output::note(&format!("{path}: left alone: {error}"));
            }
        }
    }
    let (lines, files) = (counted(lines, "exception"), counted(files, "file"));
    output::note(&format!("{lines} added in {files}; {} left alone", counted(refused, "file")));
    Ok(if refused == 0 { Exit::Clean } else { Exit::Findings })
}

/// `1 file`, `2 files`.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
