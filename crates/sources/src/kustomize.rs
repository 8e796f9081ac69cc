//! Which files of a directory are patches: those that a kustomization lists as such.
//!
//! Resources are read as they are; nothing is built. Fields: sigs.k8s.io/kustomize/api/types/kustomization.go.

use kastell_model::yaml::Value;
use std::path::{Component, Path, PathBuf};

/// Whether a file configures Kustomize, by its name (konfig.RecognizedKustomizationFileNames).
pub(crate) fn is_kustomization(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == "kustomization.yaml" || n == "kustomization.yml" || n == "Kustomization")
}

/// The files that the kustomization `root`, read from `path`, lays over its resources.
pub(crate) fn patches(path: &Path, root: Value<'_>) -> Vec<PathBuf> {
    let dir = path.parent().unwrap_or(Path::new(""));
    let mut out = Vec::new();
    let mut add = |name: Option<std::borrow::Cow<'_, str>>| {
        // An inline patch stands where a path could: it has several lines.
        if let Some(name) = name.filter(|n| !n.contains('\n') && !n.is_empty()) {
            out.push(normal(&dir.join(name.as_ref())));
        }
    };
    for key in ["patchesStrategicMerge", "patchesJson6902", "patches"] {
        for item in root.field(key).into_iter().flat_map(Value::items) {
            add(item.as_str());
            add(item.get("path").and_then(Value::as_str));
        }
    }
    for item in root.field("replacements").into_iter().flat_map(Value::items) {
        add(item.get("path").and_then(Value::as_str));
    }
    out
}

/// The path without `.` and with `..` resolved by name.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
