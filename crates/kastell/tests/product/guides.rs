//! The guides' snippets: each file of `testdata/guides` says which verdicts it must get.

use kastell_analysis::Facts;
use kastell_engine::{ExceptionPolicy, Selection, Settings, answers};
use kastell_model::{Date, Status};
use kastell_sources::{Progress, Request, load};
use std::path::Path;
use std::sync::Arc;

/// One expectation of a file.
#[derive(Debug)]
struct Expectation {
    verdict: String,
    control: String,
    object: String,
    part: Option<String>,
    text: Option<String>,
}

/// The expectations of a text that hold today: those for reserved ids wait until their control is built.
fn expectations(text: &str) -> Vec<Expectation> {
    let mut out: Vec<Expectation> = Vec::new();
    let mut waits = false;
    for line in text.lines() {
        let now = line.strip_prefix("# expect: ");
        if let Some(said) = now.or_else(|| line.strip_prefix("# expect-later: ")) {
            let words: Vec<&str> = said.split_whitespace().collect();
            assert!((3..=4).contains(&words.len()), "{line}");
            assert!(kastell_controls::ids().any(|id| id == words[1]), "{line}: no such id");
            waits = now.is_none() && kastell_controls::find(words[1]).is_none();
            if !waits {
                out.push(Expectation {
                    verdict: words[0].to_string(),
                    control: words[1].to_string(),
                    object: words[2].to_string(),
                    part: words.get(3).map(ToString::to_string),
                    text: None,
                });
            }
        } else if let Some(words) = line.strip_prefix("# text: ")
            && !waits
        {
            out.last_mut().unwrap().text = Some(words.to_string());
        }
    }
    out
}

/// What kastell says where the file expects something else.
fn differences(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let expected = expectations(&text);
    assert!(!expected.is_empty(), "{} expects nothing", path.display());
    let paths = vec![path.to_str().unwrap().to_string()];
    let request = Request { paths, listed: Vec::new(), stdin_name: None, version: Some("1.34".parse().unwrap()) };
    let loaded = load(&request, &Progress::default()).unwrap();
    let facts = Facts::new(Arc::clone(&loaded.cluster));
    let mut out = Vec::new();
    for e in expected {
        let named = |o: &kastell_model::Object| format!("{}/{}", o.key.kind.kind, o.key.name) == e.object;
        let index = loaded.cluster.objects().iter().position(|o| named(o));
        let Some(index) = index else {
            out.push(format!("{}: there is no {}", path.display(), e.object));
            continue;
        };
        let settings = Settings::new(ExceptionPolicy::None, Date::parse("2026-01-01").unwrap());
        let all = answers(&facts, &Selection::all(), u32::try_from(index).unwrap(), &settings);
        let Some(answer) = all.iter().find(|a| a.control.id == e.control) else {
            out.push(format!("{}: {} says nothing of {}", path.display(), e.control, e.object));
            continue;
        };
        let of_part = |part: Option<&str>| e.part.is_none() || part == e.part.as_deref();
        let messages: Vec<&str> = answer
            .findings
            .iter()
            .filter(|f| of_part(f.part.as_deref()))
            .map(|f| &*f.message)
            .chain(answer.gaps.iter().map(|g| &*g.detail))
            .collect();
        let status = match answer.status {
            Status::Fail if messages.is_empty() => "pass",
            Status::Fail => "fail",
            Status::Unknown => "unknown",
            Status::Pass => "pass",
            Status::NotApplicable => "not-applicable",
        };
        let said = e.text.as_ref().is_none_or(|t| messages.iter().any(|m| m.contains(t.as_str())));
        if status != e.verdict || !said {
            out.push(format!("{}: {e:?} got {status}: {messages:?}", path.display()));
        }
    }
    out
}

#[test]
fn every_snippet_of_the_guides_gets_the_verdicts_that_it_names() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/guides");
    let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    assert!(paths.len() >= 8, "{paths:?}");
    let wrong: Vec<String> = paths.iter().flat_map(|p| differences(p)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_expectation_that_does_not_hold_is_seen() {
    let dir = crate::common::folder(&[(
        "a.yaml",
        "# expect: pass host-pid Pod/a\n# expect: fail host-pid Pod/a\n# text: no such words\n# expect: fail host-pid Pod/b\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, containers: [{name: c, image: x}]}\n",
    )]);
    assert_eq!(differences(&dir.path().join("a.yaml")).len(), 3);
}
