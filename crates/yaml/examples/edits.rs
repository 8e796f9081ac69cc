//! Applies edits of every kind to every document below the folders given, and counts what was refused, and why.
//!
//!   cargo run --release -p kastell-yaml --example edits -- DIR…

#![expect(clippy::print_stdout, reason = "this is the program's output")]

use kastell_yaml::edit::{Edit, EditOptions, Path, Step, edit};
use kastell_yaml::{Value, read_bytes};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A few places of each kind in a tree: mappings, sequences, scalars.
fn places(value: Value<'_>, path: &Path, out: &mut Vec<(Path, char)>, depth: usize) {
    let kind = if value.is_mapping() {
        'm'
    } else if value.is_sequence() {
        's'
    } else {
        'v'
    };
    out.push((path.clone(), kind));
    if depth > 12 {
        return;
    }
    for (key, child) in value.entries() {
        places(child, &path.then(Step::Key(key.to_string())), out, depth + 1);
    }
    for (i, child) in value.items().enumerate() {
        places(child, &path.then(Step::Index(i)), out, depth + 1);
    }
}

fn edits(path: &Path, kind: char) -> Vec<(&'static str, Edit)> {
    let new = json!({"limits": {"cpu": "1", "memory": "64Mi"}, "drop": ["ALL", "yes"], "on": true, "n": null});
    let mut all = vec![
        ("set scalar", Edit::Set(path.clone(), json!("a: #b"))),
        ("set mapping", Edit::Set(path.clone(), new.clone())),
        ("remove", Edit::Remove(path.clone())),
    ];
    match kind {
        'm' => {
            all.push(("insert scalar", Edit::Set(path.then(Step::Key("zz-new".into())), json!(false))));
            all.push(("insert mapping", Edit::Set(path.then(Step::Key("zz-new".into())), new)));
            all.push((
                "merge",
                Edit::Merge(path.clone(), json!({"zz": {"a": [1, {"b": 2}]}, "metadata": {"zz": "x"}})),
            ));
        }
        's' => {
            all.push(("append scalar", Edit::Append(path.clone(), json!("NET_RAW"))));
            all.push(("append mapping", Edit::Append(path.clone(), new)));
        }
        _ => {}
    }
    if matches!(path.0.last(), Some(Step::Key(_))) {
        all.push(("rename", Edit::Rename(path.clone(), "zz renamed".into())));
    }
    all
}

fn main() {
    let mut open: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let every: usize = std::env::var("EVERY").ok().and_then(|v| v.parse().ok()).unwrap_or(7);
    let mut counts: BTreeMap<(&str, String), (u64, String)> = BTreeMap::new();
    let mut turn = 0_usize;
    while let Some(path) = open.pop() {
        if let Ok(dir) = std::fs::read_dir(&path) {
            open.extend(dir.flatten().map(|e| e.path()));
            continue;
        }
        let is_manifest = path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json");
        let Some(bytes) = std::fs::read(&path).ok().filter(|b| is_manifest && b.len() < 200_000) else { continue };
        let stream = read_bytes(bytes);
        for (number, document) in stream.documents.iter().enumerate() {
            let Some(tree) = document.tree.as_ref().filter(|t| !t.is_approximate()) else { continue };
            let mut found = Vec::new();
            places(tree.root(), &Path::default(), &mut found, 0);
            for (place, kind) in found {
                for (name, e) in edits(&place, kind) {
                    turn += 1;
                    if !turn.is_multiple_of(every)
                        || (place.0.is_empty() && !matches!(e, Edit::Merge(..) | Edit::Set(..)))
                    {
                        continue;
                    }
                    let result = match edit(&stream, &[(number, e.clone())], EditOptions::default()) {
                        Ok(_) => "ok".to_string(),
                        Err((_, why)) => {
                            let text = why.to_string();
                            let place = place.to_string();
                            text.replace(&format!("`{place}`"), "it").split(" `#").next().unwrap_or("").to_string()
                        }
                    };
                    let entry = counts.entry((name, result)).or_default();
                    entry.0 += 1;
                    if entry.1.is_empty() {
                        entry.1 = format!("{}#{number} {place}", path.display());
                    }
                }
            }
        }
    }
    for ((name, result), (count, example)) in counts {
        println!(
            "{name:15} {count:8} {result}{}",
            if result == "ok" { String::new() } else { format!("  e.g. {example}") }
        );
    }
}
