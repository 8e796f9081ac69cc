//! The benchmark: one table, easy to run again, with the commands that made it.

use crate::measure::{Cost, median};
use crate::root;
use anyhow::{Context as _, Result, bail};
use kastell_yaml::{Kind, Scalar, Value};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// Runs everything and prints the table.
#[expect(clippy::print_stdout, reason = "this is the task's output")]
pub(crate) fn run(data: &Path, runs: usize, readme: Option<&str>, alone: bool) -> Result<()> {
    let kastell = build()?;
    let corpus = folders(&data.join("corpus"))?;
    let dump = data.join("bench/cluster-dump.json");
    let work = std::env::temp_dir().join(format!("kastell-bench-{}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    let as_yaml = work.join("cluster-dump.yaml");
    std::fs::write(&as_yaml, to_yaml(&std::fs::read_to_string(&dump)?)?)?;
    let small = work.join("small.yaml");
    std::fs::write(&small, SMALL)?;

    let mut out = String::new();
    reading(&mut out, &corpus, &dump, &as_yaml)?;
    let inputs: [(&str, Vec<String>); 4] = [
        ("corpus, every folder a unit", corpus.iter().map(|p| p.display().to_string()).collect()),
        ("one cluster, JSON", vec![dump.display().to_string()]),
        ("one cluster, YAML", vec![as_yaml.display().to_string()]),
        ("one small manifest", vec![small.display().to_string()]),
    ];
    out.push_str("\n| `kastell scan` of | files | objects | wall s | CPU s | peak MiB | MB/s | objects/s |\n|---|---|---|---|---|---|---|---|\n");
    let mut stages = String::from(
        "\n| ms, of one run | reading | facts | checks | folding | reporting (JSON) |\n|---|---|---|---|---|---|\n",
    );
    for (name, paths) in &inputs {
        let mut command = vec![kastell.display().to_string(), "scan".into(), "--fail-on".into(), "none".into()];
        command.extend(paths.iter().cloned());
        let cost = median(&command, runs)?;
        let facts = statistics(&command)?;
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {:.3} | {:.3} | {:.0} | {:.0} | {:.0} |",
            facts.files,
            facts.objects,
            cost.wall,
            cost.user + cost.system,
            cost.peak,
            facts.bytes / 1e6 / cost.wall,
            facts.objects as f64 / cost.wall
        );
        let _ = writeln!(
            stages,
            "| {name} | {} |",
            facts.stages.iter().map(|s| format!("{s:.1}")).collect::<Vec<_>>().join(" | ")
        );
    }
    out.push_str(&stages);
    if !alone {
        others(&mut out, &data.join("corpus"), runs)?;
    }
    std::fs::remove_dir_all(&work).ok();
    println!("{out}");
    if let Some(machine) = readme {
        write_readme(&out, machine)?;
    }
    Ok(())
}

const SMALL: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: one}\nspec:\n  selector: {matchLabels: {app: one}}\n  template:\n    metadata: {labels: {app: one}}\n    spec:\n      containers:\n      - name: one\n        image: registry.example/one:1\n";

fn build() -> Result<PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status =
        Command::new(cargo).current_dir(root()).args(["build", "--release", "--quiet", "-p", "kastell"]).status()?;
    if !status.success() {
        bail!("kastell does not build");
    }
    let target = std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root().join("target"), PathBuf::from);
    Ok(target.join("release/kastell"))
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut out: Vec<PathBuf> = std::fs::read_dir(dir)
        .with_context(|| format!("{} has no corpus", dir.display()))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.is_dir())
        .collect();
    out.sort();
    Ok(out)
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files(&path, out)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            out.push(path);
        }
    }
    Ok(())
}

/// Reading alone: texts in memory, one thread, the best of five passes.
fn reading(out: &mut String, corpus: &[PathBuf], dump: &Path, as_yaml: &Path) -> Result<()> {
    out.push_str("\n| reading alone, one core | texts | MB | MB/s |\n|---|---|---|---|\n");
    let mut found = Vec::new();
    for dir in corpus {
        files(dir, &mut found)?;
    }
    for (name, paths) in
        [("corpus", found), ("one cluster, JSON", vec![dump.into()]), ("one cluster, YAML", vec![as_yaml.into()])]
    {
        let texts: Vec<Arc<str>> =
            paths.iter().filter_map(|p| std::fs::read_to_string(p).ok()).map(Arc::from).collect();
        let bytes: usize = texts.iter().map(|t| t.len()).sum();
        let mut best = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for text in &texts {
                std::hint::black_box(kastell_yaml::read(Arc::clone(text)));
            }
            best = best.min(start.elapsed().as_secs_f64());
        }
        let mb = bytes as f64 / 1e6;
        let _ = writeln!(out, "| {name} | {} | {mb:.1} | {:.0} |", texts.len(), mb / best);
    }
    Ok(())
}

struct Figures {
    files: u64,
    objects: u64,
    bytes: f64,
    stages: Vec<f64>,
}

/// The program's own account of one run.
fn statistics(command: &[String]) -> Result<Figures> {
    let (program, args) = command.split_first().context("no command")?;
    let out = Command::new(program).args(args).args(["--statistics", "--format", "json"]).output()?;
    let text: Arc<str> = String::from_utf8(out.stdout)?.into();
    let stream = kastell_yaml::read(text);
    let tree = stream.documents.first().and_then(|d| d.tree.as_ref()).context("the report is no JSON")?;
    let number = |path: &[&str]| tree.root().at(path).and_then(Value::as_f64).unwrap_or(0.0);
    let stages = tree.root().at(&["statistics", "stages"]).into_iter().flat_map(Value::items);
    Ok(Figures {
        files: number(&["read", "files"]) as u64,
        objects: number(&["read", "objects"]) as u64,
        bytes: number(&["statistics", "bytes"]),
        stages: stages.filter_map(|s| s.get("milliseconds").and_then(Value::as_f64)).collect(),
    })
}

