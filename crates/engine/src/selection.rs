//! Which controls run, with which parameters.

use kastell_controls::{CONTROLS, Control, Parameter, Ring};
use thiserror::Error;

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct SelectionRequest {
    /// Only these ids; empty means all.
    pub controls: Vec<String>,
    /// Not these ids.
    pub skip: Vec<String>,
    /// Only these rings; empty means all.
    pub rings: Vec<String>,
    /// Only controls of this release or older ones.
    pub as_of: Option<String>,
    /// Parameters by control id.
    pub parameters: Vec<(String, serde_json::Value)>,
}

/// Why a selection makes no run. All are usage errors.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SelectionError {
    /// No control has this id.
    #[error("there is no control `{id}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownControl {
        /// What was asked for.
        id: String,
        /// The nearest id.
        nearest: Option<String>,
    },
    /// The id is taken for a later release.
    #[error("the control `{id}` is not built yet: its id is reserved; `kastell controls` lists what there is")]
    NotBuilt {
        /// What was asked for.
        id: String,
    },
    /// No ring has this name.
    #[error("there is no ring `{name}`; the rings are {}", rings())]
    UnknownRing {
        /// What was asked for.
        name: String,
    },
    /// No such release.
    #[error("`{version}` is no release: write it like `0.1.0`")]
    BadVersion {
        /// What was asked for.
        version: String,
    },
    /// The flags together leave no control.
    #[error("the flags leave no control to run: nothing would be checked")]
    Nothing,
    /// A parameter does not fit its control.
    #[error("the parameters of `{id}` cannot be read: {why}")]
    BadParameter {
        /// The control.
        id: String,
        /// What is wrong.
        why: String,
    },
}

fn rings() -> String {
    Ring::ALL.map(Ring::name).join(", ")
}

/// The controls of a run, sorted by id, each with its parameters.
pub struct Selection {
    controls: Vec<(&'static Control, Option<Parameter>)>,
    /// Whether every control that there is runs, so that an exception without a match is stale.
    pub is_complete: bool,
}

impl Selection {
    /// Every control with its defaults.
    pub fn all() -> Selection {
        let controls = CONTROLS.iter().map(|c| (*c, default_parameter(c))).collect();
        Selection { controls, is_complete: true }
    }

