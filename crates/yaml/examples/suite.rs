//! Reads the cases of a suite folder and shows where our values differ from what kubectl makes of them.
//!
//! `suite DIR`: `DIR/index.jsonl` lists the cases, `DIR/kubectl.jsonl` what kubectl's reader makes of each.
//! `suite scalars FILE`: a table of scalars with kubectl's answers. `suite show FILE`: what we make of a file.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for the terminal")]

use kastell_yaml::{Kind, Level, Scalar, Stream, Tree, Value, json, read_bytes};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["scalars", file] => scalars(Path::new(file)),
        ["show", file] => show(&read_bytes(std::fs::read(file).unwrap())),
        [folder] => suite(Path::new(folder)),
        _ => println!("usage: suite DIR | suite scalars FILE | suite show FILE"),
    }
}

fn values(stream: &Stream) -> Vec<Arc<Tree>> {
    stream.documents.iter().filter_map(|d| d.tree.clone()).filter(|t| !t.root().is_null()).collect()
}

fn show(stream: &Stream) {
    for d in &stream.documents {
        println!("{:?} {:?} {:?}", d.reader, d.span, d.tree.as_ref().map(|t| json::to_json(t.root())));
        for p in &d.problems {
            println!("   {:?} {} {:?}: {}", p.level, p.code.name(), p.span, p.message);
        }
    }
    println!("{:?}", stream.problems);
}

fn lines(path: &Path) -> Vec<Tree> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|l| json::read_strict(l).unwrap()).collect()
}

fn number(v: Value<'_>) -> Option<f64> {
    match v.scalar()? {
        Scalar::Int(_) | Scalar::UInt(_) | Scalar::Float(_) => v.as_f64(),
        _ => None,
    }
}

/// Equal as Go compares: numbers as floats, mappings without order.
fn same(a: Value<'_>, b: Value<'_>) -> bool {
    if a.kind() != b.kind() {
        return false;
    }
    match a.kind() {
        Kind::Number => number(a) == number(b),
        Kind::Sequence => a.items().count() == b.items().count() && a.items().zip(b.items()).all(|(a, b)| same(a, b)),
        Kind::Mapping => {
            a.entries().count() == b.entries().count() && a.entries().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a.scalar() == b.scalar(),
    }
}

fn string(v: Value<'_>, key: &str) -> Option<String> {
    v.field(key).and_then(|v| v.as_str().map(|s| s.into_owned()))
}

fn suite(folder: &Path) {
    let kubectl = lines(&folder.join("kubectl.jsonl"));
    let kubectl: HashMap<String, Value<'_>> =
        kubectl.iter().map(|t| (string(t.root(), "id").unwrap(), t.root())).collect();
    let (mut cases, mut good, mut lenient, mut strict_bad) = (0, 0, 0, 0);
    for case in lines(&folder.join("index.jsonl")) {
        let case = case.root();
        let id = string(case, "id").unwrap();
        let bytes = std::fs::read(folder.join(string(case, "in").unwrap())).unwrap();
        if let Some(expect) = string(case, "expect") {
            let ours = std::str::from_utf8(&bytes).is_ok_and(|t| json::read_strict(t).is_ok());
            if (expect == "accept" && !ours) || (expect == "reject" && ours) {
                strict_bad += 1;
                println!("{id}: strict JSON {ours}, expected {expect}");
            }
        }
        let stream = read_bytes(bytes);
        let Some(want) = kubectl.get(&id) else { continue };
        cases += 1;
        let failed = stream.documents.iter().any(|d| d.tree.is_none()) || !stream.problems.is_empty();
        let problems = || stream.documents.iter().flat_map(|d| &d.problems);
        let ours = values(&stream);
        if let Some(error) = string(*want, "error") {
            let told = problems().any(|p| {
                p.level == Level::Error || !matches!(p.code.name(), "duplicate-key" | "approximate-positions")
            });
            if told {
                good += 1;
                lenient += usize::from(!failed);
            } else {
                println!("{id}: kubectl refuses ({error}), we do not");
                show(&stream);
            }
            continue;
        }
        let docs: Vec<Value<'_>> = want.get("docs").unwrap().items().filter(|v| !v.is_null()).collect();
        let dropped = |d: &kastell_yaml::Document| {
            d.problems.iter().any(|p| p.code.name() == "after-document-end" && p.level == Level::Warning)
        };
        let kept = stream.documents.iter().filter(|d| !dropped(d)).filter_map(|d| d.tree.as_ref());
        let kept: Vec<Value<'_>> = kept.map(|t| t.root()).filter(|v| !v.is_null()).collect();
        if !failed && docs.len() == kept.len() && docs.iter().zip(&kept).all(|(a, b)| same(*a, *b)) {
            good += 1;
            lenient += usize::from(kept.len() != ours.len());
        } else {
            println!("{id}: kubectl {:?}", docs.iter().map(|d| json::to_json(*d)).collect::<Vec<_>>());
            show(&stream);
        }
    }
    println!(
        "{cases} cases, {good} as kubectl ({lenient} of them with a named more lenient reading), strict JSON wrong {strict_bad}"
    );
}

fn scalars(file: &Path) {
    let oracle = json::read_strict(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut good = 0;
    for (id, text) in oracle.root().get("cases").unwrap().entries() {
        let text = text.as_str().unwrap();
        let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => format!("\u{feff}{head}{rest}"),
            None => format!("{head}{text}"),
        };
        let stream = read_bytes(text.into_bytes());
        let want = oracle.root().get("kubectl").and_then(|k| k.get(id)).unwrap();
        let tree = stream.documents.first().and_then(|d| d.tree.as_ref());
        let refused = want.as_str().is_some_and(|s| s.starts_with("ERR"));
        let ok = tree.map_or(refused, |t| t.root().get("v").is_some_and(|v| same(v, want)));
        if ok {
            good += 1;
        } else {
            println!("{id}: want {}", json::to_json(want));
            show(&stream);
        }
    }
    println!("{good} scalars as kubectl");
}