/// Other tools on the same corpus. A tool that is not on PATH is left out; what it cost and how it ended is shown.
fn others(out: &mut String, corpus: &Path, runs: usize) -> Result<()> {
    let dir = corpus.display().to_string();
    let tools: [(&str, &[&str], &[&str]); 6] = [
        ("kube-linter", &["version"], &["lint", "--format", "json", "DIR"]),
        ("kube-score", &["version"], &["score", "-o", "json", "FILES"]),
        ("polaris", &["version"], &["audit", "--audit-path", "DIR", "--format", "json"]),
        ("kubescape", &["version"], &["scan", "framework", "allcontrols", "--keep-local", "--format", "json", "DIR"]),
        ("trivy", &["--version"], &["config", "--timeout", "30m", "--skip-check-update", "-f", "json", "DIR"]),
        (
            "checkov",
            &["--version"],
            &["-d", "DIR", "--framework", "kubernetes", "--compact", "--skip-download", "-o", "json"],
        ),
    ];
    let mut rows = String::new();
    for (tool, version, args) in tools {
        let Ok(told) = Command::new(tool).args(version).output() else { continue };
        let told = String::from_utf8_lossy(&told.stdout).lines().next().unwrap_or("").trim().to_string();
        let mut command = vec![tool.to_string()];
        for a in args {
            match *a {
                "DIR" => command.push(dir.clone()),
                "FILES" => {
                    let mut found = Vec::new();
                    files(corpus, &mut found)?;
                    command.extend(found.iter().map(|p| p.display().to_string()));
                }
                other => command.push(other.into()),
            }
        }
        let Cost { wall, user, system, peak, exit } = median(&command, runs.min(3))?;
        let _ = writeln!(
            rows,
            "| {told} | `{tool} {}` | {wall:.1} | {:.1} | {peak:.0} | {exit} |",
            args.join(" "),
            user + system
        );
    }
    if !rows.is_empty() {
        out.push_str(
            "\n| other tools, same corpus | command | wall s | CPU s | peak MiB | exit |\n|---|---|---|---|---|---|\n",
        );
        out.push_str(&rows);
    }
    Ok(())
}

/// The same objects as block YAML, one document of kind List.
fn to_yaml(json: &str) -> Result<String> {
    let stream = kastell_yaml::read(json.into());
    let tree = stream.documents.first().and_then(|d| d.tree.as_ref()).context("the dump is no JSON")?;
    let mut out = String::with_capacity(json.len() * 2);
    // (value, indentation, whether the line so far ends with a dash or a key)
    emit(tree.root(), 0, &mut out);
    Ok(out)
}

/// Writes a value that starts on a line of its own. The nesting of a dump is that of Kubernetes' types.
fn emit(v: Value<'_>, indent: usize, out: &mut String) {
    let below = |v: Value<'_>, out: &mut String, indent: usize| {
        if (v.is_mapping() && v.entries().next().is_some()) || (v.is_sequence() && v.items().next().is_some()) {
            out.push('\n');
            emit(v, indent, out);
        } else {
            out.push(' ');
            scalar(v, out);
            out.push('\n');
        }
    };
    for (key, e) in v.entries() {
        let _ = match is_plain(key) {
            true => write!(out, "{:indent$}{key}:", ""),
            false => write!(out, "{:indent$}{key:?}:", ""),
        };
        below(e, out, indent + 2);
    }
    for e in v.items() {
        let _ = write!(out, "{:indent$}-", "");
        below(e, out, indent + 2);
    }
}

/// Whether a key can stand without quotes, as `kubectl get -o yaml` writes most.
fn is_plain(key: &str) -> bool {
    let starts = key.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    let clean = !key.contains(": ") && !key.contains(" #") && !key.ends_with([':', ' ']) && !key.contains('\n');
    starts && clean && matches!(kastell_yaml::resolve(key.into()), Scalar::String(_))
}

fn scalar(v: Value<'_>, out: &mut String) {
    match (v.kind(), v.scalar()) {
        (Kind::Mapping, _) => out.push_str("{}"),
        (Kind::Sequence, _) => out.push_str("[]"),
        (_, Some(Scalar::String(s))) => {
            out.push('"');
            for c in s.chars() {
                match c {
                    '"' | '\\' => out.extend(['\\', c]),
                    '\n' => out.push_str("\\n"),
                    c if c.is_control() => {
                        let _ = write!(out, "\\x{:02x}", c as u32);
                    }
                    c => out.push(c),
                }
            }
            out.push('"');
        }
        _ => out.push_str(&v.scalar_text().unwrap_or_default()),
    }
}

fn write_readme(table: &str, machine: &str) -> Result<()> {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path)?;
    let (begin, end) = ("<!-- bench:begin -->", "<!-- bench:end -->");
    let (Some(a), Some(b)) = (text.find(begin), text.find(end)) else { bail!("README.md has no place for the table") };
    let head = text.get(..a + begin.len()).unwrap_or("");
    let tail = text.get(b..).unwrap_or("");
    std::fs::write(path, format!("{head}\nMeasured with `cargo xtask bench` on {machine}.\n{table}\n{tail}"))?;
    Ok(())
}
