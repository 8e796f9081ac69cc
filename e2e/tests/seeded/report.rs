//! Reports as sets that can be compared.

use kastell_e2e::{Run, kastell};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

/// What every scan of these tests has: as many requests as the server takes, and all findings.
const FLAGS: [&str; 6] = ["--requests-per-second", "1000", "--format", "json", "--now", "2026-11-24"];

/// Scans with this kubeconfig.
pub(crate) fn scan(kubeconfig: &Path, more: &[&str]) -> Run {
    let kubeconfig = kubeconfig.display().to_string();
    let mut args = vec!["scan", "--cluster", "--kubeconfig", &kubeconfig];
    args.extend(FLAGS);
    args.extend(more);
    kastell(&args)
}

/// The report of an administrator's scan of the seeded cluster: what other readings are compared with.
pub(crate) fn full() -> Option<&'static Report> {
    static FULL: LazyLock<Option<Report>> =
        LazyLock::new(|| super::seed::server().map(|s| Report::of(scan(&s.kubeconfig(), &[]).ended_with(&[1]))));
    FULL.as_ref()
}

/// A report and how its run ended.
pub(crate) struct Report {
    pub(crate) value: Value,
    pub(crate) run: Run,
}

impl Report {
    pub(crate) fn of(run: Run) -> Report {
        Report { value: run.json(), run }
    }

    fn list(&self, name: &str) -> &[Value] {
        self.value[name].as_array().unwrap_or_else(|| panic!("no {name} in the report"))
    }

    /// Every finding, whole.
    pub(crate) fn findings(&self) -> BTreeSet<String> {
        self.list("findings").iter().map(Value::to_string).collect()
    }

    /// Every finding by what it says: rule, severity and confidence, subject, part, fingerprint, message. Neither
    /// place nor cluster is in it, nor how many pods are folded into it.
    pub(crate) fn said(&self) -> BTreeSet<Said> {
        self.list("findings").iter().map(Said::of).collect()
    }

    /// Resources that could not be read, from the diagnostics.
    pub(crate) fn unread(&self) -> BTreeSet<String> {
        let unread = self.list("diagnostics").iter().filter(|d| d["code"] == "unread-kind");
        unread.map(|d| text(&d["message"]).split(' ').next().unwrap_or_default().to_owned()).collect()
    }

    /// Codes of all diagnostics.
    pub(crate) fn codes(&self) -> BTreeSet<&str> {
        self.list("diagnostics").iter().map(|d| text(&d["code"])).collect()
    }

    /// Rules that some gap of this report is about.
    pub(crate) fn incomplete(&self) -> bool {
        self.value["incomplete"].as_bool().expect("a report says whether it is complete")
    }

    /// Whether a finding of `rule` is about the object.
    pub(crate) fn finds(&self, rule: &str, kind: &str, name: &str) -> bool {
        let about = |f: &Value| f["rule"] == rule && f["subject"]["kind"] == kind && f["subject"]["name"] == name;
        self.list("findings").iter().any(about)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// What a finding says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Said {
    pub(crate) rule: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) part: String,
    pub(crate) fingerprint: String,
    pub(crate) level: String,
    pub(crate) message: String,
}

impl Said {
    fn of(finding: &Value) -> Said {
        let subject = &finding["subject"];
        let string = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        Said {
            rule: string(&finding["rule"]),
            kind: string(&subject["kind"]),
            subject: format!("{}/{}", string(&subject["namespace"]), string(&subject["name"])),
            part: string(&finding["part"]),
            fingerprint: string(&finding["fingerprint"]),
            level: format!("{}/{}", string(&finding["severity"]), string(&finding["confidence"])),
            message: string(&finding["message"]),
        }
    }
}

/// Ends the test where there is one of these; shows some.
#[track_caller]
pub(crate) fn none<'a>(what: &str, findings: impl Iterator<Item = &'a Said>) {
    let lines: Vec<String> = findings
        .map(|s| format!("{} {} {} {} {}: {}", s.level, s.rule, s.kind, s.subject, s.part, s.message))
        .collect();
    let some: Vec<&String> = lines.iter().take(12).collect();
    assert!(lines.is_empty(), "{what}: {}\n{some:#?}", lines.len());
}

/// Ends the test where a reading of only some kinds says more than that of all, or says less about what it did read.
/// `unread` are the kinds that it could not read.
#[track_caller]
pub(crate) fn nothing_else_changes(part: &Report, whole: &Report, unread: &[&str]) {
    let (some, all) = (part.said(), whole.said());
    none("only with fewer rights", some.difference(&all));
    // A gap is about the same subject, or about the namespace that the subject stands in.
    let has_gap = |s: &Said| {
        let namespace = s.subject.split('/').next().unwrap_or_default();
        part.list("gaps").iter().any(|g| {
            let about = &g["subject"];
            let name = about["name"].as_str().unwrap_or_default();
            let same = about["kind"] == *s.kind
                && s.subject == format!("{}/{name}", about["namespace"].as_str().unwrap_or_default());
            g["rule"] == *s.rule && (same || (about["kind"] == "Namespace" && name == namespace))
        })
    };
    // What only pods have, because a server or a webhook filled it in, is about their controller but goes with them.
    let seen_on = |s: &Said, kind: &Value| {
        whole.list("findings").iter().any(|f| f["fingerprint"] == *s.fingerprint && f["object"]["kind"] == *kind)
    };
    let explained = |s: &&Said| {
        let of = |kind: &&str| s.kind == *kind || seen_on(s, &Value::from(*kind));
        unread.iter().any(of) || has_gap(s)
    };
    none("lost without a gap", all.difference(&some).filter(|s| !explained(s)));
}
