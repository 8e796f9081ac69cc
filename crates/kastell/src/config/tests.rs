//! Every error has its place; what the schema refuses the parser refuses, and the other way round but for what is listed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends where its own preparations or what it takes for granted fail"
)]

use super::edit::{self, EMPTY, quoted};
use super::schema::{ControlId, Day, Exception, ExceptionMatch, Line};
use super::*;
use kastell_model::yaml::Scalar;
use kastell_report::Style;
use std::path::Path;

fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
    read(Path::new(NAME), text.as_bytes().to_vec())
}

/// The frames of the errors as they look without colours.
fn shown(text: &str) -> String {
    let errors = parse(text).map(|_| ()).unwrap_err();
    kastell_report::diagnostics(&errors, &|_: &Source, _: usize, _: &str| Vec::new(), &Style::default())
}

/// Code, line and column of every error.
fn errors(text: &str) -> Vec<(String, u32, u32)> {
    let list = parse(text).map(|_| ()).err().unwrap_or_default();
    list.iter()
        .map(|d| {
            let label = &d.labels[0];
            let at = label.source.position(label.span.start);
            (d.code.0.to_string(), at.line, at.column)
        })
        .collect()
}

/// A configuration with these lines below its head.
fn with(lines: &str) -> String {
    format!("{EMPTY}{lines}")
}

const WRONG_EVERYWHERE: &str = "\
apiVersion: kastell.dev/v2
kind: Config
sevirity: []
controls:
  enable: privileged-container
  skip: [privileged-contaner, 7]
  parameters:
    low-group-id: {minumum: 3}
    added-capabilty: {}
severity:
- control: privileged-container
  severity: hgih
  reason: \"\"
- severity: low
production: [prod]
assets:
- kind: Secret
  name: 007
owners:
- label: team
  annotation: team
- codeowners: false
- {}
exceptions:
- controls: []
  match: {name: 5, kindd: Pod}
  reason: |
    two
    lines
  until: 2027-02-30
- controls: [privileged-container]
  match: {}
- text
expectUnknown:
- control: privileged-container
  reason: 2027
";

#[test]
fn all_errors_of_form_are_told_at_once_each_with_its_place() {
    insta::assert_snapshot!("form", shown(WRONG_EVERYWHERE));
}

const WRONG_IN_MEANING: &str = "\
apiVersion: kastell.dev/v1alpha1
kind: Configuration
controls:
  enable: [privileged-container, host-pid]
  skip: [host-pid]
  parameters:
    low-group-id: {minimum: many}
production:
  selector: env in prod
assets:
- kind: Secret
owners:
- label: team
- label: team
exceptions:
- controls: [privileged-container, host-pid]
  match: {kind: deployment, selector: 'app=='}
  reason: it must
- controls: [host-pid]
  match: {name: agent}
  reason: it must
- controls: [host-pid]
  match: {name: agent}
  reason: it really must
  until: 2027-01-31
";

#[test]
fn all_errors_of_meaning_are_told_at_once_each_with_its_place() {
    insta::assert_snapshot!("meaning", shown(WRONG_IN_MEANING));
}

#[test]
fn texts_that_are_no_configuration_are_told_why() {
    for (text, codes) in [
        ("", vec![("empty-value", 1, 1)]),
        ("# nothing\n", vec![("empty-value", 1, 1)]),
        ("a: [\n", vec![("syntax", 1, 4)]),
        ("- a\n", vec![("wrong-type", 1, 1)]),
        ("text\n", vec![("wrong-type", 1, 1)]),
        ("{}\n", vec![("missing-key", 1, 1), ("missing-key", 1, 1)]),
        ("apiVersion: v1\nkind: Pod\n", vec![("unknown-value", 1, 13), ("unknown-value", 2, 7)]),
    ] {
        let codes: Vec<_> = codes.into_iter().map(|(c, l, k)| (c.to_string(), l, k)).collect();
        assert_eq!(errors(text), codes, "{text:?}");
    }
    assert_eq!(errors(&format!("{EMPTY}---\nb: 1\n"))[0].0, "several-documents");
    assert_eq!(errors(&with("severity: []\nseverity: []\n"))[0].0, "duplicate-key");
    assert!(read(Path::new(NAME), vec![b'a', 0xff]).is_err());
}

