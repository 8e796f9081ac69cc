//! A document against a JSON schema, with a place for everything that does not fit.
//!
//! Knows the keywords that the schema of the configuration uses, and no meaning of any key.

use kastell_engine::nearest;
use kastell_model::yaml::{Kind, Span, Value};
use kastell_model::{Date, Diagnostic, DiagnosticCode, DiagnosticLevel, Label, Source};
use serde_json::Value as Json;
use std::sync::Arc;

/// What is wrong with a text, collected.
pub(super) struct Errors {
    pub(super) source: Arc<Source>,
    pub(super) list: Vec<Diagnostic>,
}

impl Errors {
    pub(super) fn new(source: &Arc<Source>) -> Errors {
        Errors { source: Arc::clone(source), list: Vec::new() }
    }

    /// Adds an error; the returned one can be given a help.
    pub(super) fn add(&mut self, code: &str, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        // Something is underlined even where nothing stands.
        let end = u32::try_from(self.source.text.len()).unwrap_or(u32::MAX);
        let span = if span.is_empty() {
            let start = span.start.min(end.saturating_sub(1));
            Span { start, end: (start + 1).min(end) }
        } else {
            span
        };
        self.list.push(Diagnostic {
            code: DiagnosticCode(code.into()),
            level: DiagnosticLevel::Error,
            message: message.into().into(),
            path: Some(self.source.path.clone()),
            labels: vec![Label { source: Arc::clone(&self.source), span, message: "".into() }],
            help: None,
            gap: None,
        });
        let last = self.list.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "an element was pushed just above")]
        &mut self.list[last]
    }
}

/// Where a value is underlined: a scalar itself, of a collection its key.
pub(super) fn place(v: Value<'_>) -> Span {
    let scalar = !v.is_mapping() && !v.is_sequence() && !v.span().is_empty();
    match v.key_span() {
        Some(key) if !scalar => key,
        _ if scalar => v.span(),
        _ => {
            let first = v.entries().find_map(|(_, e)| e.key_span());
            first.unwrap_or(Span { start: v.span().start, end: v.span().start + 1 })
        }
    }
}

/// Checks `value` against `schema`, a part of `root`.
pub(super) fn check(value: Value<'_>, schema: &Json, root: &Json, errors: &mut Errors) {
    let schema = resolved(schema, root);
    if let Some(branches) = schema.get("anyOf").and_then(Json::as_array) {
        // The schema has alternatives for one reason only: something may also be null.
        let fitting = branches.iter().map(|b| resolved(b, root)).find(|b| has_type(value, b));
        let other = || branches.iter().map(|b| resolved(b, root)).find(|b| !is_null_only(b));
        return match fitting.or_else(other) {
            Some(branch) => check(value, branch, root, errors),
            None => {}
        };
    }
    if !has_type(value, schema) {
        let wanted = types(schema).into_iter().filter(|t| *t != "null").map(of_type).collect::<Vec<_>>().join(" or ");
        let quotes = types(schema).contains(&"string") && matches!(value.kind(), Kind::Number | Kind::Bool);
        let found = of_value(value);
        let error =
            errors.add("wrong-type", place(value), format!("{} must be {wanted}; this is {found}", name(value)));
        if quotes {
            error.help = Some("put it in quotes".into());
        }
        return;
    }
    match value.kind() {
        Kind::Mapping => mapping(value, schema, root, errors),
        Kind::Sequence => {
            let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
            if (value.items().count() as u64) < least {
                errors.add("empty-value", place(value), format!("{} must not be empty", name(value)));
            }
            if let Some(items) = schema.get("items") {
                value.items().for_each(|item| check(item, items, root, errors));
            }
        }
        Kind::Null => {}
        _ => scalar(value, schema, errors),
    }
}

fn mapping(value: Value<'_>, schema: &Json, root: &Json, errors: &mut Errors) {
    let none = serde_json::Map::new();
    let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&none);
    let is_closed = schema.get("additionalProperties") == Some(&Json::Bool(false));
    for (key, entry) in value.entries() {
        match properties.get(key) {
            Some(Json::Bool(_)) => {}
            Some(property) => check(entry, property, root, errors),
            None if is_closed => {
                let span = entry.key_span().unwrap_or(entry.span());
                let names = properties.keys().map(String::as_str);
                let help = match nearest(key, names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if properties.len() > 20 => "docs/generated/configuration.schema.json lists the keys".into(),
                    None => format!("the keys are {}", names.collect::<Vec<_>>().join(", ")),
                };
                errors.add("unknown-key", span, format!("there is no key `{key}` here")).help = Some(help.into());
            }
            None => {}
        }
    }
    let required = schema.get("required").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    for key in required.iter().filter_map(Json::as_str).filter(|k| value.get(k).is_none()) {
        errors.add("missing-key", place(value), format!("`{key}` is missing {}", here(value)));
    }
    let count = value.entries().filter(|(_, e)| !e.is_null()).count() as u64;
    let bound = |keyword: &str| schema.get(keyword).and_then(Json::as_u64);
    if bound("minProperties").is_some_and(|least| count < least) {
        let names = properties.keys().cloned().collect::<Vec<_>>().join(", ");
        let error = errors.add("empty-value", place(value), format!("{} must say at least one thing", name(value)));
        error.help = Some(format!("the keys are {names}").into());
    }
    if bound("maxProperties").is_some_and(|most| count > most) {
        errors.add("too-many-keys", place(value), format!("{} must have exactly one key", name(value)));
    }
}

