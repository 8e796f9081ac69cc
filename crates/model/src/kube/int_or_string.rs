//! `IntOrString`: a field that is a number or a string, often a percentage.
//!
//! Semantics: apimachinery `pkg/util/intstr/intstr.go`.

use kastell_yaml::{Kind, Value};
use std::borrow::Cow;
use std::fmt;

/// An integer of 32 bits, or a string.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum IntOrString<'t> {
    /// A number.
    Int(i32),
    /// A name or a percentage.
    String(Cow<'t, str>),
}

/// Why a value is no int-or-string, or has no scaled value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IntOrStringError {
    /// A number outside 32 bits or with a fraction.
    #[error("the number must be whole and fit into 32 bits")]
    OutOfRange,
    /// Neither a number nor a string.
    #[error("the value must be a number or a string")]
    Type,
    /// A string without '%' at its end.
    #[error("\"{0}\" is neither a number nor a percentage such as 25%")]
    NotAPercentage(String),
    /// No whole number before the '%'.
    #[error("\"{0}\" has no whole number before its '%'")]
    NotANumber(String),
}

/// Which way a percentage of a total is rounded to a whole number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// Toward the larger, as `maxSurge`.
    Up,
    /// Toward the smaller, as `maxUnavailable`.
    Down,
}

impl<'t> IntOrString<'t> {
    /// Reads the value of a manifest. Null is 0, as Go decodes it.
    ///
    /// # Errors
    /// Another type, or a number that does not fit.
    pub fn from_value(value: Value<'t>) -> Result<IntOrString<'t>, IntOrStringError> {
        match value.kind() {
            Kind::Null => Ok(IntOrString::Int(0)),
            Kind::String => Ok(IntOrString::String(value.as_str().unwrap_or_default())),
            Kind::Number => IntOrString::from_i64(value.as_i64().ok_or(IntOrStringError::OutOfRange)?),
            _ => Err(IntOrStringError::Type),
        }
    }

    /// A number, where it fits.
    ///
    /// # Errors
    /// It does not.
    pub fn from_i64(n: i64) -> Result<IntOrString<'static>, IntOrStringError> {
        i32::try_from(n).map(IntOrString::Int).map_err(|_| IntOrStringError::OutOfRange)
    }

    /// Reads a text as the command line does (`intstr.Parse`): a number where it is one, else a string.
    pub fn parse(text: &'t str) -> IntOrString<'t> {
        text.parse().map_or(IntOrString::String(Cow::Borrowed(text)), IntOrString::Int)
    }

    /// The number; a string that is one counts, any other string is 0 (`IntValue`).
    pub fn int_value(&self) -> i64 {
        match self {
            IntOrString::Int(n) => i64::from(*n),
            IntOrString::String(s) => s.parse().unwrap_or(0),
        }
    }

    /// The number itself, or the percentage of `total` (`GetScaledValueFromIntOrPercent`).
    ///
    /// # Errors
    /// A string that is no percentage.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "upstream computes percentages in float64 and converts back"
    )]
    pub fn scaled(&self, total: i64, rounding: Rounding) -> Result<i64, IntOrStringError> {
        let s = match self {
            IntOrString::Int(n) => return Ok(i64::from(*n)),
            IntOrString::String(s) => s,
        };
        let number = s.strip_suffix('%').ok_or_else(|| IntOrStringError::NotAPercentage(s.to_string()))?;
        let percent: i64 = number.parse().map_err(|_| IntOrStringError::NotANumber(s.to_string()))?;
        let exact = percent as f64 * total as f64 / 100.0;
        Ok(match rounding {
            Rounding::Up => exact.ceil(),
            Rounding::Down => exact.floor(),
        } as i64)
    }
}

impl fmt::Display for IntOrString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IntOrString::Int(n) => write!(f, "{n}"),
            IntOrString::String(s) => f.write_str(s),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_as_asked() {
        for (text, total, up, down) in [
            ("25%", 10, 3, 2),
            ("0%", 7, 0, 0),
            ("100%", 7, 7, 7),
            ("30%", 3, 1, 0),
            ("200%", 5, 10, 10),
            ("-50%", 3, -1, -2),
        ] {
            let v = IntOrString::parse(text);
            assert_eq!(v.scaled(total, Rounding::Up), Ok(up), "{text} of {total}");
            assert_eq!(v.scaled(total, Rounding::Down), Ok(down), "{text} of {total}");
        }
    }

    #[test]
    fn plain_numbers_are_taken_as_they_are() {
        assert_eq!(IntOrString::parse("5").scaled(100, Rounding::Up), Ok(5));
        assert_eq!(IntOrString::parse("5"), IntOrString::Int(5));
        assert_eq!(IntOrString::from_i64(1 << 31), Err(IntOrStringError::OutOfRange));
        assert_eq!(IntOrString::from_i64(-(1 << 31)), Ok(IntOrString::Int(i32::MIN)));
    }

    #[test]
    fn strings_that_are_no_percentage_have_no_scaled_value() {
        let scaled = |s: &'static str| IntOrString::String(s.into()).scaled(10, Rounding::Up);
        assert_eq!(scaled("5"), Err(IntOrStringError::NotAPercentage("5".into())));
        assert_eq!(scaled("a%"), Err(IntOrStringError::NotANumber("a%".into())));
        assert_eq!(scaled("1.5%"), Err(IntOrStringError::NotANumber("1.5%".into())));
        assert_eq!(scaled("5%%"), Err(IntOrStringError::NotANumber("5%%".into())));
        assert_eq!(scaled("%"), Err(IntOrStringError::NotANumber("%".into())));
    }

    #[test]
    fn a_text_beyond_32_bits_stays_a_string() {
        assert_eq!(IntOrString::parse("2147483648"), IntOrString::String("2147483648".into()));
        assert_eq!(IntOrString::parse("2147483648").int_value(), 2_147_483_648);
        assert_eq!(IntOrString::parse("http").int_value(), 0);
        assert_eq!(IntOrString::parse("80").to_string(), "80");
    }
}
