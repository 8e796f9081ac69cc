//! Credentials that are known by their own form: tokens of providers, private keys, passwords in URLs.
//!
//! The forms are those that the issuers document or that their secret-scanning partners publish. Forms without a mark of
//! their own (32 hexadecimal digits, a UUID) are left to the name that they stand under.

use super::names;
use super::screen::{self, SHORTEST_TOKEN, Sieve, Word};
use regex::Regex;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// The kind of a password in a URL.
pub(super) const USERINFO: &str = "a password in a URL";
/// The kind of a private key.
pub(super) const PRIVATE_KEY: &str = "a private key";

/// What a text that holds a form must hold, for a look that is cheaper than the pattern.
enum Sign {
    /// One of these words.
    Words(&'static [Word]),
    /// See [`screen::may_hold_twilio_key`].
    TwilioKey,
    /// See [`screen::may_hold_authorization`].
    Authorization,
    /// See [`screen::may_hold_userinfo`].
    Userinfo,
}

/// A form: its kind, its pattern, whose first group is the credential, and its sign.
struct Form {
    kind: &'static str,
    pattern: &'static str,
    sign: Sign,
}

const fn form(kind: &'static str, pattern: &'static str, sign: Sign) -> Form {
    Form { kind, pattern, sign }
}

use Sign::{Authorization, TwilioKey, Userinfo, Words};

/// Patterns stand between non-word bytes.
const FORMS: &[Form] = &[
    form(
        "an AWS access key id",
        r"(?-u:\b)((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7][A-Z0-9]{15})(?-u:\b)",
        Words(&[Word("AKIA", 16), Word("ASIA", 16), Word("ABIA", 16), Word("ACCA", 16)]),
    ),
    form("a Google API key", r"(?-u:\b)(AIza[0-9A-Za-z_-]{35})", Words(&[Word("AIza", 35)])),
    form("a Google OAuth token", r"(?-u:\b)(ya29\.[0-9A-Za-z_-]{20,})", Words(&[Word("ya29.", 20)])),
    form("a Google OAuth client secret", r"(?-u:\b)(GOCSPX-[0-9A-Za-z_-]{28})", Words(&[Word("GOCSPX-", 28)])),
    form(
        "a GitHub token",
        r"(?-u:\b)(gh[opsur]_[A-Za-z0-9]{36,255})",
        Words(&[Word("gho_", 36), Word("ghp_", 36), Word("ghs_", 36), Word("ghu_", 36), Word("ghr_", 36)]),
    ),
    form("a GitHub token", r"(?-u:\b)(github_pat_[A-Za-z0-9_]{50,255})", Words(&[Word("github_pat_", 50)])),
    form(
        "a GitLab token",
        r"(?-u:\b)(gl(?:pat|rt|dt|ptt|cbt|soat|oas|ffct|agent|imt|ft)-[0-9A-Za-z_.-]{20,})",
        Words(&[
            Word("glpat-", 20),
            Word("glrt-", 20),
            Word("gldt-", 20),
            Word("glptt-", 20),
            Word("glcbt-", 20),
            Word("glsoat-", 20),
            Word("gloas-", 20),
            Word("glffct-", 20),
            Word("glagent-", 20),
            Word("glimt-", 20),
            Word("glft-", 20),
        ]),
    ),
    form("a Bitbucket token", r"(?-u:\b)(ATBB[A-Za-z0-9]{32})", Words(&[Word("ATBB", 32)])),
    form("an Atlassian token", r"(?-u:\b)(ATATT3[A-Za-z0-9_=-]{60,})", Words(&[Word("ATATT3", 60)])),
    form("a Slack token", r"(?-u:\b)(xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,})", Words(&[Word("xox", 12)])),
    form("a Slack token", r"(?-u:\b)(xapp-[0-9]-[0-9A-Za-z-]{20,})", Words(&[Word("xapp-", 22)])),
    form(
        "a Slack webhook",
        r"hooks\.slack\.com/(?:services|workflows)/(T[A-Z0-9]{6,}/[AB][A-Z0-9]{6,}/[A-Za-z0-9]{16,})",
        Words(&[Word("hooks.slack.com/", 30)]),
    ),
    form(
        "a Discord webhook",
        r"discord(?:app)?\.com/api/webhooks/([0-9]{15,}/[A-Za-z0-9_-]{40,})",
        Words(&[Word(".com/api/webhooks/", 56)]),
    ),
    form(
        "a Stripe key",
        r"(?-u:\b)([sr]k_(?:live|test)_[0-9A-Za-z]{16,})",
        Words(&[Word("k_live_", 16), Word("k_test_", 16)]),
    ),
    form("a Stripe webhook secret", r"(?-u:\b)(whsec_[0-9A-Za-z+/=]{24,})", Words(&[Word("whsec_", 24)])),
    form("an npm token", r"(?-u:\b)(npm_[A-Za-z0-9]{36})(?-u:\b)", Words(&[Word("npm_", 36)])),
    form(
        "a PyPI token",
        r"(?-u:\b)(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})",
        Words(&[Word("pypi-AgEIcHlwaS5vcmc", 50)]),
    ),
    form("a Docker Hub token", r"(?-u:\b)(dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,})", Words(&[Word("dckr_", 24)])),
    form("a DigitalOcean token", r"(?-u:\b)(do[opr]_v1_[a-f0-9]{64})", Words(&[Word("_v1_", 64)])),
    form(
        "a Vault token",
        r"(?-u:\b)(hv[sbr]\.[A-Za-z0-9_-]{24,})",
        Words(&[Word("hvs.", 24), Word("hvb.", 24), Word("hvr.", 24)]),
    ),
    form(
        "a Terraform Cloud token",
        r"(?-u:\b)([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,})",
        Words(&[Word(".atlasv1.", 60)]),
    ),
    form("a SendGrid key", r"(?-u:\b)(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})", Words(&[Word("SG.", 66)])),
    form("a Twilio key", r"(?-u:\b)(SK[0-9a-f]{32})(?-u:\b)", TwilioKey),
    form(
        "a LaunchDarkly key",
        r"(?-u:\b)((?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})",
        Words(&[Word("sdk-", 36), Word("mob-", 36), Word("api-", 36)]),
    ),
    form(
        "a New Relic key",
        r"(?-u:\b)(NR(?:AK|AA|II|IQ|RA)-[A-Za-z0-9_-]{27,})",
        Words(&[Word("NRAK-", 27), Word("NRAA-", 27), Word("NRII-", 27), Word("NRIQ-", 27), Word("NRRA-", 27)]),
    ),
    form("a Heroku key", r"(?-u:\b)(HRKU-[A-Za-z0-9_-]{36,})", Words(&[Word("HRKU-", 36)])),
    form(
        "an OpenAI key",
        r"(?-u:\b)(sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,})",
        Words(&[Word("T3BlbkFJ", 20)]),
    ),
    form("an Anthropic key", r"(?-u:\b)(sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{60,})", Words(&[Word("sk-ant-", 62)])),
    form("a Hugging Face token", r"(?-u:\b)(hf_[A-Za-z]{34})(?-u:\b)", Words(&[Word("hf_", 34)])),
    form(
        "a Grafana token",
        r"(?-u:\b)(gl(?:sa_[A-Za-z0-9]{32}_[a-f0-9]{8}|c_[A-Za-z0-9+/]{60,}))",
        Words(&[Word("glsa_", 41), Word("glc_", 60)]),
    ),
    form("a Telegram bot token", r"(?-u:\b)([0-9]{8,10}:AA[A-Za-z0-9_-]{33})(?-u:\b)", Words(&[Word(":AA", 33)])),
    form(
        "an Azure storage key",
        r"(?i:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2})",
        Words(&[Word("ey=", 40), Word("eY=", 40), Word("Ey=", 40), Word("EY=", 40)]),
    ),
    form("an age key", r"(AGE-SECRET-KEY-1[0-9A-Z]{58})", Words(&[Word("AGE-SECRET-KEY-1", 58)])),
    form(
        "a JSON Web Token",
        r"(?-u:\b)(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})",
        Words(&[Word(".eyJ", 21)]),
    ),
    form(
        "an authorization header",
        r#"(?i:authorization)["']?\s*[:=]\s*["']?(?i:basic|bearer)\s+([A-Za-z0-9+/=._~-]{8,})"#,
        Authorization,
    ),
    form(
        PRIVATE_KEY,
        r"(-{3,5}BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-{3,5}(?s:.*?)(?:-{3,5}END [A-Z0-9 ]*-{3,5}|\z))",
        Words(&[Word("PRIVATE KEY", 0)]),
    ),
    form(USERINFO, r#"(?-u:\b)[A-Za-z][A-Za-z0-9+.-]*://[^\s:/@'"<>`\\?#,]*:([^\s@/'"<>`\\?#,]+)@"#, Userinfo),
];

/// Compiled when a text first shows the sign of a form. A pattern that did not compile would be left out; a test holds
/// that none is.
static COMPILED: [OnceLock<Option<Regex>>; FORMS.len()] = [const { OnceLock::new() }; FORMS.len()];

static SIEVE: LazyLock<Sieve> = LazyLock::new(|| {
    Sieve::new(FORMS.iter().map(|f| match f.sign {
        Words(words) => words,
        TwilioKey | Authorization | Userinfo => &[],
    }))
});

/// The forms that `text` may hold, in their order.
fn possible(text: &str) -> impl Iterator<Item = (&'static Form, &'static Regex)> {
    let words = if text.len() < SHORTEST_TOKEN { 0 } else { SIEVE.possible(text) };
    let forms = FORMS.iter().zip(&COMPILED).enumerate().filter(move |(i, (form, _))| match form.sign {
        Words(_) => words & 1 << i != 0,
        TwilioKey => screen::may_hold_twilio_key(text),
        Authorization => screen::may_hold_authorization(text),
        Userinfo => screen::may_hold_userinfo(text),
    });
    forms.filter_map(|(_, (form, compiled))| {
        let regex = compiled.get_or_init(|| Regex::new(form.pattern).ok()).as_ref()?;
        Some((form, regex))
    })
}

/// Every credential of a known form: its range in `text` and its kind (`a GitHub token`), in the order of the text.
/// Where forms overlap, the one that starts first counts. What a template fills in later is none.
pub fn find_tokens(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> + use<> {
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (form, regex) in possible(text) {
        for captures in regex.captures_iter(text) {
            if let Some(m) = captures.get(1).filter(|m| !names::is_filled_in_later(m.as_str())) {
                found.push((m.range(), form.kind));
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
        assert!(FORMS.iter().all(|f| Regex::new(f.pattern).is_ok()));
    }

    #[test]
    fn one_pass_looks_for_the_words_of_all_forms() {
        assert!(SIEVE.is_fast());
        assert!(FORMS.len() <= 64);
    }

    #[test]
    fn no_word_hides_another_one() {
        let words: Vec<&str> = FORMS
            .iter()
            .filter_map(|f| match f.sign {
                Words(words) => Some(words.iter().map(|w| w.0)),
                _ => None,
            })
            .flatten()
            .collect();
        for (i, a) in words.iter().enumerate() {
            assert!(words.iter().enumerate().all(|(k, b)| i == k || !b.starts_with(a)), "{a}");
        }
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
