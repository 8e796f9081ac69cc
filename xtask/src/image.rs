//! A container image of one file, as an OCI image layout in a tar: nothing but the program and the user that runs it.
//!
//! Sources: OCI image format, image-layout.md, manifest.md and config.md (v1.1). The same program gives the same bytes,
//! and so the same digest.

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The user and group of the process: nobody's, and not 65534, which user namespaces map strangers to.
const USER: &str = "65532:65532";

/// An image layout.
pub(crate) struct Image {
    /// The whole layout as a tar archive.
    pub(crate) archive: Vec<u8>,
    /// The digest of the manifest, by which a registry names the image.
    pub(crate) digest: String,
}

/// The image of a static `program` for `architecture` (Go's name), tagged `reference`.
pub(crate) fn image(program: &[u8], architecture: &str, reference: &str, version: &str) -> Result<Image> {
    let layer = archive(&[("kastell", program, 0o755)])?;
    let layer_digest = digest(&layer);
    let config = serde_json::json!({
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": USER,
            "Entrypoint": ["/kastell"],
            "WorkingDir": "/",
            "Labels": {
                "org.opencontainers.image.title": "kastell",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "Apache-2.0",
                "org.opencontainers.image.source": env!("CARGO_PKG_REPOSITORY"),
            },
        },
        "rootfs": { "type": "layers", "diff_ids": [layer_digest] },
        "history": [{ "created_by": "cargo xtask dist" }],
    });
    let config = serde_json::to_vec(&config)?;
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
    });
    let manifest = serde_json::to_vec(&manifest)?;
    let entry = serde_json::json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest(&manifest),
        "size": manifest.len(),
        "platform": { "architecture": architecture, "os": "linux" },
        "annotations": {
            "org.opencontainers.image.ref.name": version,
            "io.containerd.image.name": reference,
        },
    });
    let index = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [entry],
    });
    let blobs: BTreeMap<String, &[u8]> = [&layer, &config, &manifest]
        .map(|blob| (format!("blobs/sha256/{}", digest(blob).trim_start_matches("sha256:")), &blob[..]))
        .into();
    let index = serde_json::to_vec(&index)?;
    let mut files: Vec<(&str, &[u8], u32)> =
        vec![("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#, 0o644), ("index.json", &index, 0o644)];
    files.extend(blobs.iter().map(|(name, bytes)| (name.as_str(), *bytes, 0o644)));
    Ok(Image { archive: archive(&files)?, digest: digest(&manifest) })
}

/// A tar of regular files that belong to root and were never changed: name, content and mode.
pub(crate) fn archive(files: &[(&str, &[u8], u32)]) -> Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes, mode) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        builder.append_data(&mut header, name, *bytes)?;
    }
    Ok(builder.into_inner()?)
}

fn descriptor(media_type: &str, blob: &[u8]) -> serde_json::Value {
    serde_json::json!({ "mediaType": media_type, "digest": digest(blob), "size": blob.len() })
}

/// `sha256:…`.
fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

/// The SHA-256 of `bytes` in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{digest, image};
    use std::collections::BTreeMap;
    use std::io::Read as _;

    fn files_of(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(archive);
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.path().unwrap().display().to_string(), bytes)
        });
        entries.collect()
    }

    fn json(bytes: &[u8]) -> serde_json::Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn every_name_in_a_layout_leads_to_the_bytes_that_it_is_the_digest_of() {
        let image = image(b"a program", "amd64", "registry.example/kastell:1", "1").unwrap();
        let files = files_of(&image.archive);
        let blob = |descriptor: &serde_json::Value| {
            let name = descriptor["digest"].as_str().unwrap();
            let bytes = files[&format!("blobs/{}", name.replace(':', "/"))].clone();
            assert_eq!(digest(&bytes), name);
            assert_eq!(descriptor["size"], bytes.len());
            bytes
        };
        let entry = &json(&files["index.json"])["manifests"][0];
        assert_eq!(entry["digest"], image.digest.as_str());
        let manifest = json(&blob(entry));
        let config = json(&blob(&manifest["config"]));
        let layer = blob(&manifest["layers"][0]);
        assert_eq!(config["rootfs"]["diff_ids"][0], digest(&layer));
        assert_eq!(files_of(&layer)["kastell"], b"a program");
        assert_eq!(config["config"]["User"], "65532:65532");
    }

    #[test]
    fn the_same_program_gives_the_same_image() {
        let bytes = |program: &[u8]| image(program, "amd64", "r", "1").unwrap();
        assert_eq!(bytes(b"a").archive, bytes(b"a").archive);
        assert_ne!(bytes(b"a").digest, bytes(b"b").digest);
    }
}
