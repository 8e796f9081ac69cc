//! Image references as container runtimes read them.
//!
//! Semantics: `distribution/reference` v0.6.0 (`ParseNormalizedNamed`, `TagNameOnly`, `ParseDockerRef`, `Familiar…`) and
//! `opencontainers/go-digest` (digest validation), which the kubelet, containerd and CRI-O share. Knows no registry and no
//! policy about them.

use std::borrow::Cow;
use std::fmt;

/// Docker Hub, where an image without a registry comes from.
pub const DEFAULT_REGISTRY: &str = "docker.io";
const LEGACY_DEFAULT_REGISTRY: &str = "index.docker.io";
const OFFICIAL: &str = "library/";
/// The tag of an image with neither tag nor digest.
pub const DEFAULT_TAG: &str = "latest";
/// The longest repository (without registry), in bytes.
pub const REPOSITORY_MAX: usize = 255;

/// Why a text is no image reference: the kubelet would report `InvalidImageName`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImageError {
    /// Not `[registry/]repository[:tag][@digest]`.
    #[error("is not of the form [registry/]repository[:tag][@digest]")]
    Format,
    /// Uppercase letters in the repository.
    #[error("has uppercase letters in its repository")]
    Uppercase,
    /// 64 hexadecimal digits, which is an image's id.
    #[error("is an image id, which cannot be pulled")]
    Id,
    /// A repository of more than 255 bytes.
    #[error("has a repository of more than {REPOSITORY_MAX} bytes")]
    TooLong,
    /// A digest by another algorithm than sha256, sha384 and sha512.
    #[error("has a digest by an algorithm other than sha256, sha384 and sha512")]
    DigestAlgorithm,
    /// A digest whose length is not its algorithm's.
    #[error("has a digest of the wrong length")]
    DigestLength,
    /// A digest that is not lowercase hexadecimal.
    #[error("has a digest that is not lowercase hexadecimal")]
    DigestFormat,
}

/// A normalised image reference; the parts borrow from the text where they can.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ImageReference<'t> {
    /// Host and optional port: `docker.io` where the text names none. Empty only where the first part looks like a host
    /// but can't be one (`my__host.x/app`): upstream then takes the whole text as the repository.
    pub registry: &'t str,
    /// The path in the registry, such as `library/nginx`.
    pub repository: Cow<'t, str>,
    /// The tag as written.
    pub tag: Option<&'t str>,
    /// The digest as written, with its algorithm.
    pub digest: Option<&'t str>,
}

impl<'t> ImageReference<'t> {
    /// Reads an image reference.
    ///
    /// # Errors
    /// The runtime would refuse the text. A placeholder such as `sha256:abc123...` is one of these.
    pub fn parse(text: &'t str) -> Result<ImageReference<'t>, ImageError> {
        if text.len() == 64 && is_lower_hex(text) {
            return Err(ImageError::Id);
        }
        let (registry, official, rest) = split_registry(text);
        let name = rest.split_once(':').map_or(rest, |(name, _)| name);
        if name.chars().any(|c| !c.to_lowercase().eq([c])) {
            return Err(ImageError::Uppercase);
        }
        let (path, tag, digest) = split_rest(rest);
        let host = is_host_and_port(registry);
        let valid = is_path(path)
            && (host || is_path_part(registry))
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest_shape);
        if !valid {
            // Upstream tries the lowercase text, so that it can name the reason.
            let lower = |s: &str| s.to_ascii_lowercase();
            let would = is_path(path)
                && (host || is_path_part(&lower(registry)))
                && tag.is_none_or(is_tag)
                && digest.is_none_or(is_digest_shape);
            return Err(if would { ImageError::Uppercase } else { ImageError::Format });
        }
        let repository = match (host, official) {
            (true, true) => Cow::Owned(format!("{OFFICIAL}{path}")),
            (true, false) => Cow::Borrowed(path),
            (false, _) => Cow::Owned(format!("{registry}/{path}")),
        };
        if repository.len() > REPOSITORY_MAX {
            return Err(ImageError::TooLong);
        }
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        Ok(ImageReference { registry: if host { registry } else { "" }, repository, tag, digest })
    }

    /// `registry/repository`.
    pub fn name(&self) -> String {
        if self.registry.is_empty() {
            self.repository.to_string()
        } else {
            format!("{}/{}", self.registry, self.repository)
        }
    }

