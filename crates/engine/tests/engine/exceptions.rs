//! Exceptions as comments: what one covers, and adopting what was found.

use crate::manifests::{manifest, run, today};
use crate::text::blocks;
use kastell_analysis::Facts;
use kastell_engine::{ENGINE_RULES, Evaluation, ExceptionPolicy, Selection, Settings, adopt, evaluate_places};
use kastell_model::yaml::{self, NodeId, Value};
use kastell_model::{Finding, identity};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The nodes at and below `v`.
fn below(v: Value<'_>, out: &mut BTreeSet<NodeId>) {
    out.insert(v.id());
    v.entries().map(|(_, e)| e).chain(v.items()).for_each(|e| below(e, out));
}

/// The outermost entry that starts in these bytes.
fn entry_of_line<'t>(v: Value<'t>, start: usize, end: usize) -> Option<Value<'t>> {
    let at = v.key_span().map_or(v.span().start, |k| k.start) as usize;
    if (start..end).contains(&at) {
        return Some(v);
    }
    v.entries().map(|(_, e)| e).chain(v.items()).find_map(|e| entry_of_line(e, start, end))
}

fn of_controls(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|f| ENGINE_RULES.iter().all(|r| *r.id != *f.rule.0))
}

/// Every place of every finding.
fn places(text: &str) -> Evaluation {
    let facts = Facts::new(Arc::new(kastell_testkit::cluster(text)));
    evaluate_places(&facts, &Selection::all(), &Settings::new(ExceptionPolicy::All, today()))
}

type Seen = Vec<(String, u128, String)>;

fn seen<'f>(findings: impl Iterator<Item = &'f Finding>) -> Seen {
    let mut all: Seen = findings.map(|f| (f.rule.0.to_string(), f.fingerprint, f.message.to_string())).collect();
    all.sort();
    all
}

/// What every document says, without its looks.
fn content(text: &str) -> Vec<Option<u128>> {
    let stream = yaml::read(text.into());
    stream.documents.iter().map(|d| d.tree.as_ref().map(|t| identity::content_hash(t.root()))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_comment_excuses_exactly_what_stands_at_or_below_the_next_entry(
        objects in manifest(1), line in any::<prop::sample::Index>(), seed in any::<u64>(),
    ) {
        // One object, so that nothing is folded.
        let text = blocks(&objects[..1], seed);
        let before = run(&[("a.yaml", &text)]);
        let stream = yaml::read(text.as_str().into());
        let tree = stream.documents[0].tree.as_ref().unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let number = 1 + line.index(lines.len() - 1);
        let start: usize = lines[..number].iter().map(|l| l.len()).sum();
        // Lines inside a block scalar start no entry.
        let entry = entry_of_line(tree.root(), start, start + lines[number].len());
        prop_assume!(entry.is_some());
        let mut covered = BTreeSet::new();
        below(entry.unwrap(), &mut covered);
        let (inside, outside): (Vec<&Finding>, Vec<&Finding>) =
            before.findings.iter().partition(|f| covered.contains(&f.at.node));

        let ids: BTreeSet<&str> = before.findings.iter().map(|f| &*f.rule.0).collect();
        prop_assume!(!ids.is_empty());
        let ids: Vec<&str> = ids.into_iter().collect();
        let indent = lines[number].len() - lines[number].trim_start_matches(' ').len();
        let comment = format!("{:indent$}# kastell: ignore[{}] accepted\n", "", ids.join(", "));
        let changed: String = [&lines[..number], &[comment.as_str()], &lines[number..]].concat().concat();
        let after = run(&[("a.yaml", &changed)]);
        prop_assert_eq!(seen(of_controls(&after.findings)), seen(outside.into_iter()), "not excused\n{}", changed);
        let excused = after.excepted.iter().map(|e| &e.finding);
        prop_assert_eq!(seen(excused), seen(inside.iter().copied()), "excused\n{}", changed);
        let stale = after.findings.iter().filter(|f| &*f.rule.0 == "stale-exception").count();
        prop_assert_eq!(stale, usize::from(inside.is_empty()));
        prop_assert_eq!(before.hits, after.hits);
    }

    #[test]
    fn adopting_all_findings_leaves_none_and_changes_nothing_else(
        objects in manifest(3), seed in any::<u64>(), crlf in any::<bool>(),
    ) {
        let mut text = blocks(&objects, seed);
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let before = places(&text);
        let findings: Vec<&Finding> = before.findings.iter().collect();
        let adoption = adopt(&text, &findings, "old code", Some(today()));
        prop_assert!(adoption.is_ok(), "{:?}\n{}", adoption, text);
        let adoption = adoption.unwrap();
        let after = run(&[("a.yaml", &adoption.text)]);
        prop_assert_eq!(seen(after.findings.iter()), vec![], "{}", adoption.text);
        prop_assert_eq!(after.hits, before.hits);
        prop_assert_eq!(content(&text), content(&adoption.text));
        // Without its comments the text is the same to the byte.
        let (comments, rest): (Vec<&str>, Vec<&str>) =
            adoption.text.split_inclusive('\n').partition(|l| l.trim_start().starts_with("# kastell: ignore["));
        prop_assert_eq!(rest.concat(), text);
        prop_assert_eq!(comments.len(), adoption.lines);
        prop_assert!(comments.iter().all(|l| l.ends_with("\r\n") == crlf), "{:?}", comments);
    }
}
