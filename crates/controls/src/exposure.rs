//! How controls report a credential that lies where it should not. Never says a part of it.

use crate::credentials::{Certainty, Credential};
use kastell_model::yaml::Value;
use kastell_model::{Confidence, Out, Severity};
use serde::{Deserialize, Serialize};

/// What a cluster's operators know better than a detector.
#[derive(Serialize, Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Names (of variables, keys and options) whose values are no credentials, whatever they look like.
    allowed_names: Vec<String>,
    /// Values that are no credentials.
    allowed_values: Vec<String>,
    /// More names whose values are credentials.
    names: Vec<String>,
}

impl Params {
    /// Whether what stands under `name`, or `value` itself, is not to be reported.
    pub(crate) fn allows(&self, name: &str, value: &str) -> bool {
        self.allowed_names.iter().any(|n| n.eq_ignore_ascii_case(name))
            || self.allowed_values.iter().any(|v| v == value)
    }

    /// What `found` leaves out because only the configuration names it.
    pub(crate) fn also(&self, name: &str, value: &str) -> Option<Credential> {
        let named = !value.trim().is_empty() && self.names.iter().any(|n| n.eq_ignore_ascii_case(name));
        named.then_some(Credential { kind: "a secret", span: 0..value.len(), certainty: Certainty::Typed })
    }
}

/// The credential that says most of several.
pub(crate) fn strongest(found: Vec<Credential>) -> Option<Credential> {
    found.into_iter().max_by_key(|c| (c.certainty, std::cmp::Reverse(c.span.start)))
}

/// Reports `credential` at `at`; `place` says where that is (`the environment variable `X``).
pub(crate) fn report(out: &mut Out<'_>, at: Value<'_>, place: &str, credential: &Credential) {
    let kind = credential.kind;
    let (message, severity, confidence) = match credential.certainty {
        Certainty::Form => (format!("{place} holds {kind}"), Severity::High, Confidence::High),
        Certainty::Random => (format!("{place} holds {kind}"), Severity::High, Confidence::Medium),
        Certainty::Typed => (format!("{place} holds {kind} in clear text"), Severity::Medium, Confidence::Medium),
        Certainty::Example => (format!("{place} has room for {kind} in clear text"), Severity::Low, Confidence::Low),
    };
    out.fail(at, message).severity(severity).confidence(confidence);
}
