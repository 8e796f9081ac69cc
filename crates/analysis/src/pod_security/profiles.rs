//! AppArmor and seccomp: profiles that a pod gives its containers, as fields and as the annotations before them.

use super::baseline::violated;
use super::reader::{Read, Reader};
use super::restricted::skips_windows;
use super::text::{containers, go_quote, join_quoted, plural};
use super::{CheckResult, Violated};
use kastell_model::yaml::Value;
use std::collections::BTreeSet;

type Path = &'static [&'static str];

const APP_ARMOR: Path = &["securityContext", "appArmorProfile"];
const APP_ARMOR_TYPE: Path = &["securityContext", "appArmorProfile", "type"];
const SECCOMP: Path = &["securityContext", "seccompProfile"];
const SECCOMP_TYPE: Path = &["securityContext", "seccompProfile", "type"];

/// What stands at a place where a profile may be set.
enum Profile {
    Allowed,
    Forbidden(String, Violated),
    Missing(Violated),
    Unknown,
}

fn profile<'t>(pod: &Reader<'_, 't>, base: Value<'t>, path: Path, type_path: Path) -> Profile {
    match pod.mapping(base, path) {
        Read::Missing(anchor) => return Profile::Missing(anchor.into()),
        Read::Unknown => return Profile::Unknown,
        Read::Set(..) => {}
    }
    match pod.string(base, type_path) {
        Read::Set(t, _) if t == "RuntimeDefault" || t == "Localhost" => Profile::Allowed,
        Read::Set(t, at) => Profile::Forbidden(t.into_owned(), at.into()),
        // A profile without a type is one of the empty type to the API server.
        Read::Missing(anchor) if pod.absences => Profile::Forbidden(String::new(), anchor.into()),
        Read::Missing(_) | Read::Unknown => Profile::Unknown,
    }
}

/// The profiles of a pod that are set to something forbidden, and the containers that nothing covers.
#[derive(Default)]
struct Profiles {
    /// `pod` and `containers "a", "b"`.
    setters: Vec<String>,
    values: BTreeSet<String>,
    places: Vec<Violated>,
    uncovered: Vec<String>,
    missing: Vec<Violated>,
}

fn profiles(pod: &Reader<'_, '_>, path: Path, type_path: Path) -> Profiles {
    let mut out = Profiles::default();
    let mut covered = !pod.absences;
    match profile(pod, pod.spec(), path, type_path) {
        Profile::Forbidden(value, at) => {
            out.setters.push("pod".to_string());
            out.values.insert(value);
            out.places.push(at);
        }
        Profile::Allowed | Profile::Unknown => covered = true,
        Profile::Missing(_) => {}
    }
    let mut names = Vec::new();
    for c in pod.containers() {
        match profile(pod, c.value, path, type_path) {
            Profile::Forbidden(value, at) => {
                names.push(c.name().into_owned());
                out.values.insert(value);
                out.places.push(at);
            }
            Profile::Missing(at) if !covered => {
                out.uncovered.push(c.name().into_owned());
                out.missing.push(at);
            }
            _ => {}
        }
    }
    if !names.is_empty() {
        out.setters.push(containers(&names));
    }
    out
}

/// check_appArmorProfile.go: the annotations of old and the fields, both at every version.
pub(super) fn app_armor(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let Profiles { mut setters, values, mut places, .. } = profiles(pod, APP_ARMOR, APP_ARMOR_TYPE);
    let mut values: Vec<String> = values.into_iter().collect();
    let mut annotations = Vec::new();
    for (key, value, at) in pod.annotations("container.apparmor.security.beta.kubernetes.io/") {
        let allowed = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        if !allowed {
            annotations.push(format!("{key}={}", go_quote(&value)));
            places.push(at.into());
        }
    }
    if !annotations.is_empty() {
        annotations.sort();
        setters.push(plural("annotation", "annotations", annotations.len()).to_string());
        values.append(&mut annotations);
    }
    if setters.is_empty() {
        return None;
    }
    let reason = plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.len());
    let detail = format!("{} must not set AppArmor profile type to {}", setters.join(" and "), join_quoted(&values));
    violated(reason, detail, places)
}

/// check_seccompProfile_baseline.go: before 1.19 the alpha annotations, then the fields.
pub(super) fn seccomp_baseline(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    if pod.minor < 19 {
        return seccomp_annotations(pod);
    }
    let found = profiles(pod, SECCOMP, SECCOMP_TYPE);
    if found.setters.is_empty() { None } else { forbidden_seccomp(found) }
}

fn forbidden_seccomp(found: Profiles) -> Option<CheckResult> {
    let detail = format!(
        "{} must not set securityContext.seccompProfile.type to {}",
        found.setters.join(" and "),
        join_quoted(&found.values)
    );
    violated("seccompProfile", detail, found.places)
}

fn seccomp_annotations(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    const POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
    const CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
    let (mut forbidden, mut places) = (BTreeSet::new(), Vec::new());
    let mut look = |key: &str, value: &str, at: Value<'_>| {
        let allowed = value == "runtime/default" || value == "docker/default" || value.starts_with("localhost/");
        if !allowed {
            forbidden.insert(format!("{key}={}", go_quote(value)));
            places.push(at.into());
        }
    };
    for (key, value, at) in pod.annotations(POD).iter().filter(|(k, ..)| *k == POD) {
        look(key, value, *at);
    }
    for (key, value, at) in &pod.annotations(CONTAINER) {
        let name = key.strip_prefix(CONTAINER).unwrap_or_default();
        if pod.containers().iter().any(|c| c.name() == name) {
            look(key, value, *at);
        }
    }
    if forbidden.is_empty() {
        return None;
    }
    let detail = format!(
        "forbidden {} {}",
        plural("annotation", "annotations", forbidden.len()),
        forbidden.into_iter().collect::<Vec<_>>().join(", ")
    );
    violated("seccompProfile", detail, places)
}

/// check_seccompProfile_restricted.go, from 1.19.
pub(super) fn seccomp_restricted(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    if skips_windows(pod) {
        return None;
    }
    let found = profiles(pod, SECCOMP, SECCOMP_TYPE);
    if !found.setters.is_empty() {
        return forbidden_seccomp(found);
    }
    if found.uncovered.is_empty() {
        return None;
    }
    let detail = format!(
        r#"pod or {} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost""#,
        containers(&found.uncovered)
    );
    violated("seccompProfile", detail, found.missing)
}
