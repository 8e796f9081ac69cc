//! What a plain scalar is, as kubectl decides it (sigs.k8s.io/yaml on go.yaml.in/yaml/v2: resolve.go).

use std::borrow::Cow;

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
pub fn resolve(text: Cow<'_, str>) -> Scalar<'_> {
    let _ = text;
    todo!()
}
