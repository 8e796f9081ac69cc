//! Names under which credentials stand, and values that can't be one.
//!
//! A name counts only where its last word says "credential": `DB_PASSWORD` does, `PASSWORD_POLICY`, `TOKEN_EXPIRATION`,
//! `SECRET_NAME`, `TOKEN_FILE` and `password_validation.py` do not.

/// Words that make a name a credential's when they end it.
const ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "pass",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "secretkey",
    "privatekey",
    "accesstoken",
    "authtoken",
    "clientsecret",
];
/// Endings that also count at the end of a longer word: `PGPASSWORD`, `rootpasswd`, `requirepass`.
const SUFFIXES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secretkey",
    "apikey",
    "privatekey",
    "clientsecret",
    "requirepass",
    "sshpass",
];
/// What a key belongs to where it is a credential; `key` alone is a key of a map.
const KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "encryption",
    "signing",
    "account",
    "batch",
    "storage",
    "master",
    "auth",
    "ssh",
    "hmac",
    "session",
    "shared",
    "cookie",
    "client",
    "cli",
    "deploy",
    "license",
    "unseal",
    "subscription",
];
/// Words behind the ending that change nothing.
const QUALIFIERS: &[&str] = &[
    "value",
    "content",
    "data",
    "text",
    "plain",
    "plaintext",
    "base",
    "base64",
    "b64",
    "default",
    "prod",
    "production",
    "dev",
    "staging",
    "old",
    "new",
    "current",
    "primary",
    "secondary",
];
/// Words that make it a setting about credentials, or something public.
const SETTINGS: &[&str] = &[
    "enable",
    "enabled",
    "disable",
    "disabled",
    "require",
    "required",
    "requires",
    "use",
    "uses",
    "allow",
    "allowed",
    "has",
    "is",
    "show",
    "hide",
    "reset",
    "forgot",
    "change",
    "auto",
    "automount",
    "generate",
    "random",
    "rotate",
    "max",
    "min",
    "num",
    "count",
    "skip",
    "check",
    "validate",
    "verify",
    "public",
    "publishable",
    "next",
    "page",
    "continue",
    "cancellation",
    "empty",
    "initial",
    "proxy",
];
/// What stands before `secret` where it is a credential and not the name of a Secret.
const SECRETS: &[&str] = &[
    "client",
    "app",
    "shared",
    "jwt",
    "oauth",
    "oauth2",
    "auth",
    "api",
    "hmac",
    "cookie",
    "session",
    "consumer",
    "signing",
    "token",
    "master",
    "encryption",
    "admin",
    "root",
    "aws",
    "rpc",
];
/// Endings of names of programs and documents, which a ConfigMap carries as files.
const PROGRAMS: &[&str] = &[
    ".py", ".sh", ".bash", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".go", ".rb", ".php", ".pl", ".lua", ".java",
    ".groovy", ".html", ".htm", ".css", ".md", ".rego", ".sql", ".tpl", ".tmpl", ".gotmpl", ".awk", ".rs", ".c", ".jq",
    ".cue",
];

/// Whether a file of this name is a program, a document or a template: assignments in it say nothing.
pub(super) fn is_program(name: &str) -> bool {
    PROGRAMS.iter().any(|p| ends_with_ignore_case(name, p))
}

