//! What controls on images share: the reference of a container, or why there is none.

use crate::context::ContainerCx;
use kastell_model::kube::{ImageError, ImageReference};
use kastell_model::yaml::Value;
use kastell_model::{Field, GapReason, Out, Spot};

/// Reads the container's image and hands it to `judge`. A missing, unreadable or impossible reference is a gap; in what
/// is laid over another specification a missing one says nothing. Where only the digest is one that no image can have,
/// the rest is judged: the registry is known, and what is named by a digest is never pulled by its tag.
pub(crate) fn with_image(
    cx: &ContainerCx<'_>,
    out: &mut Out<'_>,
    judge: impl FnOnce(&ImageReference<'_>, Value<'_>, &mut Out<'_>),
) {
    match Field::string(cx.container.value, &["image"]) {
        Field::Set(text, at) if text.is_empty() => unset(at, out),
        Field::Set(text, at) => match ImageReference::parse(&text) {
            Ok(image) => judge(&image, at, out),
            Err(e) => match beside_digest(&text) {
                Some(image) => judge(&image, at, out),
                None => refused(&text, e, at, out),
            },
        },
        Field::Unreadable(at, reason) => out.unreadable(at, reason, "image"),
        absent if cx.pod.is_partial() => drop(absent),
        Field::Default(_, _, a) | Field::Absent(a) => unset(a, out),
    }
}

/// The reference whose digest alone is impossible.
pub(crate) fn beside_digest(text: &str) -> Option<ImageReference<'_>> {
    let (name, digest) = text.split_once('@')?;
    let written = digest.split_once(':').is_some_and(|(_, hex)| hex.bytes().all(|b| b.is_ascii_alphanumeric()));
    let image = ImageReference::parse(name).ok().filter(|_| written)?;
    Some(ImageReference { digest: Some(digest), ..image })
}

/// The API server refuses a container without an image, so something sets it before: an operator, a build.
fn unset<'t>(spot: impl Into<Spot<'t>>, out: &mut Out<'_>) {
    out.gap(spot, GapReason::Dynamic, "the container names no `image`, so something else has to set it");
}

/// The container's `image` where it is a text that can be no reference, and no placeholder either.
pub(crate) fn impossible<'t>(cx: &ContainerCx<'t>) -> Option<Value<'t>> {
    match Field::string(cx.container.value, &["image"]) {
        Field::Set(text, at) => {
            let readable = ImageReference::parse(&text).is_ok() || beside_digest(&text).is_some();
            (!text.is_empty() && !readable && !is_placeholder(&text)).then_some(at)
        }
        _ => None,
    }
}

/// Whether the text is to be filled in later.
fn is_placeholder(text: &str) -> bool {
    ["$", "{{", "<", "%(", "__", "ko://"].iter().any(|p| text.contains(p))
}

fn refused(text: &str, error: ImageError, at: Value<'_>, out: &mut Out<'_>) {
    if is_placeholder(text) {
        out.gap(at, GapReason::Dynamic, "`image` is a placeholder that is filled in later");
    } else {
        out.gap(at, GapReason::Invalid, format!("`image` {error}, so it can't be pulled"));
    }
}

/// Whether `pattern` covers the image: `registry.example`, `registry.example/team` (and what lies below), with `*` for
/// any text within. `docker.io` stands for its aliases too.
pub(crate) fn covers(pattern: &str, image: &ImageReference<'_>) -> bool {
    let registry = match image.registry {
        "registry-1.docker.io" | "index.docker.io" => "docker.io",
        r => r,
    };
    let name = format!("{registry}/{}", image.repository);
    let pattern = pattern.trim_end_matches('/');
    if pattern.contains('*') {
        return wild(pattern.as_bytes(), name.as_bytes());
    }
    name.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `text` begins with what `pattern` says and ends there or at a `/`; `*` stands for any run of bytes.
fn wild(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    loop {
        match (pattern.get(p), text.get(t)) {
            (None, None | Some(b'/')) => return true,
            (Some(b'*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(a), Some(b)) if a == b => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((sp, st)) if st < text.len() => {
                    star = Some((sp, st + 1));
                    p = sp + 1;
                    t = st + 1;
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, image: &str) -> bool {
        covers(pattern, &ImageReference::parse(image).unwrap())
    }

    #[test]
    fn a_pattern_covers_a_registry_and_what_lies_below_a_path() {
        assert!(matches("docker.io", "nginx"));
        assert!(matches("docker.io", "registry-1.docker.io/library/nginx:1"));
        assert!(matches("registry.example/team", "registry.example/team/app:1"));
        assert!(matches("*.dkr.ecr.*.amazonaws.com", "1.dkr.ecr.eu-west-1.amazonaws.com/app"));
        assert!(matches("registry.example/*/app", "registry.example/a/b/app"));
        assert!(!matches("docker.io", "docker.io.evil.example/nginx"));
        assert!(!matches("registry.example/team", "registry.example/teammate/app"));
        assert!(!matches("*.azurecr.io", "a.azurecr.io.evil.example/app"));
    }
}
