//! Which clusters a run means: kubeconfig files, contexts, or the pod that the program runs in.
//!
//! Owns: where a kubeconfig is looked for, how several are merged, and which contexts a name or pattern chooses. How a server
//! is reached (TLS, proxies, credentials) is kube's affair. No text of a kubeconfig ever stands in an error: it may hold
//! credentials.

use super::LiveRequest;
use super::errors::LiveError;
use super::proxy;
use kastell_model::Str;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// The unit of a cluster that the program runs in.
const IN_CLUSTER: &str = "in-cluster";

/// A plugin that a kubeconfig names for credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plugin {
    /// Its command.
    pub(super) command: String,
    /// What its author says to those who lack it.
    pub(super) hint: Option<String>,
}

/// A cluster to read.
#[derive(Debug)]
pub(super) struct Target {
    /// The context's name.
    pub(super) unit: Str,
    /// The server's URL, without userinfo.
    pub(super) server: Str,
    /// Who reads.
    pub(super) reader: Option<Str>,
    /// The plugin for credentials.
    pub(super) plugin: Option<Plugin>,
    /// The proxy on the way to it, without userinfo.
    pub(super) proxy: Option<Str>,
    /// How to reach it; or why that is not known.
    pub(super) config: Result<Config, String>,
}

/// The clusters that the request names, in the order of their names.
pub(super) fn targets(request: &LiveRequest) -> Result<Vec<Target>, LiveError> {
    let Some(kubeconfig) = kubeconfig(request.kubeconfig.as_deref())? else {
        return match in_cluster() {
            Some(target) if request.contexts.is_empty() => Ok(vec![target]),
            Some(_) | None => Err(LiveError::NoCluster),
        };
    };
    let contexts = contexts(&kubeconfig, &request.contexts)?;
    Ok(contexts.iter().map(|name| target(&kubeconfig, name)).collect())
}

/// The merged kubeconfig; `None` where there is none.
fn kubeconfig(given: Option<&Path>) -> Result<Option<Kubeconfig>, LiveError> {
    if let Some(path) = given {
        return read(path).map(Some);
    }
    let listed = std::env::var_os("KUBECONFIG").filter(|v| !v.is_empty());
    let paths: Vec<PathBuf> = match &listed {
        Some(list) => std::env::split_paths(list).filter(|p| !p.as_os_str().is_empty()).collect(),
        None => std::env::home_dir().map(|home| home.join(".kube").join("config")).into_iter().collect(),
    };
    // As kubectl does it: a file of the list that is not there is passed over.
    let present: Vec<&PathBuf> = paths.iter().filter(|p| p.exists()).collect();
    let mut merged: Option<Kubeconfig> = None;
    for path in present {
        let next = read(path)?;
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|e| unreadable(path, &e))?,
        });
    }
    if merged.is_none() && listed.is_some() {
        return Err(LiveError::NoFile { list: listed.unwrap_or_default().to_string_lossy().into_owned() });
    }
    Ok(merged)
}

fn read(path: &Path) -> Result<Kubeconfig, LiveError> {
    Kubeconfig::read_from(path).map_err(|e| unreadable(path, &e))
}

fn unreadable(path: &Path, error: &KubeconfigError) -> LiveError {
    LiveError::Kubeconfig { path: path.display().to_string(), why: why(error) }
}

/// Why a kubeconfig does not serve, without any of its text.
fn why(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::ReadConfig(e, _) if e.kind() == std::io::ErrorKind::NotFound => "it does not exist".into(),
        KubeconfigError::ReadConfig(e, _) => e.to_string(),
        KubeconfigError::Parse(_) => "it is not YAML with the fields of a kubeconfig".into(),
        KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => {
            "its kind or apiVersion differs from that of the file before it".into()
        }
        KubeconfigError::LoadContext(name) => format!("it has no context `{name}`"),
        KubeconfigError::LoadClusterOfContext(name) => format!("it has no cluster `{name}`, which the context names"),
        KubeconfigError::MissingClusterUrl => "the context's cluster has no server".into(),
        KubeconfigError::ParseClusterUrl(_) => "the server of the context's cluster is no URL".into(),
        KubeconfigError::ParseProxyUrl(_) => "its proxy-url is no URL".into(),
        KubeconfigError::LoadCertificateAuthority(e) => format!("its certificate authority could not be read: {e}"),
        KubeconfigError::LoadClientCertificate(e) => format!("its client certificate could not be read: {e}"),
        KubeconfigError::LoadClientKey(e) => format!("its client key could not be read: {e}"),
        KubeconfigError::ParseCertificates(_) => "its certificate authority is no PEM text".into(),
        _ => "it is not complete".into(),
    }
}

