//! `guides.tsv` answers every row with something that exists, is reserved, or says that it is planned.

#![expect(clippy::panic, reason = "a file of tests: a broken line ends them")]

use kastell_controls::{Ring, ids};
use std::collections::BTreeSet;

const VERBS: [&str; 3] = ["scan", "explain", "controls"];

struct Row {
    id: &'static str,
    guide: &'static str,
    section: &'static str,
    ring: &'static str,
    answers: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("../guides.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [id, guide, section, ring, asks, answers] = columns[..] else { panic!("not six columns: {line}") };
            assert!(!asks.is_empty() && !section.is_empty(), "an empty column: {line}");
            Row { id, guide, section, ring, answers: answers.split(", ").collect() }
        })
        .collect()
}

#[test]
fn ids_of_rows_are_unique_and_begin_with_their_guide() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        assert!(seen.insert(row.id), "{} is there twice", row.id);
        assert!(["A", "B"].contains(&row.guide) && row.id.starts_with(row.guide), "{} of guide {}", row.id, row.guide);
    }
}

#[test]
fn every_row_belongs_to_a_ring_and_a_section() {
    let names: BTreeSet<&str> = Ring::ALL.iter().map(|ring| ring.name()).collect();
    let sections: BTreeSet<(&str, &str)> = rows().iter().map(|row| (row.guide, row.section)).collect();
    for row in rows() {
        assert!(names.contains(row.ring), "{}: no ring `{}`", row.id, row.ring);
    }
    assert_eq!(sections.len(), 22, "the guides' sections: {sections:?}");
}

#[test]
fn every_answer_is_a_listed_control_a_verb_or_planned() {
    let listed: BTreeSet<&str> = ids().collect();
    for row in rows() {
        for answer in row.answers {
            let known = answer.ends_with(" (planned)") || VERBS.contains(&answer) || listed.contains(answer);
            assert!(known, "{}: `{answer}` is neither in ids.txt nor a verb nor planned", row.id);
        }
    }
}

#[test]
fn a_planned_answer_is_no_listed_control() {
    let listed: BTreeSet<&str> = ids().collect();
    for row in rows() {
        for answer in row.answers.iter().filter_map(|answer| answer.strip_suffix(" (planned)")) {
            assert!(
                !listed.contains(answer),
                "{}: `{answer}` is a control; the registry says whether it is built",
                row.id
            );
        }
    }
}
