//! What several controls of pods read alike: capability lists, seccomp and AppArmor profiles, paths of the host.
//!
//! Owns: how the kubelet and the container runtimes understand these fields. Must not know: what is good or bad.

use kastell_model::views::{ContainerView, PodView};
use kastell_model::yaml::Value;
use kastell_model::{Field, Out};
use std::borrow::Cow;

/// The prefix of the annotations that set AppArmor profiles before Kubernetes 1.30; the container's name follows.
pub(crate) const APPARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The capabilities that a container adds.
pub(crate) const ADD: &[&str] = &["securityContext", "capabilities", "add"];
/// The capabilities that a container drops.
pub(crate) const DROP: &[&str] = &["securityContext", "capabilities", "drop"];

/// A list of capabilities, and a gap where it is none.
pub(crate) fn capabilities<'t>(
    container: &ContainerView<'t>,
    path: &'static [&'static str],
    out: &mut Out<'_>,
) -> Option<Field<'t, Value<'t>>> {
    let field = container.field(path).read(|v| v.is_sequence().then_some(v));
    let list = match &field {
        Field::Unreadable(at, reason) => {
            out.unreadable(*at, *reason, &path.join("."));
            return None;
        }
        Field::Set(list, _) => Some(*list),
        _ => None,
    };
    for item in list.into_iter().flat_map(Value::items).filter(|i| i.as_str().is_none()) {
        out.unreadable(item, kastell_model::GapReason::of_mistyped(item), &path.join("."));
    }
    Some(field)
}

/// The items of a list of capabilities, under the names that the kernel's documentation has, without `CAP_`.
///
/// The kubelet hands names on as they are. containerd puts `CAP_` in front of the upper-cased name, whatever it begins
/// with (internal/cri/opts, WithCapabilities), so that `CAP_SYS_ADMIN` means nothing to it; CRI-O leaves a name that has
/// the prefix (toCAPPrefixed). What one of them understands counts as added.
pub(crate) fn names<'t>(list: &Field<'t, Value<'t>>) -> impl Iterator<Item = (Cow<'t, str>, Value<'t>)> + use<'t> {
    let list = match list {
        Field::Set(v, _) => Some(*v),
        _ => None,
    };
    list.into_iter().flat_map(Value::items).filter_map(|i| i.as_str().map(|s| (kernel_name(s), i)))
}

fn kernel_name(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_lowercase()) {
        let upper = name.to_ascii_uppercase();
        return Cow::Owned(upper.strip_prefix("CAP_").map(str::to_string).unwrap_or(upper));
    }
    match name {
        Cow::Borrowed(s) => Cow::Borrowed(s.strip_prefix("CAP_").unwrap_or(s)),
        Cow::Owned(s) => Cow::Owned(s.strip_prefix("CAP_").map(str::to_string).unwrap_or(s)),
    }
}

/// What is said of the way in which a name is written, for a message; empty where it is written as Kubernetes does.
pub(crate) fn spelling(item: Value<'_>) -> &'static str {
    match item.as_str() {
        Some(s) if s.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("CAP_")) => {
            " (with `CAP_` in front only CRI-O understands it)"
        }
        _ => "",
    }
}

/// Whether a list of capabilities to drop holds `ALL`: containerd and CRI-O compare without case, and neither knows
/// `CAP_ALL`.
pub(crate) fn drops_all(list: &Field<'_, Value<'_>>) -> bool {
    match list {
        Field::Set(v, _) => v.items().any(|i| i.as_str().is_some_and(|s| s.eq_ignore_ascii_case("ALL"))),
        _ => false,
    }
}

/// The seccomp profile's type that holds for a container.
pub(crate) fn seccomp<'t>(container: &ContainerView<'t>, pod: &PodView<'t>) -> Field<'t, Value<'t>> {
    container.effective(pod, &["securityContext", "seccompProfile", "type"])
}

