use super::{Edit, EditError, EditOptions, Path, Step, edit};
use crate::read;
use serde_json::json;

fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let edits: Vec<(usize, Edit)> = edits.iter().map(|e| (0, e.clone())).collect();
    edit(&read(text.into()), &edits, EditOptions::default()).map_err(|(_, e)| e)
}

fn set(keys: &[&str], value: serde_json::Value) -> Edit {
    Edit::Set(Path::keys(keys), value)
}

#[test]
fn a_scalar_keeps_its_quotes_and_its_comment() {
    let text = "a: 'x' # why\nb: 1\n";
    assert_eq!(apply(text, &[set(&["a"], json!("y"))]).unwrap(), "a: 'y' # why\nb: 1\n");
    assert_eq!(apply(text, &[set(&["b"], json!(true))]).unwrap(), "a: 'x' # why\nb: true\n");
}

#[test]
fn a_new_entry_stands_behind_the_last_one_and_its_comments() {
    let text = "spec:\n  a: 1\n  # about a\n\nstatus: {}\n";
    let out = apply(text, &[set(&["spec", "b", "c"], json!("yes"))]).unwrap();
    assert_eq!(out, "spec:\n  a: 1\n  # about a\n  b:\n    c: \"yes\"\n\nstatus: {}\n");
}

#[test]
fn what_is_left_out_or_empty_becomes_a_block() {
    for text in ["a:\nb: 1\n", "a: # why\nb: 1\n", "a: ~\nb: 1\n", "a: {}\nb: 1\n"] {
        let out = apply(text, &[set(&["a", "k"], json!([1]))]).unwrap();
        let why = if text.contains('#') { " # why" } else { "" };
        assert_eq!(out, format!("a:{why}\n  k:\n    - 1\nb: 1\n"), "{text:?}");
    }
}

#[test]
fn line_endings_and_the_end_of_the_file_stay() {
    assert_eq!(apply("a:\r\n  b: 1", &[set(&["a", "c"], json!(2))]).unwrap(), "a:\r\n  b: 1\r\n  c: 2");
    assert_eq!(apply("a: 1\r\nb: 2\r\n", &[Edit::Remove(Path::keys(&["b"]))]).unwrap(), "a: 1\r\n");
    assert_eq!(apply("a: 1\nb: 2", &[Edit::Remove(Path::keys(&["b"]))]).unwrap(), "a: 1");
}

#[test]
fn items_are_added_and_taken_in_the_style_of_their_list() {
    let at = |keys: &[&str], index| Path::keys(keys).then(Step::Index(index));
    let append = |text: &str| apply(text, &[Edit::Append(Path::keys(&["a"]), json!("z"))]).unwrap();
    assert_eq!(append("a:\n- x\nb: 1\n"), "a:\n- x\n- z\nb: 1\n");
    assert_eq!(append("a: [x]\n"), "a: [x, z]\n");
    assert_eq!(append("a: []\n"), "a:\n  - z\n");
    assert_eq!(apply("a:\n- x # why\n- y\n", &[Edit::Remove(at(&["a"], 0))]).unwrap(), "a:\n# why\n- y\n");
    assert_eq!(apply("a: [x, y]\n", &[Edit::Remove(at(&["a"], 0))]).unwrap(), "a: [y]\n");
    assert_eq!(apply("a:\n- x\nb: 1\n", &[Edit::Remove(at(&["a"], 0))]).unwrap(), "a: []\nb: 1\n");
    assert_eq!(
        apply("- a: 1\n  b: 2\n", &[Edit::Remove(Path(vec![Step::Index(0), Step::Key("a".into())]))]).unwrap(),
        "- b: 2\n"
    );
}

#[test]
fn json_stays_json() {
    let text = "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n";
    let out = apply(text, &[set(&["a", "c"], json!({"d": [true]}))]).unwrap();
    assert_eq!(
        out,
        "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": {\n      \"d\": [\n        true\n      ]\n    }\n  }\n}\n"
    );
}

#[test]
fn merge_keeps_what_it_does_not_name_and_rename_keeps_the_place() {
    let out = apply("a: {b: 1}\nc: 2\n", &[Edit::Merge(Path::default(), json!({"a": {"d": 3}, "c": 4}))]).unwrap();
    assert_eq!(out, "a: {b: 1, d: 3}\nc: 4\n");
    assert_eq!(apply("a: 1\nb: 2\n", &[Edit::Rename(Path::keys(&["a"]), "z".into())]).unwrap(), "z: 1\nb: 2\n");
}

#[test]
fn a_shared_value_is_edited_only_where_that_is_wanted_and_then_everywhere() {
    let text = "a: &x {k: 1}\nb: *x\n";
    let edits = [(0, set(&["b", "k"], json!(2)))];
    let refused = edit(&read(text.into()), &edits, EditOptions::default()).unwrap_err();
    assert!(matches!(refused, (0, EditError::Shared { .. })), "{refused:?}");
    let out = edit(&read(text.into()), &edits, EditOptions { anchors: true }).unwrap();
    assert_eq!(out, "a: &x {k: 2}\nb: *x\n");
}

#[test]
fn what_cannot_be_proved_changes_nothing() {
    let wrong = apply("a: 1\n", &[set(&["a", "b"], json!(1))]).unwrap_err();
    assert!(matches!(wrong, EditError::WrongKind { .. }), "{wrong:?}");
    let tagged = apply("a: !!str 1\n", &[set(&["a"], json!({"b": 1}))]);
    assert!(tagged.is_err(), "{tagged:?}");
}

#[test]
fn other_documents_stay_byte_for_byte() {
    let text = "# one\na: 1\n---\n# two\nb:   2\n---\nc: 3\n";
    let out = edit(&read(text.into()), &[(1, set(&["d"], json!(4)))], EditOptions::default()).unwrap();
    assert_eq!(out, "# one\na: 1\n---\n# two\nb:   2\nd: 4\n---\nc: 3\n");
}

#[test]
fn a_collection_that_loses_its_last_entry_keeps_its_comments() {
    let text = "a: # one\n  # two\n  b: 1 # three\nc: 2\n";
    let out = apply(text, &[Edit::Remove(Path::keys(&["a", "b"]))]).unwrap();
    assert_eq!(out, "a: {} # one\n# two\n# three\nc: 2\n");
    let first = Path(vec![Step::Index(0), Step::Key("a".into())]);
    assert_eq!(apply("- a: 1 # why\n- b\n", &[Edit::Remove(first)]).unwrap(), "- {} # why\n- b\n");
}

#[test]
fn blank_lines_that_belong_to_a_block_stay_in_it() {
    let out = apply("m:\n  a: |+\n    x\n\nn: 1\n", &[set(&["m", "b"], json!(2))]).unwrap();
    assert_eq!(out, "m:\n  a: |+\n    x\n\n  b: 2\nn: 1\n");
}
