//! Which proxy stands between this program and a server, as kubectl decides it.
//!
//! Semantics: client-go takes `proxy-url` of the kubeconfig whatever the environment says; without it Go's
//! `http.ProxyFromEnvironment` decides by the server's host (golang.org/x/net/http/httpproxy): `HTTPS_PROXY` or `HTTP_PROXY`,
//! unless the host is local or `NO_PROXY` names it.

use http::Uri;
use std::net::IpAddr;

/// The proxy for `server`; `environment` gives a variable's value.
///
/// # Errors
/// Where what is configured is no URL. The text is not in the error: it may hold a password.
pub(super) fn choose(
    configured: Option<&str>,
    server: &Uri,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Uri>, String> {
    if let Some(url) = configured.filter(|u| !u.is_empty()) {
        return parse(url).map(Some).ok_or_else(|| "its proxy-url is no URL".into());
    }
    let variable = |upper: &str| {
        let found = environment(upper).or_else(|| environment(&upper.to_lowercase()));
        found.map(|v| v.trim().to_string()).filter(|v| !v.is_empty())
    };
    let name = if server.scheme_str() == Some("http") { "HTTP_PROXY" } else { "HTTPS_PROXY" };
    let Some(url) = variable(name) else { return Ok(None) };
    let host = server.host().unwrap_or("").trim_matches(['[', ']']);
    if is_local(host) || variable("NO_PROXY").is_some_and(|list| is_exempt(&list, host, server.port_u16())) {
        return Ok(None);
    }
    let url = if url.contains("://") { url } else { format!("http://{url}") };
    parse(&url).map(Some).ok_or_else(|| format!("${name} is no URL"))
}

/// Names are resolved by SOCKS proxies in either spelling.
fn parse(url: &str) -> Option<Uri> {
    let url = url.strip_prefix("socks5h://").map_or_else(|| url.to_string(), |rest| format!("socks5://{rest}"));
    url.parse().ok().filter(|u: &Uri| u.host().is_some())
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an entry of `NO_PROXY` names the host: `*`, an address or range, a domain with everything below it, or with a
/// leading dot only what is below it; each with or without a port.
fn is_exempt(list: &str, host: &str, port: Option<u16>) -> bool {
    let host = host.to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    list.split(',').map(str::trim).filter(|e| !e.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some((network, bits)) = entry.split_once('/') {
            return address.is_some_and(|ip| is_within(ip, network, bits));
        }
        let entry = entry.to_ascii_lowercase();
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, p)) if !name.contains(':') || name.ends_with(']') => (name, p.parse::<u16>().ok()),
            _ => (entry.as_str(), None),
        };
        if wanted.is_some_and(|p| port.unwrap_or(443) != p) {
            return false;
        }
        let name = name.trim_matches(['[', ']']);
        if let Ok(ip) = name.parse::<IpAddr>() {
            return address == Some(ip);
        }
        let below = name.strip_prefix("*.").or_else(|| name.strip_prefix('.'));
        match below {
            Some(domain) => host.strip_suffix(domain).is_some_and(|h| h.ends_with('.')),
            None => host == name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.')),
        }
    })
}

fn is_within(ip: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let equal = |a: u128, b: u128, width: u32| bits <= width && (bits == 0 || (a ^ b) >> (width - bits) == 0);
    match (ip, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => equal(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => equal(a.into(), b.into(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(configured: Option<&str>, server: &str, variables: &[(&str, &str)]) -> Option<String> {
        let environment = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_string());
        choose(configured, &server.parse().unwrap(), &environment).unwrap().map(|u| u.to_string())
    }

    #[test]
    fn the_kubeconfig_decides_before_the_environment() {
        let all = [("HTTPS_PROXY", "http://env:1"), ("NO_PROXY", "*")];
        let given = chosen(Some("socks5://here:1080"), "https://a.example", &all);
        assert_eq!(given.as_deref(), Some("socks5://here:1080/"));
        let remote = chosen(Some("socks5h://here:1080"), "https://a.example", &all);
        assert_eq!(remote.as_deref(), Some("socks5://here:1080/"));
    }

    #[test]
    fn the_environment_counts_by_scheme_and_not_for_local_servers() {
        let all = [("https_proxy", "env:1"), ("HTTP_PROXY", "http://plain:2")];
        assert_eq!(chosen(None, "https://a.example", &all).as_deref(), Some("http://env:1/"));
        assert_eq!(chosen(Some(""), "http://a.example", &all).as_deref(), Some("http://plain:2/"));
        for local in ["https://127.0.0.1:6443", "https://localhost", "https://[::1]:6443"] {
            assert_eq!(chosen(None, local, &all), None, "{local}");
        }
        assert_eq!(chosen(None, "https://a.example", &[]), None);
    }

    #[test]
    fn exempt_hosts_are_named_by_domain_address_and_range() {
        for (list, server, exempt) in [
            ("example.com", "https://a.example.com:6443", true),
            ("example.com", "https://example.com", true),
            ("example.com", "https://badexample.com", false),
            (".example.com", "https://example.com", false),
            ("*.example.com", "https://a.example.com", true),
            ("x, A.Example", "https://a.example", true),
            ("a.example:6443", "https://a.example:6443", true),
            ("a.example:6443", "https://a.example", false),
            ("10.0.0.0/8", "https://10.1.2.3:6443", true),
            ("10.0.0.0/8", "https://11.1.2.3:6443", false),
            ("10.1.2.3", "https://10.1.2.3", true),
            ("fd00::/8", "https://[fd00::1]:6443", true),
            ("0.0.0.0/0", "https://10.1.2.3", true),
            ("*", "https://a.example", true),
            ("10.0.0.0/99", "https://10.0.0.1", false),
        ] {
            let found = chosen(None, server, &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", list)]);
            assert_eq!(found.is_none(), exempt, "{list} {server}");
        }
    }

    #[test]
    fn what_is_no_url_is_an_error_without_its_text() {
        let none = |_: &str| None;
        let error = choose(Some("://canary"), &"https://a".parse().unwrap(), &none).unwrap_err();
        assert_eq!(error, "its proxy-url is no URL");
    }
}
