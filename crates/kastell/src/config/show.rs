//! The effective configuration as text: a valid configuration, with a comment that says where each value comes from.

use super::Config;
use super::edit::quoted;
use kastell_controls::CONTROLS;
use kastell_engine::{Asset, Match, OwnerKey, Selection, SelectionRequest};
use kastell_model::yaml::Value;
use std::fmt::Write as _;

/// The effective configuration. `flags`: what the command line alone says of the controls; `selection`: what runs.
pub(crate) fn show(config: &Config, flags: &SelectionRequest, selection: &Selection) -> String {
    let origin = Origin { config };
    let mut out = match &config.path {
        Some(path) => format!("# the configuration in force: {}, flags and defaults\n", path.display()),
        None => "# no kastell.yaml was found or wanted: flags and defaults\n".to_string(),
    };
    out.push_str("apiVersion: kastell.dev/v1alpha1\nkind: Configuration\n");
    controls(&origin, flags, selection, &mut out);
    severities(&origin, &mut out);
    production(&origin, &mut out);
    assets(&origin, &mut out);
    owners(&origin, &mut out);
    exceptions(&origin, &mut out);
    expected(&origin, &mut out);
    out
}

/// Where values stand in the file.
struct Origin<'c> {
    config: &'c Config,
}

impl Origin<'_> {
    fn root(&self) -> Option<Value<'_>> {
        self.config.configured.object.as_ref().map(|o| o.root())
    }

    /// `kastell.yaml:12`, for the item at `index` of the list at `path`.
    fn of_item(&self, path: &[&str], index: usize) -> String {
        let item = self.root().and_then(|r| r.at(path)).and_then(|list| list.items().nth(index));
        self.of(item)
    }

    fn of(&self, value: Option<Value<'_>>) -> String {
        let Some((object, value)) = self.config.configured.object.as_ref().zip(value) else {
            return "default".into();
        };
        let start = value.key_span().map_or(value.span().start, |k| k.start);
        format!("{}:{}", object.source.path, object.source.position(start).line)
    }
}

fn controls(origin: &Origin<'_>, flags: &SelectionRequest, selection: &Selection, out: &mut String) {
    let form = origin.config.form.as_ref().and_then(|f| f.controls.as_ref());
    let _ = writeln!(out, "controls: # {} of {} run", selection.controls().len(), CONTROLS.len());
    let of_file = |list: Option<&Vec<super::schema::ControlId>>, key: &str| -> Vec<(String, String)> {
        let ids = list.into_iter().flatten().enumerate();
        ids.map(|(i, id)| (id.0.clone(), origin.of_item(&["controls", key], i))).collect()
    };
    let by_flag = |ids: &[String], flag: &str| ids.iter().map(|id| (id.clone(), flag.to_string())).collect::<Vec<_>>();
    let enable = match by_flag(&flags.controls, "--control") {
        flags if flags.is_empty() => of_file(form.and_then(|c| c.enable.as_ref()), "enable"),
        flags => flags,
    };
    list(out, "enable", &enable);
    let mut skip = of_file(form.and_then(|c| c.skip.as_ref()), "skip");
    skip.retain(|(id, _)| !flags.controls.contains(id));
    let known: Vec<String> = skip.iter().map(|(id, _)| id.clone()).collect();
    skip.extend(by_flag(&flags.skip, "--skip").into_iter().filter(|(id, _)| !known.contains(id)));
    list(out, "skip", &skip);
    out.push_str("  parameters:\n");
    let given = form.and_then(|c| c.parameters.as_ref());
    for (control, params) in CONTROLS.iter().filter_map(|c| Some((c, c.params.as_ref()?))) {
        let by_flag = flags.parameters.iter().rev().find(|(id, _)| id == control.id);
        let in_file = given.and_then(|p| p.get(control.id)).filter(|v| !v.is_null());
        let (value, from) = match (by_flag, in_file) {
            (Some((_, value)), _) => (value.clone(), "a flag".to_string()),
            (None, Some(value)) => {
                let at = origin.root().and_then(|r| r.at(&["controls", "parameters", control.id]));
                (value.clone(), origin.of(at))
            }
            (None, None) => (params.default_json(), "default".to_string()),
        };
        let _ = writeln!(out, "    {}: {value} # {from}", control.id);
    }
}

fn list(out: &mut String, key: &str, items: &[(String, String)]) {
    if items.is_empty() {
        let _ = writeln!(out, "  {key}: [] # default");
        return;
    }
    let _ = writeln!(out, "  {key}:");
    for (id, from) in items {
        let _ = writeln!(out, "    - {id} # {from}");
    }
}

/// A list of entries, each with its lines; the first line says where it comes from.
fn entries(out: &mut String, key: &str, all: Vec<(Vec<String>, String)>) {
    if all.is_empty() {
        let _ = writeln!(out, "{key}: [] # default");
        return;
    }
    let _ = writeln!(out, "{key}:");
    for (lines, from) in all {
        for (i, line) in lines.iter().enumerate() {
            let (mark, note) = if i == 0 { ("-", format!(" # {from}")) } else { (" ", String::new()) };
            let _ = writeln!(out, "  {mark} {line}{note}");
        }
    }
}

