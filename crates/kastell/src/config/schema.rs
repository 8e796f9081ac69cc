//! The form of `kastell.yaml`: serde types, from which the published schema is generated. The parser checks a file
//! against this very schema before it reads the types, so that the two cannot differ.

use kastell_controls::CONTROLS;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The configuration of kastell for a repository: kastell.yaml.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "kastell configuration")]
pub(crate) struct Configuration {
    /// The version of this format.
    pub(crate) api_version: ApiVersion,
    /// Always `Configuration`.
    pub(crate) kind: Kind,
    /// Which controls run, and with which parameters.
    pub(crate) controls: Option<Controls>,
    /// Severities that differ here; the first entry that matches a finding counts.
    pub(crate) severity: Option<Vec<Severity>>,
    /// Which namespaces are production.
    pub(crate) production: Option<Production>,
    /// What is worth most: the attack graph asks the way to it.
    pub(crate) assets: Option<Vec<Asset>>,
    /// Where the name of the team that answers for an object stands; the first key that an object has counts.
    pub(crate) owners: Option<Vec<OwnerKey>>,
    /// Findings that are accepted.
    pub(crate) exceptions: Option<Vec<Exception>>,
    /// Answers that are known to be unknown: they do not make a run incomplete.
    pub(crate) expect_unknown: Option<Vec<ExpectUnknown>>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum ApiVersion {
    #[serde(rename = "kastell.dev/v1alpha1")]
    V1Alpha1,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Kind {
    Configuration,
}

/// Which controls run, and with which parameters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Controls {
    /// Only these run; `--control` takes the place of this list.
    pub(crate) enable: Option<Vec<ControlId>>,
    /// These do not run; `--skip` adds to this list.
    pub(crate) skip: Option<Vec<ControlId>>,
    /// Parameters by control: what a control does not get here keeps its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "parameters")]
    pub(crate) parameters: Option<BTreeMap<String, serde_json::Value>>,
}

/// Another severity than the control's own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Severity {
    /// The control.
    pub(crate) control: ControlId,
    /// How bad its findings are here.
    pub(crate) severity: Level,
    /// Why; reports show it.
    pub(crate) reason: Line,
    /// Whose findings; without it everyone's.
    #[serde(rename = "match")]
    pub(crate) about: Option<Match>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Level {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

/// Whom an entry means. All that is said must hold; exact, or a glob in which `*` stands for any characters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Match {
    /// The kind, `Deployment` or `Deployment.apps`.
    pub(crate) kind: Option<Line>,
    /// The namespace.
    pub(crate) namespace: Option<Line>,
    /// The name.
    pub(crate) name: Option<Line>,
    /// Labels of the object or of its topmost controller, as kubectl writes a selector: `app=cart,tier in (web,api)`.
    pub(crate) selector: Option<Line>,
    /// The container.
    pub(crate) container: Option<Line>,
    /// Whether the namespace is production.
    pub(crate) production: Option<bool>,
}

/// Which namespaces are production: those of the list and those with the labels.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Production {
    /// Names, or globs with `*`.
    pub(crate) namespaces: Option<Vec<Line>>,
    /// Labels of the Namespace, as kubectl writes a selector.
    pub(crate) selector: Option<Line>,
}

/// Something that is worth most.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asset {
    /// Its kind.
    pub(crate) kind: Line,
    /// Its namespace.
    pub(crate) namespace: Option<Line>,
    /// Its name, or a glob with `*`.
    pub(crate) name: Option<Line>,
    /// Its labels, as kubectl writes a selector.
    pub(crate) selector: Option<Line>,
}

/// Where the name of a team may stand: exactly one key.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub(crate) struct OwnerKey {
    /// A label of the object, else of its topmost controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) label: Option<Line>,
    /// An annotation of the object, else of its topmost controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) annotation: Option<Line>,
    /// A label of the object's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) namespace_label: Option<Line>,
    /// An annotation of the object's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) namespace_annotation: Option<Line>,
    /// The project of the Argo CD Application that deployed the object, where the Application was read too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Yes")]
    pub(crate) argocd_project: Option<bool>,
    /// The Flux Kustomization that deployed the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Yes")]
    pub(crate) flux_kustomization: Option<bool>,
    /// The CODEOWNERS file of the repository, for objects that were read from files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Yes")]
    pub(crate) codeowners: Option<bool>,
}

