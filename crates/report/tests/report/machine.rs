//! The machine formats: valid against their schemas, the same bytes for the same report, and no source text.

use crate::fixture::{CANARY, mask, report};
use kastell_report::{Style, json, json_schema, sarif, terminal};
use serde_json::Value;

fn json_text() -> String {
    let mut out = Vec::new();
    json(&report(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn sarif_text() -> String {
    let mut out = Vec::new();
    sarif(&report(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn json_is_valid_against_the_published_schema() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: Value = serde_json::from_str(&json_text()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = value;
    wrong["findings"][0]["severity"] = "dire".into();
    assert!(!validator.is_valid(&wrong), "the schema lets any severity pass");
}

#[test]
fn json_says_where_and_what() {
    let value: Value = serde_json::from_str(&json_text()).unwrap();
    let finding = &value["findings"][0];
    let location = &finding["location"];
    let at = ["line", "column", "end_line", "end_column"].map(|k| location[k].as_u64().unwrap());
    assert_eq!(at, [13, 23, 13, 27]);
    assert_eq!(location["field"], "spec.template.spec.containers[0].securityContext.privileged");
    assert_eq!(location["missing"], false);
    assert_eq!(finding["subject"]["name"], "cart");
    assert_eq!(finding["owner"], "checkout");
    assert_eq!(finding["fix"], "unsafe");
    assert_eq!(value["summary"]["failing"], 2);
    assert_eq!(value["summary"]["folded"], 49);
    assert_eq!(value["incomplete"], true);
    let missing = &value["findings"][2]["location"];
    assert_eq!(missing["field"], "spec.template.spec.containers[1].securityContext.runAsNonRoot");
    assert_eq!(missing["missing"], true);
}

#[test]
fn sarif_points_at_rules_places_and_suppressions() {
    let value: Value = serde_json::from_str(&sarif_text()).unwrap();
    let run = &value["runs"][0];
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&results[0]).unwrap(), @r##"
    {
      "ruleId": "privileged-container",
      "ruleIndex": 4,
      "level": "error",
      "message": {
        "text": "the container is root on its node (Deployment shop/cart, app)"
      },
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "test.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "startLine": 13,
              "startColumn": 23,
              "endLine": 13,
              "endColumn": 27
            }
          },
          "logicalLocations": [
            {
              "name": "cart",
              "fullyQualifiedName": "Deployment shop/cart",
              "kind": "object"
            },
            {
              "fullyQualifiedName": "Deployment shop/cart: spec.template.spec.containers[0].securityContext.privileged",
              "kind": "member"
            }
          ]
        }
      ],
      "relatedLocations": [
        {
          "id": 1,
          "physicalLocation": {
            "artifactLocation": {
              "uri": "test.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "startLine": 25,
              "startColumn": 9,
              "endLine": 25,
              "endColumn": 17
            }
          },
          "logicalLocations": [
            {
              "name": "cart",
              "fullyQualifiedName": "Service shop/cart",
              "kind": "object"
            },
            {
              "fullyQualifiedName": "Service shop/cart: spec.type",
              "kind": "member"
            }
          ],
          "message": {
            "text": "and every node offers it"
          }
        }
      ],
      "partialFingerprints": {
        "kastell/v1": "94c06354b0f4c180041ee2757de5d47c"
      },
      "occurrenceCount": 50,
      "suppressions": [],
      "properties": {
        "severity": "critical",
        "confidence": "high",
        "class": "yours",
        "owner": "checkout",
        "part": "app"
      }
    }
    "##);
    let last = results.last().unwrap();
    assert_eq!(last["suppressions"][0]["justification"], "the mesh does it");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn sarif_writes_paths_as_uris() {
    let mut report = report();
    report.diagnostics[0].labels.clear();
    let uri = |path: &str| {
        let mut report = report.clone();
        report.diagnostics[0].path = Some(path.into());
        let mut out = Vec::new();
        sarif(&report, &mut out).unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        let notification = &value["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
        notification["locations"][0]["physicalLocation"]["artifactLocation"].clone()
    };
    assert_eq!(uri("./a b/ü#1.yaml")["uri"], "a%20b/%C3%BC%231.yaml");
    assert_eq!(uri("./a.yaml")["uriBaseId"], "%SRCROOT%");
    assert_eq!(uri("/etc/a:b.yaml")["uri"], "file:///etc/a%3Ab.yaml");
    assert_eq!(uri("/etc/a.yaml")["uriBaseId"], Value::Null);
}

#[test]
fn no_format_shows_a_secret() {
    let style = Style { height: None, ..Style::default() };
    for text in [json_text(), sarif_text(), terminal(&report(), &mask, &style, true)] {
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(json_text(), json_text());
    assert_eq!(sarif_text(), sarif_text());
}