/// The chosen contexts, sorted; without a choice the current one.
fn contexts(kubeconfig: &Kubeconfig, patterns: &[String]) -> Result<Vec<String>, LiveError> {
    let mut names: Vec<&str> = kubeconfig.contexts.iter().map(|c| c.name.as_str()).collect();
    names.sort_unstable();
    let known = || names.join(", ");
    if patterns.is_empty() {
        let current = kubeconfig.current_context.clone().filter(|c| !c.is_empty());
        let current = current.ok_or_else(|| LiveError::NoCurrentContext { known: known() })?;
        return if names.contains(&current.as_str()) {
            Ok(vec![current])
        } else {
            Err(LiveError::NoContext { pattern: current, known: known() })
        };
    }
    let mut chosen: Vec<String> = Vec::new();
    for pattern in patterns {
        let before = chosen.len();
        chosen.extend(names.iter().filter(|n| matches(pattern, n)).map(|n| (*n).to_string()));
        if chosen.len() == before {
            return Err(LiveError::NoContext { pattern: pattern.clone(), known: known() });
        }
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// Whether `name` is the pattern, in which `*` stands for any text and `?` for one character.
fn matches(pattern: &str, name: &str) -> bool {
    let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut i, mut j) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = n.get(j) {
        match p.get(i) {
            Some('*') => {
                star = Some((i, j));
                i += 1;
            }
            Some(x) if *x == '?' || x == c => {
                i += 1;
                j += 1;
            }
            _ => {
                // Give the last star one character more.
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                i = at + 1;
                j = from + 1;
            }
        }
    }
    p.iter().skip(i).all(|c| *c == '*')
}

fn target(kubeconfig: &Kubeconfig, name: &str) -> Target {
    let context = kubeconfig.contexts.iter().find(|c| c.name == name).and_then(|c| c.context.as_ref());
    let user = context.and_then(|c| c.user.clone());
    let cluster = context.and_then(|c| kubeconfig.clusters.iter().find(|k| k.name == c.cluster));
    let cluster = cluster.and_then(|c| c.cluster.as_ref());
    let auth = user.as_ref().and_then(|u| kubeconfig.auth_infos.iter().find(|a| a.name == *u));
    let exec = auth.and_then(|a| a.auth_info.as_ref()).and_then(|a| a.exec.as_ref());
    let config = build(kubeconfig, name, cluster.and_then(|c| c.proxy_url.as_deref()));
    let proxy = config.as_ref().ok().and_then(|c| c.proxy_url.as_ref());
    Target {
        proxy: proxy.map(|p| without_userinfo(&p.to_string()).trim_end_matches('/').into()),
        unit: name.into(),
        server: cluster.and_then(|c| c.server.as_deref()).map_or("", without_userinfo).into(),
        reader: user.map(Str::from),
        plugin: exec.map(|e| Plugin {
            command: e.command.clone().unwrap_or_default(),
            hint: e.install_hint.clone().filter(|h| !h.trim().is_empty()),
        }),
        config,
    }
}

fn build(kubeconfig: &Kubeconfig, name: &str, proxy_url: Option<&str>) -> Result<Config, String> {
    let options = KubeConfigOptions { context: Some(name.to_string()), cluster: None, user: None };
    // The function waits for nothing; it is only declared so.
    let future = Config::from_custom_kubeconfig(kubeconfig.clone(), &options);
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| e.to_string())?;
    let mut config = runtime.block_on(future).map_err(|e| why(&e))?;
    tune(&mut config, proxy_url)?;
    Ok(config)
}