fn ends_with_ignore_case(text: &str, end: &str) -> bool {
    let from = text.len().checked_sub(end.len());
    from.and_then(|f| text.get(f..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// How sure a name is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Name {
    /// A password: any value is one.
    Password,
    /// A key or token.
    Key,
    /// `CLIENT_SECRET`: the credential, seldom the name of the object that holds it.
    Shared,
    /// `…SECRET`, `…CREDENTIALS`: the credential, or as often the name of the object that holds it.
    Reference,
}

/// What a name says of its value; `None` where it says nothing.
pub(super) fn read(name: &str) -> Option<Name> {
    if name.len() > 128 || !may_be(name) || is_program(name) {
        return None;
    }
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|w| QUALIFIERS.contains(&w.as_str())) {
        words.pop();
    }
    if words.iter().any(|w| SETTINGS.contains(&w.as_str())) {
        return None;
    }
    let (last, before) = words.split_last()?;
    let owner = before.last().map_or("", String::as_str);
    match last.as_str() {
        "key" => {
            let secret_access = owner == "access" && before.iter().any(|w| matches!(w.as_str(), "secret" | "storage"));
            (KEYS.contains(&owner) || secret_access).then_some(Name::Key)
        }
        "secret" => Some(if SECRETS.contains(&owner) { Name::Shared } else { Name::Reference }),
        "clientsecret" => Some(Name::Shared),
        "credential" | "credentials" => Some(Name::Reference),
        "token" | "accesstoken" | "authtoken" => Some(Name::Key),
        // A route, a test or a filter passes too.
        "pass" if owner.is_empty() => None,
        w if w.ends_with("key") && (ENDINGS.contains(&w) || SUFFIXES.iter().any(|s| w.ends_with(s))) => Some(Name::Key),
        w => (ENDINGS.contains(&w) || SUFFIXES.iter().any(|s| w.ends_with(s))).then_some(Name::Password),
    }
}

/// A cheap test that every sensitive name meets.
fn may_be(name: &str) -> bool {
    let bytes = name.as_bytes();
    [b"pass".as_slice(), b"pwd", b"secret", b"token", b"key", b"credential"]
        .iter()
        .any(|needle| bytes.windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle)))
}

/// The words of a name in lower case: split at what is no letter or digit and before a capital, without digits behind.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|p| chars.get(p));
        let after = chars.get(i + 1);
        let starts = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || (before.is_some_and(char::is_ascii_uppercase) && after.is_some_and(char::is_ascii_lowercase)));
        if starts || !c.is_ascii_alphanumeric() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    out.push(word);
    for w in &mut out {
        if !matches!(w.as_str(), "base64" | "b64" | "oauth2") {
            w.truncate(w.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

/// What a value under a credential's name is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Literal {
    /// Stands for one in an example: `xxxx`, `your-token-here`.
    Example,
    /// Something that a person typed.
    Typed,
    /// Something that a machine made.
    Random,
}

/// What `value` is where a name of kind `name` stands before it; `None` where it is no credential: empty, a boolean, a
/// reference, a path, something filled in later.
pub(super) fn literal(name: Name, value: &str) -> Option<Literal> {
    let value = value.trim().trim_matches(['"', '\'', '`']);
    if value.is_empty() || value.len() > 4096 || is_setting(value) || is_filled_in_later(value) || is_elsewhere(value) {
        return None;
    }
    let digits = value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if digits && (name != Name::Password || value.len() < 4) {
        return None;
    }
    let is_random = is_random(value);
    let named = match name {
        Name::Reference => is_object_name(value),
        Name::Shared => is_object_name(value) && value.contains(['-', '/', '.']),
        Name::Password | Name::Key => false,
    };
    if named && !is_random {
        return None;
    }
    if is_example(value) {
        return Some(Literal::Example);
    }
    Some(if is_random { Literal::Random } else { Literal::Typed })
}

/// Whether `value` has to be hidden under `name` though it may be no credential: hiding errs on the other side.
pub(super) fn hides(name: &str, value: &str) -> bool {
    let value = value.trim();
    match read(name) {
        None => false,
        Some(name @ (Name::Reference | Name::Shared)) => literal(name, value).is_some(),
        Some(_) => !value.is_empty() && !is_setting(value) && !is_filled_in_later(value) && !value.starts_with('/'),
    }
}

/// Booleans, nothing, durations and the words of schemas.
fn is_setting(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "null",
        "nil",
        "none",
        "~",
        "string",
        "str",
        "text",
        "integer",
        "object",
        "required",
        "optional",
        "auto",
        "always",
        "never",
        "enabled",
        "disabled",
        "undefined",
        "{}",
        "[]",
        "|",
        ">",
        "|-",
    ];
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let duration = !number.is_empty() && number.len() + 2 >= value.len() && number.bytes().all(|b| b.is_ascii_digit());
    WORDS.iter().any(|w| value.eq_ignore_ascii_case(w)) || (duration && value.len() <= 8 && number.len() < value.len())
}

/// Placeholders of shells, templates and tools that put the credential there later.
pub(super) fn is_filled_in_later(value: &str) -> bool {
    let wrapped = |a: &str, b: &str| value.starts_with(a) && value.ends_with(b);
    ["${", "$(", "{{", "}}", "%(", "%{", "#{", "<%", "((", "$$"].iter().any(|p| value.contains(p))
        || value.starts_with('$')
        || wrapped("<", ">")
        || wrapped("[", "]")
        || wrapped("%", "%")
        || wrapped("__", "__")
        || wrapped("@", "@")
        || is_variable(value)
}

/// `DB_PASSWORD`, `SECRET-NAME`, `TOKEN`: capitals that stand for the value of that name.
fn is_variable(value: &str) -> bool {
    let capitals = value.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-'));
    capitals && value.bytes().any(|b| b.is_ascii_uppercase()) && (value.contains('_') || may_be(value))
}

/// Paths, addresses and references to where the credential is.
fn is_elsewhere(value: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "/",
        "./",
        "../",
        "~/",
        "http://",
        "https://",
        "file:",
        "env:",
        "vault:",
        "ref+",
        "secretref",
        "op://",
        "sops",
        "ENC[",
        "arn:aws:",
        "projects/",
        "awssm:",
        "gcpsm:",
        "azurekv:",
        "@Microsoft.KeyVault",
        "secret://",
        "spiffe://",
        "bcrypt:",
        "&",
        "*",
    ];
    PREFIXES.iter().any(|p| value.get(..p.len()).is_some_and(|v| v.eq_ignore_ascii_case(p)))
        || value.contains(|c: char| c.is_whitespace()) && value.split_whitespace().count() > 4
}

