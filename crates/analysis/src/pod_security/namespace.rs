//! What the labels of a namespace ask for (`PolicyToEvaluate` in `api/helpers.go`).

use super::level::{Level, LevelVersion, ParseError, Version};
use kastell_model::GapReason;
use kastell_model::yaml::Value;
use std::fmt;

/// The prefix of every label of Pod Security.
const PREFIX: &str = "pod-security.kubernetes.io/";

/// What is done with a pod that violates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    /// It is refused.
    Enforce,
    /// It is noted in the audit log.
    Audit,
    /// The client gets a warning.
    Warn,
}

impl Mode {
    /// The label's name below the prefix.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Audit => "audit",
            Mode::Warn => "warn",
        }
    }
}

/// Something wrong with a label.
#[derive(Clone, Debug)]
pub enum LabelProblem<'t> {
    /// The value is no level or version: the API server refuses the Namespace, and where it exists already, falls back.
    Invalid {
        /// The mode that the label is of.
        mode: Mode,
        /// The label's key.
        key: &'t str,
        /// The label's value.
        value: Value<'t>,
        /// What a valid value looks like.
        error: ParseError,
    },
    /// A key below the prefix that means nothing to Pod Security.
    UnknownKey {
        /// The label's key.
        key: &'t str,
        /// The label's value.
        value: Value<'t>,
    },
    /// The value is no string.
    Unreadable {
        /// The label's key.
        key: &'t str,
        /// The label's value.
        value: Value<'t>,
        /// Why it says nothing.
        reason: GapReason,
    },
}

impl fmt::Display for LabelProblem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LabelProblem::Invalid { key, value, error, .. } => {
                let value = super::text::go_quote(&value.as_str().unwrap_or_default());
                write!(f, "metadata.labels[{key}]: Invalid value: {value}: {error}")
            }
            LabelProblem::UnknownKey { key, .. } => {
                write!(f, "`{key}` is no label that Pod Security knows, so it has no effect")
            }
            LabelProblem::Unreadable { key, .. } => write!(f, "the label `{key}` is not a string"),
        }
    }
}

/// What a namespace's labels ask for. A mode without a level of its own is left to the API server's configuration
/// (`PodSecurityConfiguration.defaults`), which no manifest shows; its built-in default is privileged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NamespacePolicy {
    /// Refusal.
    pub enforce: Option<LevelVersion>,
    /// Notes in the audit log.
    pub audit: Option<LevelVersion>,
    /// Warnings.
    pub warn: Option<LevelVersion>,
}

impl NamespacePolicy {
    /// Reads `metadata.labels` of a Namespace.
    ///
    /// Invalid values never stop the reading: an enforced level becomes restricted, an audited or warned one privileged,
    /// a version latest. A valid enforced level without a warned one warns as well. A mode whose level is a placeholder
    /// or no string is left open, as one without a label.
    pub fn from_labels(labels: Option<Value<'_>>) -> (NamespacePolicy, Vec<LabelProblem<'_>>) {
        let mut problems = Vec::new();
        let Some(labels) = labels else { return (NamespacePolicy::default(), problems) };
        let mut enforce_is_valid = false;
        let mut has_warn_label = false;
        let mut mode = |mode: Mode, problems: &mut Vec<_>| {
            let level = label::<Level>(labels, mode, "", problems);
            match (mode, level) {
                (Mode::Enforce, Label::Valid(_)) => enforce_is_valid = true,
                (Mode::Warn, Label::Valid(_) | Label::Invalid | Label::Unreadable) => has_warn_label = true,
                _ => {}
            }
            let version = label::<Version>(labels, mode, "-version", problems);
            let fallback = if mode == Mode::Enforce { Level::Restricted } else { Level::Privileged };
            let level = match level {
                Label::Valid(level) => Some(level),
                Label::Invalid => Some(fallback),
                Label::Absent | Label::Unreadable => None,
            };
            let has_version = version != Label::Absent;
            let version = if let Label::Valid(v) = version { v } else { Version::Latest };
            (level.map(|level| LevelVersion { level, version }), has_version.then_some(version))
        };
        let (enforce, _) = mode(Mode::Enforce, &mut problems);
        let (audit, _) = mode(Mode::Audit, &mut problems);
        let (mut warn, warn_version) = mode(Mode::Warn, &mut problems);
        if let (Some(enforce), false) = (enforce.filter(|_| enforce_is_valid), has_warn_label) {
            warn = Some(LevelVersion { level: enforce.level, version: warn_version.unwrap_or(enforce.version) });
        }
        problems.extend(unknown_keys(labels));
        (NamespacePolicy { enforce, audit, warn }, problems)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Label<T> {
    Absent,
    Valid(T),
    Invalid,
    Unreadable,
}

fn label<'t, T: std::str::FromStr<Err = ParseError>>(
    labels: Value<'t>,
    mode: Mode,
    suffix: &str,
    problems: &mut Vec<LabelProblem<'t>>,
) -> Label<T> {
    let is_it = |key: &str| key.strip_prefix(PREFIX).and_then(|k| k.strip_prefix(mode.name())) == Some(suffix);
    let Some((key, value)) = labels.entries().find(|(key, _)| is_it(key)) else { return Label::Absent };
    // A label without a value is an empty string to the API server.
    let text = if value.is_null() { Some("".into()) } else { value.as_str() };
    let reason = GapReason::of_mistyped(value);
    match text.as_deref().map(str::parse) {
        Some(Ok(parsed)) => Label::Valid(parsed),
        Some(Err(error)) if reason != GapReason::Dynamic => {
            problems.push(LabelProblem::Invalid { mode, key, value, error });
            Label::Invalid
        }
        _ => {
            problems.push(LabelProblem::Unreadable { key, value, reason });
            Label::Unreadable
        }
    }
}

fn unknown_keys(labels: Value<'_>) -> impl Iterator<Item = LabelProblem<'_>> {
    labels.entries().filter_map(|(key, value)| {
        let name = key.strip_prefix(PREFIX)?;
        let mode = name.strip_suffix("-version").unwrap_or(name);
        (!matches!(mode, "enforce" | "audit" | "warn")).then_some(LabelProblem::UnknownKey { key, value })
    })
}
