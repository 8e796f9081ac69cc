//! `ids.txt` is a promise: what it lists is never taken twice, and every control that exists is on it.

#![expect(clippy::panic, reason = "a file of tests: a broken line ends them")]

use kastell_controls::{CONTROLS, ids};
use std::collections::BTreeSet;

const LIST: &str = include_str!("../ids.txt");

fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap_or_else(|| panic!("`{line}` is not `id ROW[,ROW]`")))
}

fn is_kebab(id: &str) -> bool {
    id.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && id.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_row(row: &str) -> bool {
    row.rsplit_once('-').is_some_and(|(group, number)| {
        group.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase()))
            && number.len() == 2
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

#[test]
fn ids_are_kebab_case() {
    let odd: Vec<_> = entries().map(|(id, _)| id).filter(|id| !is_kebab(id)).collect();
    assert!(odd.is_empty(), "not kebab-case: {odd:?}");
}

#[test]
fn rows_have_a_group_and_two_digits() {
    let odd: Vec<_> = entries().flat_map(|(_, rows)| rows.split(',')).filter(|row| !is_row(row)).collect();
    assert!(odd.is_empty(), "not a row of the catalogue: {odd:?}");
}

#[test]
fn no_id_is_listed_twice() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = entries().map(|(id, _)| id).filter(|id| !seen.insert(*id)).collect();
    assert!(twice.is_empty(), "listed twice: {twice:?}");
}

#[test]
fn the_rows_of_a_group_have_no_hole() {
    let rows: BTreeSet<&str> = entries().flat_map(|(_, rows)| rows.split(',')).collect();
    let last = [
        ("POD", 20),
        ("CTR", 31),
        ("RES", 12),
        ("IMG", 13),
        ("SEC", 9),
        ("SA", 9),
        ("RBAC", 32),
        ("NET", 16),
        ("ING", 6),
        ("NS", 6),
        ("ADM", 4),
        ("REL", 33),
        ("API", 12),
        ("CVE", 7),
        ("STO", 2),
        ("LIVE", 5),
        ("CRD", 5),
        ("CLD", 7),
    ];
    let missing: Vec<String> = last
        .iter()
        .flat_map(|(group, last)| (1..=*last).map(move |n| format!("{group}-{n:02}")))
        .filter(|row| !rows.contains(row.as_str()))
        .collect();
    assert!(missing.is_empty(), "rows without an id: {missing:?}");
}

#[test]
fn every_control_and_every_alias_is_listed() {
    let listed: BTreeSet<&str> = ids().collect();
    let unlisted: Vec<&str> = CONTROLS
        .iter()
        .flat_map(|control| control.aliases.iter().copied().chain([control.id]))
        .filter(|id| !listed.contains(id))
        .collect();
    assert!(unlisted.is_empty(), "append to ids.txt: {unlisted:?}");
}

#[test]
fn an_alias_is_no_other_controls_id() {
    let built: BTreeSet<&str> = CONTROLS.iter().map(|control| control.id).collect();
    let taken: Vec<&str> = CONTROLS
        .iter()
        .flat_map(|control| control.aliases.iter().copied())
        .filter(|alias| built.contains(alias))
        .collect();
    assert!(taken.is_empty(), "aliases that are ids of controls: {taken:?}");
}
