//! What a plain scalar is, as kubectl decides it (sigs.k8s.io/yaml on go.yaml.in/yaml/v2: resolve.go).
//!
//! Owns: the rules for null, booleans, integers and floats, and how Go prints numbers. Must not know: where a scalar
//! stands, or whether it was tagged.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A resolved scalar.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar<'t> {
    /// `null`, `~`, nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number of 64 bits with sign.
    Int(i64),
    /// A whole number beyond `i64` and within `u64`.
    UInt(u64),
    /// Any other number.
    Float(f64),
    /// Everything else.
    String(Cow<'t, str>),
}

/// Resolves the text of a plain scalar.
///
/// The first byte decides what is tried, as in go-yaml: words for `~nNyYtTfFoO`, floats for `.`, integers and floats for
/// digits and signs; anything else is a string. Dates are strings, since kubectl hands them on as they are written.
pub fn resolve(text: Cow<'_, str>) -> Scalar<'_> {
    let number = match text.as_bytes().first() {
        None => return Scalar::Null,
        Some(b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => word(&text),
        Some(b'.') => dotted(&text),
        Some(b'0'..=b'9' | b'+' | b'-') => signed_infinity(&text).or_else(|| number(&text)),
        Some(_) => None,
    };
    number.unwrap_or(Scalar::String(text))
}

/// Whether text that begins with `first` can be anything but a string.
pub(crate) fn may_be_other_than_string(first: u8) -> bool {
    matches!(
        first,
        b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'0'..=b'9' | b'+' | b'-' | b'.'
    )
}

fn word(text: &str) -> Option<Scalar<'static>> {
    Some(match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => return None,
    })
}

/// Text that begins with a dot: an infinity, not-a-number, or a float. Go's float parser itself reads this one, and
/// takes an underscore only between two digits.
fn dotted(text: &str) -> Option<Scalar<'static>> {
    match text {
        ".inf" | ".Inf" | ".INF" => Some(Scalar::Float(f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" => Some(Scalar::Float(f64::NAN)),
        _ if !text.contains('_') => float(text),
        _ => {
            let between_digits = text.split('_').skip(1).all(|s| s.starts_with(|c: char| c.is_ascii_digit()))
                && text.rsplit('_').skip(1).all(|s| s.ends_with(|c: char| c.is_ascii_digit()));
            if between_digits { float(&text.replace('_', "")) } else { None }
        }
    }
}

fn signed_infinity(text: &str) -> Option<Scalar<'static>> {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => Some(Scalar::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => Some(Scalar::Float(f64::NEG_INFINITY)),
        _ => None,
    }
}

fn number(text: &str) -> Option<Scalar<'static>> {
    // Underscores are dropped wherever they stand.
    let plain: Cow<'_, str> = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    integer(&plain).or_else(|| float(&plain)).or_else(|| binary_with_inner_sign(&plain))
}

/// Go's `ParseInt(s, 0, 64)`, then `ParseUint(s, 0, 64)`: the base comes from the prefix, a leading zero means octal.
fn integer(plain: &str) -> Option<Scalar<'static>> {
    let (negative, signed, body) = match plain.as_bytes().first()? {
        b'-' => (true, true, plain.get(1..)?),
        b'+' => (false, true, plain.get(1..)?),
        _ => (false, false, plain),
    };
    let value = unsigned(body)?;
    match (negative, i64::try_from(value)) {
        (false, Ok(i)) => Some(Scalar::Int(i)),
        (true, Ok(i)) => Some(Scalar::Int(-i)),
        (true, Err(_)) => (value == i64::MIN.unsigned_abs()).then_some(Scalar::Int(i64::MIN)),
        // Beyond i64 only an integer without a sign stays one.
        (false, Err(_)) => (!signed).then_some(Scalar::UInt(value)),
    }
}

fn unsigned(body: &str) -> Option<u64> {
    let (digits, radix) = match body.as_bytes() {
        [] => return None,
        [b'0'] => return Some(0),
        [b'0', b'x' | b'X', _, ..] => (body.get(2..)?, 16),
        [b'0', b'o' | b'O', _, ..] => (body.get(2..)?, 8),
        [b'0', b'b' | b'B', _, ..] => (body.get(2..)?, 2),
        [b'0', ..] => (body.get(1..)?, 8),
        _ => (body, 10),
    };
    // `from_str_radix` would take a sign here.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and within the range of a float.
fn float(plain: &str) -> Option<Scalar<'static>> {
    let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut rest = plain.as_bytes();
    rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"+")).unwrap_or(rest);
    let whole = digits(rest);
    rest = rest.get(whole..)?;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let n = digits(fraction);
        if whole == 0 && n == 0 {
            return None;
        }
        rest = fraction.get(n..)?;
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
        let n = digits(exponent);
        if n == 0 {
            return None;
        }
        rest = exponent.get(n..)?;
    }
    if !rest.is_empty() {
        return None;
    }
    // Go's parser reports a value out of range, and the text stays a string.
    plain.parse::<f64>().ok().filter(|f| f.is_finite()).map(Scalar::Float)
}

/// `0b-101`: go-yaml parses what follows the prefix with a sign of its own.
fn binary_with_inner_sign(plain: &str) -> Option<Scalar<'static>> {
    i64::from_str_radix(plain.strip_prefix("0b")?, 2).ok().map(Scalar::Int)
}

/// A number as `encoding/json` writes a `float64`; `None` for infinities and not-a-number, which JSON cannot say.
pub(crate) fn json_float(f: f64) -> Option<String> {
    if !f.is_finite() {
        return None;
    }
    let size = f.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        // Rust writes `1e-7`, Go's encoder `1e-7` and `1e+21`.
        let s = format!("{f:e}");
        return Some(match s.split_once('e') {
            Some((m, e)) if !e.starts_with('-') => format!("{m}e+{e}"),
            _ => s,
        });
    }
    Some(format!("{f}"))
}

/// A float key as sigs.k8s.io/yaml writes it: Go's `%g`, shortest for 32 bits.
pub(crate) fn key_float(f: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the original formats keys with 32 bits")]
    let f = f as f32;
    if f.is_nan() {
        return ".nan".to_owned();
    }
    if f.is_infinite() {
        return if f > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{f:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // `%g` with the shortest digits takes the exponent form below 1e-4 and from 1e6 on.
    if f != 0.0 && !(-4..6).contains(&exponent) {
        let mut s = mantissa.to_owned();
        let _ = write!(s, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
        return s;
    }
    format!("{f}")
}
