//! The readers against each other: on real files where they are at hand, on mutations of samples, and on texts of a
//! grammar of lines that is mostly valid.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "helpers of tests")]

use kastell_yaml::proof::{self, Compared};
use std::path::{Path, PathBuf};

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Numbers {
        Numbers(0x9e37_79b9_7f4a_7c15u64.wrapping_mul(seed))
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// How often a generated text is tried: more where the environment asks for it.
fn rounds(default: usize) -> usize {
    std::env::var("KASTELL_PROOF_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn seed() -> u64 {
    std::env::var("KASTELL_PROOF_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

const SAMPLES: &[&str] = &[
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {app: web, tier: \"front\"}\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27 # pinned\n    args: [\"-c\", 'it''s', -v]\n    env:\n    - name: A\n      value: \"1\"\n    - {name: B, value: yes}\n",
    "---\n# a role\nkind: Role\nrules:\n  - apiGroups: [\"\"]\n    resources:\n      - pods\n      - pods/log\n    verbs: [get, list]\n  -\n    apiGroups:\n    - apps\n    verbs:\n    - '*'\n---\nkind: Secret\ndata:\n  key: >-\n    folded\n    text\n\n    more\n  other: |\n    line one\n      deeper\n\n    line two\n\n",
    "a: \"two\n  lines \\\n  joined \\u00e9\"\nb: 'one\n\n  two'\nc: plain text\n  that goes on\n  and on # until here\nd:\n- - 1\n  - 2\n- - - x\n    - y\n1: int\nyes: bool\n~x: tilde\nlast:\n",
    "list:\n- |2\n   two deep\n  end\n- >+\n  kept\n\n- |-\n  stripped\n- key: v\n  key: again\n- \"quoted key\": 1\n  'other': {}\n- []\n- .5\n- 0o17\n- 2026-01-01\n",
    "base: &base\n  a: 1\n  b: [x]\nuse:\n  <<: *base\n  c: !!str 3\nref: *base\n? complex\n: value\nflow: {\n  a: b,\n  c: [d,\n    e]\n}\n",
];

const BITS: &[&str] = &[
    " ", "  ", "\n", "\n\n", ":", ": ", "- ", "-", "#", " #", "'", "\"", "|", ">", "|-", "[", "]", "{", "}", ",", "\t",
    "\r\n", "\r", "&a ", "*a", "!", "%", "@", "`", "?", "? ", "---\n", "...\n", "\\", "''", "~", "0", "é", "\u{feff}",
    "\u{85}", "<<: ", "\n  ", "\n# c\n", "|2\n", ">+\n", "\\x41", "[]", "{}", "\u{2028}", "\u{1}", "\u{7f}", "\u{9f}",
    "\u{fffe}", "\0", "\n--- ", "\n...", "\"a\nb\"", "'a\nb'", "\n|\n", "\n\t", " \n", "\\\n", "-\t", ".inf", "null: ",
    "a: a\n", "\n---x", "---#c\n",
];

fn mutated(numbers: &mut Numbers) -> Option<String> {
    let mut text: Vec<u8> = numbers.pick(SAMPLES).as_bytes().to_vec();
    if numbers.below(8) == 0 {
        text = String::from_utf8(text).ok()?.replace('\n', "\r\n").into_bytes();
    }
    for _ in 0..1 + numbers.below(3) {
        if text.is_empty() {
            break;
        }
        let i = numbers.below(text.len());
        match numbers.below(5) {
            0 => {
                text.remove(i);
            }
            1 => text[i] = numbers.pick(BITS).as_bytes()[0],
            2 => {
                let end = (i + 1 + numbers.below(12)).min(text.len());
                text.drain(i..end);
            }
            3 => {
                text.truncate(i);
                if numbers.below(3) == 0 {
                    text.push(b'\n');
                }
            }
            _ => {
                let bit = numbers.pick(BITS);
                text.splice(i..i, bit.bytes());
            }
        }
    }
    String::from_utf8(text).ok()
}

/// Lines that go on as most manifests do.
const USUAL: &[&str] = &[
    "a:",
    "b: c",
    "- d",
    "- e: f",
    "-",
    "- - g",
    "# c",
    "",
    "k: |",
    "k: >-",
    "- |",
    "k: |+",
    "k: >",
    "text",
    "more # t",
    "'s': \"u\\tv\"",
    "w: 'x ",
    "y'",
    "x: y #c",
    "[a, {b: c}]",
    "- 'it''s'",
    "n: ~",
    "q: \"a\\",
    "z\"",
    "- h:",
    "k: >2",
    "---",
    "'t'",
    "\"v\"",
    "- i: |-",
    "p: q r",
    "  deep",
    "k: ''",
];

/// Lines that are rare, strange or wrong.
const STRANGE: &[&str] = &[
    "- >2",
    "k: |2",
    "k: |1-",
    "x: 'q",
    "r'",
    "x: \"q",
    "s\"",
    "\"w\\\\\"",
    "--- ",
    "...",
    "[a, b]",
    "{a: b, c: [d, \"e\"]}",
    "k: [",
    "]",
    "- {a: 'b''c'}",
    "x #c",
    "x: y#c",
    ": v",
    "? k",
    "a b",
    "a  b ",
    "\tt",
    "x:\ty",
    "x: y\t",
    "-\tz",
    "x : y",
    "x: - y",
    "x: :y",
    "?z",
    "k: \"a\\n\\x41 b\"",
    "k: 'a' b",
    "k: \"a\": b",
    "<<: m",
    "&a b",
    "*a",
    "!t b",
    "k: &a",
    "k: null",
    "%Y",
    "k: @",
    "k: |#",
    "k: | #c",
    "t:ext",
    "k: >\n\n   deep\n  less",
    "x: {}",
    "- []",
    "k: |\n   \n  z",
    "k: 'a\n\n\n  b'",
    "k: \"a  \n\n  b\\\n   c\\  \n d\"",
    "k: >\n   a\n    b\n\n   c\n\n\n   d\n",
    "k: [a, b",
    "\"",
    "'",
    "  ",
    "é: \u{2028}",
    "k: -",
    "- -",
    "--",
    "k: --- b",
    "1: x",
    "yes: x",
    "0x1: x",
    "k: [-1, .5, y]",
    "{1: a, on: b}",
    "k: {a: b, a: c}",
    "---x",
    "---#x",
];

fn generated(numbers: &mut Numbers) -> String {
    let line_break = if numbers.below(8) == 0 { "\r\n" } else { "\n" };
    let mut text = String::new();
    let mut columns = vec![0usize];
    let mut open = true;
    for _ in 0..2 + numbers.below(10) {
        let line = if numbers.below(8) == 0 { numbers.pick(STRANGE) } else { numbers.pick(USUAL) };
        if line == "---" {
            columns = vec![0];
            open = true;
            text.push_str("---");
            text.push_str(line_break);
            continue;
        }
        let top = columns[columns.len() - 1];
        if open {
            let deeper = if text.is_empty() { 0 } else { 1 + numbers.below(3) };
            if numbers.below(4) > 0 {
                columns.push(top + deeper);
            }
        } else {
            for _ in 0..numbers.below(3) {
                if columns.len() > 1 {
                    columns.pop();
                }
            }
        }
        let column = columns[columns.len() - 1] + usize::from(numbers.below(30) == 0);
        text.extend(std::iter::repeat_n(' ', column));
        text.push_str(line);
        if numbers.below(60) != 0 {
            text.push_str(line_break);
        }
        open = line.ends_with([':', '-', '|', '>', '+', '2']);
        if line.starts_with("- ") && numbers.below(2) == 0 {
            columns.push(column + 2);
        }
    }
    if numbers.below(10) == 0 {
        text.pop();
    }
    text
}

fn compare(text: &str) -> Compared {
    proof::invariants(text).unwrap_or_else(|e| panic!("{e}\n{text:?}"));
    proof::line_against_fallback(text).unwrap_or_else(|e| panic!("{e}\n{text:?}"));
    proof::line_against_event(text).unwrap_or_else(|e| panic!("{e}\n{text:?}"))
}

#[test]
fn line_reader_and_event_reader_agree_on_mutated_manifests() {
    let mut numbers = Numbers::new(seed());
    let mut equal = 0;
    for _ in 0..rounds(6000) {
        if let Some(text) = mutated(&mut numbers) {
            equal += compare(&text).equal;
        }
    }
    assert!(equal > 1000, "only {equal} documents were compared");
}

#[test]
fn line_reader_and_event_reader_agree_on_generated_lines() {
    let mut numbers = Numbers::new(seed());
    let mut equal = 0;
    for _ in 0..rounds(20_000) {
        equal += compare(&generated(&mut numbers)).equal;
    }
    assert!(equal > 1000, "only {equal} documents were compared");
}

#[test]
fn samples_are_read_alike_by_every_reader() {
    for sample in SAMPLES {
        compare(sample);
        proof::event_against_fallback(sample).unwrap();
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            found.push(path);
        }
    }
}

#[test]
fn readers_agree_on_real_manifests_as_they_are_with_crlf_and_shifted() {
    let Some(data) = std::env::var_os("KASTELL_CONFORMANCE_DATA") else {
        println!("KASTELL_CONFORMANCE_DATA is not set: real manifests were not compared");
        return;
    };
    let mut paths = Vec::new();
    files(&Path::new(&data).join("corpus"), &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "there is no corpus in {}", Path::new(&data).display());
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let indent = |l: &str| if l.starts_with("---") || l.starts_with("...") { "" } else { "   " };
        let shifted: String = text.split_inclusive('\n').map(|l| format!("{}{l}", indent(l))).collect();
        let crlf = text.replace("\r\n", "\n").replace('\n', "\r\n");
        for copy in [&text, &crlf, &shifted] {
            proof::line_against_event(copy).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
        proof::event_against_fallback(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}
