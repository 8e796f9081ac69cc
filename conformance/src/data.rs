//! The unpacked data: a folder a topic.

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// The variable that names the data's folder.
pub const VARIABLE: &str = "KASTELL_CONFORMANCE_DATA";

/// The folder that holds the topics.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its path.
    pub root: PathBuf,
}

impl Data {
    /// The data that the environment names, if it names any.
    pub fn from_environment() -> Option<Data> {
        let root = std::env::var_os(VARIABLE).filter(|v| !v.is_empty())?;
        Some(Data { root: root.into() })
    }

    /// A file or folder below the root.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }
}

/// A file's bytes.
///
/// # Errors
/// Names the file.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} could not be read", path.display()))
}

/// A file of one JSON value a line.
///
/// # Errors
/// Names the file and the line.
pub fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = String::from_utf8(bytes(path)?).with_context(|| format!("{} is not UTF-8", path.display()))?;
    let rows = (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty());
    rows.map(|(n, l)| serde_json::from_str(l).with_context(|| format!("{}:{n}", path.display()))).collect()
}
