//! What a repository says besides its manifests: where it begins, and who owns its files.

use kastell_engine::Codeowners;
use std::path::{Path, PathBuf};

/// Where GitHub looks for the file, in its order.
const CODEOWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// The folder `here` and those above it up to the repository's root, as paths from `here`; outside of a repository only
/// `here` itself.
pub(super) fn upwards(here: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut up = PathBuf::new();
    for folder in here.ancestors() {
        out.push(up.clone());
        if folder.join(".git").exists() {
            return out;
        }
        up.push("..");
    }
    vec![PathBuf::new()]
}

/// The CODEOWNERS of the repository that `here` lies in.
pub(super) fn codeowners(here: &Path) -> Option<Codeowners> {
    let root = here.ancestors().find(|folder| folder.join(".git").exists())?;
    let text = CODEOWNERS.iter().find_map(|name| std::fs::read_to_string(root.join(name)).ok())?;
    let base = here.strip_prefix(root).ok()?;
    Some(Codeowners::parse(&text, &root.display().to_string(), &base.display().to_string()))
}
