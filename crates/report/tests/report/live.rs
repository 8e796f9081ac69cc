//! Places of live objects, in every format: the field, never a line of the one-line JSON that an object is.

use crate::fixture::{CANARY, finding, live_report, mask, object};
use kastell_model::{GroupKind, RuleId, Severity, Status};
use kastell_report::{Answer, Report, Style, explain_object, json, json_schema, sarif, terminal};
use serde_json::Value;

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Value {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// The first frame of a report whose only finding is at `path` of the first object of `text`.
fn frame(text: &str, path: &[&str], missing: &'static [&'static str], style: &Style) -> String {
    let cluster = kastell_testkit::live_cluster("prod", text);
    let kind = cluster.objects()[0].key.kind.kind.to_string();
    let at = finding("privileged-container", Severity::High, object(&cluster, &kind), path, missing, "it is so");
    let report = Report { findings: vec![at], gaps: Vec::new(), diagnostics: Vec::new(), ..live_report() };
    let text = terminal(&report, &mask, style, true);
    let frame = text.split("\n\n").nth(1).unwrap();
    frame.lines().skip(1).take_while(|l| !l.contains("= maps")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_frame_shows_the_fields_around_the_place() {
    let text = terminal(&live_report(), &mask, &Style::default(), true);
    let frames: Vec<&str> = text.split("\n\n").skip(1).collect();
    insta::assert_snapshot!(frames[..3].join("\n\n"), @r#"
    critical[privileged-container]: the container is root on its node
    --> Deployment shop/cart: spec.template.spec.containers[name=app].securityContext.privileged
     | - name: app
     |   securityContext:
     |     privileged: true
     |                 ^^^^
     = see: Service shop/cart: spec.type: and every node offers it
     = seen: in 50 pods, such as cart-x7x2p
     = maps: CIS 5.2.2; ATT&CK T1611
     = fix (unsafe): Undo privileged-container

    high[secret-in-env]: the variable TOKEN holds a secret
    --> Deployment shop/cart: spec.template.spec.containers[name=app].env[name=TOKEN].value
     | - name: TOKEN
     |   value: ••••••••••••••••••
     |          ^^^^^^^^^^^^^^^^^^
     = maps: CIS 5.2.2; ATT&CK T1611
     = help: Undo secret-in-env

    medium[run-as-root]: it is not set
    --> Deployment shop/cart: spec.template.spec.containers[name=proxy].securityContext.runAsNonRoot
     | - name: proxy
     |   ^^^^ securityContext.runAsNonRoot is missing here
     = maps: CIS 5.2.2; ATT&CK T1611
     = help: Undo run-as-root
    "#);
    insta::assert_snapshot!(frames[5..7].join("\n\n"), @r#"
    medium[no-policy]: no policy selects it
    --> Service shop/cart: metadata
     | metadata: {name: cart, namespace: shop}
     | ^^^^^^^^
     = confidence: low
     = maps: CIS 5.2.2; ATT&CK T1611
     = help: Undo no-policy

    low[node-port]: open on every node
    --> Service shop/cart: spec.type
     | spec:
     |   type: NodePort
     |         ^^^^^^^^
     = maps: CIS 5.2.2; ATT&CK T1611
     = help: Undo node-port
    "#);
    insta::assert_snapshot!(frames[8], @r#"
    unknown[no-policy]: which policies the cluster has; a live cluster would say it
    --> Service shop/cart
     | kind: Service
     | ^^^^
     = reason: needs-source
     = seen: 2 times
    "#);
}

const POLICY: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {\"app.kubernetes.io/name\": a, kept: \"yes\"}}
spec:
  securityContext: {runAsUser: 0, seccompProfile: {type: Unconfined, more: {deeper: {still: 1}}}, sysctls: [{name: a, value: \"1\"}]}
  containers:
  - name: c
    image: i
    args: [\"--verbose\", \"two words\"]
    ports: [{containerPort: 80}, {containerPort: 443, protocol: UDP}]
    livenessProbe: {httpGet: {httpHeaders: [{value: x}]}}
";

#[test]
fn every_shape_of_a_place_has_an_excerpt() {
    let style = Style::default();
    let of = |path: &[&str], missing| frame(POLICY, path, missing, &style);
    insta::assert_snapshot!(of(&["metadata", "labels", "kept"], &[]), @r#"
    --> Pod shop/a: metadata.labels.kept
     | metadata:
     |   labels:
     |     kept: "yes"
     |           ^^^^^
    "#);
    insta::assert_snapshot!(of(&["metadata", "labels", "app.kubernetes.io/name"], &[]), @r#"
    --> Pod shop/a: metadata.labels["app.kubernetes.io/name"]
     | metadata:
     |   labels:
     |     app.kubernetes.io/name: a
     |                             ^
    "#);
    insta::assert_snapshot!(of(&["spec", "securityContext"], &["runAsNonRoot"]), @r#"
    --> Pod shop/a: spec.securityContext.runAsNonRoot
     | spec:
     |   securityContext: {runAsUser: 0, seccompProfile: {type: Unconfined, more: {deeper: {...}}}...
     |   ^^^^^^^^^^^^^^^ runAsNonRoot is missing here
    "#);
    insta::assert_snapshot!(of(&["spec", "containers", "0", "args", "1"], &[]), @r#"
    --> Pod shop/a: spec.containers[name=c].args[1]
     | - "two words"
     |   ^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(of(&["spec", "containers", "0", "ports", "1", "protocol"], &[]), @r#"
    --> Pod shop/a: spec.containers[name=c].ports[containerPort=443,protocol=UDP].protocol
     | - containerPort: 443
     |   protocol: UDP
     |             ^^^
    "#);
    insta::assert_snapshot!(of(&["spec", "containers", "0", "ports", "0"], &[]), @r#"
    --> Pod shop/a: spec.containers[name=c].ports[containerPort=80,protocol=TCP]
     | - containerPort: 80
     |                  ^^
    "#);
    insta::assert_snapshot!(
        of(&["spec", "containers", "0", "livenessProbe", "httpGet", "httpHeaders", "0", "value"], &[]), @r#"
    --> Pod shop/a: spec.containers[name=c].livenessProbe.httpGet.httpHeaders[0].value
     | - value: x
     |          ^
    "#);
    insta::assert_snapshot!(of(&[], &["status"]), @r#"
    --> Pod shop/a: status
     | kind: Pod
     | ^^^^ status is missing here
    "#);
}

#[test]
fn json_names_the_field_and_no_line() {
    let value = written(|out| json(&live_report(), out));
    let validator = jsonschema::validator_for(&serde_json::from_str(&json_schema()).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    insta::assert_snapshot!(value["findings"][0]["location"], @r#"{"kind":"live","field":"spec.template.spec.containers[name=app].securityContext.privileged","missing":false,"approximate":false}"#);
    insta::assert_snapshot!(value["findings"][2]["location"], @r#"{"kind":"live","field":"spec.template.spec.containers[name=proxy].securityContext.runAsNonRoot","missing":true,"approximate":false}"#);
    assert_eq!(value["findings"][0]["origin"], "live");
}

#[test]
fn sarif_names_the_field_as_a_logical_location_alone() {
    let value = written(|out| sarif(&live_report(), out));
    let result = &value["runs"][0]["results"][0];
    insta::assert_snapshot!(serde_json::to_string_pretty(&result["locations"]).unwrap(), @r#"
    [
      {
        "logicalLocations": [
          {
            "name": "cart",
            "fullyQualifiedName": "Deployment shop/cart",
            "kind": "object"
          },
          {
            "fullyQualifiedName": "Deployment shop/cart: spec.template.spec.containers[name=app].securityContext.privileged",
            "kind": "member"
          }
        ]
      }
    ]
    "#);
    assert!(result["relatedLocations"][0].get("physicalLocation").is_none());
}

#[test]
fn no_excerpt_shows_a_secret_and_dots_are_as_many_as_its_characters() {
    for all in [false, true] {
        let text = terminal(&live_report(), &mask, &Style { height: None, ..Style::default() }, all);
        assert!(!text.contains(CANARY) && text.contains("value: ••••••••••••••••••\n"), "{text}");
    }
    let secret =
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{key: \"a {CANARY} b\"}}\n");
    // On its own, and in the one line that a collection is.
    for path in [&["stringData", "key"][..], &["stringData"], &[]] {
        let shown = frame(&secret, path, &["more"], &Style::default());
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn hostile_keys_and_values_stay_in_their_line() {
    let text = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\\u001b[31m\", \"labels\": \
                {\"k\\u001b[2J\\n\\u202e\\\"'\": \"v\\u001b[0m\\n\\\"\"}}, \"spec\": {\"containers\": \
                [{\"name\": \"c]\\n{\\\"x\", \"image\": \"\"}]}}";
    for path in [&["metadata", "labels", "k\u{1b}[2J\n\u{202e}\"'"][..], &["spec", "containers", "0", "image"], &[]] {
        for unicode in [false, true] {
            let shown = frame(text, path, &[], &Style { unicode, ..Style::default() });
            assert!(!shown.contains(['\u{1b}', '\u{202e}']) && shown.lines().count() <= 7, "{shown}");
        }
    }
}

#[test]
fn an_explanation_says_how_kubectl_shows_the_same() {
    let cluster = kastell_testkit::live_cluster("prod eu", POLICY);
    let pod = object(&cluster, "Pod");
    let answer = |id: &str, path: &[&str], missing, misses: Option<(&str, &str)>| Answer {
        rule: RuleId(id.into()),
        title: format!("Title of {id}").into(),
        ring: "workloads".into(),
        severity: Severity::High,
        status: Status::Fail,
        passed: 0,
        findings: vec![finding(id, Severity::High, pod, path, missing, "it is so")],
        excepted: Vec::new(),
        gaps: Vec::new(),
        misses: misses.map(|(group, kind)| GroupKind::new(group, kind)),
    };
    let answers = [
        answer("a-container", &["spec", "containers", "0", "image"], &[], None),
        answer("a-label", &["metadata", "labels", "app.kubernetes.io/name"], &[], None),
        answer("a-port", &["spec", "containers", "0", "ports", "1", "protocol"], &[], None),
        answer("missing-field", &["spec", "securityContext"], &["runAsNonRoot"], None),
        answer("missing-policy", &["spec"], &[], Some(("networking.k8s.io", "NetworkPolicy"))),
        answer("whole", &[], &["status"], None),
    ];
    let text = explain_object(pod, &answers, &Style::default());
    for command in [
        r#"get pod a -o jsonpath='{.spec.containers[?(@.name=="c")].image}'"#,
        r"get pod a -o jsonpath='{.metadata.labels.app\.kubernetes\.io/name}'",
        r#"get pod a -o jsonpath='{.spec.containers[?(@.name=="c")].ports[1].protocol}'"#,
        "get pod a -o jsonpath='{.spec.securityContext}'",
        "get networkpolicy.networking.k8s.io",
        "get pod a -o yaml",
    ] {
        let line = format!("         $ kubectl --context 'prod eu' -n shop {command}\n");
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}
