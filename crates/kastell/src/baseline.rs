//! `scan --baseline FILE`: an earlier report.

use anyhow::{Context as _, Result, anyhow};
use kastell_model::record::Record;
use kastell_report::read_record;
use std::path::Path;

/// Reads a JSON report of kastell.
pub(crate) fn read(path: &Path) -> Result<Record> {
    let bytes = std::fs::read(path).with_context(|| format!("the baseline `{}` could not be read", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    read_record(&text).map_err(|e| anyhow!("`{}` cannot be the baseline: {e}", path.display()))
}
