//! Sentences for what goes wrong between this program and an API server: what, where, why, and what to do.
//!
//! Nothing that a plugin printed, no header and no URL's userinfo stands in them.

use super::config::Target;
use kastell_model::Str;
use kube::client::AuthError;
use thiserror::Error;

/// Why it is not known which cluster to read. Usage errors.
#[derive(Debug, Error)]
pub enum LiveError {
    /// No kubeconfig, and not in a pod.
    #[error(
        "there is no cluster to read: no --kubeconfig, no $KUBECONFIG, no ~/.kube/config, and this is no pod with a service account"
    )]
    NoCluster,
    /// `$KUBECONFIG` names only files that are not there.
    #[error("no file of $KUBECONFIG exists: {list}")]
    NoFile {
        /// The variable's value.
        list: String,
    },
    /// A kubeconfig cannot be read.
    #[error("the kubeconfig `{path}` could not be read: {why}")]
    Kubeconfig {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// No context is current and none was named.
    #[error("the kubeconfig has no current context: choose one with --context; there is {known}")]
    NoCurrentContext {
        /// All contexts.
        known: String,
    },
    /// No context has this name.
    #[error("no context is called `{pattern}`; there is {known}")]
    NoContext {
        /// What was asked for.
        pattern: String,
        /// All contexts.
        known: String,
    },
    /// The runtime could not be started.
    #[error("the network could not be used: {0}")]
    Runtime(std::io::Error),
}

/// What is wrong with a whole cluster, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trouble {
    /// What, where and why; without a final stop.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Option<Str>,
}

impl Trouble {
    fn new(message: String, help: &str) -> Trouble {
        Trouble { message, help: Some(help.into()) }
    }
}

/// Why the configuration of a context does not serve.
pub(super) fn configuration(target: &Target, why: &str) -> Trouble {
    let message = format!("the cluster of context `{}` was not read: in its kubeconfig, {why}", target.unit);
    Trouble::new(message, "mend the kubeconfig; `kubectl config view` shows it without its secrets")
}

/// Why no request came through.
pub(super) fn connection(target: &Target, error: &kube::Error) -> Trouble {
    if let Some(trouble) = authentication(target, error) {
        return trouble;
    }
    let (mut why, mut help) = reason(error);
    if let Some(proxy) = target.proxy.as_ref().filter(|_| is_about_the_way(error)) {
        why = format!("by way of the proxy {proxy}, {why}");
        help = "check `proxy-url` of the kubeconfig and $HTTPS_PROXY";
    }
    let message = format!("the cluster of context `{}` was not read: {why} ({})", target.unit, shown(&target.server));
    Trouble::new(message, help)
}

/// Whether it was the connection that failed, not what came over it.
fn is_about_the_way(error: &kube::Error) -> bool {
    let tls = ["peer certificate", "fatal alert", "InvalidContentType"];
    !chain(error).any(|e| tls.iter().any(|t| e.to_string().contains(t)))
}

/// The server refused the credentials.
pub(super) fn unauthorised(target: &Target) -> Trouble {
    let reader = target.reader.as_deref().map_or(String::new(), |r| format!(" of `{r}`"));
    let message = format!(
        "the cluster of context `{}` was not read: the server {} does not accept the credentials{reader} (401)",
        target.unit,
        shown(&target.server)
    );
    Trouble::new(message, "sign in again, or check the context's user: `kubectl auth whoami` has to work with it")
}

/// The server answered, but nothing that a Kubernetes API says.
pub(super) fn answer(target: &Target, why: &str) -> Trouble {
    let message = format!("the cluster of context `{}` was not read: {why} ({})", target.unit, shown(&target.server));
    Trouble::new(message, "check that the context's server is a Kubernetes API server")
}

fn shown(server: &str) -> &str {
    if server.is_empty() { "no server is named" } else { server }
}

