//! `cargo xtask known-components`: evaluates the manifests that components ship and writes what is found in them, so
//! that the engine can tell it from what somebody added.

mod page;
mod sources;

pub(crate) use page::markdown;

use crate::root;
use anyhow::{Context as _, Result, bail, ensure};
use kastell_analysis::Facts;
use kastell_engine::components::{self, Component, Row, Shipped, Table};
use kastell_engine::{ExceptionPolicy, Selection, Settings, evaluate};
use kastell_model::views::PodView;
use kastell_model::{Cluster, ClusterBuilder, Date, Ingested, Object, ObjectKey, Seen, Source as Text, Str};
use sources::{SOURCES, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the table stands.
const TABLE: &str = "crates/engine/components/table.tsv";

const HEAD: &str = "\
# What known components ship, and what is found in it. Written by `cargo xtask known-components`; do not edit.
# says RULE MESSAGE / component ID NAME CLASS DATE SOURCE / object KIND NAME NAMESPACE… / images REPOSITORY… / SEVERITY RULE MESSAGE PATH…
";

/// Kinds that run for good or for a while; a chart's test pods are nothing that stays.
const KINDS: [&str; 6] = ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"];

/// Writes the table, or with `check` says whether it would change.
pub(crate) fn run(data: &Path, check: bool) -> Result<()> {
    let mut found: BTreeMap<&str, (&Source, Objects)> = BTreeMap::new();
    for source in SOURCES {
        let objects = &mut found.entry(source.id).or_insert_with(|| (source, Objects::new())).1;
        evaluate_source(source, data, objects)
            .with_context(|| format!("{}: {}", source.id, source.files.join(", ")))?;
    }
    let rows: usize = found.values().flat_map(|(_, o)| o.values()).map(|o| o.rows.len()).sum();
    let components = found.values().map(|(source, objects)| component(source, objects)).collect();
    let text = format!("{HEAD}{}", Table { components });
    let objects: usize = found.values().map(|(_, o)| o.len()).sum();
    writeln!(
        std::io::stdout(),
        "{} components, {objects} objects, {rows} excused findings, {} bytes",
        found.len(),
        text.len()
    )?;
    let path = root().join(TABLE);
    if std::fs::read_to_string(&path).is_ok_and(|t| t == text) {
        return Ok(());
    }
    if check {
        bail!("{TABLE} is not what the manifests say; run `cargo xtask known-components`");
    }
    std::fs::write(path, text)?;
    Ok(())
}

/// What is known of one object, over all variants of its manifests.
#[derive(Default)]
struct Known {
    namespaces: BTreeSet<String>,
    images: BTreeSet<String>,
    rows: BTreeSet<Row<'static>>,
}

/// By group, kind and name.
type Objects = BTreeMap<(String, String, String), Known>;

fn component<'a>(source: &Source, objects: &'a Objects) -> Component<'a> {
    let shipped = objects.iter().map(|((group, kind, name), known)| Shipped {
        group,
        kind,
        name,
        namespaces: known.namespaces.iter().map(String::as_str).collect(),
        images: known.images.iter().map(String::as_str).collect(),
        rows: known.rows.iter().cloned().collect(),
    });
    let Source { id, name, class, date, version, .. } = *source;
    Component { id, name, class, date, source: version, objects: shipped.collect() }
}

fn evaluate_source(source: &Source, data: &Path, objects: &mut Objects) -> Result<()> {
    let cluster = read(source, data)?;
    let facts = Facts::new(Arc::new(cluster));
    // The day only matters for exceptions, and none counts here.
    let settings = Settings::new(ExceptionPolicy::None, Date::from_unix_seconds(0));
    let evaluation = evaluate(&facts, &Selection::all(), &settings);
    let mut places: BTreeMap<&ObjectKey, Vec<(String, String, String)>> = BTreeMap::new();
    for object in facts.cluster().objects().iter().filter(|o| is_shipped(o, source)) {
        let Some(images) = components::repositories(object) else { continue };
        let key = &object.key;
        for name in listed_names(source, object) {
            let place = (key.kind.group.to_string(), key.kind.kind.to_string(), name);
            let known = objects.entry(place.clone()).or_default();
            known.images.extend(images.iter().cloned());
            known.images.extend(source.images.iter().map(|i| (*i).to_string()));
            known.namespaces.extend(namespaces(source, key.namespace.as_deref()));
            places.entry(key).or_default().push(place);
        }
    }
    ensure!(!places.is_empty(), "no object with an image was found");
    for finding in &evaluation.findings {
        let excusable = kastell_controls::find(&finding.rule.0).is_some_and(components::excusable);
        let Some(places) = places.get(&finding.at.object.key).filter(|_| excusable) else { continue };
        let Some(row) = components::row(finding) else { continue };
        for place in places {
            if let Some(known) = objects.get_mut(place) {
                known.rows.insert(row.clone());
            }
        }
    }
    Ok(())
}

/// The names that an object is listed by: static pods are mirrored under their node's name, and some controllers end
/// names with a hash.
fn listed_names(source: &Source, object: &Object) -> Vec<String> {
    let name = object.key.name.to_string();
    match source.suffixes.iter().find(|(n, _)| *n == name) {
        Some((_, suffix)) if name.ends_with('-') => vec![format!("{name}{suffix}")],
        Some((_, suffix)) => vec![format!("{name}{suffix}"), name],
        None => vec![name],
    }
}

fn is_shipped(object: &Object, source: &Source) -> bool {
    let name = &*object.key.name;
    KINDS.contains(&&*object.key.kind.kind)
        && PodView::all(object).len() == 1
        && object.annotation("helm.sh/hook").is_none_or(|h| !h.contains("test"))
        && (source.only.is_empty() || source.only.contains(&name))
        && !source.except.contains(&name)
}

/// The namespaces that an object is listed for: its own; those of the documentation where it names none, or only the
/// one that the chart was rendered for.
fn namespaces(source: &Source, own: Option<&str>) -> Vec<String> {
    let documented = source.namespaces.iter().map(|n| (*n).to_string());
    match own {
        Some(sources::RENDERED_FOR) => documented.collect(),
        Some(own) => vec![own.to_string()],
        None => documented.chain(["-".to_string()]).collect(),
    }
}

fn read(source: &Source, data: &Path) -> Result<Cluster> {
    let mut builder = ClusterBuilder::default();
    let unit: Str = source.id.into();
    let mut files = Vec::new();
    for file in source.files {
        let path = match file.strip_prefix("own:") {
            Some(own) => root().join("crates/engine/components").join(own),
            None => data.join(file),
        };
        collect(&path, &mut files)?;
    }
    files.sort();
    for file in files {
        let mut text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        for (from, to) in source.replace {
            text = text.replace(from, to);
        }
        let stream = kastell_yaml::read(text.as_str().into());
        let source = Arc::new(Text::new(&file.display().to_string(), Arc::clone(&stream.text)));
        for (number, document) in (0..).zip(&stream.documents) {
            let Some(tree) = &document.tree else { bail!("{}: document {number} cannot be read", file.display()) };
            builder.objects.extend(Ingested::from_document(&unit, &source, number, tree).objects);
        }
    }
    builder.coverage.set_unit(unit, Seen::Open);
    Ok(builder.build())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).with_context(|| path.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() || path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            collect(&path, files)?;
        }
    }
    Ok(())
}
