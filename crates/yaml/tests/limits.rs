//! Hostile texts: a located error for the document that is one, and the others of the text are read.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "helpers of tests")]

use kastell_yaml::{Level, ProblemCode, Stream, json, read, read_bytes};

/// `middle` between two good documents: they are read, and the middle one has an error of this code, located in it.
fn refused_in_the_middle(middle: &str, code: ProblemCode) {
    let text = format!("first: 1\n---\n{middle}\n---\nlast: 1\n");
    let stream = read(text.into());
    let head: String = middle.chars().take(40).collect();
    between_good_ones(&stream, code, &head);
}

fn between_good_ones(stream: &Stream, code: ProblemCode, name: &str) {
    let documents = &stream.documents;
    assert_eq!(documents.len(), 3, "{name}");
    assert!(documents[0].tree.is_some() && documents[2].tree.is_some(), "{name}");
    let middle = &documents[1];
    assert!(middle.tree.is_none(), "{name}");
    let error = middle.problems.iter().find(|p| p.level == Level::Error).expect("an error");
    assert_eq!(error.code, code, "{name}: {}", error.message);
    assert!(middle.span.start <= error.span.start && error.span.end <= middle.span.end, "{name}: {error:?}");
}

#[test]
fn nesting_deeper_than_any_reader_follows_is_told() {
    let n = 20_000;
    refused_in_the_middle(&"[".repeat(n), ProblemCode::TooDeep);
    refused_in_the_middle(&format!("{}{}", "[".repeat(n), "]".repeat(n)), ProblemCode::TooDeep);
    refused_in_the_middle(&"- ".repeat(n), ProblemCode::TooDeep);
    refused_in_the_middle(&format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n)), ProblemCode::TooDeep);
    let n = 10_050;
    let indented: String = (0..n).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    refused_in_the_middle(&indented, ProblemCode::TooDeep);
}

#[test]
fn nesting_that_kubectl_follows_is_read() {
    let n = 9_000;
    for text in [
        format!("{}{}", "[".repeat(n), "]".repeat(n)),
        format!("{}x", "- ".repeat(n)),
        format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n)),
    ] {
        let stream = read(text.into());
        let tree = stream.documents[0].tree.as_ref().unwrap();
        assert!(tree.node_count() >= n && json::to_json(tree.root()).len() >= 2 * n);
    }
}

#[test]
fn excessive_aliasing_is_told_before_anything_grows() {
    let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for i in 1..9 {
        let row = vec![format!("*a{}", i - 1); 9].join(",");
        laughs.push_str(&format!("a{i}: &a{i} [{row}]\n"));
    }
    refused_in_the_middle(&laughs, ProblemCode::ExcessiveAliasing);
    let keys: String = (0..2000).map(|i| format!("  k{i}: 1\n")).collect();
    let merges: String = (0..2000).map(|i| format!("m{i}: {{<<: *m}}\n")).collect();
    refused_in_the_middle(&format!("m: &m\n{keys}{merges}"), ProblemCode::ExcessiveAliasing);
}

#[test]
fn nested_inline_merges_are_bounded_too() {
    let n = 3000;
    let entries: String = (0..n).map(|i| format!("k{i}: 1, ")).collect();
    let text = format!("v: {}{{{entries}}}{}", "{<<: ".repeat(n), "}".repeat(n));
    refused_in_the_middle(&text, ProblemCode::ExcessiveAliasing);
}

#[test]
fn modest_aliasing_is_read() {
    let text = "a: &a [x, y]\nb: &b [*a, *a]\nc: [*b, *b, *a]\n";
    let stream = read(text.into());
    assert!(stream.documents[0].problems.is_empty());
    assert_eq!(stream.documents[0].tree.as_ref().unwrap().root().get("c").unwrap().items().count(), 3);
}

#[test]
fn control_characters_are_told_where_they_stand() {
    for bad in ["\0", "\u{1}", "\u{7f}", "\u{9f}", "\u{fffe}"] {
        refused_in_the_middle(&format!("a: x{bad}y"), ProblemCode::Syntax);
    }
}

#[test]
fn bytes_that_are_no_utf8_cost_only_their_document() {
    let stream = read_bytes(b"first: 1\n---\na: \xff\xc3\n---\nlast: 1\n".to_vec());
    between_good_ones(&stream, ProblemCode::NotUtf8, "invalid bytes");
    assert_eq!(stream.documents[1].problems[0].span.start, 16);
    assert_eq!(&*stream.text, "first: 1\n---\na: ??\n---\nlast: 1\n");
}

#[test]
fn a_million_keys_are_read_and_their_duplicates_told() {
    let mut text: String = (0..1_000_000).map(|i| format!("key{i}: {i}\n")).collect();
    text.push_str("key5: again\n");
    let stream = read(text.clone().into());
    let document = &stream.documents[0];
    assert_eq!(document.problems.len(), 1);
    assert_eq!(document.problems[0].code, ProblemCode::DuplicateKey);
    assert_eq!(document.tree.as_ref().unwrap().root().entries().count(), 1_000_000);
    // The same through the event reader, with a tenth of the keys.
    text.truncate(text.find("key100000:").unwrap_or(text.len()));
    text.insert_str(0, "x: &x 1\n");
    text.push_str("key5: again\n");
    let stream = read(text.into());
    assert_eq!(stream.documents[0].problems.len(), 1);
}

#[test]
fn keys_alike_at_both_ends_are_told_apart_in_time() {
    let text: String = (0..20_000).map(|i| format!("samehead-{i:010}-sametail: 1\n")).collect();
    let stream = read(text.into());
    assert!(stream.documents[0].problems.is_empty());
}

#[test]
fn huge_scalars_of_every_style_are_read_in_linear_time() {
    let line = "some words on a line";
    let lines = 50_000;
    let indented = format!("  {line}\n").repeat(lines);
    for text in [
        format!("v: {}\n", "x".repeat(5_000_000)),
        format!("v:\n{indented}"),
        format!("v: '{line}\n{indented}  '\n"),
        format!("v: \"{line}\n{indented}  \\n\"\n"),
        format!("v: |\n{indented}"),
        format!("v: >\n{indented}"),
        format!("v: &a\n{indented}"),
        format!("v: !!str \"{indented}\"\n"),
    ] {
        let stream = read(text.into());
        let tree = stream.documents[0].tree.as_ref().unwrap();
        assert!(tree.root().get("v").unwrap().scalar_text().unwrap().len() >= 1_000_000);
    }
}

#[test]
fn many_small_documents_are_split_in_linear_time() {
    for line in ["...\n", "---\n", "--- a\n", "a: &x 1\n...\n", "a: [\n---\n", "{}"] {
        let stream = read(line.repeat(100_000).into());
        assert!(stream.documents.len() <= 100_000);
    }
    let mut bytes = b"\xff\n---\n".repeat(100_000);
    bytes.extend_from_slice(b"a: 1\n");
    assert_eq!(read_bytes(bytes).documents.len(), 100_001);
}
