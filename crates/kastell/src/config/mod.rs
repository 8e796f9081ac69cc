//! `kastell.yaml`: found, read, checked, and handed to the engine.
//!
//! Owns: where the file is looked for, its form, and every error in it, each with its place. Must not know: what the
//! engine does with it.

mod check;
mod compile;
pub(crate) mod edit;
mod repository;
pub(crate) mod schema;
mod show;
#[cfg(test)]
mod tests;

use crate::output;
use anyhow::{Context as _, Result, bail};
use check::Errors;
use clap::Args;
use kastell_controls::credentials::hidden_in_text;
use kastell_engine::{Configured, SelectionRequest};
use kastell_model::yaml::{self, NodeId, Stream, Value};
use kastell_model::{Diagnostic, GroupKind, Object, ObjectKey, Origin, Source, Str};
use schema::Configuration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use show::show;

/// The name of the file.
pub(crate) const NAME: &str = "kastell.yaml";

/// Which configuration a verb uses.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration [default: kastell.yaml in this folder or the nearest one above it, up to the repository's root]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(crate) config: Option<PathBuf>,
    /// Uses no configuration, whatever lies here
    #[arg(long, conflicts_with = "config", help_heading = "Configuration")]
    pub(crate) no_config: bool,
}

/// A configuration that was read without an error, or none.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The file.
    pub(crate) path: Option<PathBuf>,
    /// What it says.
    pub(crate) form: Option<Configuration>,
    /// What the engine takes of it.
    pub(crate) configured: Arc<Configured>,
}

impl Config {
    /// Finds and reads the configuration. Errors in it are printed as frames before this returns one.
    ///
    /// # Errors
    /// A file that cannot be read or has an error.
    pub(crate) fn load(args: &ConfigArgs) -> Result<Config> {
        let here = std::env::current_dir().context("the working directory")?;
        let mut config = match find(args, &here)? {
            Some(path) => {
                let text = std::fs::read(&path).with_context(|| format!("`{}` could not be read", path.display()))?;
                read(&path, text).map_err(|errors| complain(&path, &errors))?
            }
            None => Config::default(),
        };
        if let Some(configured) = Arc::get_mut(&mut config.configured) {
            configured.owners.codeowners = repository::codeowners(&here);
        }
        Ok(config)
    }

    /// What the configuration says about which controls run is added to what the command line says, which wins.
    pub(crate) fn select(&self, request: &mut SelectionRequest) {
        let Some(controls) = self.form.as_ref().and_then(|f| f.controls.as_ref()) else { return };
        let ids =
            |list: &Option<Vec<schema::ControlId>>| list.iter().flatten().map(|c| c.0.clone()).collect::<Vec<_>>();
        if request.controls.is_empty() {
            request.controls = ids(&controls.enable);
        }
        request.skip.extend(ids(&controls.skip).into_iter().filter(|id| !request.controls.contains(id)));
        self.parameters(request);
    }

    /// The parameters alone.
    pub(crate) fn parameters(&self, request: &mut SelectionRequest) {
        let controls = self.form.as_ref().and_then(|f| f.controls.as_ref());
        let given = controls.and_then(|c| c.parameters.as_ref()).into_iter().flatten();
        let mut parameters: Vec<_> =
            given.filter(|(_, value)| !value.is_null()).map(|(id, value)| (id.clone(), value.clone())).collect();
        // The last one counts: the command line's.
        parameters.append(&mut request.parameters);
        request.parameters = parameters;
    }
}

/// The file that a run uses.
pub(crate) fn find(args: &ConfigArgs, here: &Path) -> Result<Option<PathBuf>> {
    if let Some(path) = &args.config {
        if !path.is_file() {
            bail!("the configuration `{}` does not exist", path.display());
        }
        return Ok(Some(path.clone()));
    }
    if args.no_config {
        return Ok(None);
    }
    Ok(repository::upwards(here).into_iter().map(|up| up.join(NAME)).find(|p| p.is_file()))
}

