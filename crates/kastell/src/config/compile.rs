//! From the form of a configuration to what the engine takes: selectors parsed, entries that contradict or repeat each
//! other refused, and a place for everything that may have to be reported.

use super::check::{Errors, place};
use super::schema::{self, Configuration, ControlId, Line};
use kastell_engine::{
    Asset, Configured, ConfiguredException, ConfiguredSeverity, ExpectedUnknown, Match, OwnerKey, Ownership, Pattern,
    Production, resolve,
};
use kastell_model::kube::LabelSelector;
use kastell_model::yaml::{Span, Value};
use kastell_model::{Date, Severity, Str};

/// What the engine takes from a form that fits the schema. `root`: the document's root.
pub(super) fn compile(form: &Configuration, root: Value<'_>, errors: &mut Errors) -> Configured {
    controls(form, root, errors);
    let exceptions = form.exceptions.as_deref().unwrap_or_default();
    let severities = form.severity.as_deref().unwrap_or_default();
    let expected = form.expect_unknown.as_deref().unwrap_or_default();
    let assets = form.assets.as_deref().unwrap_or_default();
    let out = Configured {
        object: None,
        exceptions: exceptions.iter().zip(entries(root, "exceptions")).map(|(e, v)| exception(e, v, errors)).collect(),
        severities: severities
            .iter()
            .zip(entries(root, "severity"))
            .filter_map(|(s, v)| severity(s, v, errors))
            .collect(),
        expected: expected
            .iter()
            .zip(entries(root, "expectUnknown"))
            .filter_map(|(e, v)| unknown(e, v, errors))
            .collect(),
        owners: owners(form),
        production: production(form, root, errors),
        assets: assets.iter().zip(entries(root, "assets")).map(|(a, v)| asset(a, v, errors)).collect(),
    };
    repeated(entries(root, "exceptions"), out.exceptions.iter().map(|e| (sorted(&e.ids), &e.about)), errors);
    repeated(entries(root, "severity"), out.severities.iter().map(|s| (s.id, &s.about)), errors);
    repeated(entries(root, "expectUnknown"), out.expected.iter().map(|e| (e.id, &e.about)), errors);
    repeated(entries(root, "assets"), out.assets.iter(), errors);
    repeated(entries(root, "owners"), out.owners.keys.iter().filter(|_| form.owners.is_some()), errors);
    out
}

fn entries<'t>(root: Value<'t>, key: &str) -> impl Iterator<Item = Value<'t>> + use<'t> {
    root.get(key).into_iter().flat_map(Value::items)
}

fn sorted(ids: &[String]) -> Vec<&str> {
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

/// An error for every entry that says what an entry before it says.
fn repeated<'t, K: PartialEq>(
    entries: impl Iterator<Item = Value<'t>>,
    keys: impl Iterator<Item = K>,
    errors: &mut Errors,
) {
    let mut known: Vec<(K, Span)> = Vec::new();
    for (entry, key) in entries.zip(keys) {
        let span = place(entry);
        match known.iter().find(|(k, _)| *k == key) {
            Some((_, first)) => {
                let label = kastell_model::Label {
                    source: std::sync::Arc::clone(&errors.source),
                    span: *first,
                    message: "the first of them".into(),
                };
                errors.add("repeated-entry", span, "an entry before this one is about the same").labels.push(label);
            }
            None => known.push((key, span)),
        }
    }
}

fn controls(form: &Configuration, root: Value<'_>, errors: &mut Errors) {
    let Some(section) = root.get("controls") else { return };
    let Some(controls) = &form.controls else { return };
    let enable = controls.enable.as_deref().unwrap_or_default();
    let skip = controls.skip.as_deref().unwrap_or_default();
    repeated(entries(section, "enable"), enable.iter(), errors);
    repeated(entries(section, "skip"), skip.iter(), errors);
    for (id, entry) in skip.iter().zip(entries(section, "skip")).filter(|(id, _)| enable.contains(id)) {
        errors.add("contradiction", place(entry), format!("`{}` is both enabled and skipped", id.0));
    }
    let given = section.get("parameters").into_iter().flat_map(Value::entries);
    for (id, entry) in given.filter(|(_, e)| !e.is_null()) {
        let value = controls.parameters.as_ref().and_then(|p| p.get(id));
        let params = kastell_controls::find(id).and_then(|c| c.params.as_ref());
        if let Some(Err(why)) = params.zip(value).map(|(p, value)| p.parse(value)) {
            errors.add("bad-parameter", place(entry), format!("the parameters of `{id}` cannot be read: {why}"));
        }
    }
}

fn text(line: Option<&Line>) -> Option<Str> {
    line.map(|l| l.0.as_str().into())
}

fn pattern(line: Option<&Line>) -> Option<Pattern> {
    line.map(|l| Pattern::new(&l.0))
}

fn kind(line: Option<&Line>, holder: Value<'_>, errors: &mut Errors) -> Option<Pattern> {
    let line = line?;
    if line.0.starts_with(|c: char| c.is_lowercase()) {
        let at = holder.get("kind").map_or(place(holder), place);
        let message = format!("`{}` is no kind: kinds begin with a capital, as in `Deployment`", line.0);
        errors.add("unknown-kind", at, message);
    }
    pattern(Some(line))
}

