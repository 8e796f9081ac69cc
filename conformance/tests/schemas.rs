//! What the program writes, against the schemas of its formats.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it found, and ends where its own preparations fail"
)]

use jsonschema::{Draft, Validator};
use kastell_conformance::data::{Data, VARIABLE};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// What `kastell scan PATH --format FORMAT` writes. The date is fixed, the exit code is left to other tests.
fn scan(path: &Path, format: &str) -> Value {
    let out = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "-p", "kastell", "--", "scan", "--now", "2027-01-01", "--format", format])
        .arg(path)
        .current_dir(root())
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{}: {e}\n{}", path.display(), String::from_utf8_lossy(&out.stderr)))
}

#[track_caller]
fn assert_valid(validator: &Validator, instance: &Value, of: &Path) {
    let errors: Vec<String> =
        validator.iter_errors(instance).take(10).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}:\n{}", of.display(), errors.join("\n"));
}

/// The example of this project, and a folder of the corpus where it is at hand.
fn inputs(data: Option<&Data>) -> Vec<PathBuf> {
    let mut inputs = vec![root().join("examples/shop")];
    inputs.extend(data.map(|d| d.path("corpus/argoproj__argo-cd")).filter(|p| p.is_dir()));
    inputs
}

#[test]
fn sarif_is_valid_by_the_official_schema() {
    let Some(data) = Data::from_environment() else {
        println!("SARIF was not validated: {VARIABLE} does not name the schemas");
        return;
    };
    let text = std::fs::read_to_string(data.path("schemas/sarif/sarif-schema-2.1.0.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options().with_draft(Draft::Draft4).build(&schema).unwrap();
    for input in inputs(Some(&data)) {
        let sarif = scan(&input, "sarif");
        assert!(sarif["runs"][0]["results"].as_array().is_some_and(|r| !r.is_empty()), "{}", input.display());
        assert_valid(&validator, &sarif, &input);
    }
}

#[test]
fn json_is_valid_by_the_published_schema() {
    let schema: Value = serde_json::from_str(&kastell_report::json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for input in inputs(Data::from_environment().as_ref()) {
        let json = scan(&input, "json");
        assert!(json["findings"].as_array().is_some_and(|f| !f.is_empty()), "{}", input.display());
        assert_valid(&validator, &json, &input);
    }
}
