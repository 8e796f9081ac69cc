//! Credentials that are known by their own form: tokens of providers, private keys, passwords in URLs.
//!
//! The forms are those that the issuers document or that their secret-scanning partners publish. Forms without a mark of
//! their own (32 hexadecimal digits, a UUID) are left to the name that they stand under.

use super::names;
use regex::{Regex, RegexSet};
use std::ops::Range;
use std::sync::LazyLock;

/// The kind of a password in a URL.
pub(super) const USERINFO: &str = "a password in a URL";
/// The kind of a private key.
pub(super) const PRIVATE_KEY: &str = "a private key";

/// Kind and pattern. The first group, where there is one, is the credential. Patterns stand between non-word bytes.
const FORMS: &[(&str, &str)] = &[
    ("an AWS access key id", r"(?-u:\b)((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7][A-Z0-9]{15})(?-u:\b)"),
    ("a Google API key", r"(?-u:\b)(AIza[0-9A-Za-z_-]{35})"),
    ("a Google OAuth token", r"(?-u:\b)(ya29\.[0-9A-Za-z_-]{20,})"),
    ("a Google OAuth client secret", r"(?-u:\b)(GOCSPX-[0-9A-Za-z_-]{28})"),
    ("a GitHub token", r"(?-u:\b)(gh[opsur]_[A-Za-z0-9]{36,255})"),
    ("a GitHub token", r"(?-u:\b)(github_pat_[A-Za-z0-9_]{50,255})"),
    ("a GitLab token", r"(?-u:\b)(gl(?:pat|rt|dt|ptt|cbt|soat|oas|ffct|agent|imt|ft)-[0-9A-Za-z_.-]{20,})"),
    ("a Bitbucket token", r"(?-u:\b)(ATBB[A-Za-z0-9]{32})"),
    ("an Atlassian token", r"(?-u:\b)(ATATT3[A-Za-z0-9_=-]{60,})"),
    ("a Slack token", r"(?-u:\b)(xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,})"),
    ("a Slack token", r"(?-u:\b)(xapp-[0-9]-[0-9A-Za-z-]{20,})"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows)/(T[A-Z0-9]{6,}/[AB][A-Z0-9]{6,}/[A-Za-z0-9]{16,})"),
    ("a Discord webhook", r"discord(?:app)?\.com/api/webhooks/([0-9]{15,}/[A-Za-z0-9_-]{40,})"),
    ("a Stripe key", r"(?-u:\b)([sr]k_(?:live|test)_[0-9A-Za-z]{16,})"),
    ("a Stripe webhook secret", r"(?-u:\b)(whsec_[0-9A-Za-z+/=]{24,})"),
    ("an npm token", r"(?-u:\b)(npm_[A-Za-z0-9]{36})(?-u:\b)"),
    ("a PyPI token", r"(?-u:\b)(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})"),
    ("a Docker Hub token", r"(?-u:\b)(dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,})"),
    ("a DigitalOcean token", r"(?-u:\b)(do[opr]_v1_[a-f0-9]{64})"),
    ("a Vault token", r"(?-u:\b)(hv[sbr]\.[A-Za-z0-9_-]{24,})"),
    ("a Terraform Cloud token", r"(?-u:\b)([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,})"),
    ("a SendGrid key", r"(?-u:\b)(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})"),
    ("a Twilio key", r"(?-u:\b)(SK[0-9a-f]{32})(?-u:\b)"),
    ("a LaunchDarkly key", r"(?-u:\b)((?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"),
    ("a New Relic key", r"(?-u:\b)(NR(?:AK|AA|II|IQ|RA)-[A-Za-z0-9_-]{27,})"),
    ("a Heroku key", r"(?-u:\b)(HRKU-[A-Za-z0-9_-]{36,})"),
    ("an OpenAI key", r"(?-u:\b)(sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,})"),
    ("an Anthropic key", r"(?-u:\b)(sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{60,})"),
    ("a Hugging Face token", r"(?-u:\b)(hf_[A-Za-z]{34})(?-u:\b)"),
    ("a Grafana token", r"(?-u:\b)(gl(?:sa_[A-Za-z0-9]{32}_[a-f0-9]{8}|c_[A-Za-z0-9+/]{60,}))"),
    ("a Telegram bot token", r"(?-u:\b)([0-9]{8,10}:AA[A-Za-z0-9_-]{33})(?-u:\b)"),
    ("an Azure storage key", r"(?i:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2})"),
    ("an age key", r"(AGE-SECRET-KEY-1[0-9A-Z]{58})"),
    ("a JSON Web Token", r"(?-u:\b)(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})"),
    (
        "an authorization header",
        r#"(?i:authorization)["']?\s*[:=]\s*["']?(?i:basic|bearer)\s+([A-Za-z0-9+/=._~-]{8,})"#,
    ),
    (
        PRIVATE_KEY,
        r"(-{3,5}BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-{3,5}(?s:.*?)(?:-{3,5}END [A-Z0-9 ]*-{3,5}|\z))",
    ),
    (USERINFO, r#"(?-u:\b)[A-Za-z][A-Za-z0-9+.-]*://[^\s:/@'"<>`\\?#,]*:([^\s@/'"<>`\\?#,]+)@"#),
];

struct Forms {
    any: RegexSet,
    each: Vec<(&'static str, Regex)>,
}

/// Compiled once. A pattern that did not compile would be left out; a test holds that none is.
static COMPILED: LazyLock<Forms> = LazyLock::new(|| {
    let each: Vec<_> = FORMS.iter().filter_map(|(kind, p)| Some((*kind, Regex::new(p).ok()?))).collect();
    let any = RegexSet::new(each.iter().map(|(_, r)| r.as_str())).unwrap_or_else(|_| RegexSet::empty());
    Forms { any, each }
});

/// Every credential of a known form: its range in `text` and its kind (`a GitHub token`), in the order of the text.
/// Where forms overlap, the one that starts first counts. What a template fills in later is none.
pub fn find_tokens(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> + use<> {
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    // No form is shorter than a URL with a password of one byte.
    if text.len() >= 6 {
        let forms = &*COMPILED;
        for i in forms.any.matches(text) {
            let Some((kind, form)) = forms.each.get(i) else { continue };
            for captures in form.captures_iter(text) {
                if let Some(m) = captures.get(1).filter(|m| !names::is_filled_in_later(m.as_str())) {
                    found.push((m.range(), kind));
                }
            }
        }
    }
    found.sort_by_key(|(r, _)| (r.start, std::cmp::Reverse(r.end)));
    let mut end = 0;
    found.retain(|(r, _)| {
        let apart = r.start >= end;
        if apart {
            end = r.end;
        }
        apart
    });
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        assert_eq!(COMPILED.each.len(), FORMS.len());
        assert_eq!(COMPILED.any.len(), FORMS.len());
    }

    fn kinds(text: &str) -> Vec<(&'static str, String)> {
        find_tokens(text).map(|(r, k)| (k, text[r].to_string())).collect()
    }

    /// Tokens are put together here, so that no scanner of sources takes them for real ones.
    fn token(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    fn tokens_are_found_by_their_form() {
        let n = "0123456789abcdefghijABCDEFGHIJ456789";
        let cases = [
            ("an AWS access key id", token(&["AK", "IA", "QWERTYUIOPASDFGH"])),
            ("a GitHub token", token(&["gh", "p_", n])),
            ("a GitHub token", token(&["github", "_pat_", n, n])),
            ("a GitLab token", token(&["gl", "pat-", &n[..20]])),
            ("a Slack token", token(&["xo", "xb-", "123456789012-abcdefghij"])),
            ("a Stripe key", token(&["sk", "_live_", &n[..24]])),
            ("an npm token", token(&["np", "m_", n])),
            ("a Google API key", token(&["AI", "za", &n[..35]])),
            ("a JSON Web Token", token(&["ey", "JhbGciOiJub25lIn0", ".ey", "JzdWIiOiJhbm5hIn0", ".abcdefghijkl"])),
        ];
        for (kind, t) in cases {
            let text = format!("before \"{t}\", after");
            assert_eq!(kinds(&text), [(kind, t)]);
        }
    }

    #[test]
    fn only_the_password_of_a_url_is_marked() {
        assert_eq!(kinds("postgres://shop:hunter2@db:5432/shop"), [(USERINFO, "hunter2".to_string())]);
        assert_eq!(kinds("redis://:hunter2@cache"), [(USERINFO, "hunter2".to_string())]);
        for clean in ["http://host:8080/a@b", "postgres://$(USER):$(PASSWORD)@db", "git@github.com:a/b", "https://u@h/"]
        {
            assert_eq!(kinds(clean), [], "{clean}");
        }
    }

    #[test]
    fn a_private_key_is_marked_to_its_end_even_without_one() {
        let key = token(&["-----BEGIN RSA ", "PRIVATE KEY-----\n  abc\n  def\n-----END RSA ", "PRIVATE KEY-----"]);
        assert_eq!(kinds(&format!("a: |\n  {key}\nb: c")), [(PRIVATE_KEY, key)]);
        let cut = token(&["-----BEGIN ", "PRIVATE KEY-----\nabc\n"]);
        assert_eq!(kinds(&cut), [(PRIVATE_KEY, cut.clone())]);
    }
}
