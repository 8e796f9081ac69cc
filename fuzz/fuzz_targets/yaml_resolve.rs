//! Resolution of plain scalars: what it makes of a text, written as JSON and resolved again, is the same value.
#![no_main]

use kastell_yaml::{Scalar, resolve};
use std::borrow::Cow;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let scalar = resolve(Cow::Borrowed(text));
    let written = match &scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(b) => b.to_string(),
        Scalar::Int(i) => i.to_string(),
        Scalar::UInt(u) => u.to_string(),
        Scalar::Float(f) if f.is_finite() => format!("{f:e}"),
        Scalar::Float(_) => return,
        Scalar::String(s) => return assert_eq!(s, text),
    };
    let again = resolve(Cow::Owned(written));
    // A whole float may come back as an integer of the same value.
    let number = |s: &Scalar<'_>| match s {
        Scalar::Int(i) => Some(*i as f64),
        Scalar::UInt(u) => Some(*u as f64),
        Scalar::Float(f) => Some(*f),
        _ => None,
    };
    assert!(again == scalar || number(&again) == number(&scalar), "{text:?}: {scalar:?} and {again:?}");
});