/// What holds for every way to a server: own retries and time limits take the place of the client's.
fn tune(config: &mut Config, proxy_url: Option<&str>) -> Result<(), String> {
    config.proxy_url = proxy::choose(proxy_url, &config.cluster_url, &|name| std::env::var(name).ok())?;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = None;
    config.default_retry = false;
    Ok(())
}

fn in_cluster() -> Option<Target> {
    let mut config = Config::incluster().ok()?;
    let tuned = tune(&mut config, None);
    Some(Target {
        unit: IN_CLUSTER.into(),
        server: without_userinfo(&config.cluster_url.to_string()).trim_end_matches('/').into(),
        reader: Some(format!("a service account of namespace {}", config.default_namespace.trim()).into()),
        plugin: None,
        proxy: config.proxy_url.as_ref().map(|p| without_userinfo(&p.to_string()).trim_end_matches('/').into()),
        config: tuned.map(|()| config),
    })
}

/// A URL without the name and password that may stand before its host.
pub(super) fn without_userinfo(url: &str) -> &str {
    // Only what can be shown as it stands is shown: a URL with userinfo is cut down to nothing but its host.
    let after_scheme = url.find("://").map_or(0, |i| i + 3);
    let rest = url.get(after_scheme..).unwrap_or("");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    match authority.rfind('@') {
        Some(at) => rest.get(at + 1..).unwrap_or(""),
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Kubeconfig {
        Kubeconfig::from_yaml(text).unwrap()
    }

    const THREE: &str = "
contexts:
- {name: prod-eu, context: {cluster: a, user: u}}
- {name: prod-us, context: {cluster: b}}
- {name: dev, context: {cluster: a, user: u}}
current-context: dev
clusters:
- {name: a, cluster: {server: 'https://me:canary@a.example:6443/k8s'}}
users:
- {name: u, user: {exec: {command: aws, apiVersion: client.authentication.k8s.io/v1, installHint: get it}}}
";

    #[test]
    fn contexts_are_chosen_by_name_and_by_pattern() {
        let k = of(THREE);
        let chosen = |p: &[&str]| contexts(&k, &p.iter().map(|s| (*s).to_string()).collect::<Vec<_>>()).unwrap();
        assert_eq!(chosen(&[]), ["dev"]);
        assert_eq!(chosen(&["prod-*"]), ["prod-eu", "prod-us"]);
        assert_eq!(chosen(&["*", "dev"]), ["dev", "prod-eu", "prod-us"]);
        let error = contexts(&k, &["stage".into()]).unwrap_err().to_string();
        assert_eq!(error, "no context is called `stage`; there is dev, prod-eu, prod-us");
    }

    #[test]
    fn patterns_match_the_whole_name() {
        for (pattern, name, yes) in [
            ("prod-*", "prod-eu", true),
            ("prod-*", "my-prod-eu", false),
            ("*-eu", "prod-eu-eu", true),
            ("p?od", "prod", true),
            ("p?od", "pod", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), yes, "{pattern} {name}");
        }
    }

    #[test]
    fn a_target_says_who_reads_what_without_userinfo() {
        let t = target(&of(THREE), "dev");
        assert_eq!((&*t.server, t.reader.as_deref()), ("a.example:6443/k8s", Some("u")));
        assert_eq!(t.plugin, Some(Plugin { command: "aws".into(), hint: Some("get it".into()) }));
        assert_eq!(without_userinfo("https://a.example:6443/x@y"), "https://a.example:6443/x@y");
        assert_eq!(without_userinfo("socks5://n:p@h:1080"), "h:1080");
    }

    #[test]
    fn a_context_without_its_cluster_says_so() {
        let t = target(&of(THREE), "prod-us");
        assert_eq!(t.config.unwrap_err(), "it has no cluster `b`, which the context names");
    }

    #[test]
    fn no_error_shows_text_of_a_kubeconfig() {
        let error = Kubeconfig::from_yaml("users: [{name: u, user: {token: canary, ").unwrap_err();
        assert!(!why(&error).contains("canary"));
    }
}
