//! Streams: markers, JSON, anchors, merge keys, duplicate keys, and where everything stands.

use kastell_yaml::{Level, LineIndex, ProblemCode, Reader, Stream, Value, json, read};

fn values(stream: &Stream) -> Vec<String> {
    let trees = stream.documents.iter().filter_map(|d| d.tree.as_ref());
    trees.map(|t| json::to_json(t.root())).collect()
}

fn codes(stream: &Stream) -> Vec<(ProblemCode, Level)> {
    stream.documents.iter().flat_map(|d| &d.problems).map(|p| (p.code, p.level)).collect()
}

/// The place of byte `offset` as `line:column`.
fn place(text: &str, offset: u32) -> String {
    let position = LineIndex::new(text).position(text, offset);
    format!("{}:{}", position.line, position.column)
}

fn span(v: Value<'_>) -> String {
    let text = v.tree().text();
    format!("{}-{}", place(text, v.span().start), place(text, v.span().end))
}

#[test]
fn documents_without_content_are_left_out() {
    for text in ["", "\n\n", "# only a comment\n", "---\n---\n# c\n---\n", "\u{feff}", "...\n", "--- # c\n...\n"] {
        assert_eq!(read(text.into()).documents.len(), 0, "{text:?}");
    }
}

#[test]
fn comments_before_a_marker_belong_to_the_document_after_it() {
    let text = "# head\n---\na: 1\n# tail\n---\nb: 2\n";
    let stream = read(text.into());
    let spans: Vec<(u32, u32)> = stream.documents.iter().map(|d| (d.span.start, d.span.end)).collect();
    assert_eq!(spans, [(0, 23), (23, 32)]);
    assert_eq!(values(&stream), ["{\"a\":1}", "{\"b\":2}"]);
}

#[test]
fn a_broken_document_costs_only_itself() {
    let stream = read("a: 1\n---\nb: [1\n---\nc: \0\n---\nd: 4\n".into());
    assert_eq!(values(&stream), ["{\"a\":1}", "{\"d\":4}"]);
    assert_eq!(codes(&stream), [(ProblemCode::Syntax, Level::Error); 2]);
}

