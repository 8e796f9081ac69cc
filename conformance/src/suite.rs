//! Which suites there are, and which of them a command line names.

use crate::case::Case;
use crate::data::Data;
use crate::{posture, psa, scalars, yaml_suites};
use anyhow::{Result, bail};

/// A suite.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// Its name: the topic, or topic and set.
    pub name: &'static str,
    /// What it is, for the head of its results.
    pub about: &'static str,
    /// The file of the data without which it cannot run.
    pub index: &'static str,
    /// Runs it.
    pub run: fn(&Data) -> Result<Vec<Case>>,
}

/// All suites, in the order of reports.
pub const SUITES: [Suite; 8] = [
    Suite {
        name: "policy/psa",
        about: "Pod Security fixtures of kubernetes/pod-security-admission: verdict and part of the message",
        index: "policy/psa/cases.jsonl",
        run: psa::run,
    },
    Suite {
        name: "kubectl-scalars",
        about: "how kubectl reads YAML scalars",
        index: "kubectl-scalars/oracle.json",
        run: scalars::run,
    },
    Suite {
        name: "yaml-suites",
        about: "the official YAML and JSON test suites, as kubectl's own reader takes them",
        index: "yaml-suites/index.jsonl",
        run: yaml_suites::run,
    },
    posture_suite("posture/kubescape-cel-admission", "posture/kubescape-cel-admission/cases.jsonl", |d| {
        posture::run(d, "kubescape-cel-admission")
    }),
    posture_suite("posture/trivy-checks", "posture/trivy-checks/cases.jsonl", |d| posture::run(d, "trivy-checks")),
    posture_suite("posture/checkov", "posture/checkov/cases.jsonl", |d| posture::run(d, "checkov")),
    posture_suite("posture/kubesec", "posture/kubesec/cases.jsonl", |d| posture::run(d, "kubesec")),
    posture_suite("posture/polaris", "posture/polaris/cases.jsonl", |d| posture::run(d, "polaris")),
];

const fn posture_suite(name: &'static str, index: &'static str, run: fn(&Data) -> Result<Vec<Case>>) -> Suite {
    Suite { name, about: "verdicts that the tool's own tests expect", index, run }
}

impl Suite {
    /// The name as a part of file names.
    pub fn file_stem(&self) -> String {
        self.name.replace('/', "-")
    }

    /// The source within the topic: the name of its list of deviations.
    pub fn source(&self) -> &'static str {
        self.name.rsplit_once('/').map_or(self.name, |(_, source)| source)
    }

    /// Whether `data` has it.
    pub fn is_in(&self, data: &Data) -> bool {
        data.path(self.index).is_file()
    }
}

/// The suites that `names` mean: a name, or a topic for all of its suites; none means all.
///
/// # Errors
/// A name that means nothing.
pub fn select(names: &[String]) -> Result<Vec<Suite>> {
    for name in names {
        if !SUITES.iter().any(|s| means(name, s)) {
            let known: Vec<_> = SUITES.iter().map(|s| s.name).collect();
            bail!("there is no suite `{name}`; there are {}", known.join(", "));
        }
    }
    let wanted = |s: &Suite| names.is_empty() || names.iter().any(|n| means(n, s));
    Ok(SUITES.into_iter().filter(wanted).collect())
}

fn means(name: &str, suite: &Suite) -> bool {
    suite.name == name || suite.name.split_once('/').is_some_and(|(topic, _)| topic == name.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(args: &[&str]) -> Result<Vec<&'static str>> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        Ok(select(&args)?.iter().map(|s| s.name).collect())
    }

    #[test]
    fn a_topic_means_all_of_its_sets_and_nothing_means_all() {
        assert_eq!(names(&["policy"]).unwrap(), ["policy/psa"]);
        assert_eq!(names(&["posture"]).unwrap().len(), 5);
        assert_eq!(names(&[]).unwrap().len(), SUITES.len());
        assert_eq!(names(&["posture/kubesec", "kubectl-scalars"]).unwrap(), ["kubectl-scalars", "posture/kubesec"]);
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let error = names(&["postures"]).unwrap_err().to_string();
        assert!(error.contains("`postures`") && error.contains("posture/kubesec"), "{error}");
    }
}
