//! Resource quantities: exact decimal numbers with Kubernetes' suffixes.
//!
//! Semantics: apimachinery `pkg/api/resource/{quantity,suffix,amount,scale_int}.go`. A quantity is kept as decimal digits
//! and a power of ten, so every comparison is exact at any size, and its cost is bounded by the text. Upstream's oddities
//! are kept (a lone sign, point or suffix is zero; the low 32 bits of an exponent count). Its defects are not: a
//! `DecimalSI` amount of 10^21 and more is shown with its zeros (upstream drops the suffix), [`Quantity::value`] and
//! [`Quantity::milli_value`] saturate (upstream's wrap), and they round negative amounts away from zero like positive ones
//! (upstream's slow path gets negative quotients wrong).

use kastell_yaml::{Kind, Scalar, Value};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// Which suffixes a quantity was written with, and is shown with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// `n u m k M G T P E` or none.
    DecimalSi,
    /// `Ki Mi Gi Ti Pi Ei`.
    BinarySi,
    /// `e3`, `E-3`.
    DecimalExponent,
}

/// Why a text is no quantity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QuantityError {
    /// Not a number followed by a suffix.
    #[error("a quantity is a decimal number with an optional suffix, such as 500m, 1.5Gi or 2e3")]
    Format,
    /// The part before the suffix is no number.
    #[error("the part of the quantity before its suffix is not a number")]
    Numeric,
    /// An unknown suffix.
    #[error("the suffix of the quantity is none of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent")]
    Suffix,
    /// The manifest's value is neither a string nor a number.
    #[error("a quantity must be a string or a number")]
    Type,
}

/// The smallest exponent of ten that is kept: a quantity is rounded to whole nano units, away from zero.
const NANO: i64 = -9;
/// 2^63-1, the cap of amounts with a binary suffix.
const MAX: [u8; 19] = [9, 2, 2, 3, 3, 7, 2, 0, 3, 6, 8, 5, 4, 7, 7, 5, 8, 0, 7];

/// An exact amount of a resource. Equality and order are by amount, whatever the format.
#[derive(Clone, Debug)]
pub struct Quantity {
    negative: bool,
    /// Decimal digits (0 to 9), most significant first, neither first nor last zero; empty for zero.
    digits: Box<[u8]>,
    /// The power of ten that the last digit counts.
    exponent: i64,
    format: Format,
}

impl Quantity {
    /// Zero.
    pub fn zero() -> Quantity {
        Quantity { negative: false, digits: Box::default(), exponent: 0, format: Format::DecimalSi }
    }

    /// A whole amount.
    pub fn from_i64(value: i64) -> Quantity {
        let digits = value.unsigned_abs().to_string().bytes().map(|b| b - b'0').collect();
        Quantity::build(value < 0, digits, 0, Format::DecimalSi)
    }

