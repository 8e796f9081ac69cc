//! The checks that only the restricted level has, profiles apart. Each names upstream's file below `policy/`.

use super::CheckResult;
use super::baseline::{added_capabilities, any_proc_mount, violated, volume_name};
use super::reader::{Read, Reader};
use super::text::{containers, join_quoted, plural};
use kastell_model::GapReason;
use kastell_model::yaml::Value;
use std::collections::BTreeSet;

/// Whether a check of Linux fields says nothing of this pod: from 1.25 on, where it runs on Windows or nobody can tell.
pub(super) fn skips_windows(pod: &Reader<'_, '_>) -> bool {
    pod.minor >= 25 && pod.is_windows() != Some(false)
}

/// Whether a check of the user says nothing of this pod: from 1.35 on, where it has a user namespace of its own
/// (KEP-127) or nobody can tell.
fn skips_user_namespace(pod: &Reader<'_, '_>) -> bool {
    pod.minor >= 35 && pod.has_user_namespace() != Some(false)
}

/// check_allowPrivilegeEscalation.go, from 1.8.
pub(super) fn allow_privilege_escalation(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    if skips_windows(pod) {
        return None;
    }
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for c in pod.containers() {
        let place = match pod.bool(c.value, &["securityContext", "allowPrivilegeEscalation"]) {
            Read::Set(true, at) => at.into(),
            Read::Missing(anchor) if pod.absences => anchor.into(),
            _ => continue,
        };
        names.push(c.name().into_owned());
        places.push(place);
    }
    if names.is_empty() {
        return None;
    }
    let detail = format!("{} must set securityContext.allowPrivilegeEscalation=false", containers(&names));
    violated("allowPrivilegeEscalation != false", detail, places)
}

/// check_capabilities_restricted.go, from 1.22.
pub(super) fn capabilities(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    if skips_windows(pod) {
        return None;
    }
    let (mut keeping, mut places) = (Vec::new(), Vec::new());
    for c in pod.containers() {
        let drop = pod.strings(c.value, &["securityContext", "capabilities", "drop"]);
        let drops_all = drop.items.iter().any(|(name, _)| name == "ALL");
        if !drops_all && !drop.unknown && pod.absences {
            keeping.push(c.name().into_owned());
            places.extend(drop.place);
        }
    }
    let mut details = Vec::new();
    if !keeping.is_empty() {
        details.push(format!(r#"{} must set securityContext.capabilities.drop=["ALL"]"#, containers(&keeping)));
    }
    let added = added_capabilities(pod, &["NET_BIND_SERVICE"]);
    if !added.names.is_empty() {
        details.push(format!(
            "{} must not include {} in securityContext.capabilities.add",
            containers(&added.names),
            join_quoted(&added.capabilities)
        ));
        places.extend(added.places);
    }
    if details.is_empty() { None } else { violated("unrestricted capabilities", details.join("; "), places) }
}

/// check_procMount_restricted.go, from 1.35: no relaxation for user namespaces.
pub(super) fn proc_mount(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    any_proc_mount(pod)
}

const ALLOWED_SOURCES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

const FORBIDDEN_SOURCES: [&str; 21] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

/// check_restrictedVolumes.go. A volume without any source is an `emptyDir`, because the API server makes it one before
/// admission (`SetDefaults_Volume`). A source that is none we know says nothing: an older API server drops the field.
pub(super) fn volumes(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    let (mut names, mut kinds, mut places) = (Vec::new(), BTreeSet::new(), Vec::new());
    for volume in pod.mappings(pod.spec(), &["volumes"]) {
        if let Some(source) = ALLOWED_SOURCES.iter().find_map(|k| volume.field(k)) {
            if !source.is_mapping() {
                pod.gap(source, GapReason::of_mistyped(source), &["volumes"]);
            }
            continue;
        }
        let forbidden = FORBIDDEN_SOURCES.iter().find_map(|k| volume.field(k).map(|v| (*k, v)));
        if let Some((kind, at)) = forbidden {
            names.push(volume_name(pod, volume));
            kinds.insert(kind);
            places.push(at.into());
        } else if let Some(source) = unknown_source(volume) {
            pod.gap(source, GapReason::Unsupported, &["volumes"]);
        }
    }
    if names.is_empty() {
        return None;
    }
    let detail = format!(
        "{} {} {} {} {}",
        plural("volume", "volumes", names.len()),
        join_quoted(&names),
        plural("uses", "use", names.len()),
        plural("restricted volume type", "restricted volume types", kinds.len()),
        join_quoted(&kinds)
    );
    violated("restricted volume types", detail, places)
}

fn unknown_source(volume: Value<'_>) -> Option<Value<'_>> {
    volume.entries().find(|(key, value)| *key != "name" && !value.is_null()).map(|(_, value)| value)
}

/// check_runAsNonRoot.go.
pub(super) fn run_as_non_root(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    const PATH: &[&str] = &["securityContext", "runAsNonRoot"];
    const REASON: &str = "runAsNonRoot != true";
    if skips_user_namespace(pod) {
        return None;
    }
    let (mut setters, mut places) = (Vec::new(), Vec::new());
    let pod_level = pod.bool(pod.spec(), PATH);
    if let Read::Set(false, at) = pod_level {
        setters.push("pod".to_string());
        places.push(at.into());
    }
    let (mut explicit, mut implicit, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let covered = matches!(pod_level, Read::Set(true, _) | Read::Unknown) || !pod.absences;
    for c in pod.containers() {
        match pod.bool(c.value, PATH) {
            Read::Set(false, at) => {
                explicit.push(c.name().into_owned());
                places.push(at.into());
            }
            Read::Missing(anchor) if !covered => {
                implicit.push(c.name().into_owned());
                missing.push(anchor.into());
            }
            _ => {}
        }
    }
    if !explicit.is_empty() {
        setters.push(containers(&explicit));
    }
    if !setters.is_empty() {
        let detail = format!("{} must not set securityContext.runAsNonRoot=false", setters.join(" and "));
        return violated(REASON, detail, places);
    }
    if implicit.is_empty() {
        return None;
    }
    violated(REASON, format!("pod or {} must set securityContext.runAsNonRoot=true", containers(&implicit)), missing)
}

/// check_runAsUser.go, from 1.23.
pub(super) fn run_as_user(pod: &Reader<'_, '_>) -> Option<CheckResult> {
    const PATH: &[&str] = &["securityContext", "runAsUser"];
    if skips_user_namespace(pod) {
        return None;
    }
    let (mut setters, mut names, mut places) = (Vec::new(), Vec::new(), Vec::new());
    if let Read::Set(0, at) = pod.int(pod.spec(), PATH) {
        setters.push("pod".to_string());
        places.push(at.into());
    }
    for c in pod.containers() {
        if let Read::Set(0, at) = pod.int(c.value, PATH) {
            names.push(c.name().into_owned());
            places.push(at.into());
        }
    }
    if !names.is_empty() {
        setters.push(containers(&names));
    }
    if setters.is_empty() {
        return None;
    }
    violated("runAsUser=0", format!("{} must not set runAsUser=0", setters.join(" and ")), places)
}