/// The AppArmor profile's type that holds for a container: its own field, else the annotation, else the pod's field
/// (pkg/security/apparmor/helpers.go, GetProfile). An annotation gives the annotation's value.
pub(crate) fn apparmor<'t>(container: &ContainerView<'t>, pod: &PodView<'t>) -> Field<'t, Value<'t>> {
    const TYPE: &[&str] = &["securityContext", "appArmorProfile", "type"];
    match container.field(TYPE) {
        Field::Absent(at_container) => match apparmor_annotation(container, pod) {
            Some(v) => Field::Set(v, v),
            None => match pod.field(TYPE) {
                Field::Absent(_) => Field::Absent(at_container),
                from_pod => from_pod,
            },
        },
        own => own,
    }
}

fn apparmor_annotation<'t>(container: &ContainerView<'t>, pod: &PodView<'t>) -> Option<Value<'t>> {
    let name = container.name();
    let annotations = pod.metadata()?.field("annotations")?;
    annotations.entries().find(|(k, _)| k.strip_prefix(APPARMOR_ANNOTATION) == Some(&*name)).map(|(_, v)| v)
}

/// The hostPath volumes of a pod: volume and the field `hostPath.path`.
pub(crate) fn host_paths<'t>(
    pod: &PodView<'t>,
) -> impl Iterator<Item = (Value<'t>, Field<'t, Cow<'t, str>>)> + use<'t> {
    pod.volumes().filter(|v| v.field("hostPath").is_some()).map(|v| (v, Field::string(v, &["hostPath", "path"])))
}

/// The mounts of the volume that `volume` names, by container.
pub(crate) fn mounts<'t>(
    containers: &[ContainerView<'t>],
    volume: Value<'t>,
) -> impl Iterator<Item = (ContainerView<'t>, Value<'t>)> {
    let name = volume.get("name").and_then(Value::scalar_text).unwrap_or_default();
    containers
        .iter()
        .flat_map(|c| c.value.field("volumeMounts").into_iter().flat_map(Value::items).map(|m| (*c, m)))
        .filter(move |(_, m)| m.get("name").and_then(Value::scalar_text).is_some_and(|n| n == name))
}

/// The service account tokens of a pod's projected volumes, each with its volume, without those that the API server adds
/// itself (plugin/pkg/admission/serviceaccount, `kube-api-access-…`).
pub(crate) fn projected_tokens<'t>(pod: &PodView<'t>) -> impl Iterator<Item = (Value<'t>, Value<'t>)> + use<'t> {
    pod.volumes()
        .filter(|v| !v.get("name").and_then(Value::as_str).is_some_and(|n| n.starts_with("kube-api-access-")))
        .filter_map(|v| Some((v, v.at(&["projected", "sources"])?)))
        .flat_map(|(v, sources)| sources.items().map(move |source| (v, source)))
        .filter_map(|(v, source)| Some((v, source.field("serviceAccountToken")?)))
}

/// A path without `.`, empty and trailing parts: `//etc/./cron.d/` is `/etc/cron.d`.
pub(crate) fn clean(path: &str) -> Cow<'_, str> {
    let is_clean =
        path == "/" || (path.starts_with('/') && path.split('/').skip(1).all(|part| !part.is_empty() && part != "."));
    if is_clean {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    for part in path.split('/').filter(|p| !p.is_empty() && *p != ".") {
        out.push('/');
        out.push_str(part);
    }
    if out.is_empty() {
        out.push('/');
    }
    Cow::Owned(out)
}

/// Whether the clean path `path` is `directory` or lies below it.
pub(crate) fn is_within(path: &str, directory: &str) -> bool {
    directory == "/" || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_the_kernel_resolves_them() {
        for (path, expected) in
            [("/", "/"), ("//", "/"), ("/etc/", "/etc"), ("//etc/./cron.d/", "/etc/cron.d"), ("/etc/x", "/etc/x")]
        {
            assert_eq!(clean(path), expected);
        }
    }

    #[test]
    fn a_path_is_within_a_directory_only_at_a_slash() {
        assert!(is_within("/etc", "/etc") && is_within("/etc/cron.d", "/etc") && is_within("/x", "/"));
        assert!(!is_within("/etcd", "/etc"));
    }

    #[test]
    fn capability_names_lose_case_and_prefix() {
        for name in ["SYS_ADMIN", "sys_admin", "CAP_SYS_ADMIN", "cap_sys_admin"] {
            assert_eq!(kernel_name(Cow::Borrowed(name)), "SYS_ADMIN");
        }
    }
}