/// Reads a configuration; `path` is what it is called.
///
/// # Errors
/// Everything that is wrong with it, in order of place.
pub(crate) fn read(path: &Path, bytes: Vec<u8>) -> Result<Config, Vec<Diagnostic>> {
    let stream = yaml::read_bytes(bytes);
    let source = Arc::new(Source::new(&path.display().to_string(), Arc::clone(&stream.text)));
    let mut errors = Errors::new(&source);
    let found = document(&stream, &mut errors).and_then(|tree| {
        let root = tree.root();
        let json = schema::root().to_value();
        check::check(root, &json, &json, &mut errors);
        let form = form(root, &mut errors)?;
        let configured = compile::compile(&form, root, &mut errors);
        Some((form, configured, tree))
    });
    errors.list.sort_by_key(|d| d.labels.first().map_or(0, |l| l.span.start));
    match found {
        Some((form, mut configured, tree)) if errors.list.is_empty() => {
            configured.object = Some(Arc::new(object(path, &tree, &source)));
            Ok(Config { path: Some(path.to_path_buf()), form: Some(form), configured: Arc::new(configured) })
        }
        _ => Err(errors.list),
    }
}

/// The one document of the file. What a reader warns of is an error here: a configuration says one thing.
fn document(stream: &Stream, errors: &mut Errors) -> Option<Arc<yaml::Tree>> {
    let problems = stream.problems.iter().chain(stream.documents.iter().flat_map(|d| &d.problems));
    for problem in problems {
        errors.add(problem.code.name(), problem.span, problem.message.clone());
    }
    match stream.documents.as_slice() {
        [one] => one.tree.clone(),
        [] => {
            let error = errors.add("empty-value", yaml::Span::default(), "there is nothing in this file");
            error.help = Some("`kastell init` writes a configuration to start from".into());
            None
        }
        [_, second, ..] => {
            errors.add("several-documents", second.span, "a configuration is one document; this is a second one");
            None
        }
    }
}

/// The form, where the document fits the schema.
fn form(root: Value<'_>, errors: &mut Errors) -> Option<Configuration> {
    if !errors.list.is_empty() {
        return None;
    }
    let read = json(root, 0).ok_or("it is nested too deeply".to_string());
    match read.and_then(|json| serde_json::from_value(json).map_err(|e| e.to_string())) {
        Ok(form) => Some(form),
        Err(why) => {
            errors.add("unreadable", check::place(root), format!("the configuration cannot be read: {why}"));
            None
        }
    }
}

/// A value as JSON; `None` where it is nested too deeply for a configuration.
fn json(v: Value<'_>, depth: usize) -> Option<serde_json::Value> {
    use kastell_model::yaml::Scalar;
    if depth > 32 {
        return None;
    }
    Some(match v.scalar() {
        None if v.is_sequence() => v.items().map(|i| json(i, depth + 1)).collect::<Option<Vec<_>>>()?.into(),
        None => {
            let entries = v.entries().map(|(k, e)| Some((k.to_string(), json(e, depth + 1)?)));
            serde_json::Value::Object(entries.collect::<Option<_>>()?)
        }
        Some(Scalar::Null) => serde_json::Value::Null,
        Some(Scalar::Bool(b)) => b.into(),
        Some(Scalar::Int(i)) => i.into(),
        Some(Scalar::UInt(u)) => u.into(),
        Some(Scalar::Float(f)) => f.into(),
        Some(Scalar::String(s)) => s.into_owned().into(),
    })
}

/// The configuration's document as an object, so that findings can stand in it.
fn object(path: &Path, tree: &Arc<yaml::Tree>, source: &Arc<Source>) -> Object {
    let name: Str = path.file_name().map_or(NAME.into(), |n| n.to_string_lossy().as_ref().into());
    Object {
        key: ObjectKey {
            unit: "configuration".into(),
            kind: GroupKind::new("kastell.dev", "Configuration"),
            namespace: None,
            name,
        },
        version: "v1alpha1".into(),
        tree: Arc::clone(tree),
        root: NodeId::ROOT,
        origin: Origin::File { document: 0 },
        source: Arc::clone(source),
        patch: false,
    }
}

/// Whether the repository has a CODEOWNERS file.
pub(crate) fn has_codeowners() -> bool {
    std::env::current_dir().is_ok_and(|here| repository::codeowners(&here).is_some())
}

/// Prints the errors; the returned one says how many there are.
fn complain(path: &Path, errors: &[Diagnostic]) -> anyhow::Error {
    output::note(&frames(errors));
    let n = errors.len();
    anyhow::anyhow!("`{}` has {n} error{}; nothing was done", path.display(), if n == 1 { "" } else { "s" })
}

/// The errors as frames.
pub(crate) fn frames(errors: &[Diagnostic]) -> String {
    let style = output::style_of_stderr();
    kastell_report::diagnostics(errors, &|_: &Source, _: usize, line: &str| hidden_in_text(line, false), &style)
}
