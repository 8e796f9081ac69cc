//! Runs the examples of a control's documentation as its tests. An example whose first line is `# params: {…}` is
//! judged with these parameters instead of the default.

use crate::Control;
use kastell_analysis::Facts;
use kastell_model::{Object, Place, Status};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A YAML block of a section of the documentation.
struct Example {
    section: String,
    text: String,
}

fn examples(docs: &str) -> Vec<Example> {
    let (mut out, mut section, mut block): (Vec<Example>, String, Option<String>) = (vec![], String::new(), None);
    for line in docs.lines() {
        // The macro hands on the blank after `///`.
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut block, line) {
            (Some(text), "```") => {
                out.push(Example { section: section.clone(), text: std::mem::take(text) });
                block = None;
            }
            (Some(text), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, "```yaml") => block = Some(String::new()),
            (None, _) => {
                if let Some(title) = line.strip_prefix("## ") {
                    section = title.trim().to_string();
                }
            }
        }
    }
    assert!(block.is_none(), "a code block is not closed");
    out
}

fn marked(text: &str, mark: &str) -> BTreeSet<u32> {
    (1..).zip(text.lines()).filter(|(_, l)| l.trim_end().ends_with(mark)).map(|(n, _)| n).collect()
}

/// What a control says of all objects of a text: lines with findings, lines with gaps, and the worst status.
fn verdict(control: &Control, text: &str) -> (BTreeSet<u32>, BTreeSet<u32>, Status) {
    let cluster = Arc::new(kastell_testkit::cluster(text));
    let facts = Facts::new(Arc::clone(&cluster));
    let params =
        control.params.as_ref().map(|spec| match text.lines().next().and_then(|l| l.strip_prefix("# params: ")) {
            Some(json) => {
                spec.parse(&serde_json::from_str(json).expect("parameters are JSON")).expect("parameters fit")
            }
            None => spec.default_value(),
        });
    let mut outcomes: Vec<(Arc<Object>, kastell_model::Outcome)> = Vec::new();
    for object in cluster.objects() {
        let parts = crate::Parts::of(object);
        outcomes.push((Arc::clone(object), control.evaluate(&parts, &facts, params.as_ref())));
    }
    for entry in control.evaluate_cluster(&facts, params.as_ref()) {
        outcomes.push((Arc::clone(&cluster.objects()[entry.object as usize]), entry.outcome));
    }
    let (mut lines, mut gaps, mut worst) = (BTreeSet::new(), BTreeSet::new(), Status::NotApplicable);
    for (object, outcome) in &outcomes {
        worst = worst.min(outcome.status());
        let line = |node, missing| {
            let place = Place { object: Arc::clone(object), node, missing };
            let span = place.span();
            assert!(!span.is_empty(), "{}: a finding without a place", control.id);
            object.position(span).line
        };
        lines.extend(outcome.hits.iter().map(|h| line(h.at, h.missing)));
        gaps.extend(outcome.gaps.iter().map(|g| line(g.at, &[])));
    }
    (lines, gaps, worst)
}

/// Panics where an example of `control` does not give the verdict that it says.
pub(crate) fn prove(control: &Control) {
    let all = examples(control.docs);
    let count = |s: &str| all.iter().filter(|e| e.section == s).count();
    assert!(count("Fails") > 0, "{} has no example that fails", control.id);
    assert!(count("Passes") > 0, "{} has no example that passes", control.id);
    assert!(control.docs.contains("Severity:"), "{} does not say why its severity is what it is", control.id);
    assert!(control.docs.contains("## Fix"), "{} does not say what to do", control.id);
    for e in &all {
        let (lines, gaps, worst) = verdict(control, &e.text);
        let context = || format!("{} · {}\n{}", control.id, e.section, e.text);
        match e.section.as_str() {
            "Fails" => {
                assert_eq!(lines, marked(&e.text, "#~"), "flagged lines of {}", context());
                assert!(!lines.is_empty(), "no line is marked in {}", context());
            }
            "Passes" => {
                assert_eq!(lines, BTreeSet::new(), "flagged lines of {}", context());
                assert_eq!(worst, Status::Pass, "status of {}", context());
            }
            "Unknown" => {
                assert_eq!(gaps, marked(&e.text, "#?"), "lines with gaps of {}", context());
                assert_eq!(worst, Status::Unknown, "status of {}", context());
            }
            "Not applicable" => assert_eq!(worst, Status::NotApplicable, "status of {}", context()),
            _ => {}
        }
    }
}
