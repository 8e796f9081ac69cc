//! Scalars and keys as kubectl reads them: the law in a table.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "helpers of tests")]

use kastell_yaml::{Kind, ProblemCode, json, read};

/// The first document's value as JSON, or the code of its first error.
fn value_of(text: &str) -> Result<String, ProblemCode> {
    let stream = read(text.into());
    let document = stream.documents.first().expect("a document");
    match &document.tree {
        Some(tree) => Ok(json::to_json(tree.root())),
        None => Err(document.problems[0].code),
    }
}

/// Plain text, and the JSON that kubectl makes of it.
const PLAIN: &[(&str, &str)] = &[
    ("y", "true"),
    ("Yes", "true"),
    ("ON", "true"),
    ("True", "true"),
    ("n", "false"),
    ("No", "false"),
    ("off", "false"),
    ("FALSE", "false"),
    ("tRUE", "\"tRUE\""),
    ("oN", "\"oN\""),
    ("yess", "\"yess\""),
    ("~", "null"),
    ("null", "null"),
    ("NULL", "null"),
    ("nULL", "\"nULL\""),
    ("", "null"),
    ("0", "0"),
    ("-0", "0"),
    ("00", "0"),
    ("017", "15"),
    ("0o17", "15"),
    ("0O17", "15"),
    ("09", "9"),
    ("0x2A", "42"),
    ("0X2a", "42"),
    ("-0x2A", "-42"),
    ("+0x2A", "42"),
    ("0x", "\"0x\""),
    ("0xG", "\"0xG\""),
    ("0b110", "6"),
    ("-0b110", "-6"),
    ("0b-110", "-6"),
    ("0b12", "\"0b12\""),
    ("0b", "\"0b\""),
    ("2_500", "2500"),
    ("2_", "2"),
    ("0_9", "9"),
    ("+7", "7"),
    ("+", "\"+\""),
    ("-", "[null]"),
    ("--7", "\"--7\""),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854775808"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("18446744073709551616", "18446744073709552000"),
    ("+9223372036854775808", "9223372036854776000"),
    ("0xFFFFFFFFFFFFFFFFFFFF", "\"0xFFFFFFFFFFFFFFFFFFFF\""),
    ("1.50", "1.5"),
    ("2.", "2"),
    (".25", "0.25"),
    (".2_5", "0.25"),
    ("._5", "\"._5\""),
    ("-.5", "-0.5"),
    (".", "\".\""),
    ("1e3", "1000"),
    ("12e03", "12000"),
    ("1E-7", "1e-7"),
    ("1e21", "1e+21"),
    ("1e", "\"1e\""),
    ("1e999", "\"1e999\""),
    ("1.2.3", "\"1.2.3\""),
    ("infinity", "\"infinity\""),
    ("12:30", "\"12:30\""),
    ("2026-11-24", "\"2026-11-24\""),
    ("2026-11-24T17:00:00Z", "\"2026-11-24T17:00:00Z\""),
    ("500m", "\"500m\""),
    ("=", "\"=\""),
    ("\"yes\"", "\"yes\""),
    ("'12'", "\"12\""),
    ("!!str 12", "\"12\""),
    ("! 12", "\"12\""),
    ("!mine 12", "\"12\""),
    ("!!int '12'", "12"),
    ("!!bool yes", "true"),
    ("!!float 3", "3"),
    ("!!null ''", "null"),
    ("!!binary Z3LDvMOf", "\"grüß\""),
    ("!!binary /w==", "\"\u{fffd}\""),
];

#[test]
fn plain_scalars_are_what_kubectl_makes_of_them() {
    for (text, expected) in PLAIN {
        // Alone on the line after a key, behind a second entry, and in a document that only full parsers read.
        for form in ["v:\n  TEXT\n", "a: b\nv: TEXT\n", "&x a: b\nv: TEXT\n"] {
            // A dash alone is a sequence where a block collection may begin, and an error elsewhere.
            if *text == "-" && !form.starts_with("v:\n") {
                continue;
            }
            let document = form.replace("TEXT", text);
            let read = value_of(&document).unwrap_or_else(|code| panic!("{document:?}: {code:?}"));
            let expected = format!("\"v\":{expected}}}");
            assert!(read.ends_with(&expected), "{document:?} gives {read}, not {expected}");
        }
    }
}