    /// Reads a quantity as `resource.ParseQuantity` does. Amounts with a binary suffix are capped at 2^63-1; what is
    /// finer than a billionth is rounded away from zero.
    ///
    /// # Errors
    /// The text is not a quantity; the kind of error is upstream's.
    pub fn parse(text: &str) -> Result<Quantity, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Format);
        }
        let Some(parts) = split(text)? else { return Ok(Quantity::zero()) };
        let (scale, format) = suffix(parts.suffix).ok_or(QuantityError::Suffix)?;
        if parts.whole.is_empty() && parts.fraction.is_empty() && !parts.zero_is_cheap(scale, format) {
            return Err(QuantityError::Numeric);
        }
        let mut digits: Vec<u8> = parts.whole.bytes().chain(parts.fraction.bytes()).map(|b| b - b'0').collect();
        let mut exponent = -(parts.fraction.len() as i64);
        match format {
            Format::BinarySi => (0..scale / 10).for_each(|_| multiply(&mut digits, 1024)),
            _ => exponent += i64::from(scale),
        }
        let mut q = Quantity::build(parts.negative, digits, exponent, format);
        q.round_up_to(NANO);
        if format == Format::BinarySi {
            q.fit_binary();
        }
        Ok(q)
    }

    /// Reads a quantity of a manifest: a string (surrounding space is cut) or a number. Null is zero, as Go decodes it.
    ///
    /// # Errors
    /// Another type, or a text that is no quantity.
    pub fn from_value(value: Value<'_>) -> Result<Quantity, QuantityError> {
        match value.kind() {
            Kind::Null => Ok(Quantity::zero()),
            Kind::String => Quantity::parse(value.as_str().as_deref().unwrap_or_default().trim()),
            Kind::Number => match value.scalar() {
                Some(Scalar::Int(i)) => Ok(Quantity::from_i64(i)),
                Some(Scalar::UInt(u)) => Quantity::parse(&u.to_string()),
                Some(Scalar::Float(f)) => Quantity::from_f64(f),
                _ => Err(QuantityError::Type),
            },
            _ => Err(QuantityError::Type),
        }
    }

    /// The quantity that a JSON number means: its shortest decimal text.
    ///
    /// # Errors
    /// Infinite or not a number, which JSON does not have.
    pub fn from_f64(value: f64) -> Result<Quantity, QuantityError> {
        if !value.is_finite() {
            return Err(QuantityError::Numeric);
        }
        let large = value.abs() >= 1e21 || (value != 0.0 && value.abs() < 1e-6);
        Quantity::parse(&if large { format!("{value:e}") } else { value.to_string() })
    }

    fn build(negative: bool, mut digits: Vec<u8>, mut exponent: i64, format: Format) -> Quantity {
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        let leading = digits.iter().position(|d| *d != 0).unwrap_or(digits.len());
        digits.drain(..leading);
        let zero = digits.is_empty();
        Quantity {
            negative: negative && !zero,
            digits: digits.into(),
            exponent: if zero { 0 } else { exponent },
            format,
        }
    }

    /// Drops digits below `10^to`, rounding away from zero.
    fn round_up_to(&mut self, to: i64) {
        if self.is_zero() || self.exponent >= to {
            return;
        }
        let dropped = usize::try_from(to.saturating_sub(self.exponent)).unwrap_or(usize::MAX);
        let kept = self.digits.len().saturating_sub(dropped);
        let mut digits: Vec<u8> = self.digits.iter().take(kept).copied().collect();
        // The last digit is never zero, so something was dropped: add one.
        match digits.iter().rposition(|d| *d != 9) {
            Some(i) => {
                digits.truncate(i + 1);
                let nines = kept - digits.len();
                if let Some(d) = digits.last_mut() {
                    *d += 1;
                }
                digits.resize(digits.len() + nines, 0);
            }
            None => {
                digits.clear();
                digits.push(1);
                digits.resize(kept + 1, 0);
            }
        }
        *self = Quantity::build(self.negative, digits, to, self.format);
    }

    /// The rules for amounts with a binary suffix: capped, and decimal below one.
    fn fit_binary(&mut self) {
        if cmp_magnitude(&self.digits, self.exponent, &MAX, 0).is_gt() {
            self.digits = Box::new(MAX);
            self.exponent = 0;
        }
        if !self.is_zero() && cmp_magnitude(&self.digits, self.exponent, &[1], 0).is_lt() {
            self.format = Format::DecimalSi;
        }
    }

    /// Whether the amount is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether the amount is below zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The suffixes that the amount is shown with.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The amount in whole units, rounded away from zero, saturating (`Quantity.Value`).
    pub fn value(&self) -> i64 {
        self.scaled(0)
    }

    /// The amount in thousandths, rounded away from zero, saturating (`Quantity.MilliValue`).
    pub fn milli_value(&self) -> i64 {
        self.scaled(-3)
    }

    fn scaled(&self, scale: i64) -> i64 {
        let mut q = self.clone();
        q.round_up_to(scale);
        let zeros = q.exponent.saturating_sub(scale);
        let mut amount: i64 = 0;
        // At most 20 steps: beyond that the amount has saturated.
        let padding = usize::try_from(zeros).unwrap_or(20).min(20);
        for d in q.digits.iter().copied().chain(std::iter::repeat_n(0, if q.is_zero() { 0 } else { padding })) {
            let d = i64::from(d);
            amount = amount.saturating_mul(10).saturating_add(if q.negative { -d } else { d });
        }
        amount
    }
}

/// Compares magnitudes; digits without leading or trailing zeros.
fn cmp_magnitude(a: &[u8], a_exp: i64, b: &[u8], b_exp: i64) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => {
            let top = |d: &[u8], e: i64| e.saturating_add(d.len() as i64);
            top(a, a_exp).cmp(&top(b, b_exp)).then_with(|| a.cmp(b))
        }
    }
}