/// Credentials that could not be had.
fn authentication(target: &Target, error: &kube::Error) -> Option<Trouble> {
    let found = chain(error).find_map(|e| e.downcast_ref::<AuthError>())?;
    let context = &target.unit;
    let plugin = target.plugin.as_ref();
    let command = plugin.map_or("", |p| p.command.as_str());
    let install = plugin.and_then(|p| p.hint.clone()).map(|h| one_line(&h));
    let failed = |how: &str| {
        let message = format!(
            "the cluster of context `{context}` was not read: its credentials come from the plugin `{command}`, which {how}"
        );
        Trouble::new(message, "run the plugin by hand with the arguments of the kubeconfig to see what it says")
    };
    Some(match found {
        AuthError::AuthExecStart(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let trouble = failed("is not installed");
            let help = install.unwrap_or_else(|| "install it, or put it into a directory of $PATH".into());
            Trouble { help: Some(help.into()), ..trouble }
        }
        AuthError::AuthExecStart(e) => failed(&format!("could not be started: {e}")),
        AuthError::AuthExecRun { out, .. } => failed(&match out.status.code() {
            Some(code) => format!("failed with exit code {code}"),
            None => "was ended by a signal".to_string(),
        }),
        AuthError::ExecPluginFailed | AuthError::AuthExecParse(_) | AuthError::AuthExec(_) => {
            failed("gave no credentials that a Kubernetes client understands")
        }
        AuthError::MissingCommand => failed("the kubeconfig does not name"),
        AuthError::ReadTokenFile(e, path) => Trouble::new(
            format!(
                "the cluster of context `{context}` was not read: the token file `{}` could not be read: {e}",
                path.display()
            ),
            "check the file that the context's user names",
        ),
        _ => Trouble::new(
            format!("the cluster of context `{context}` was not read: no valid credentials could be had for its user"),
            "sign in again with the tool of your provider",
        ),
    })
}

/// Why a connection failed, and what to do about it.
pub(super) fn reason(error: &kube::Error) -> (String, &'static str) {
    let text: Vec<String> = chain(error).map(ToString::to_string).collect();
    let says = |what: &str| text.iter().any(|t| t.contains(what));
    if says("UnknownIssuer") {
        return (
            "the server's certificate is signed by an authority that the kubeconfig does not trust".into(),
            "put the cluster's CA into `certificate-authority-data` of the kubeconfig",
        );
    }
    if says("not valid for name") || says("NotValidForName") {
        return (
            "the server's certificate is for another name".into(),
            "use a name of the certificate, or set `tls-server-name` in the kubeconfig",
        );
    }
    if says("invalid peer certificate") || says("InvalidCertificate") {
        let detail = text.last().map(|t| one_line(t)).unwrap_or_default();
        return (format!("the server's certificate is not valid: {detail}"), "renew the server's certificate");
    }
    if says("received fatal alert") {
        return (
            "the server ended the TLS handshake, most likely because of the client certificate".into(),
            "check that the client certificate of the context's user has not expired",
        );
    }
    if says("InvalidContentType") || says("corrupt message") {
        return ("the server does not speak TLS".into(), "check the scheme and port of the context's server");
    }
    if says("dns error") || says("failed to lookup address") {
        return ("the server's name could not be resolved".into(), "check the name, the VPN and the DNS server");
    }
    let io = chain(error).filter_map(|e| e.downcast_ref::<std::io::Error>()).last();
    match io.map(std::io::Error::kind) {
        Some(std::io::ErrorKind::ConnectionRefused) => (
            "nothing listens there (connection refused)".into(),
            "check that the cluster runs and that the port is right",
        ),
        Some(std::io::ErrorKind::TimedOut) => {
            ("the server did not answer in time".into(), "check the network, the VPN and the proxy")
        }
        _ if says("socks") || says("SOCKS") || says("tunnel") => (
            "the proxy did not open a way to the server".into(),
            "check `proxy-url` of the kubeconfig and $HTTPS_PROXY",
        ),
        _ => {
            let detail = text.last().map(|t| one_line(t)).unwrap_or_default();
            (format!("the connection failed: {detail}"), "check the network, the VPN and the proxy")
        }
    }
}

/// An error and what it came from. Bounded: an implementation may name itself as its source.
fn chain<'e>(error: &'e kube::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    let first: &'e (dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |e| e.source()).take(16)
}

/// The first line of what somebody else says, of bounded length, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("");
    let clean: String = line.chars().filter(|c| !c.is_control()).take(300).collect();
    clean.trim_end_matches('.').to_string()
}

/// What to do about a kind that could not be read.
pub(super) fn help_for(reason: &str, resource: &str, group: &str) -> Option<String> {
    if reason.starts_with("forbidden") {
        let group = if group.is_empty() { String::new() } else { format!(" of group {group}") };
        return Some(format!(
            "give the reader `list` on {resource}{group}; kastell's roles in deploy/ grant exactly what it reads"
        ));
    }
    reason
        .contains("API service")
        .then(|| "mend or remove the APIService of this group: kubectl get apiservices".into())
}