#[test]
fn infinities_and_not_a_number_cost_the_document() {
    for text in [".inf", "-.Inf", "+.INF", ".nan", ".NAN", "!!float .inf"] {
        for form in [format!("v: {text}\n"), format!("v: [{text}]\n"), format!("- {text}\n")] {
            assert_eq!(value_of(&form), Err(ProblemCode::InvalidNumber), "{form:?}");
        }
    }
}

#[test]
fn keys_are_strings_whatever_they_resolve_to() {
    for (key, expected) in [
        ("1", "1"),
        ("0x10", "16"),
        ("1.50", "1.5"),
        ("1000000.5", "1.0000005e+06"),
        ("0.00001", "1e-05"),
        ("yes", "true"),
        ("Off", "false"),
        ("\"yes\"", "yes"),
        ("'1.50'", "1.50"),
        (".inf", ".inf"),
        ("name", "name"),
    ] {
        for form in
            [format!("{key}: x\n"), format!("{{{key}: x}}\n"), format!("? {key}\n: x\n"), format!("&a {key}: x\n")]
        {
            let stream = read(form.clone().into());
            let tree = stream.documents[0].tree.as_ref().unwrap_or_else(|| panic!("{form:?}: {stream:?}"));
            let keys: Vec<&str> = tree.root().entries().map(|(k, _)| k).collect();
            assert_eq!(keys, [expected], "{form:?}");
        }
    }
}

#[test]
fn keys_that_json_cannot_have_cost_the_document() {
    for text in
        ["null: x\n", "~: x\n", "? [a]\n: x\n", "? {a: b}\n: x\n", "{[a]: b}\n", "18446744073709551615: x\n", ": x\n"]
    {
        assert_eq!(value_of(text), Err(ProblemCode::InvalidKey), "{text:?}");
    }
}

#[test]
fn values_that_are_not_what_their_tag_says_cost_the_document() {
    for text in ["v: !!int x\n", "v: !!bool 1\n", "v: !!float yes\n", "v: !!null x\n", "v: !!binary '?'\n"] {
        assert_eq!(value_of(text), Err(ProblemCode::Syntax), "{text:?}");
    }
}

#[test]
fn scalars_over_several_lines_are_folded_and_chomped() {
    for (text, expected) in [
        ("v: a\n  b\n\n  c\n", "a b\nc"),
        ("v: 'a\n  ''b''\n\n\n  c'\n", "a 'b'\n\nc"),
        ("v: \"a \\\n  b\\n\n  c\\x41\"\n", "a b\n cA"),
        ("v: |\n  a\n   b\n\n", "a\n b\n"),
        ("v: |-\n  a\n\n", "a"),
        ("v: |+\n  a\n\n", "a\n\n"),
        ("v: >\n  a\n  b\n\n  c\n    d\n  e\n", "a b\nc\n  d\ne\n"),
        ("v: |1\n  a\n", " a\n"),
        ("v: |\n  no break at the end", "no break at the end\n"),
        ("v: |\n", ""),
        ("v: >-\n\n", ""),
    ] {
        for line_break in ["\n", "\r\n"] {
            let text = text.replace('\n', line_break);
            let stream = read(text.clone().into());
            let tree = stream.documents[0].tree.as_ref().unwrap();
            assert_eq!(tree.root().get("v").unwrap().scalar_text().unwrap(), expected, "{text:?}");
        }
    }
}

#[test]
fn typed_readings_tell_strings_from_numbers_and_booleans() {
    let stream = read("s: \"1\"\ni: 1\nf: 1.5\nw: 2.0\nb: on\nz:\n".into());
    let root = stream.documents[0].tree.as_ref().unwrap().root();
    let get = |k: &str| root.get(k).unwrap();
    assert_eq!((get("s").kind(), get("i").kind(), get("b").kind()), (Kind::String, Kind::Number, Kind::Bool));
    assert_eq!(
        (get("s").as_i64(), get("i").as_i64(), get("f").as_i64(), get("w").as_i64()),
        (None, Some(1), None, Some(2))
    );
    assert_eq!((get("f").as_f64(), get("b").as_bool(), get("s").as_bool()), (Some(1.5), Some(true), None));
    assert!(root.field("z").is_none() && get("z").is_null());
}