/// Parts of configurations that are valid.
const VALID: &[&str] = &[
    "",
    "controls:\nseverity:\nproduction:\nassets:\nowners:\nexceptions:\nexpectUnknown:\n",
    "controls: {enable: [host-pid], skip: [], parameters: {low-group-id: {minimum: 5}}}\n",
    "controls: {parameters: {pod-security-violation: {level: 'restricted:v1.34'}}}\n",
    "severity:\n- {control: host-pid, severity: low, reason: r, match: {production: true, namespace: 'a-*'}}\n",
    "severity:\n- {control: host-pid, severity: info, reason: r}\n",
    "production: {namespaces: [a, 'b-*'], selector: 'env in (a,b),!c'}\n",
    "assets:\n- {kind: Secret, namespace: a, name: '*'}\n- {kind: Secret.example.com, selector: a=b}\n",
    "owners:\n- label: a\n- annotation: a\n- namespaceLabel: a\n- namespaceAnnotation: a\n- argocdProject: true\n\
     - fluxKustomization: true\n- codeowners: true\n",
    "exceptions:\n- controls: [host-pid, privileged-container]\n  match: {kind: K, namespace: ns, name: a, selector: a, container: c}\n  \
     reason: r\n  owner: o\n  ticket: t\n  until: 2027-01-31\n",
    "exceptions:\n- {controls: [host-pid], match: {name: a}, reason: r, owner: null}\n",
    "expectUnknown:\n- {control: host-pid, kind: Pod, namespace: a, name: b, reason: r}\n- {control: host-pid, reason: r}\n",
];

/// Parts that are not, also for the schema.
const INVALID: &[&str] = &[
    "other: 1\n",
    "controls: []\n",
    "controls: {enabled: []}\n",
    "controls: {enable: [no-such-control]}\n",
    "controls: {parameters: {no-such-control: {}}}\n",
    "controls: {parameters: {host-pid: {}}}\n",
    "controls: {parameters: {low-group-id: {most: 5}}}\n",
    "severity:\n- {control: host-pid, severity: high}\n",
    "severity:\n- {control: host-pid, severity: High, reason: r}\n",
    "severity:\n- {control: host-pid, severity: high, reason: ''}\n",
    "severity:\n- {control: host-pid, severity: high, reason: '  '}\n",
    "severity:\n- {control: host-pid, severity: high, reason: \"a\\nb\"}\n",
    "severity:\n- {control: host-pid, severity: high, reason: r, match: {pod: a}}\n",
    "severity:\n- {control: host-pid, severity: high, reason: r, match: {production: 'yes'}}\n",
    "production: {namespaces: a}\n",
    "production: {namespaces: ['']}\n",
    "assets:\n- {name: a}\n",
    "owners:\n- {}\n",
    "owners:\n- {label: a, annotation: b}\n",
    "owners:\n- {codeowners: false}\n",
    "owners:\n- {label: null}\n",
    "owners:\n- label\n",
    "exceptions:\n- {controls: [], match: {name: a}, reason: r}\n",
    "exceptions:\n- {controls: host-pid, match: {name: a}, reason: r}\n",
    "exceptions:\n- {controls: [host-pid], match: {}, reason: r}\n",
    "exceptions:\n- {controls: [host-pid], reason: r}\n",
    "exceptions:\n- {controls: [host-pid], match: {name: a}}\n",
    "exceptions:\n- {controls: [host-pid], match: {name: 1}, reason: r}\n",
    "exceptions:\n- {controls: [host-pid], match: {name: null}, reason: r}\n",
    "exceptions:\n- {controls: [host-pid], match: {name: a}, reason: r, until: 2027-02-29}\n",
    "exceptions:\n- {controls: [host-pid], match: {name: a}, reason: r, until: soon}\n",
    "exceptions:\n- null\n",
    "expectUnknown:\n- {control: host-pid}\n",
    "expectUnknown:\n- {control: host-pid, reason: r, container: a}\n",
];

