//! Reads the YAML and JSON files of folders again and again, from memory: `bench FOLDER…`.

#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

use kastell_yaml::{Reader, read_bytes};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

fn load(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            load(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            found.extend(std::fs::read(&path));
        }
    }
}

fn main() {
    let mut texts = Vec::new();
    for folder in std::env::args().skip(1) {
        load(Path::new(&folder), &mut texts);
    }
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let mut best = f64::MAX;
    for _ in 0..5 {
        let copies = texts.clone();
        let start = Instant::now();
        for text in copies {
            std::hint::black_box(read_bytes(text));
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{} files, {:.1} MB, {:.0} MB/s", texts.len(), bytes as f64 / 1e6, bytes as f64 / 1e6 / best);
    let mut by_reader: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for text in texts {
        for d in read_bytes(text).documents {
            let name = match d.reader {
                Reader::Json => "json",
                Reader::Line => "line",
                Reader::Event => "event",
                Reader::Fallback => "fallback",
            };
            let sum = by_reader.entry(name).or_default();
            sum.0 += 1;
            sum.1 += d.span.len() as usize;
            sum.2 += usize::from(d.tree.is_none());
        }
    }
    for (name, (documents, bytes, refused)) in by_reader {
        println!("{name}: {documents} documents, {:.2} MB, {refused} refused", bytes as f64 / 1e6);
    }
}