    /// The controls that `request` asks for.
    ///
    /// # Errors
    /// An unknown or reserved id, an unknown ring, a selection that leaves nothing, parameters that do not fit.
    pub fn new(request: &SelectionRequest) -> Result<Selection, SelectionError> {
        let wanted = request.controls.iter().map(|id| resolve(id)).collect::<Result<Vec<_>, _>>()?;
        let skipped = request.skip.iter().map(|id| resolve(id)).collect::<Result<Vec<_>, _>>()?;
        let rings = request.rings.iter().map(|name| ring(name)).collect::<Result<Vec<_>, _>>()?;
        let as_of = request.as_of.as_deref().map(release).transpose()?;
        let mut controls: Vec<(&'static Control, Option<Parameter>)> = CONTROLS
            .iter()
            .filter(|c| wanted.is_empty() || wanted.contains(&c.id))
            .filter(|c| rings.is_empty() || rings.contains(&c.ring))
            .filter(|c| !skipped.contains(&c.id))
            .filter(|c| as_of.is_none_or(|v| release(c.since).is_ok_and(|since| since <= v)))
            .map(|c| (*c, default_parameter(c)))
            .collect();
        for (id, value) in &request.parameters {
            let id = resolve(id)?;
            let Some((control, parameter)) = controls.iter_mut().find(|(c, _)| c.id == id) else { continue };
            let bad = |why| SelectionError::BadParameter { id: id.to_string(), why };
            let spec = control.params.as_ref().ok_or_else(|| bad("it takes none".to_string()))?;
            *parameter = Some(spec.parse(value).map_err(bad)?);
        }
        if controls.is_empty() {
            return Err(SelectionError::Nothing);
        }
        let is_complete = controls.len() == CONTROLS.len();
        Ok(Selection { controls, is_complete })
    }

    /// The controls, sorted by id.
    pub fn controls(&self) -> impl ExactSizeIterator<Item = &'static Control> + '_ {
        self.controls.iter().map(|(c, _)| *c)
    }

    pub(crate) fn with_parameters(&self) -> &[(&'static Control, Option<Parameter>)] {
        &self.controls
    }

    /// Whether a control of this id runs.
    pub fn has(&self, id: &str) -> bool {
        self.controls.iter().any(|(c, _)| c.id == id)
    }
}

fn default_parameter(control: &Control) -> Option<Parameter> {
    control.params.as_ref().map(kastell_controls::ParamSpec::default_value)
}

/// The control's own id for an id or alias.
///
/// # Errors
/// An id that no control has, or that is reserved for a later one.
pub fn resolve(id: &str) -> Result<&'static str, SelectionError> {
    if let Some(control) = kastell_controls::find(id) {
        return Ok(control.id);
    }
    if kastell_controls::ids().any(|reserved| reserved == id) {
        return Err(SelectionError::NotBuilt { id: id.to_string() });
    }
    let nearest = nearest(id, CONTROLS.iter().map(|c| c.id));
    Err(SelectionError::UnknownControl { id: id.to_string(), nearest: nearest.map(String::from) })
}

/// The name that somebody who wrote `word` most likely meant; `None` where none is near.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let all = names.into_iter().map(|n| (distance(word, n), n));
    all.min().filter(|(d, _)| *d <= word.chars().count().max(4) / 2).map(|(_, n)| n)
}

fn ring(name: &str) -> Result<Ring, SelectionError> {
    let found = Ring::ALL.into_iter().find(|r| r.name() == name);
    found.ok_or_else(|| SelectionError::UnknownRing { name: name.to_string() })
}

/// A release as three numbers.
fn release(version: &str) -> Result<[u32; 3], SelectionError> {
    parse_release(version).ok_or_else(|| SelectionError::BadVersion { version: version.to_string() })
}

/// A release as three numbers; `None` for what is no release.
pub(crate) fn parse_release(version: &str) -> Option<[u32; 3]> {
    let mut out = [0; 3];
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    for o in &mut out {
        *o = parts.next()?.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

/// The edit distance of two short names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let up = *cell;
            let cost = if ca == *cb { diagonal } else { diagonal.min(up).min(left) + 1 };
            diagonal = up;
            left = cost;
            *cell = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(f: impl FnOnce(&mut SelectionRequest)) -> Result<Vec<&'static str>, SelectionError> {
        let mut request = SelectionRequest::default();
        f(&mut request);
        Selection::new(&request).map(|s| s.controls().map(|c| c.id).collect())
    }

    #[test]
    fn an_unknown_id_names_the_nearest_one() {
        let error = ask(|r| r.controls = vec!["privileged-contaner".into()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no control `privileged-contaner`; did you mean `privileged-container`?"
        );
    }

    #[test]
    fn an_id_far_from_all_names_none() {
        let error = ask(|r| r.skip = vec!["zzzzzzzzzzzzzz".into()]).unwrap_err();
        assert_eq!(error.to_string(), "there is no control `zzzzzzzzzzzzzz`");
    }

    #[test]
    fn flags_that_leave_nothing_are_an_error() {
        let error = ask(|r| {
            r.controls = vec!["privileged-container".into()];
            r.skip = vec!["privileged-container".into()];
        });
        assert_eq!(error, Err(SelectionError::Nothing));
        assert_eq!(ask(|r| r.as_of = Some("0.0.1".into())), Err(SelectionError::Nothing));
    }

    #[test]
    fn a_ring_selects_its_controls_only() {
        let ids = ask(|r| r.rings = vec!["workloads".into()]).unwrap();
        assert!(ids.contains(&"privileged-container"));
        assert!(ids.iter().all(|id| kastell_controls::find(id).is_some_and(|c| c.ring == Ring::Workloads)));
        assert!(matches!(ask(|r| r.rings = vec!["workload".into()]), Err(SelectionError::UnknownRing { .. })));
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (a, b, d) in [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("abc", "abc", 0)]
        {
            assert_eq!(distance(a, b), d, "{a} {b}");
            assert_eq!(distance(b, a), d, "{b} {a}");
        }
    }
}
