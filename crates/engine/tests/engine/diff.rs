//! The comparison of multisets against brute force, and the comparison of runs on generated manifests.

use crate::manifests::manifest;
use crate::text::{blocks, shuffle};
use kastell_analysis::Facts;
use kastell_engine::{
    Comparison, ExceptionPolicy, Item, NamespaceMap, Selection, Settings, Standing, compare, diff, evaluate, record,
};
use kastell_model::record::Record;
use kastell_model::{Date, Seen, Status};
use proptest::prelude::*;
use std::sync::Arc;

/// Things with a strict and a loose key, each so many times.
type Things = Vec<((u8, u8), u32)>;

fn things() -> impl Strategy<Value = Things> {
    prop::collection::vec(((0_u8..4, 0_u8..4), 1_u32..4), 0..12)
}

/// A key of two parts, and a weight.
type Thing = ((u8, u8), u32);

type ItemOf<'t> = Item<'t, (u8, Option<u8>), Thing, 2>;

fn items(things: &Things) -> Vec<ItemOf<'_>> {
    things.iter().map(|t| Item { keys: [(t.0.0, Some(t.0.1)), (t.0.0, None)], weight: t.1, value: t }).collect()
}

/// How many of a loose key there are.
fn count(things: &Things, key: u8) -> u32 {
    things.iter().filter(|t| t.0.0 == key).map(|t| t.1).sum()
}

/// How many of both keys there are.
fn count_strict(things: &Things, keys: (u8, u8)) -> u32 {
    things.iter().filter(|t| t.0 == keys).map(|t| t.1).sum()
}

fn run(text: &str) -> Record {
    let selection = Selection::all();
    let facts = Facts::new(Arc::new(kastell_testkit::cluster_of(&[("a.yaml", text)], Seen::All)));
    let settings = Settings::new(ExceptionPolicy::All, Date::parse("2026-11-24").unwrap());
    let evaluation = evaluate(&facts, &selection, &settings);
    record(&facts, &selection, &evaluation, settings.now, false)
}

/// What is new and what is gone, by fingerprint and copies, and the answers as (rule, before, after, subjects).
fn sides(c: &Comparison<'_>) -> [Vec<(u128, u32)>; 2] {
    let of = |all: &[kastell_engine::Single<'_>]| {
        let mut all: Vec<(u128, u32)> = all.iter().map(|s| (s.finding.fingerprint, s.copies)).collect();
        all.sort_unstable();
        all
    };
    [of(&c.new), of(&c.gone)]
}