/// What no schema can say, and the code of the error.
const INVALID_IN_MEANING: &[(&str, &str)] = &[
    ("controls: {enable: [host-pid], skip: [host-pid]}\n", "contradiction"),
    ("controls: {skip: [host-pid, host-pid]}\n", "repeated-entry"),
    ("controls: {parameters: {low-group-id: {minimum: many}}}\n", "bad-parameter"),
    ("production: {selector: 'a in b'}\n", "bad-selector"),
    ("assets:\n- {kind: Secret}\n", "empty-value"),
    ("assets:\n- {kind: secret, name: a}\n", "unknown-kind"),
    ("owners:\n- label: a\n- label: a\n", "repeated-entry"),
    (
        "severity:\n- {control: host-pid, severity: low, reason: r}\n- {control: host-pid, severity: high, reason: s}\n",
        "repeated-entry",
    ),
    ("expectUnknown:\n- {control: host-pid, reason: r}\n- {control: host-pid, reason: s}\n", "repeated-entry"),
];

#[test]
fn the_schema_and_the_parser_agree() {
    let schema = schema::root().to_value();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let by_schema = |text: &str| {
        let stream = yaml::read(text.into());
        validator.is_valid(&json(stream.documents[0].tree.as_ref().unwrap().root(), 0).unwrap())
    };
    let agree = |lines: &str, valid: bool| {
        let text = with(lines);
        assert_eq!(by_schema(&text), valid, "the schema on {lines}");
        assert_eq!(parse(&text).is_ok(), valid, "the parser on {lines}: {:?}", errors(&text));
    };
    VALID.iter().for_each(|lines| agree(lines, true));
    INVALID.iter().for_each(|lines| agree(lines, false));
    for (lines, code) in INVALID_IN_MEANING {
        assert!(by_schema(&with(lines)), "{lines}");
        let found = errors(&with(lines));
        assert_eq!(found.iter().map(|(c, ..)| c.as_str()).collect::<Vec<_>>(), [*code], "{lines}");
    }
    // The heads, which the samples share.
    for head in
        ["", "kind: Configuration\n", "apiVersion: kastell.dev/v1alpha1\n", "apiVersion: v1\nkind: Configuration\n"]
    {
        assert!(parse(head).is_err(), "{head}");
        assert!(head.is_empty() || !by_schema(head), "{head}");
    }
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let published = include_str!("../../../../docs/generated/configuration.schema.json");
    assert!(published == schema::text(), "run `cargo xtask generate`");
}

#[test]
fn no_text_makes_a_reader_panic() {
    let whole = with(VALID[9]);
    for text in [WRONG_EVERYWHERE, WRONG_IN_MEANING, &whole] {
        for cut in 0..=text.len() {
            let _ = parse(&text[..cut]);
            let _ = parse(&text[cut..]);
            let _ = parse(&format!("{}{}", &text[..cut / 2], &text[cut..]));
        }
    }
    let deep = with(&format!(
        "controls: {{parameters: {{low-group-id: {{minimum: {}1{}}}}}}}\n",
        "[".repeat(500),
        "]".repeat(500)
    ));
    assert!(parse(&deep).is_err());
}

fn exception(name: &str) -> Exception {
    Exception {
        controls: vec![ControlId("host-pid".into()), ControlId("privileged-container".into())],
        about: ExceptionMatch {
            kind: Some(Line("DaemonSet".into())),
            namespace: None,
            name: Some(Line(name.into())),
            selector: Some(Line("app in (a,b),!c".into())),
            container: None,
        },
        reason: Line("it must: # \"quoted\" ünd more".into()),
        owner: Some(Line("@org/team".into())),
        ticket: None,
        until: Some(Day("2027-01-31".into())),
    }
}

