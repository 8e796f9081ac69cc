//! The table of ARCHITECTURE.md is what `cargo metadata` says, and no more.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a file of tests: odd metadata ends them"
)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What no crate of the workspace may bring along: web frameworks, databases, a second client.
const NOWHERE: [&str; 4] = ["axum", "sqlx", "rusqlite", "reqwest"];

type Names = BTreeSet<String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn short(package: &str) -> &str {
    package.strip_prefix("kastell-").unwrap_or(package)
}

/// Normal and build dependencies of every package of the workspace.
fn dependencies() -> BTreeMap<String, Names> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let name = short(package["name"].as_str().expect("a name")).to_owned();
            let of_tests = |d: &&Value| d["kind"].as_str() != Some("dev");
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter().filter(of_tests);
            (name, dependencies.map(|d| d["name"].as_str().expect("a name").to_owned()).collect())
        })
        .collect()
}

struct Row {
    own: Names,
    heavy: Names,
}

fn cell(text: &str) -> Names {
    text.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "–").map(str::to_owned).collect()
}

fn table() -> BTreeMap<String, Row> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (_, rest) = text.split_once("<!-- dependencies:begin -->").expect("the table begins");
    let (table, _) = rest.split_once("<!-- dependencies:end -->").expect("the table ends");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let [name, own, heavy, _] = cells[..] else { panic!("not four cells: {line}") };
        (name.trim().to_owned(), Row { own: cell(own), heavy: cell(heavy) })
    })
    .collect()
}

#[test]
fn every_crate_of_the_workspace_has_a_row_and_no_other() {
    let crates: Names = dependencies().into_keys().collect();
    let rows: Names = table().into_keys().collect();
    assert_eq!(crates, rows);
}

#[test]
fn own_crates_are_exactly_those_of_the_table() {
    let table = table();
    for (name, dependencies) in dependencies() {
        let own: Names = dependencies.iter().filter_map(|d| d.strip_prefix("kastell-")).map(str::to_owned).collect();
        assert_eq!(own, table[&name].own, "own crates of {name}");
    }
}

#[test]
fn heavy_crates_are_only_where_the_table_names_them() {
    let table = table();
    let heavy: Names = table.values().flat_map(|row| row.heavy.iter().cloned()).collect();
    for (name, dependencies) in dependencies() {
        let used: Names = dependencies.intersection(&heavy).cloned().collect();
        assert_eq!(used, table[&name].heavy, "heavy crates of {name}");
    }
}

#[test]
fn nothing_brings_a_web_framework_a_database_or_a_second_client() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let locked: BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    let there: Vec<&str> = NOWHERE.into_iter().filter(|name| locked.contains(name)).collect();
    assert!(there.is_empty(), "in Cargo.lock: {there:?}");
}