proptest! {
    #[test]
    fn as_many_are_new_gone_and_shared_as_brute_force_counts(a in things(), b in things()) {
        let (left, right) = (items(&a), items(&b));
        let found = diff(&left, &right);
        for key in 0..4 {
            let (x, y) = (count(&a, key), count(&b, key));
            let of = |all: &[(&Thing, u32)]| all.iter().filter(|(t, _)| t.0.0 == key).map(|(_, n)| n).sum::<u32>();
            prop_assert_eq!(of(&found.new), y.saturating_sub(x));
            prop_assert_eq!(of(&found.gone), x.saturating_sub(y));
            let both: u32 = found.both.iter().filter(|(t, _, _)| t.0.0 == key).map(|(_, _, n)| n).sum();
            prop_assert_eq!(both, x.min(y));
            for strict in 0..4 {
                let alike: u32 =
                    found.both.iter().filter(|(s, t, _)| s.0 == (key, strict) && t.0 == s.0).map(|(_, _, n)| n).sum();
                prop_assert_eq!(alike, count_strict(&a, (key, strict)).min(count_strict(&b, (key, strict))));
            }
        }
        prop_assert!(found.both.iter().all(|(s, t, n)| s.0.0 == t.0.0 && *n > 0));
    }

    #[test]
    fn the_comparison_the_other_way_round_is_its_mirror_image(a in things(), b in things()) {
        let (left, right) = (items(&a), items(&b));
        let (there, back) = (diff(&left, &right), diff(&right, &left));
        prop_assert_eq!(there.new, back.gone);
        prop_assert_eq!(there.gone, back.new);
        let mut mirrored: Vec<_> = back.both.into_iter().map(|(b, a, n)| (a, b, n)).collect();
        let mut both = there.both;
        let place = |(a, b, n): &(&Thing, &Thing, u32)| (std::ptr::from_ref(*a), std::ptr::from_ref(*b), *n);
        mirrored.sort_by_key(place);
        both.sort_by_key(place);
        prop_assert_eq!(mirrored, both);
    }

    #[test]
    fn nothing_differs_from_itself(a in things()) {
        let found = diff(&items(&a), &items(&a));
        prop_assert!(found.new.is_empty() && found.gone.is_empty());
        prop_assert!(found.both.iter().all(|(s, t, _)| s.0 == t.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_run_does_not_differ_from_one_over_the_same_objects_in_another_order(objects in manifest(5), seed in any::<u64>()) {
        let before = run(&blocks(&objects, 0));
        let mut shuffled = objects;
        shuffle(&mut shuffled, &mut (seed | 1));
        let after = run(&blocks(&shuffled, seed));
        let c = compare(&before, &after, &NamespaceMap::default());
        prop_assert!(c.new.is_empty() && c.gone.is_empty() && c.changed.is_empty(), "{c:?}");
        prop_assert_eq!(c.answers.as_ref().map(Vec::len), Some(0));
        prop_assert_eq!(c.kinds.as_ref().map(Vec::len), Some(0));
        prop_assert_eq!(c.unchanged, before.findings.iter().map(|f| u64::from(f.copies)).sum::<u64>());
    }

    #[test]
    fn two_runs_compared_the_other_way_round_are_the_mirror_image(a in manifest(4), b in manifest(4), take in 0_usize..4) {
        // Some objects stay, so that there is something to share.
        let mixed: Vec<_> = a.iter().take(take).chain(&b).cloned().collect();
        let (before, after) = (run(&blocks(&a, 0)), run(&blocks(&mixed, 0)));
        let map = NamespaceMap::default();
        let (there, back) = (compare(&before, &after, &map), compare(&after, &before, &map));
        let [new, gone] = sides(&there);
        prop_assert_eq!([gone, new], sides(&back));
        prop_assert_eq!(there.changed.len(), back.changed.len());
        let answers = |c: &Comparison<'_>, forth: bool| {
            let groups = c.answers.clone().unwrap_or_default();
            let mut all: Vec<_> = groups
                .iter()
                .flat_map(|g| {
                    let (was, is) = if forth { (g.before, g.after) } else { (g.after, g.before) };
                    g.subjects.iter().map(move |s| (g.rule.id.clone(), was, is, (*s).clone()))
                })
                .collect();
            all.sort();
            all
        };
        prop_assert_eq!(answers(&there, true), answers(&back, false));
        let kinds = |c: &Comparison<'_>| c.kinds.clone().unwrap_or_default();
        let mirrored: Vec<_> = kinds(&back).into_iter().map(|k| (k.kind, k.removed, k.added, k.changed)).collect();
        prop_assert_eq!(kinds(&there).into_iter().map(|k| (k.kind, k.added, k.removed, k.changed)).collect::<Vec<_>>(), mirrored);
    }

    #[test]
    fn a_renamed_namespace_is_the_same_where_the_map_says_so(objects in manifest(4)) {
        let text = serde_json::to_string(&objects).unwrap();
        let renamed: Vec<serde_json::Value> = serde_json::from_str(&text.replace("\"shop\"", "\"kiosk\"")).unwrap();
        let (before, after) = (run(&blocks(&objects, 0)), run(&blocks(&renamed, 0)));
        let map = NamespaceMap([("shop".to_string(), "kiosk".to_string())].into());
        let c = compare(&before, &after, &map);
        prop_assert!(c.new.is_empty() && c.gone.is_empty(), "{:?} {:?}", c.new, c.gone);
        prop_assert_eq!(c.answers.as_ref().map(Vec::len), Some(0), "{:?}", c.answers);
    }

    #[test]
    fn a_baseline_of_the_same_run_knows_everything(objects in manifest(5)) {
        let selection = Selection::all();
        let facts = Facts::new(Arc::new(kastell_testkit::cluster_of(&[("a.yaml", &blocks(&objects, 0))], Seen::Open)));
        let settings = Settings::new(ExceptionPolicy::All, Date::parse("2026-11-24").unwrap());
        let mut evaluation = evaluate(&facts, &selection, &settings);
        let before = evaluation.findings.len();
        let kept = record(&facts, &selection, &evaluation, settings.now, false);
        evaluation.compare(&selection, &kept);
        let compared = evaluation.baseline.take().unwrap();
        prop_assert_eq!(evaluation.findings.len(), 0);
        prop_assert_eq!(compared.known.len(), before);
        prop_assert!(compared.gone.is_empty() && compared.new_controls.is_empty() && compared.not_asked.is_empty());
    }
}

const POD: &str = "\
---
apiVersion: v1
kind: Pod
metadata: {name: tool, namespace: shop}
spec:
  hostPID: true
  containers: [{name: a, image: registry.example/tool:1}]
";

fn host_pid(c: &Comparison<'_>) -> Vec<(u32, Standing)> {
    let of = c.gone.iter().chain(&c.new).filter(|s| &*s.finding.rule.0 == "host-pid");
    of.map(|s| (s.copies, s.other)).collect()
}

#[test]
fn a_second_equal_finding_is_new_and_says_how_many() {
    let (one, three) = (run(POD), run(&POD.repeat(3)));
    assert_eq!(host_pid(&compare(&one, &three, &NamespaceMap::default())), [(2, Standing::Answered)]);
    assert_eq!(host_pid(&compare(&three, &one, &NamespaceMap::default())), [(2, Standing::Answered)]);
}

#[test]
fn what_is_gone_says_whether_it_was_mended_removed_accepted_or_not_asked() {
    let before = run(POD);
    let standing = |text: &str| host_pid(&compare(&before, &run(text), &NamespaceMap::default()));
    assert_eq!(standing(&POD.replace("hostPID: true", "hostPID: false")), [(1, Standing::Answered)]);
    assert_eq!(standing("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"), [(1, Standing::NoObject)]);
    assert_eq!(standing(&POD.replace("true", "true # kastell: ignore[host-pid] agent")), [(1, Standing::Excepted)]);
    assert_eq!(standing(&POD.replace("hostPID: true", "hostPID: ${PID}")), [(1, Standing::Undecided)]);
    let mut other = run(&POD.replace("hostPID: true", "hostPID: false"));
    other.rules.retain(|r| &*r.id.0 != "host-pid");
    let asked = |other: &Record| host_pid(&compare(&before, other, &NamespaceMap::default()));
    assert_eq!(asked(&other), [(1, Standing::NotAsked)]);
    other.release = "0.0.9".into();
    assert_eq!(asked(&other), [(1, Standing::NewControl)]);
}

#[test]
fn a_question_that_only_an_object_elsewhere_decides_is_named_with_its_cause() {
    let text = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: a, image: registry.example/web:1}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress]}