/// The lines of a match, below `match:`.
fn about(m: &Match) -> Vec<String> {
    let mut lines = Vec::new();
    let patterns = [("kind", &m.kind), ("namespace", &m.namespace), ("name", &m.name), ("container", &m.container)];
    for (key, pattern) in patterns {
        lines.extend(pattern.as_ref().map(|p| format!("{key}: {}", quoted(p.as_str()))));
    }
    lines.extend(m.selector.as_ref().map(|s| format!("selector: {}", quoted(&s.to_string()))));
    lines.extend(m.production.map(|p| format!("production: {p}")));
    lines
}

fn nested(m: &Match) -> Vec<String> {
    let lines = about(m);
    let head = (!lines.is_empty()).then(|| "match:".to_string());
    head.into_iter().chain(lines.into_iter().map(|l| format!("  {l}"))).collect()
}

fn severities(origin: &Origin<'_>, out: &mut String) {
    let all = origin.config.configured.severities.iter().enumerate().map(|(i, s)| {
        let mut lines = vec![format!("control: {}", s.id), format!("severity: {}", s.severity.name())];
        lines.push(format!("reason: {}", quoted(&s.reason)));
        lines.extend(nested(&s.about));
        (lines, origin.of_item(&["severity"], i))
    });
    entries(out, "severity", all.collect());
}

fn production(origin: &Origin<'_>, out: &mut String) {
    let production = &origin.config.configured.production;
    if production.namespaces.is_empty() && production.selector.is_none() {
        out.push_str("production: {} # default\n");
        return;
    }
    out.push_str("production:\n");
    if !production.namespaces.is_empty() {
        out.push_str("  namespaces:\n");
    }
    for (i, p) in production.namespaces.iter().enumerate() {
        let from = origin.of_item(&["production", "namespaces"], i);
        let _ = writeln!(out, "    - {} # {from}", quoted(p.as_str()));
    }
    if let Some(selector) = &production.selector {
        let from = origin.of(origin.root().and_then(|r| r.at(&["production", "selector"])));
        let _ = writeln!(out, "  selector: {} # {from}", quoted(&selector.to_string()));
    }
}

fn assets(origin: &Origin<'_>, out: &mut String) {
    let all = origin.config.configured.assets.iter().enumerate().map(|(i, a)| {
        let Asset { kind, namespace, name, selector } = a.clone();
        let m = Match { kind: Some(kind), namespace, name, selector, ..Match::default() };
        (about(&m), origin.of_item(&["assets"], i))
    });
    entries(out, "assets", all.collect());
}

fn owners(origin: &Origin<'_>, out: &mut String) {
    let all = origin.config.configured.owners.keys.iter().enumerate().map(|(i, key)| {
        let line = match key {
            OwnerKey::Label(l) => format!("label: {}", quoted(l)),
            OwnerKey::Annotation(a) => format!("annotation: {}", quoted(a)),
            OwnerKey::NamespaceLabel(l) => format!("namespaceLabel: {}", quoted(l)),
            OwnerKey::NamespaceAnnotation(a) => format!("namespaceAnnotation: {}", quoted(a)),
            OwnerKey::ArgocdProject => "argocdProject: true".into(),
            OwnerKey::FluxKustomization => "fluxKustomization: true".into(),
            OwnerKey::Codeowners => "codeowners: true".into(),
        };
        (vec![line], origin.of_item(&["owners"], i))
    });
    entries(out, "owners", all.collect());
}

fn exceptions(origin: &Origin<'_>, out: &mut String) {
    let all = origin.config.configured.exceptions.iter().enumerate().map(|(i, e)| {
        let mut lines = vec![format!("controls: [{}]", e.ids.join(", "))];
        lines.extend(nested(&e.about));
        lines.push(format!("reason: {}", quoted(&e.reason)));
        lines.extend(e.owner.as_ref().map(|o| format!("owner: {}", quoted(o))));
        lines.extend(e.ticket.as_ref().map(|t| format!("ticket: {}", quoted(t))));
        lines.extend(e.until.map(|u| format!("until: {u}")));
        (lines, origin.of_item(&["exceptions"], i))
    });
    entries(out, "exceptions", all.collect());
}

fn expected(origin: &Origin<'_>, out: &mut String) {
    let all = origin.config.configured.expected.iter().enumerate().map(|(i, e)| {
        let mut lines = vec![format!("control: {}", e.id)];
        lines.extend(about(&e.about));
        lines.push(format!("reason: {}", quoted(&e.reason)));
        (lines, origin.of_item(&["expectUnknown"], i))
    });
    entries(out, "expectUnknown", all.collect());
}