/// Lower-case words joined by dashes or dots: what Kubernetes objects and their keys are called.
fn is_object_name(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_' | b'/'))
}

/// What documentation writes where a credential goes.
pub(super) fn is_example(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let first = lower.chars().next();
    let one_letter = lower.chars().all(|c| Some(c) == first || c == '-' || c == '.');
    one_letter && !lower.bytes().all(|b| b.is_ascii_digit())
        || [
            "example",
            "placeholder",
            "redacted",
            "dummy",
            "fake",
            "your-",
            "your_",
            "yourpass",
            "replace",
            "insert",
            "todo",
        ]
        .iter()
        .any(|w| lower.contains(w))
        || lower.contains("xxxx")
        || lower.contains("...")
}

/// Whether nobody would type it: long, without spaces, and with the mix of letters and digits of a generator.
fn is_random(value: &str) -> bool {
    if value.len() < 16 || value.contains(char::is_whitespace) {
        return false;
    }
    let count = |f: fn(&u8) -> bool| value.bytes().filter(f).count();
    let (digits, upper, lower) =
        (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let mixed = digits >= 2 && upper >= 2 && lower >= 2;
    (mixed || (hex && digits >= 4)) && entropy(value) >= 3.0
}

/// Bits for each byte (Shannon).
#[expect(clippy::cast_precision_loss, reason = "values are at most a few thousand bytes long")]
fn entropy(value: &str) -> f64 {
    let mut seen = [0_u32; 256];
    for b in value.bytes() {
        if let Some(n) = seen.get_mut(usize::from(b)) {
            *n += 1;
        }
    }
    let len = value.len() as f64;
    seen.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / len).map(|p| -p * p.log2()).sum()
}