fn scalar(value: Value<'_>, schema: &Json, errors: &mut Errors) {
    let text = value.scalar_text().unwrap_or_default();
    let constant = schema.get("const").map(std::slice::from_ref);
    let allowed = constant.or_else(|| schema.get("enum").and_then(Json::as_array).map(Vec::as_slice));
    if let Some(allowed) = allowed {
        let is_allowed = allowed.iter().any(|a| match a {
            Json::Bool(b) => value.as_bool() == Some(*b),
            other => other.as_str() == Some(&text),
        });
        if !is_allowed {
            not_allowed(value, &text, schema, allowed, errors);
        }
        return;
    }
    if schema.get("pattern").and_then(Json::as_str) == Some(super::schema::LINE) {
        let text = value.as_str().unwrap_or_default();
        if text.trim().is_empty() {
            errors.add("empty-value", place(value), format!("{} must not be empty", name(value)));
        } else if text.contains(['\n', '\r']) {
            errors.add("several-lines", place(value), format!("{} must be one line", name(value)));
        }
    }
    let is_day = schema.get("format").and_then(Json::as_str) == Some("date");
    if is_day && Date::parse(&text).is_none() {
        errors.add("bad-date", place(value), format!("`{text}` is no day of the form YYYY-MM-DD"));
    }
}

/// A value that is none of a list.
fn not_allowed(value: Value<'_>, text: &str, schema: &Json, allowed: &[Json], errors: &mut Errors) {
    let words: Vec<String> = allowed.iter().map(|a| a.as_str().map_or(a.to_string(), String::from)).collect();
    let near = nearest(text, words.iter().map(String::as_str));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if words.len() > 20 => "`kastell controls` lists them".into(),
        None => format!("write {}", words.join(", ")),
    };
    let (code, message) = match schema.get("title").and_then(Json::as_str) {
        Some(what) if kastell_controls::ids().any(|id| id == text) => {
            (format!("unknown-{what}"), format!("the {what} `{text}` is not built yet: its id is reserved"))
        }
        Some(what) => (format!("unknown-{what}"), format!("there is no {what} `{text}`")),
        None => ("unknown-value".into(), format!("{} cannot be `{text}`", name(value))),
    };
    errors.add(&code, place(value), message).help = Some(help.into());
}

fn resolved<'s>(schema: &'s Json, root: &'s Json) -> &'s Json {
    let target = schema.get("$ref").and_then(Json::as_str).and_then(|r| r.strip_prefix('#'));
    target.and_then(|path| root.pointer(path)).unwrap_or(schema)
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_null_only(schema: &Json) -> bool {
    types(schema) == ["null"]
}

fn has_type(value: Value<'_>, schema: &Json) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|t| match *t {
            "object" => value.kind() == Kind::Mapping,
            "array" => value.kind() == Kind::Sequence,
            "string" => value.kind() == Kind::String,
            "boolean" => value.kind() == Kind::Bool,
            "null" => value.kind() == Kind::Null,
            _ => value.kind() == Kind::Number,
        })
}

fn of_type(t: &str) -> &'static str {
    match t {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "boolean" => "true or false",
        _ => "a number",
    }
}

fn of_value(v: Value<'_>) -> &'static str {
    match v.kind() {
        Kind::Mapping => "a mapping",
        Kind::Sequence => "a list",
        Kind::String => "text",
        Kind::Bool => "true or false",
        Kind::Null => "nothing",
        Kind::Number => "a number",
    }
}

/// What a value is called: by its key.
fn name(v: Value<'_>) -> String {
    if v.key().is_empty() {
        if v.id() == kastell_model::yaml::NodeId::ROOT { "the configuration".into() } else { "this entry".into() }
    } else {
        format!("`{}`", v.key())
    }
}

fn here(v: Value<'_>) -> String {
    if v.id() == kastell_model::yaml::NodeId::ROOT {
        return "at the top of the file".into();
    }
    if v.key().is_empty() { "in this entry".into() } else { format!("in `{}`", v.key()) }
}