#[test]
fn what_kubectl_drops_after_a_document_end_is_read_with_a_warning() {
    let stream = read("a: 1\n...\nb: 2\n---\nc: 3\n".into());
    assert_eq!(values(&stream), ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
    assert_eq!(codes(&stream), [(ProblemCode::AfterDocumentEnd, Level::Warning)]);
}

#[test]
fn content_on_a_separator_is_read_with_a_warning() {
    let stream = read("--- {a: 1}\n--- |\n text\n---\nb: 2\n".into());
    assert_eq!(values(&stream), ["{\"a\":1}", "\"text\\n\"", "{\"b\":2}"]);
    assert_eq!(codes(&stream), [(ProblemCode::ContentOnSeparator, Level::Warning); 2]);
}

#[test]
fn a_line_like_a_separator_is_told() {
    let stream = read("a: 1\n---x: 2\n".into());
    assert!(codes(&stream).contains(&(ProblemCode::ContentOnSeparator, Level::Warning)), "{stream:?}");
    assert_eq!(values(&read("a: 1\n---#c\nb: 2\n".into())), ["{\"a\":1}", "{\"b\":2}"]);
}

#[test]
fn directives_are_read_and_kubectls_refusal_is_told() {
    let stream = read("%YAML 1.1\n---\na: 1\n".into());
    assert_eq!(values(&stream), ["{\"a\":1}"]);
    assert!(codes(&stream).iter().any(|c| c.0 == ProblemCode::Lenient));
}

#[test]
fn json_values_one_after_another_are_documents() {
    let stream = read("{\"a\":1}\n {\"a\":2}{\"a\":3}\n".into());
    assert_eq!(values(&stream), ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"]);
    assert!(stream.documents.iter().all(|d| d.reader == Reader::Json && d.problems.is_empty()));
}

#[test]
fn flow_yaml_that_begins_like_json_is_read_and_kubectls_refusal_is_told() {
    let stream = read("{a: 1, # kyaml\n b: [x,],\n}\n".into());
    assert_eq!(values(&stream), ["{\"a\":1,\"b\":[\"x\"]}"]);
    assert_eq!(codes(&stream), [(ProblemCode::NotJson, Level::Warning)]);
    // Behind a separator or a bracket kubectl reads YAML.
    assert_eq!(codes(&read("---\n{a: 1}\n".into())), []);
    assert_eq!(codes(&read("[a, b]\n".into())), []);
}

#[test]
fn kyaml_is_read_like_any_yaml() {
    let text = "---\n# a pod\n{\n  apiVersion: \"v1\",\n  kind: \"Pod\",\n  metadata: {\n    name: \"web\",\n  },\n  spec: {\n    containers: [{\n      name: \"web\",\n      securityContext: {\n        privileged: false,\n      },\n    }],\n  },\n}\n";
    let stream = read(text.into());
    assert!(codes(&stream).is_empty(), "{stream:?}");
    let root = stream.documents[0].tree.as_ref().unwrap().root();
    let container = root.at(&["spec", "containers"]).unwrap().items().next().unwrap();
    assert_eq!(container.at(&["securityContext", "privileged"]).unwrap().as_bool(), Some(false));
    assert_eq!(span(container.field("name").unwrap()), "11:14-11:17");
}

#[test]
fn later_duplicates_win_and_each_is_told_at_its_key() {
    let text = "a: 1\nb: 2\na: 3\n'a': 4\n";
    let stream = read(text.into());
    assert_eq!(values(&stream), ["{\"b\":2,\"a\":4}"]);
    let problems = &stream.documents[0].problems;
    let places: Vec<String> = problems.iter().map(|p| place(text, p.span.start)).collect();
    assert_eq!(places, ["3:1", "4:2"]);
    assert_eq!(codes(&stream), [(ProblemCode::DuplicateKey, Level::Warning); 2]);
    // By resolution, in JSON, and among many.
    assert_eq!(values(&read("yes: 1\ntrue: 2\n".into())), ["{\"true\":2}"]);
    assert_eq!(values(&read("{\"a\":1,\"\\u0061\":2}".into())), ["{\"a\":2}"]);
    let many: String = (0..100).map(|i| format!("k{i}: {i}\n")).collect();
    assert_eq!(codes(&read(format!("{many}k7: x\n").into())).len(), 1);
}

#[test]
fn merge_keys_are_resolved_as_go_yaml_does() {
    for (text, expected) in [
        ("m: &m {a: 1, b: 2}\nv:\n  <<: *m\n  b: 3\n", "{\"a\":1,\"b\":3}"),
        ("m: &m {a: 1, b: 2}\nv:\n  a: 9\n  <<: *m\n", "{\"a\":1,\"b\":2}"),
        ("v:\n  a: 9\n  <<: {a: 1, c: 2}\n", "{\"a\":1,\"c\":2}"),
        ("m: &m {a: 1, b: 1}\nn: &n {a: 2, c: 2}\nv:\n  <<: [*m, *n]\n", "{\"c\":2,\"a\":1,\"b\":1}"),
        ("m: &m {a: 1}\nn: &n\n  <<: *m\n  b: 2\nv:\n  <<: *n\n", "{\"a\":1,\"b\":2}"),
        ("v:\n  \"<<\": 1\n", "{\"<<\":1}"),
    ] {
        let stream = read(text.into());
        let tree = stream.documents[0].tree.as_ref().unwrap_or_else(|| panic!("{text:?}: {stream:?}"));
        assert_eq!(json::to_json(tree.root().get("v").unwrap()), expected, "{text:?}");
        assert_eq!(codes(&stream), [], "{text:?}");
    }
    for text in ["v:\n  <<: 1\n", "v:\n  <<: [1]\n", "a: &a 1\nv:\n  <<: *a\n", "v:\n  <<:\n"] {
        assert_eq!(codes(&read(text.into())), [(ProblemCode::Syntax, Level::Error)], "{text:?}");
    }
}

#[test]
fn merged_entries_stand_at_the_merge_key_and_their_content_at_the_anchor() {
    let text = "m: &m {a: 1}\nv:\n  <<: *m\n";
    let stream = read(text.into());
    let a = stream.documents[0].tree.as_ref().unwrap().root().at(&["v", "a"]).unwrap();
    assert_eq!((a.key(), a.as_i64(), a.is_shared(), a.key_span()), ("a", Some(1), true, None));
    assert_eq!(span(a), "3:3-3:5");
    assert_eq!(place(text, a.content_span().start), "1:11");
}

#[test]
fn aliases_refer_and_are_never_copies() {
    let text = "a: &x [1, {b: 2}]\nc: *x\n*x2 : 1\n";
    assert_eq!(codes(&read(text.into())), [(ProblemCode::Syntax, Level::Error)]);
    let text = "a: &x [1, {b: 2}]\nc: *x\n&k key: &v val\nd: *k\n*v : e\n";
    let stream = read(text.into());
    assert_eq!(
        values(&stream),
        ["{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}],\"key\":\"val\",\"d\":\"key\",\"val\":\"e\"}"]
    );
    let c = stream.documents[0].tree.as_ref().unwrap().root().get("c").unwrap();
    assert_eq!((span(c).as_str(), c.is_shared()), ("2:4-2:6", true));
    assert_eq!(place(text, c.content_span().start), "1:7");
}

#[test]
fn an_anchor_within_itself_and_an_unknown_one_are_errors() {
    for text in ["a: &x [*x]\n", "&x a: {b: *y}\n", "v: *nope\n", "a: &x 1\n---\nb: *x\n"] {
        let stream = read(text.into());
        assert!(codes(&stream).contains(&(ProblemCode::Syntax, Level::Error)), "{text:?}: {stream:?}");
    }
}

#[test]
fn every_node_stands_where_it_is_written() {
    let text = "top:\n  é: plain # c\n  q: \"in\"\n  list:\n  - x\n  -\n  flow: {a: [1, 2], \"b\": 'c'}\n  text: |\n    one\n    two\n\n  none:\nlast: a\n  b\n";
    // The anchor sends the second copy to the event reader.
    for (text, reader, end) in
        [(text.to_owned(), Reader::Line, "14:4"), (format!("{text}z: &z 1\n"), Reader::Event, "15:8")]
    {
        let stream = read(text.clone().into());
        let root = stream.documents[0].tree.as_ref().unwrap().root();
        let at = |path: &[&str]| path.iter().fold(root, |v, k| v.get(k).unwrap());
        assert_eq!(stream.documents[0].reader, reader);
        assert_eq!(span(root), format!("1:1-{end}"));
        assert_eq!(span(at(&["top"])), "2:3-12:8");
        assert_eq!(span(at(&["top", "é"])), "2:6-2:11");
        assert_eq!(span(at(&["top", "q"])), "3:7-3:9");
        assert_eq!(span(at(&["top", "list"])), "5:3-6:4");
        assert_eq!(span(at(&["top", "list"]).items().nth(1).unwrap()), "6:4-6:4");
        assert_eq!(span(at(&["top", "flow"])), "7:9-7:30");
        assert_eq!(span(at(&["top", "flow", "a"])), "7:13-7:19");
        assert_eq!(span(at(&["top", "flow", "b"])), "7:27-7:28");
        assert_eq!(span(at(&["top", "text"])), "9:5-10:8");
        assert_eq!(span(at(&["top", "none"])), "12:8-12:8");
        assert_eq!(span(at(&["last"])), "13:7-14:4");
        let key = at(&["top", "flow", "b"]).key_span().unwrap();
        assert_eq!((place(&text, key.start), place(&text, key.end)), ("7:22".to_owned(), "7:23".to_owned()));
    }
}

#[test]
fn json_nodes_stand_where_they_are_written() {
    let text = "{\n  \"a\": [1, \"x\\ny\"],\n  \"\\u0062\": null\n}\n";
    let stream = read(text.into());
    let root = stream.documents[0].tree.as_ref().unwrap().root();
    assert_eq!(stream.documents[0].reader, Reader::Json);
    assert_eq!(span(root), "1:1-4:2");
    assert_eq!(span(root.get("a").unwrap()), "2:8-2:19");
    assert_eq!(span(root.get("a").unwrap().items().nth(1).unwrap()), "2:13-2:17");
    assert_eq!(span(root.get("b").unwrap()), "3:13-3:17");
    assert_eq!(place(text, root.get("b").unwrap().key_span().unwrap().start), "3:4");
}

#[test]
fn a_document_that_only_the_last_resort_reads_has_its_values_and_says_so() {
    // U+2028 is a line break for kubectl and content for parsers of YAML 1.2.
    let text = "a:\n  b: one\u{2028}   two\n  c: yes\n  d: 'yes'\n  e: !!str 7\n  f: 0o17\n  g: é\n  h: \"no\"\n";
    let stream = read(text.into());
    let expected =
        "{\"a\":{\"b\":\"one\\u2028two\",\"c\":true,\"d\":\"yes\",\"e\":\"7\",\"f\":15,\"g\":\"é\",\"h\":\"no\"}}";
    assert_eq!(values(&stream), [expected]);
    assert_eq!(stream.documents[0].reader, Reader::Fallback);
    assert!(stream.documents[0].tree.as_ref().unwrap().is_approximate());
    assert_eq!(codes(&stream), [(ProblemCode::Approximate, Level::Warning)]);
}

#[test]
fn quoted_text_that_goes_on_at_its_parents_column_is_read_with_positions() {
    let stream = read("a:\n  b: \"one\n  two\"\nc: \"x\ny\"\n".into());
    assert_eq!(values(&stream), ["{\"a\":{\"b\":\"one two\"},\"c\":\"x y\"}"]);
    assert_eq!(codes(&stream), []);
}

#[test]
fn strict_json_refuses_what_rfc_8259_refuses() {
    for text in [
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "01",
        "1.",
        "+1",
        ".5",
        "'a'",
        "\"\t\"",
        "nul",
        "[1] 2",
        "\"\\x\"",
        "{a:1}",
        "-",
    ] {
        assert!(json::read_strict(text).is_err(), "{text:?}");
    }
    for text in ["null", " [ ] ", "{}", "-0.5e+3", "\"\\ud83d\\ude00\"", "[{\"a\":[]},true]"] {
        assert!(json::read_strict(text).is_ok(), "{text:?}");
    }
}

#[test]
fn json_text_is_written_as_gos_encoder_writes_it() {
    let text = r#"{"a":"\u0001\"\\<é\u2028","b":[1e-7,1E21,123456789012345678901,-0.0,1.0]}"#;
    let tree = json::read_strict(text).unwrap();
    let expected = r#"{"a":"\u0001\"\\<é\u2028","b":[1e-7,1e+21,123456789012345680000,-0,1]}"#;
    assert_eq!(json::to_json(tree.root()), expected);
}
