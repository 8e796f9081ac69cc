//! Reads the cases of a suite folder and shows where our values differ from what kubectl makes of them.
//!
//! `suite DIR`: `DIR/index.jsonl` lists the cases, `DIR/kubectl.jsonl` what kubectl's reader makes of each.
//! `suite scalars FILE`: a table of scalars with kubectl's answers. `suite show FILE`: what we make of a file.

use kastell_yaml::{Level, Stream, json, read_bytes};
use serde_json::Value;
use std::path::Path;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["scalars", file] => scalars(Path::new(file)),
        ["show", file] => show(&read_bytes(std::fs::read(file).unwrap())),
        [folder] => suite(Path::new(folder)),
        _ => println!("usage: suite DIR | suite scalars FILE | suite show FILE"),
    }
}

fn values(stream: &Stream) -> Vec<Value> {
    let trees = stream.documents.iter().filter_map(|d| d.tree.as_ref());
    trees.map(|t| serde_json::from_str(&json::to_json(t.root())).unwrap()).collect()
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

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Equal as Go compares: numbers as floats.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

fn suite(folder: &Path) {
    let kubectl: std::collections::HashMap<String, Value> =
        lines(&folder.join("kubectl.jsonl")).into_iter().map(|v| (v["id"].as_str().unwrap().to_owned(), v)).collect();
    let (mut cases, mut good, mut lenient, mut strict_bad) = (0, 0, 0, 0);
    for case in lines(&folder.join("index.jsonl")) {
        let id = case["id"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(case["in"].as_str().unwrap())).unwrap();
        if let Some(expect) = case["expect"].as_str() {
            let ours = std::str::from_utf8(&bytes).is_ok_and(|t| json::read_strict(t).is_ok());
            if (expect == "accept" && !ours) || (expect == "reject" && ours) {
                strict_bad += 1;
                println!("{id}: strict JSON {ours}, expected {expect}");
            }
        }
        let stream = read_bytes(bytes);
        let Some(want) = kubectl.get(id) else { continue };
        cases += 1;
        let failed = stream.documents.iter().any(|d| d.tree.is_none()) || !stream.problems.is_empty();
        if want.get("error").is_some() {
            let told = stream.documents.iter().flat_map(|d| &d.problems).any(|p| {
                p.level == Level::Error || !matches!(p.code.name(), "duplicate-key" | "approximate-positions")
            });
            if failed || told {
                good += 1;
                lenient += usize::from(!failed);
            } else {
                println!("{id}: kubectl refuses ({}), we do not: {:?}", want["error"], values(&stream));
            }
            continue;
        }
        let docs: Vec<&Value> = want["docs"].as_array().unwrap().iter().filter(|v| !v.is_null()).collect();
        let ours: Vec<Value> = values(&stream).into_iter().filter(|v| !v.is_null()).collect();
        if !failed && docs.len() == ours.len() && docs.iter().zip(&ours).all(|(a, b)| same(a, b)) {
            good += 1;
        } else {
            let after =
                stream.documents.iter().flat_map(|d| &d.problems).any(|p| p.code.name() == "after-document-end");
            println!(
                "{id}: kubectl {} | we {}{}",
                want["docs"],
                serde_json::to_string(&ours).unwrap(),
                if after { " AFTER" } else { "" }
            );
            for p in stream.documents.iter().flat_map(|d| &d.problems) {
                println!("      {:?} {:?} {}", p.level, p.code, p.message);
            }
        }
    }
    println!(
        "{cases} cases, {good} as kubectl ({lenient} of them with a named more lenient reading), strict JSON wrong {strict_bad}"
    );
}

fn scalars(file: &Path) {
    let oracle: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut good = 0;
    for (id, text) in oracle["cases"].as_object().unwrap() {
        let text = text.as_str().unwrap();
        let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => format!("\u{feff}{head}{rest}"),
            None => format!("{head}{text}"),
        };
        let stream = read_bytes(text.into_bytes());
        let want = &oracle["kubectl"][id];
        let got = stream
            .documents
            .first()
            .and_then(|d| d.tree.as_ref())
            .map(|t| t.root().get("v").map_or(Value::Null, |v| serde_json::from_str(&json::to_json(v)).unwrap()));
        let refused = want.as_str().is_some_and(|s| s.starts_with("ERR"));
        let ok = got.as_ref().map_or(refused, |g| same(g, want));
        if ok {
            good += 1;
        } else {
            println!("{id}: want {want} got {got:?}");
            show(&stream);
        }
    }
    println!("{good} scalars as kubectl");
}
