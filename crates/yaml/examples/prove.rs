//! Compares the readers over the YAML files of folders: as they are, with CRLF, and shifted by three columns.
//!
//! `prove FOLDER…` ends with status 1 where anything differs.

#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

use kastell_yaml::proof::{self, Compared};
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            found.push(path);
        }
    }
}

/// Every line three columns deeper, except markers.
fn shifted(text: &str) -> String {
    let indent = |l: &str| if l.starts_with("---") || l.starts_with("...") { "" } else { "   " };
    text.split_inclusive('\n').map(|l| format!("{}{l}", indent(l))).collect()
}

fn main() {
    let mut paths = Vec::new();
    for folder in std::env::args().skip(1) {
        files(Path::new(&folder), &mut paths);
    }
    paths.sort();
    let mut bad = 0;
    for mode in ["as they are", "with CRLF", "shifted"] {
        let mut total = Compared::default();
        let mut against = Compared::default();
        for path in &paths {
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            let text = match mode {
                "with CRLF" => text.replace("\r\n", "\n").replace('\n', "\r\n"),
                "shifted" => shifted(&text),
                _ => text,
            };
            for (sum, result) in [
                (&mut total, proof::line_against_event(&text)),
                (
                    &mut against,
                    if mode == "as they are" { proof::event_against_fallback(&text) } else { Ok(Compared::default()) },
                ),
                (&mut Compared::default(), proof::invariants(&text).map(|()| Compared::default())),
            ] {
                match result {
                    Ok(c) => {
                        sum.equal += c.equal;
                        sum.handed_on += c.handed_on;
                        sum.equal_bytes += c.equal_bytes;
                    }
                    Err(e) => {
                        bad += 1;
                        if bad < 30 {
                            println!("{} {mode}: {}", path.display(), e.chars().take(400).collect::<String>());
                        }
                    }
                }
            }
        }
        println!("{mode}: {} files, line against event {total:?}, event against last resort {against:?}", paths.len());
    }
    println!("{bad} differences");
    std::process::exit(i32::from(bad > 0));
}