/// Findings that are accepted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Exception {
    /// The controls whose findings are accepted.
    #[schemars(length(min = 1))]
    pub(crate) controls: Vec<ControlId>,
    /// Whose findings; at least one thing must be said.
    #[serde(rename = "match")]
    pub(crate) about: ExceptionMatch,
    /// Why; reports show it.
    pub(crate) reason: Line,
    /// Who answers for it.
    pub(crate) owner: Option<Line>,
    /// Where it was decided.
    pub(crate) ticket: Option<Line>,
    /// The last day on which it counts.
    pub(crate) until: Option<Day>,
}

/// Whose findings are accepted. All that is said must hold; exact, or a glob in which `*` stands for any characters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub(crate) struct ExceptionMatch {
    /// The kind, `Deployment` or `Deployment.apps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) kind: Option<Line>,
    /// The namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) namespace: Option<Line>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) name: Option<Line>,
    /// Labels of the object or of its topmost controller, as kubectl writes a selector: `app=cart,tier in (web,api)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) selector: Option<Line>,
    /// The container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Line")]
    pub(crate) container: Option<Line>,
}

/// An answer that is known to be unknown.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExpectUnknown {
    /// The control that cannot know.
    pub(crate) control: ControlId,
    /// The kind that it is about, or a glob.
    pub(crate) kind: Option<Line>,
    /// The namespace, or a glob.
    pub(crate) namespace: Option<Line>,
    /// The name, or a glob.
    pub(crate) name: Option<Line>,
    /// Why it cannot be known; reports show it.
    pub(crate) reason: Line,
}

/// A text that is not blank and has one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Line(pub(crate) String);

impl JsonSchema for Line {
    fn schema_name() -> Cow<'static, str> {
        "Line".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": LINE})
    }
}

/// The pattern of a [`Line`]: something other than blanks, and no line break.
pub(super) const LINE: &str = r"^[^\r\n]*[^\s][^\r\n]*$";

/// A day, `2027-01-31`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Day(pub(crate) String);

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date"})
    }
}

/// The id of a control, or a former one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ControlId(pub(crate) String);

impl JsonSchema for ControlId {
    fn schema_name() -> Cow<'static, str> {
        "ControlId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ids: Vec<&str> = CONTROLS.iter().flat_map(|c| c.aliases.iter().copied().chain([c.id])).collect();
        json_schema!({"type": "string", "title": "control", "enum": ids})
    }
}

/// `true`: the key is given or left out.
struct Yes;

impl JsonSchema for Yes {
    fn schema_name() -> Cow<'static, str> {
        "Yes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean", "const": true})
    }
}

/// Parameters by control, with their defaults.
fn parameters(_: &mut SchemaGenerator) -> Schema {
    let of = CONTROLS.iter().filter_map(|c| Some((c, c.params.as_ref()?)));
    let properties: serde_json::Map<String, serde_json::Value> = of
        .map(|(control, params)| {
            let default = params.default_json();
            let names = default.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
            let known: serde_json::Map<String, serde_json::Value> =
                names.into_iter().map(|n| (n, serde_json::Value::Bool(true))).collect();
            let schema = serde_json::json!({
                "type": "object", "description": control.title, "default": default, "properties": known,
                "additionalProperties": false,
            });
            (control.id.to_string(), schema)
        })
        .collect();
    json_schema!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
}

/// The JSON Schema (draft 2020-12) of a configuration, indented, with a final line break.
pub(crate) fn text() -> String {
    // Plain values with text keys always serialise.
    let mut text = serde_json::to_string_pretty(root().as_value()).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema itself.
pub(super) fn root() -> Schema {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<Configuration>()
}
