//! Which files a directory stands for.
//!
//! Ignore files count (`.gitignore`, `.ignore`); links are not followed, since their targets are read where they are or
//! lie outside; a chart is one thing that nobody has rendered yet.

use ignore::WalkBuilder;
use kastell_model::GapReason;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Something in a directory that could not be looked at.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) path: PathBuf,
    pub(crate) code: &'static str,
    pub(crate) reason: GapReason,
    pub(crate) message: String,
    pub(crate) help: Option<&'static str>,
}

/// What a directory holds.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Files to read, with their sizes.
    pub(crate) files: Vec<(PathBuf, u64)>,
    /// Files that are not read, by reason.
    pub(crate) skipped: BTreeMap<&'static str, u32>,
    /// What could not be looked at.
    pub(crate) troubles: Vec<Trouble>,
}

/// Whether a file's name says that it may hold manifests.
pub(crate) fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    ["yaml", "yml", "json", "kyaml"].iter().any(|e| extension.eq_ignore_ascii_case(e))
}

fn is_chart(dir: &Path) -> bool {
    dir.join("Chart.yaml").is_file()
}

/// The chart that a directory of templates belongs to.
fn chart_of_templates(dir: &Path) -> Option<&Path> {
    let parent = dir.parent()?;
    (dir.file_name()? == "templates" && is_chart(parent)).then_some(parent)
}

pub(crate) fn unrendered(chart: &Path) -> Trouble {
    Trouble {
        path: chart.to_path_buf(),
        code: "unrendered-chart",
        reason: GapReason::Unrendered,
        message: "this Helm chart was not rendered, so its objects were not checked".into(),
        help: Some("render it and give kastell the output: helm template CHART | kastell scan -"),
    }
}

/// Walks `root`, which is a directory.
pub(crate) fn walk(root: &Path) -> Walked {
    let mut out = Walked::default();
    if let Some(chart) = chart_of_templates(root) {
        out.troubles.push(unrendered(chart));
        return out;
    }
    let inside = std::fs::canonicalize(root).ok();
    let charts = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let found = std::sync::Arc::clone(&charts);
    let mut builder = WalkBuilder::new(root);
    // Manifests live in hidden folders too; what a tool keeps in `.git` are none.
    builder.hidden(false).require_git(false).follow_links(false).filter_entry(move |entry| {
        if entry.file_name() == ".git" {
            return false;
        }
        if entry.file_type().is_some_and(|t| t.is_dir()) && is_chart(entry.path()) {
            if let Ok(mut charts) = found.lock() {
                charts.push(entry.path().to_path_buf());
            }
            return false;
        }
        true
    });
    if is_chart(root) {
        out.troubles.push(unrendered(root));
        return out;
    }
    for entry in builder.build() {
        match entry {
            Ok(entry) => take(&mut out, inside.as_deref(), &entry),
            Err(error) => out.troubles.push(of_error(root, &error)),
        }
    }
    if let Ok(mut charts) = charts.lock() {
        charts.sort();
        out.troubles.extend(charts.iter().map(|c| unrendered(c)));
    }
    out.files.sort();
    out
}

fn take(out: &mut Walked, inside: Option<&Path>, entry: &ignore::DirEntry) {
    let path = entry.path();
    let Some(kind) = entry.file_type() else { return };
    if kind.is_symlink() {
        take_link(out, inside, path);
        return;
    }
    if !is_manifest(path) || entry.depth() == 0 {
        return;
    }
    if kind.is_dir() {
        out.troubles.push(Trouble {
            path: path.to_path_buf(),
            code: "unreadable-file",
            reason: GapReason::Unreadable,
            message: "this has the name of a manifest and is a directory".into(),
            help: None,
        });
    } else if kind.is_file() {
        out.files.push((path.to_path_buf(), entry.metadata().map_or(0, |m| m.len())));
    } else {
        *out.skipped.entry("not-a-file").or_default() += 1;
    }
}

fn take_link(out: &mut Walked, inside: Option<&Path>, path: &Path) {
    match std::fs::canonicalize(path) {
        Err(error) => {
            if is_manifest(path) || path.extension().is_none() {
                out.troubles.push(Trouble {
                    path: path.to_path_buf(),
                    code: "broken-link",
                    reason: GapReason::Unreadable,
                    message: format!("this link leads nowhere: {error}"),
                    help: Some("remove the link, or restore what it points to"),
                });
            }
        }
        Ok(target) => {
            if target.is_dir() || is_manifest(path) {
                let is_inside = inside.is_some_and(|root| target.starts_with(root));
                // Inside, the target itself is walked; outside is not part of what was given.
                let reason = if is_inside { "link" } else { "link-out-of-tree" };
                *out.skipped.entry(reason).or_default() += 1;
            }
        }
    }
}

fn of_error(root: &Path, error: &ignore::Error) -> Trouble {
    let path = path_of(error).unwrap_or(root);
    Trouble {
        path: path.to_path_buf(),
        code: "unreadable-directory",
        reason: GapReason::Unreadable,
        message: format!("this could not be listed: {error}"),
        help: Some("check the permissions, or leave it out with an ignore file"),
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}
