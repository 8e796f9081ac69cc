//! `--format`: which reports a run writes, and where each of them goes.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A form of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// For people.
    Terminal,
    /// For programs: docs/generated/report.schema.json.
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
    /// A comment for a pull request.
    Markdown,
    /// Test results, for CI servers.
    Junit,
    /// A page, one file.
    Html,
}

impl Format {
    const ALL: [Format; 6] =
        [Format::Terminal, Format::Json, Format::Sarif, Format::Markdown, Format::Junit, Format::Html];

    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Terminal => "terminal",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Markdown => "markdown",
            Format::Junit => "junit",
            Format::Html => "html",
        }
    }
}

/// One entry of `--format`: `json`, or `json=FILE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FormatEntry {
    format: Format,
    file: Option<PathBuf>,
}

impl FromStr for FormatEntry {
    type Err = String;

    fn from_str(text: &str) -> Result<FormatEntry, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let Some(format) = Format::ALL.into_iter().find(|f| f.name() == name) else {
            let names: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
            return Err(format!("there is no format `{name}`; there are {}", names.join(", ")));
        };
        match file {
            Some("") => Err(format!("`{name}=` names no file")),
            Some(file) => Ok(FormatEntry { format, file: Some(file.into()) }),
            None => Ok(FormatEntry { format, file: None }),
        }
    }
}

/// A report to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    pub(crate) format: Format,
    /// The file; standard output where there is none.
    pub(crate) file: Option<PathBuf>,
}

/// What to write, files first: whoever reads standard output may go away in the middle.
///
/// # Errors
/// Two reports for one place, or an `--output` that no report needs.
pub(crate) fn targets(entries: &[FormatEntry], output: Option<&Path>) -> Result<Vec<Target>> {
    let standard: Vec<&FormatEntry> = entries.iter().filter(|e| e.file.is_none()).collect();
    if let [first, second, ..] = standard.as_slice() {
        let (first, second) = (first.format.name(), second.format.name());
        bail!(
            "--format names no file for `{first}` and none for `{second}`; only one report can do without, so write {second}=FILE"
        );
    }
    if let (Some(output), []) = (output, standard.as_slice()) {
        bail!("--output {}: every report of --format has a file of its own already", output.display());
    }
    let mut targets: Vec<Target> = Vec::with_capacity(entries.len());
    for entry in entries {
        let file = entry.file.as_deref().or(output).map(Path::to_path_buf);
        if let Some(file) = file.as_deref()
            && targets.iter().any(|t| t.file.as_deref() == Some(file))
        {
            bail!("--format would write two reports to `{}`", file.display());
        }
        targets.push(Target { format: entry.format, file });
    }
    targets.sort_by_key(|t| t.file.is_none());
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, output: Option<&str>) -> Result<Vec<String>, String> {
        let entries = text.split(',').map(str::parse).collect::<Result<Vec<FormatEntry>, String>>()?;
        let targets = targets(&entries, output.map(Path::new)).map_err(|e| e.to_string())?;
        let name = |t: &Target| format!("{}>{}", t.format.name(), t.file.as_ref().map_or("-", |f| f.to_str().unwrap()));
        Ok(targets.iter().map(name).collect())
    }

    #[test]
    fn every_report_has_one_place_and_standard_output_comes_last() {
        assert_eq!(parse("terminal", None).unwrap(), ["terminal>-"]);
        assert_eq!(parse("json", Some("a.json")).unwrap(), ["json>a.json"]);
        assert_eq!(parse("terminal,sarif=a,html=b=c", None).unwrap(), ["sarif>a", "html>b=c", "terminal>-"]);
        assert_eq!(parse("terminal,junit=a", Some("b")).unwrap(), ["terminal>b", "junit>a"]);
    }

    #[test]
    fn a_call_that_cannot_be_meant_is_refused_in_a_sentence() {
        let refused = |text, output: Option<&str>, says: &str| {
            let error = parse(text, output).unwrap_err();
            assert!(error.contains(says) && !error.contains('\n'), "{error}");
        };
        refused("terminal,json", None, "write json=FILE");
        refused("html=a", Some("b"), "has a file of its own");
        refused("html=a,json=a", None, "two reports to `a`");
        refused("html=a,json", Some("a"), "two reports to `a`");
        refused("xml", None, "there is no format `xml`; there are terminal, json, sarif, markdown, junit, html");
        refused("html=", None, "names no file");
        refused("", None, "there is no format ``");
    }
}
