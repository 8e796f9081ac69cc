//! What keeps a finding's identity, and what every finding has.

use crate::manifests::{identities, manifest, run, run_cluster};
use crate::text::{Order, blocks, flow, shuffle};
use kastell_engine::Evaluation;
use kastell_model::Seen;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Identities and statuses: what must not depend on how the same objects are written.
fn outcome(e: &Evaluation) -> impl PartialEq + std::fmt::Debug + use<> {
    let gaps: Vec<(String, String, String)> =
        e.gaps.iter().map(|g| (g.rule.0.to_string(), g.subject.to_string(), g.detail.to_string())).collect();
    (identities(&e.findings), e.counts.clone(), gaps, e.hits)
}

/// Every place that holds a list of containers of a pod.
fn with_front_container(object: &mut Value) -> bool {
    let paths =
        ["/spec/containers", "/spec/template/spec/containers", "/spec/jobTemplate/spec/template/spec/containers"];
    let harmless = json!({
        "name": "harmless",
        "image": "registry.example/harmless@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "imagePullPolicy": "Always",
        "resources": {"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"cpu": "1", "memory": "64Mi"}},
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "privileged": false,
            "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 20000, "runAsGroup": 20000,
            "seccompProfile": {"type": "RuntimeDefault"}, "appArmorProfile": {"type": "RuntimeDefault"}}});
    paths.iter().any(|p| match object.pointer_mut(p) {
        Some(Value::Array(list)) => {
            list.insert(0, harmless.clone());
            true
        }
        _ => false,
    })
}

/// Gives the pods of every owner other names and another template hash.
fn replace_pods(objects: &mut [Value]) {
    for o in objects {
        if o["kind"] != "Pod" || o["metadata"]["ownerReferences"].is_null() {
            continue;
        }
        let name = o["metadata"]["name"].as_str().unwrap().replace("-5d9c", "-7f8b");
        o["metadata"]["name"] = json!(format!("{name}x"));
        if o["metadata"]["labels"]["pod-template-hash"].is_string() {
            o["metadata"]["labels"]["pod-template-hash"] = json!("7f8b");
            let owner = o["metadata"]["ownerReferences"][0]["name"].as_str().unwrap().replace("-5d9c", "-7f8b");
            o["metadata"]["ownerReferences"][0]["name"] = json!(owner);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn neither_the_order_of_documents_nor_of_keys_nor_the_file_matters(
        objects in manifest(5), seed in any::<u64>(), split in any::<prop::sample::Index>(),
    ) {
        let before = run(&[("a.yaml", &blocks(&objects, 0))]);
        let mut shuffled = objects.clone();
        shuffle(&mut shuffled, &mut (seed | 1));
        let after = run(&[("a.yaml", &blocks(&shuffled, 0))]);
        prop_assert_eq!(outcome(&before), outcome(&after), "documents shuffled");
        let after = run(&[("a.yaml", &blocks(&objects, seed | 1))]);
        prop_assert_eq!(outcome(&before), outcome(&after), "keys shuffled");
        let (left, right) = shuffled.split_at(split.index(shuffled.len()));
        let after = run(&[("z/y.yaml", &blocks(left, 0)), ("b.yaml", &blocks(right, seed))]);
        prop_assert_eq!(outcome(&before), outcome(&after), "files moved");
    }

    #[test]
    fn a_harmless_container_in_front_changes_no_other_finding(objects in manifest(3)) {
        let before = run(&[("a.yaml", &blocks(&objects, 0))]);
        let mut changed = objects;
        for o in &mut changed {
            with_front_container(o);
        }
        let after = run(&[("a.yaml", &blocks(&changed, 0))]);
        let others = after.findings.iter().filter(|f| f.part.as_deref() != Some("harmless"));
        prop_assert_eq!(identities(&before.findings), identities(others));
    }

    #[test]
    fn pods_of_the_same_owner_keep_its_fingerprints(objects in manifest(4)) {
        let before = run(&[("a.yaml", &blocks(&objects, 0))]);
        let mut replaced = objects;
        replace_pods(&mut replaced);
        let after = run(&[("a.yaml", &blocks(&replaced, 0))]);
        prop_assert_eq!(identities(&before.findings), identities(&after.findings));
    }

    #[test]
    fn block_flow_and_json_of_an_object_give_the_same_outcomes(objects in manifest(3), seed in any::<u64>()) {
        let block = run(&[("a.yaml", &blocks(&objects, 0))]);
        let order = &mut Order(seed);
        let text: String = objects.iter().map(|o| format!("---\n{}\n", flow(o, order))).collect();
        prop_assert_eq!(outcome(&block), outcome(&run(&[("a.yaml", &text)])), "flow");
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        for text in [list.to_string(), serde_json::to_string_pretty(&list).unwrap()] {
            prop_assert_eq!(outcome(&block), outcome(&run(&[("a.json", &text)])), "JSON");
        }
    }

    #[test]
    fn a_place_is_never_empty_and_lies_in_its_text(objects in manifest(4), seed in any::<u64>()) {
        let flow: String = objects.iter().map(|o| format!("---\n{}\n", flow(o, &mut Order(seed)))).collect();
        for text in [blocks(&objects, seed), flow] {
            for f in run(&[("a.yaml", &text)]).findings {
                for place in f.related.iter().map(|(p, _)| p).chain([&f.at]) {
                    let span = place.span();
                    prop_assert!(!span.is_empty() && span.end as usize <= text.len(), "{} {span:?}", f.rule);
                    prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{} {span:?}", f.rule);
                    let at = place.object.position(span);
                    let line = text.lines().nth(at.line as usize - 1);
                    prop_assert!(line.is_some_and(|l| (1..=l.chars().count() + 1).contains(&(at.column as usize))));
                    prop_assert!(!f.message.is_empty());
                }
            }
        }
    }
}

/// Everything that a report shows of an evaluation.
fn shown(e: &Evaluation) -> String {
    let mut out = format!("{:?} {} {}\n", e.counts, e.hits, e.workloads);
    for f in e.findings.iter().chain(e.excepted.iter().map(|x| &x.finding)) {
        out += &format!(
            "{} {:?} {:?} {:?} {:?} {:?} {} {:032x} {} {:?} {} {:?}\n",
            f.rule,
            f.severity,
            f.confidence,
            f.subject,
            f.part,
            f.at.span(),
            f.message,
            f.fingerprint,
            f.count,
            f.examples,
            f.only_in_pods,
            f.owner
        );
    }
    for g in &e.gaps {
        out += &format!("{} {:?} {} {:?} {} {}\n", g.rule, g.reason, g.subject, g.at.span(), g.detail, g.count);
    }
    out
}

#[test]
fn the_number_of_threads_does_not_show() {
    let text = crate::folding::pods(300);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| shown(&run_cluster(kastell_testkit::cluster_of(&[("a.yaml", &text)], Seen::All))))
    };
    let one = with(1);
    assert!(one.lines().count() > 20, "{one}");
    assert_eq!(one, with(1));
    assert_eq!(one, with(4));
    assert_eq!(one, with(3));
}
