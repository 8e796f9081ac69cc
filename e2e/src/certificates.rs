//! A certificate authority for one server, and what it signs.

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer};
use rcgen::{KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};

/// Signs certificates into a folder.
pub(crate) struct Authority {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate, or a public key alone, and the private key, as PEM files.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new(dir: &Path) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters without names");
        params.distinguished_name.push(DnType::CommonName, "test-ca");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = new_key();
        let certificate = params.self_signed(&key).expect("a certificate of our own");
        std::fs::write(dir.join("ca.crt"), certificate.pem()).expect("ca.crt is written");
        Authority { dir: dir.to_path_buf(), issuer: Issuer::new(params, key) }
    }

    /// The authority's own certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.dir.join("ca.crt")
    }

    /// A certificate of the user `name` in `group`, and for the host names and addresses `hosts`. The same file again for
    /// the same `file`.
    pub(crate) fn sign(&self, file: &str, name: &str, group: Option<&str>, hosts: &[&str]) -> Pair {
        let pair =
            Pair { certificate: self.dir.join(format!("{file}.crt")), key: self.dir.join(format!("{file}.key")) };
        if pair.certificate.exists() {
            return pair;
        }
        let hosts: Vec<String> = hosts.iter().map(|h| (*h).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).expect("hosts are names and addresses");
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(group) = group {
            params.distinguished_name.push(DnType::OrganizationName, group);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = new_key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a signed certificate");
        std::fs::write(&pair.key, key.serialize_pem()).expect("a key is written");
        std::fs::write(&pair.certificate, certificate.pem()).expect("a certificate is written");
        pair
    }

    /// A key without a certificate: service account tokens are signed with it, and checked with its public half.
    pub(crate) fn key(&self, file: &str) -> Pair {
        let pair =
            Pair { certificate: self.dir.join(format!("{file}.pub")), key: self.dir.join(format!("{file}.key")) };
        let key = new_key();
        std::fs::write(&pair.key, key.serialize_pem()).expect("a key is written");
        std::fs::write(&pair.certificate, key.public_key_pem()).expect("a key is written");
        pair
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a new key")
}