/// Texts that an exception can be added to, and the line number before which it comes.
const EDITABLE: &[&str] = &[
    "",
    "# a comment at the end",
    "exceptions:\n",
    "exceptions: # why\n# more\nowners:\n  - label: a # last\n",
    "exceptions: []\nowners: []\n",
    "exceptions: [] # none yet\n",
    "exceptions:\n  - controls: [host-pid]\n    match: {name: x} # here\n    reason: r # there\n\n# below\nowners: []\n",
    "exceptions:\n- controls: [host-pid]\n  match:\n    name: x\n  reason: r\nowners: []",
    "exceptions:\n-   controls:\n    - host-pid\n    match: {name: x}\n    reason: r\n",
    "exceptions:\n      - {controls: [host-pid], match: {name: x}, reason: r}\n",
    "exceptions:\n  - match: {name: x}\n    reason: >-\n      folded\n      text\n    controls: [host-pid]\nowners: []\n",
];

#[test]
fn an_added_exception_leaves_every_other_byte_as_it_was() {
    for lines in EDITABLE {
        for crlf in [false, true] {
            let mut text = with(lines);
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            let once = edit::with_exception(&text, &exception("agent-*")).unwrap_or_else(|e| panic!("{e}: {text:?}"));
            let twice = edit::with_exception(&once, &exception("other")).unwrap_or_else(|e| panic!("{e}: {once:?}"));
            let known = parse(&text).unwrap().configured.exceptions.len();
            let config = parse(&twice).unwrap();
            assert_eq!(config.configured.exceptions.len(), known + 2, "{twice}");
            let form = config.form.unwrap().exceptions.unwrap();
            let shown = |e: &Exception| format!("{e:?}");
            assert_eq!(shown(&form[known]), shown(&exception("agent-*")));
            assert_eq!(shown(&form[known + 1]), shown(&exception("other")));
            // Without the lines that came, the text is the old one; the brackets of an empty list give way.
            let old: Vec<&str> = text.lines().collect();
            let kept: Vec<&str> = once.lines().filter(|l| old.contains(l)).collect();
            let gone = old.iter().filter(|l| !kept.contains(l)).count();
            assert_eq!(gone, usize::from(lines.contains("exceptions: []")), "{once}");
            assert_eq!(once.matches("\r\n").count(), if crlf { once.matches('\n').count() } else { 0 }, "{once:?}");
        }
    }
}

#[test]
fn a_text_that_cannot_take_a_line_is_left_alone() {
    for text in [
        "{\"apiVersion\": \"kastell.dev/v1alpha1\", \"kind\": \"Configuration\"}\n".to_string(),
        with("exceptions: [{controls: [host-pid], match: {name: x}, reason: r}]\n"),
        with("...\n"),
    ] {
        let refused = edit::with_exception(&text, &exception("a"));
        assert!(refused.is_err(), "{refused:?}");
    }
    let twice = edit::with_exception(EMPTY, &exception("a")).and_then(|t| edit::with_exception(&t, &exception("a")));
    assert_eq!(twice.unwrap_err(), "an entry before this one is about the same");
}

#[test]
fn quoted_text_is_read_back_as_it_was() {
    for text in [
        "cart",
        "cart-*",
        "yes",
        "5",
        "1e3",
        "null",
        "~",
        "a: b",
        "# c",
        "- a",
        "'x'",
        "\"",
        "ü",
        "a #b",
        "2027-01-31",
        "0x1",
        "a b",
        " a",
    ] {
        let line = format!("k: {}\n", quoted(text));
        let stream = yaml::read(line.as_str().into());
        let value = stream.documents[0].tree.as_ref().unwrap().root().get("k").unwrap().scalar().unwrap();
        assert_eq!(value, Scalar::String(text.into()), "{line}");
    }
}

#[test]
fn a_diff_shows_what_came_with_its_surroundings() {
    let new = edit::with_exception(
        "apiVersion: kastell.dev/v1alpha1\nkind: Configuration\nexceptions:\nowners: []\n",
        &exception("a"),
    )
    .unwrap();
    insta::assert_snapshot!("diff", edit::diff(NAME, &with("exceptions:\nowners: []\n"), &new));
    insta::assert_snapshot!("diff_of_a_new_file", edit::diff(NAME, "", EMPTY));
}
