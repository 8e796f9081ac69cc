//! The kinds that are read are those that the sources of this program name.

use kastell_engine::kinds::{ReadKind, read_kinds};
use kastell_model::kube::kinds::{is_builtin, is_builtin_group, scope};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Pairs that are named and not read, with the reason.
const NOT_READ: &[(&str, &str)] = &[];

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            rust_files(&path, out);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            out.push(path);
        }
    }
}

/// Every `"group", "Kind"` in the text outside of comments and tests.
fn pairs(text: &str) -> Vec<(String, String)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let parts: Vec<&str> = code.split('"').collect();
    parts
        .windows(3)
        .skip(1)
        .step_by(2)
        .filter(|w| matches!(w[1].trim(), "," | ", kind:"))
        .map(|w| (w[0].to_string(), w[2].to_string()))
        .collect()
}

fn is_kind(group: &str, kind: &str) -> bool {
    let named = kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphanumeric());
    named
        && (is_builtin(group, kind)
            || scope(group, kind).is_some()
            || (group.contains('.') && !is_builtin_group(group)))
}

#[test]
fn every_kind_that_a_question_names_is_read() {
    let read: BTreeSet<ReadKind> = read_kinds().into_iter().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for dir in ["analysis/src", "controls/src", "engine/src"] {
        rust_files(&root.join(dir), &mut files);
    }
    let (mut named, mut missing) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (group, kind) in pairs(&text) {
            if !is_kind(&group, &kind) || NOT_READ.contains(&(group.as_str(), kind.as_str())) {
                continue;
            }
            named += 1;
            if !read.iter().any(|k| k.group == group && k.kind == kind) {
                missing.push(format!("{}: {group}/{kind}", file.display()));
            }
        }
    }
    assert!(named > 50, "the test finds no kinds any more: {named}");
    assert!(missing.is_empty(), "add them to kinds::LOOKED_UP, or here to NOT_READ: {missing:#?}");
}

#[test]
fn a_pair_of_strings_is_found_and_comments_and_tests_are_not() {
    let text =
        "x.is(\"\", \"Pod\")\n// (\"\", \"Node\")\n&[(\"apps\",\n \"Deployment\")]\n#[cfg(test)] (\"\", \"Service\")";
    let found = pairs(text);
    assert_eq!(found, [(String::new(), "Pod".to_string()), ("apps".to_string(), "Deployment".to_string())]);
    assert!(is_kind("", "Pod") && is_kind("cilium.io", "Other") && !is_kind("", "Group") && !is_kind("apps", "Pod"));
}
