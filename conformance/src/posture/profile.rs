//! A profile: for each rule of a source the controls that answer it, with their parameters and the fold.

use crate::deviation::folder;
use crate::pattern::Pattern;
use anyhow::{Context as _, Result, anyhow, bail};
use kastell_controls::{Control, Parameter};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// How the parts (containers, pods) of a case make one verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fold {
    /// Fails if any part fails.
    #[default]
    All,
    /// Passes if any part passes, else fails: the rule gives its advice wherever nothing fulfils it.
    Any,
}

/// A rule as the file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    /// Control id to parameters; null for the defaults.
    controls: BTreeMap<String, Value>,
    #[serde(default)]
    fold: Fold,
    /// Only objects of these kinds.
    #[serde(default)]
    kinds: Vec<String>,
    /// Only objects that fulfil all of these conditions.
    #[serde(default)]
    only: Vec<String>,
    /// Whether the input is all that there is, so that absence is a fact.
    #[serde(default)]
    complete: bool,
    /// What a case's own configuration changes.
    #[serde(default)]
    configured: Vec<ConfiguredText>,
}

/// Parameters that a case's own configuration changes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredText {
    /// The key of the case's configuration.
    key: String,
    /// Only where it has this value.
    #[serde(default)]
    value: Option<Value>,
    /// The control whose parameters it changes.
    control: String,
    /// The parameter that takes the configured value.
    #[serde(default)]
    parameter: Option<String>,
    /// The parameters instead, where the configured value is not one.
    #[serde(default)]
    parameters: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    rules: BTreeMap<String, RuleText>,
    /// Rules without a control, and why.
    #[serde(default)]
    unmapped: BTreeMap<String, Unmapped>,
}

/// The only reasons for which a rule may be unmapped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unmapped {
    /// No control is built for this row of the catalogue.
    NotBuilt,
    /// It looks at PodSecurityPolicy objects, which Kubernetes removed in 1.25.
    PodSecurityPolicy,
    /// It looks at files and processes of a host.
    HostFacts,
    /// It sums up a score.
    Score,
    /// It tests the tool's own webhook.
    Webhook,
}

/// A rule, ready to be asked.
pub(crate) struct Rule {
    controls: Vec<(String, Value)>,
    pub(crate) fold: Fold,
    pub(crate) kinds: Vec<String>,
    pub(crate) only: Vec<Pattern>,
    pub(crate) complete: bool,
    configured: Vec<ConfiguredText>,
}

/// A control and its parameters.
pub(crate) type Asked = (&'static Control, Option<Parameter>);

/// The control `id` with parameters; null means its defaults.
fn asked(id: &str, value: &Value) -> Result<Asked> {
    let control = kastell_controls::find(id).with_context(|| format!("there is no control `{id}`"))?;
    let parameter = match (&control.params, value) {
        (None, Value::Null) => None,
        (None, _) => bail!("`{id}` takes no parameters"),
        (Some(spec), Value::Null) => Some(spec.default_value()),
        (Some(spec), v) => Some(spec.parse(v).map_err(|e| anyhow!("parameters of `{id}`: {e}"))?),
    };
    Ok((control, parameter))
}

impl Rule {
    fn new(text: RuleText) -> Result<Rule> {
        let controls: Vec<(String, Value)> = text.controls.into_iter().collect();
        for (id, value) in &controls {
            asked(id, value)?;
        }
        if controls.is_empty() {
            bail!("no control is named");
        }
        let only = text.only.iter().map(|p| Pattern::parse(p)).collect::<Result<_>>()?;
        let RuleText { fold, kinds, complete, configured, .. } = text;
        Ok(Rule { controls, fold, kinds, only, complete, configured })
    }

    /// The ids of the controls, separated by commas.
    pub(crate) fn control_ids(&self) -> String {
        self.controls.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(",")
    }

    /// The controls, with parameters as the rule and the case's own configuration set them.
    ///
    /// # Errors
    /// Parameters that do not fit.
    pub(crate) fn asked(&self, configuration: &Value) -> Result<Vec<Asked>> {
        let each = self.controls.iter().map(|(id, value)| {
            let mut value = value.clone();
            for c in self.configured.iter().filter(|c| c.control == *id) {
                let Some(set) = configuration.get(c.key.as_str()) else { continue };
                if c.value.as_ref().is_some_and(|v| v != set) {
                    continue;
                }
                value = match &c.parameter {
                    Some(name) => serde_json::json!({ name.as_str(): plain(set) }),
                    None => c.parameters.clone(),
                };
            }
            asked(id, &value)
        });
        each.collect()
    }
}

/// A configured value; one that is written as text is read.
fn plain(value: &Value) -> Value {
    let text = value.as_str().and_then(|s| serde_json::from_str(s).ok());
    text.unwrap_or_else(|| value.clone())
}

/// The profile of a source.
pub struct Profile {
    rules: BTreeMap<String, Rule>,
}

impl Profile {
    /// The checked-in profile of `source`.
    ///
    /// # Errors
    /// A profile that cannot be read, or names controls or parameters that there are not.
    pub fn of(source: &str) -> Result<Profile> {
        let path = folder("profiles").join(format!("{source}.json"));
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let text: ProfileText = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        if let Some(both) = text.rules.keys().find(|r| text.unmapped.contains_key(*r)) {
            bail!("{}: {both} is mapped and unmapped", path.display());
        }
        let rules = text.rules.into_iter().map(|(name, rule)| {
            let rule = Rule::new(rule).with_context(|| format!("{}: {name}", path.display()))?;
            Ok((name, rule))
        });
        Ok(Profile { rules: rules.collect::<Result<_>>()? })
    }

    /// The rule of this name, where controls answer it.
    pub(crate) fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_checked_in_profile_names_controls_and_parameters_that_there_are() {
        for source in ["kubescape-cel-admission", "trivy-checks", "checkov", "kubesec", "polaris"] {
            if let Err(error) = Profile::of(source) {
                panic!("{error:#}");
            }
        }
    }
}