fn multiply(digits: &mut Vec<u8>, by: u32) {
    let mut carry = 0;
    for d in digits.iter_mut().rev() {
        let v = u32::from(*d) * by + carry;
        *d = (v % 10) as u8;
        carry = v / 10;
    }
    while carry > 0 {
        digits.insert(0, (carry % 10) as u8);
        carry /= 10;
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || cmp_magnitude(&self.digits, self.exponent, &other.digits, other.exponent);
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
        }
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Quantity::parse(s)
    }
}

impl fmt::Display for Quantity {
    /// The canonical form (`CanonicalizeBytes`): the largest suffix without a fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        let sign = if self.negative { "-" } else { "" };
        let large = cmp_magnitude(&self.digits, self.exponent, &[1, 0, 2, 4], 0).is_ge();
        if self.format == Format::BinarySi && self.exponent >= 0 && large {
            let (mut amount, mut power) = (self.scaled(0).unsigned_abs(), 0);
            while amount % 1024 == 0 {
                amount /= 1024;
                power += 1;
            }
            return write!(f, "{sign}{amount}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(power).unwrap_or(&""));
        }
        let mut exponent = self.exponent - self.exponent.rem_euclid(3);
        if self.format != Format::DecimalExponent {
            exponent = exponent.min(18);
        }
        f.write_str(sign)?;
        for d in &self.digits {
            write!(f, "{d}")?;
        }
        for _ in exponent..self.exponent {
            f.write_str("0")?;
        }
        match exponent {
            0 => Ok(()),
            e if self.format == Format::DecimalExponent => write!(f, "e{e}"),
            e => f.write_str(DECIMAL.iter().find(|(_, power)| i64::from(*power) == e).map_or("", |(s, _)| s)),
        }
    }
}

const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: [(&str, i32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

/// The power (of ten, or of two for binary suffixes) and the format.
fn suffix(s: &str) -> Option<(i32, Format)> {
    let find = |table: &[(&str, i32)]| table.iter().find(|(name, _)| *name == s).map(|(_, power)| *power);
    if let Some(power) = find(&DECIMAL) {
        return Some((power, Format::DecimalSi));
    }
    if let Some(power) = find(&BINARY) {
        return Some((power, Format::BinarySi));
    }
    let exponent = s.strip_prefix(['e', 'E'])?.parse::<i64>().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "upstream keeps the low 32 bits of an exponent")]
    Some((exponent as i32, Format::DecimalExponent))
}

struct Parts<'t> {
    negative: bool,
    /// Digits before the point, leading zeros cut.
    whole: &'t str,
    fraction: &'t str,
    suffix: &'t str,
    /// Whether a leading zero stood there, so that there is a number though no digit is left.
    zero: bool,
}

impl Parts<'_> {
    /// Upstream reads a lone sign or point as zero where its fast path takes it, and refuses it on the slow one.
    fn zero_is_cheap(&self, scale: i32, format: Format) -> bool {
        self.zero || if format == Format::BinarySi { scale <= 40 } else { i64::from(scale) >= NANO }
    }
}

/// Cuts a text into sign, digits and suffix (`parseQuantityString`); `None` where only sign and zeros stand.
fn split(text: &str) -> Result<Option<Parts<'_>>, QuantityError> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let cut = |s, n: usize| str::split_at_checked(s, n).unwrap_or((s, ""));

    let rest = unsigned.trim_start_matches('0');
    if rest.is_empty() {
        return Ok(None);
    }
    let zero = rest.len() < unsigned.len();
    let (whole, rest) = cut(rest, digits(rest));
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => cut(rest, digits(rest)),
        None => ("", rest),
    };
    let letters = suffix.bytes().take_while(|b| b"eEinumkKMGTP".contains(b)).count();
    let (_, tail) = cut(suffix, letters);
    let tail = tail.strip_prefix(['-', '+']).unwrap_or(tail);
    if digits(tail) != tail.len() {
        return Err(QuantityError::Format);
    }
    Ok(Some(Parts { negative: text.starts_with('-'), whole, fraction, suffix, zero }))
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
mod tests;