    /// The short name that people write: without `docker.io/` and `library/`, and without tag and digest.
    pub fn familiar_name(&self) -> Cow<'_, str> {
        if self.registry != DEFAULT_REGISTRY {
            return Cow::Owned(self.name());
        }
        match self.repository.strip_prefix(OFFICIAL) {
            Some(name) if !name.contains('/') => Cow::Borrowed(name),
            _ => Cow::Borrowed(&self.repository),
        }
    }

    /// The tag that counts: the written one, `latest` where there is neither tag nor digest, none where only a digest is.
    pub fn effective_tag(&self) -> Option<&'t str> {
        self.tag.or(if self.digest.is_none() { Some(DEFAULT_TAG) } else { None })
    }

    /// Whether what is pulled is what `latest` means at that moment. A digest pins, whatever tag stands before it.
    pub fn is_latest(&self) -> bool {
        self.digest.is_none() && self.effective_tag() == Some(DEFAULT_TAG)
    }

    /// Whether the reference names one content for ever.
    pub fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }

    /// What the runtime pulls (`ParseDockerRef`): by digest where there is one, else by tag.
    pub fn pulled(&self) -> String {
        match (self.digest, self.effective_tag()) {
            (Some(digest), _) => format!("{}@{digest}", self.name()),
            (None, tag) => format!("{}:{}", self.name(), tag.unwrap_or(DEFAULT_TAG)),
        }
    }
}

impl fmt::Display for ImageReference<'_> {
    /// The normalised reference, with the tag and the digest as written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// The registry, whether `library/` belongs before the rest, and the rest (`splitDockerDomain`).
fn split_registry(text: &str) -> (&str, bool, &str) {
    let Some((first, rest)) = text.split_once('/') else { return (DEFAULT_REGISTRY, true, text) };
    let (registry, rest) = match first {
        LEGACY_DEFAULT_REGISTRY => (DEFAULT_REGISTRY, rest),
        "localhost" => (first, rest),
        _ if first.contains(['.', ':']) || first.chars().any(|c| !c.to_lowercase().eq([c])) => (first, rest),
        _ => (DEFAULT_REGISTRY, text),
    };
    (registry, registry == DEFAULT_REGISTRY && !rest.contains('/'), rest)
}

/// Path, tag and digest of `path[:tag][@digest]`; no part is checked.
fn split_rest(rest: &str) -> (&str, Option<&str>, Option<&str>) {
    let (named, digest) = match rest.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (rest, None),
    };
    match named.split_once(':') {
        Some((path, tag)) => (path, Some(tag), digest),
        None => (named, None, digest),
    }
}

fn is_lower_hex(s: &str) -> bool {
    s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `part(.part)*` or `[ipv6]`, then an optional `:port`.
fn is_host_and_port(s: &str) -> bool {
    let (host, after) = match s.find(']') {
        Some(end) if s.starts_with('[') => s.split_at_checked(end + 1).unwrap_or((s, "")),
        _ => s.find(':').and_then(|i| s.split_at_checked(i)).unwrap_or((s, "")),
    };
    let port = after.is_empty()
        || after.strip_prefix(':').is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    let part = |p: &str| {
        let b = p.as_bytes();
        b.first().is_some_and(u8::is_ascii_alphanumeric)
            && b.last().is_some_and(u8::is_ascii_alphanumeric)
            && b.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-')
    };
    let ipv6 = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    port && match ipv6 {
        Some(address) => !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':'),
        None => host.split('.').all(part),
    }
}

fn is_path(s: &str) -> bool {
    s.split('/').all(is_path_part)
}

/// Lowercase words joined by `.`, `_`, `__` or any number of `-`.
fn is_path_part(s: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut rest = s.as_bytes();
    loop {
        let n = rest.iter().take_while(|b| word(**b)).count();
        rest = rest.get(n..).unwrap_or_default();
        if n == 0 {
            return false;
        }
        let separator = match rest {
            [] => return true,
            [b'_', b'_', ..] => 2,
            [b'.' | b'_', ..] => 1,
            _ => rest.iter().take_while(|b| **b == b'-').count(),
        };
        if separator == 0 {
            return false;
        }
        rest = rest.get(separator..).unwrap_or_default();
    }
}

fn is_tag(s: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    s.len() <= 128 && s.bytes().next().is_some_and(word) && s.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

/// `algorithm[+-_.algorithm…]:hex`, at least 32 digits.
fn is_digest_shape(s: &str) -> bool {
    let Some((algorithm, hex)) = s.split_once(':') else { return false };
    let part = |p: &str| {
        p.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()) && p.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    algorithm.split(['+', '-', '_', '.']).all(part) && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What go-digest asks beyond the shape.
fn check_digest(s: &str) -> Result<(), ImageError> {
    let (algorithm, hex) = s.split_once(':').unwrap_or((s, ""));
    if algorithm.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ImageError::DigestFormat);
    }
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err(ImageError::DigestAlgorithm),
    };
    match hex {
        _ if hex.len() != length => Err(ImageError::DigestLength),
        _ if !is_lower_hex(hex) => Err(ImageError::DigestFormat),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
