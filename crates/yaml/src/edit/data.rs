//! Edits on values: what a document is expected to say afterwards. Knows nothing of text.

use super::{Edit, EditError, Path, Step};
use crate::json;
use crate::tree::Value;
use serde_json::{Map, Value as Json};

/// The value of a node, aliases followed.
pub(super) fn of(value: Value<'_>) -> Json {
    // What is written by the one is read by the other; infinite floats are the only values without a form.
    serde_json::from_str(&json::to_json(value)).unwrap_or(Json::Null)
}

/// The kind of a value, in words.
fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a sequence",
        Json::Object(_) => "a mapping",
    }
}

fn wrong(steps: &[Step], found: &Json, wanted: &'static str) -> EditError {
    EditError::WrongKind { path: Path(steps.to_vec()).to_string(), found: kind(found), wanted }
}

/// The value at `path`; `None` where a step is missing or stands below null.
fn get<'v>(mut value: &'v Json, path: &[Step]) -> Result<Option<&'v Json>, EditError> {
    for (i, step) in path.iter().enumerate() {
        let next = match (step, value) {
            (_, Json::Null) => return Ok(None),
            (Step::Key(key), Json::Object(map)) => map.get(key),
            (Step::Index(index), Json::Array(items)) => items.get(*index),
            (Step::Key(_), other) => return Err(wrong(path.get(..i).unwrap_or(&[]), other, "a mapping")),
            (Step::Index(_), other) => return Err(wrong(path.get(..i).unwrap_or(&[]), other, "a sequence")),
        };
        match next {
            Some(v) => value = v,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// The mutable value at `path`, which exists.
fn get_mut<'v>(mut value: &'v mut Json, path: &[Step]) -> Option<&'v mut Json> {
    for step in path {
        value = match (step, value) {
            (Step::Key(key), Json::Object(map)) => map.get_mut(key)?,
            (Step::Index(index), Json::Array(items)) => items.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(value)
}

/// `edit` as edits that each change one place that exists or has an existing parent: `Set`, `Remove`, `Append`, `Rename`.
/// Those that would change nothing are left out.
pub(super) fn simplified(value: &Json, edit: &Edit) -> Result<Vec<Edit>, EditError> {
    Ok(match edit {
        Edit::Set(path, new) => set(value, path, new)?,
        Edit::Merge(path, new) => merge(value, path, new)?,
        Edit::Append(path, new) => match get(value, &path.0)? {
            None | Some(Json::Null) => set(value, path, &Json::Array(vec![new.clone()]))?,
            Some(Json::Array(_)) => vec![edit.clone()],
            Some(other) => return Err(wrong(&path.0, other, "a sequence")),
        },
        Edit::Remove(path) => match get(value, &path.0)? {
            None => Vec::new(),
            Some(_) if path.0.is_empty() => {
                return Err(EditError::Unsupported { path: String::new(), why: "it is the whole document" });
            }
            Some(_) => vec![edit.clone()],
        },
        Edit::Rename(path, to) => match (get(value, &path.0)?, path.0.split_last()) {
            (Some(_), Some((Step::Key(from), _))) if from == to => Vec::new(),
            (Some(_), Some((Step::Key(_), parent))) => match get(value, parent)? {
                Some(Json::Object(map)) if map.contains_key(to) => {
                    return Err(EditError::Unsupported { path: path.to_string(), why: "the other key exists already" });
                }
                _ => vec![edit.clone()],
            },
            _ => return Err(EditError::NotFound { path: path.to_string() }),
        },
    })
}

/// A set whose parent exists: missing keys go into the value.
fn set(value: &Json, path: &Path, new: &Json) -> Result<Vec<Edit>, EditError> {
    if get(value, &path.0)? == Some(new) {
        return Ok(Vec::new());
    }
    let mut steps = path.0.clone();
    let mut new = new.clone();
    while let Some((last, parent)) = steps.split_last() {
        match (get(value, parent)?, last) {
            (Some(Json::Object(_)), Step::Key(_)) => break,
            (Some(Json::Array(items)), Step::Index(index)) if *index < items.len() => break,
            (Some(Json::Null) | None, Step::Key(key)) => {
                new = Json::Object(Map::from_iter([(key.clone(), new)]));
                steps.pop();
            }
            (_, Step::Index(_)) => return Err(EditError::NotFound { path: path.to_string() }),
            (Some(other), Step::Key(_)) => return Err(wrong(parent, other, "a mapping")),
        }
    }
    Ok(vec![Edit::Set(Path(steps), new)])
}

fn merge(value: &Json, path: &Path, new: &Json) -> Result<Vec<Edit>, EditError> {
    let (Some(Json::Object(_)), Json::Object(entries)) = (get(value, &path.0)?, new) else {
        return set(value, path, new);
    };
    let mut out = Vec::new();
    for (key, entry) in entries {
        out.extend(merge(value, &path.then(Step::Key(key.clone())), entry)?);
    }
    Ok(out)
}

impl Edit {
    /// The same edit at another place.
    pub(super) fn at(&self, path: Path) -> Edit {
        match self {
            Edit::Set(_, v) => Edit::Set(path, v.clone()),
            Edit::Merge(_, v) => Edit::Merge(path, v.clone()),
            Edit::Remove(_) => Edit::Remove(path),
            Edit::Append(_, v) => Edit::Append(path, v.clone()),
            Edit::Rename(_, key) => Edit::Rename(path, key.clone()),
        }
    }
}

/// Applies a simplified edit.
pub(super) fn apply(value: &mut Json, edit: &Edit) -> Result<(), EditError> {
    let missing = || EditError::NotFound { path: edit.path().to_string() };
    let steps = &edit.path().0;
    if let Edit::Append(_, new) = edit {
        let Some(Json::Array(items)) = get_mut(value, steps) else { return Err(missing()) };
        items.push(new.clone());
        return Ok(());
    }
    let Some((last, parent)) = steps.split_last() else {
        if let Edit::Set(_, new) = edit {
            *value = new.clone();
        }
        return Ok(());
    };
    let parent = get_mut(value, parent).ok_or_else(missing)?;
    match (edit, last, parent) {
        (Edit::Set(_, new), Step::Key(key), Json::Object(map)) => {
            map.insert(key.clone(), new.clone());
        }
        (Edit::Set(_, new), Step::Index(index), Json::Array(items)) => {
            *items.get_mut(*index).ok_or_else(missing)? = new.clone();
        }
        (Edit::Remove(_), Step::Key(key), Json::Object(map)) => {
            map.shift_remove(key);
        }
        (Edit::Remove(_), Step::Index(index), Json::Array(items)) if *index < items.len() => {
            items.remove(*index);
        }
        (Edit::Rename(_, to), Step::Key(from), Json::Object(map)) => {
            let entries = std::mem::take(map).into_iter();
            *map = entries.map(|(k, v)| (if k == *from { to.clone() } else { k }, v)).collect();
        }
        _ => return Err(missing()),
    }
    Ok(())
}
