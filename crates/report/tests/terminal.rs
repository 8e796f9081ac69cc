//! The terminal report as people see it.

mod common;

use common::{CANARY, mask, report};
use kastell_report::{Style, terminal};

#[test]
fn the_default_view_shows_the_worst_first_and_counts_the_rest() {
    insta::assert_snapshot!(terminal(&report(), &mask, &Style::default(), false), @"");
}

#[test]
fn everything_is_shown_on_demand() {
    insta::assert_snapshot!(terminal(&report(), &mask, &Style::default(), true), @"");
}

#[test]
fn colours_and_unicode_change_nothing_but_the_look() {
    let style = Style { color: true, unicode: true, ..Style::default() };
    println!("{}", terminal(&report(), &mask, &style, false));
    let text = terminal(&report(), &mask, &style, false);
    assert!(!text.contains(CANARY), "{text}");
}