";
    let (before, after) = (run(text), run(&text.replace("matchLabels: {app: web}", "matchLabels: {app: wbe}")));
    let c = compare(&before, &after, &NamespaceMap::default());
    let groups = c.answers.unwrap();
    let found: Vec<(&str, &str, &str, String)> =
        groups.iter().map(|g| (&*g.rule.id.0, g.before.name(), g.after.name(), g.subjects[0].to_string())).collect();
    assert!(found.contains(&("unisolated-pod", "pass", "fail", "Pod shop/web".to_string())), "{found:?}");
    assert!(
        found.contains(&("dangling-network-policy", "pass", "fail", "NetworkPolicy shop/web".to_string())),
        "{found:?}"
    );
    assert!(groups.iter().all(|g| g.cause.is_empty() == (g.after == Status::NotApplicable)), "{groups:?}");
    let kinds = c.kinds.unwrap();
    assert_eq!((kinds.len(), &*kinds[0].kind.kind, kinds[0].changed), (1, "NetworkPolicy", 1));
}

#[test]
fn what_is_said_of_a_namespace_is_explained_at_the_namespace_and_not_at_its_first_object() {
    let text = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: a, image: registry.example/web:1}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
";
    let status = |text: &str, kind: &str| {
        let facts = Facts::new(Arc::new(kastell_testkit::cluster_of(&[("a.yaml", text)], Seen::All)));
        let index = facts.cluster().objects().iter().position(|o| &*o.key.kind.kind == kind).unwrap();
        let settings = Settings::new(ExceptionPolicy::All, Date::parse("2026-11-24").unwrap());
        let answers = kastell_engine::answers(&facts, &Selection::all(), u32::try_from(index).unwrap(), &settings);
        let answer = answers.into_iter().find(|a| a.control.id == "missing-default-deny").unwrap();
        (answer.status, answer.findings.len())
    };
    assert_eq!(status(text, "Namespace"), (Status::Fail, 1));
    assert_eq!(status(text, "Pod"), (Status::NotApplicable, 0));
    assert_eq!(status(text, "NetworkPolicy"), (Status::NotApplicable, 0));
    let (_, without) = text.split_once("---\n").unwrap();
    assert_eq!(status(without, "NetworkPolicy"), (Status::NotApplicable, 0));
}