fn selector(line: Option<&Line>, holder: Value<'_>, errors: &mut Errors) -> Option<LabelSelector> {
    match LabelSelector::parse(&line?.0) {
        Ok(selector) => Some(selector),
        Err(why) => {
            let at = holder.get("selector").map_or(place(holder), place);
            errors.add("bad-selector", at, why.to_string()).help =
                Some("write it as kubectl does: `app=cart,tier in (web,api),!legacy`".into());
            None
        }
    }
}

fn exception(e: &schema::Exception, entry: Value<'_>, errors: &mut Errors) -> ConfiguredException {
    let holder = entry.get("match").unwrap_or(entry);
    let about = &e.about;
    ConfiguredException {
        ids: e.controls.iter().map(|c| c.0.clone()).collect(),
        about: Match {
            kind: kind(about.kind.as_ref(), holder, errors),
            namespace: pattern(about.namespace.as_ref()),
            name: pattern(about.name.as_ref()),
            selector: selector(about.selector.as_ref(), holder, errors),
            container: pattern(about.container.as_ref()),
            production: None,
        },
        reason: e.reason.0.as_str().into(),
        owner: text(e.owner.as_ref()),
        ticket: text(e.ticket.as_ref()),
        until: e.until.as_ref().and_then(|d| Date::parse(&d.0)),
        node: entry.id(),
    }
}

fn id(control: &ControlId) -> Option<&'static str> {
    // The schema lists the ids.
    resolve(&control.0).ok()
}

fn severity(s: &schema::Severity, entry: Value<'_>, errors: &mut Errors) -> Option<ConfiguredSeverity> {
    let holder = entry.get("match").unwrap_or(entry);
    let about = match &s.about {
        Some(about) => Match {
            kind: kind(about.kind.as_ref(), holder, errors),
            namespace: pattern(about.namespace.as_ref()),
            name: pattern(about.name.as_ref()),
            selector: selector(about.selector.as_ref(), holder, errors),
            container: pattern(about.container.as_ref()),
            production: about.production,
        },
        None => Match::default(),
    };
    let severity = match s.severity {
        schema::Level::Critical => Severity::Critical,
        schema::Level::High => Severity::High,
        schema::Level::Medium => Severity::Medium,
        schema::Level::Low => Severity::Low,
        schema::Level::Info => Severity::Info,
    };
    Some(ConfiguredSeverity { id: id(&s.control)?, severity, reason: s.reason.0.as_str().into(), about })
}

fn unknown(e: &schema::ExpectUnknown, entry: Value<'_>, errors: &mut Errors) -> Option<ExpectedUnknown> {
    let about = Match {
        kind: kind(e.kind.as_ref(), entry, errors),
        namespace: pattern(e.namespace.as_ref()),
        name: pattern(e.name.as_ref()),
        ..Match::default()
    };
    Some(ExpectedUnknown { id: id(&e.control)?, about, reason: e.reason.0.as_str().into(), node: entry.id() })
}

fn production(form: &Configuration, root: Value<'_>, errors: &mut Errors) -> Production {
    let (Some(p), Some(holder)) = (&form.production, root.get("production")) else { return Production::default() };
    Production {
        namespaces: p.namespaces.iter().flatten().map(|l| Pattern::new(&l.0)).collect(),
        selector: selector(p.selector.as_ref(), holder, errors),
    }
}

fn asset(a: &schema::Asset, entry: Value<'_>, errors: &mut Errors) -> Asset {
    if a.name.is_none() && a.selector.is_none() {
        let error = errors.add("empty-value", place(entry), "an asset needs a `name` or a `selector`");
        error.help = Some("`name: \"*\"` means every object of the kind".into());
    }
    Asset {
        kind: kind(Some(&a.kind), entry, errors).unwrap_or_else(|| Pattern::new(&a.kind.0)),
        namespace: pattern(a.namespace.as_ref()),
        name: pattern(a.name.as_ref()),
        selector: selector(a.selector.as_ref(), entry, errors),
    }
}

fn owners(form: &Configuration) -> Ownership {
    let Some(keys) = &form.owners else { return Ownership::default() };
    let keys = keys.iter().filter_map(|k| {
        let by = |line: &Option<Line>, key: fn(Str) -> OwnerKey| text(line.as_ref()).map(key);
        by(&k.label, OwnerKey::Label)
            .or_else(|| by(&k.annotation, OwnerKey::Annotation))
            .or_else(|| by(&k.namespace_label, OwnerKey::NamespaceLabel))
            .or_else(|| by(&k.namespace_annotation, OwnerKey::NamespaceAnnotation))
            .or_else(|| k.argocd_project.map(|_| OwnerKey::ArgocdProject))
            .or_else(|| k.flux_kustomization.map(|_| OwnerKey::FluxKustomization))
            .or_else(|| k.codeowners.map(|_| OwnerKey::Codeowners))
    });
    Ownership { keys: keys.collect(), codeowners: None }
}
