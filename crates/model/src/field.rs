//! Fields: what a manifest says, what it leaves to a default, what is missing and where it would stand.

use crate::outcome::GapReason;
use kastell_yaml::{NodeId, Value};

/// Who fills in a value that the manifest leaves out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DefaultedBy {
    /// The API server's defaulting.
    Api,
    /// Another object of the cluster, named (`LimitRange shop/limits`).
    Cluster(String),
}

/// The place of something that is not there: the nearest ancestor that is, and the keys below it that are not.
#[derive(Clone, Copy, Debug)]
pub struct Anchor<'t> {
    /// The nearest existing ancestor.
    pub nearest: Value<'t>,
    /// The missing keys below it.
    pub missing: &'static [&'static str],
}

/// A field of a manifest, typed.
#[derive(Clone, Debug)]
pub enum Field<'t, T> {
    /// Said in the manifest.
    Set(T, Value<'t>),
    /// Left out, and this is what holds.
    Default(T, DefaultedBy, Anchor<'t>),
    /// Left out, and nothing fills it in.
    Absent(Anchor<'t>),
    /// There, but not of the field's type, or known only at run time.
    Unreadable(Value<'t>, GapReason),
}

/// A place in an object: something that is there, or something that is missing.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'t> {
    /// The value, or the nearest ancestor of what is missing.
    pub at: Value<'t>,
    /// The missing keys; empty for a value.
    pub missing: &'static [&'static str],
}

impl<'t> From<Value<'t>> for Spot<'t> {
    fn from(at: Value<'t>) -> Self {
        Spot { at, missing: &[] }
    }
}

impl<'t> From<Anchor<'t>> for Spot<'t> {
    fn from(a: Anchor<'t>) -> Self {
        Spot { at: a.nearest, missing: a.missing }
    }
}

impl<'t, T> From<&Field<'t, T>> for Spot<'t> {
    fn from(f: &Field<'t, T>) -> Self {
        match f {
            Field::Set(_, v) | Field::Unreadable(v, _) => (*v).into(),
            Field::Default(_, _, a) | Field::Absent(a) => (*a).into(),
        }
    }
}

impl Spot<'_> {
    /// The node that the spot stands at.
    pub fn id(&self) -> NodeId {
        self.at.id()
    }
}

impl<'t> Field<'t, Value<'t>> {
    /// The value at `path` below `base`. A missing or null step gives the anchor; a step into something that is no
    /// mapping is `Unreadable`.
    pub fn at(base: Value<'t>, path: &'static [&'static str]) -> Field<'t, Value<'t>> {
        let mut v = base;
        let mut rest = path;
        while let [key, tail @ ..] = rest {
            if !v.is_mapping() {
                // `securityContext:` with nothing behind it is the place where the rest is missing.
                return if v.is_null() {
                    Field::Absent(Anchor { nearest: v, missing: rest })
                } else {
                    Field::Unreadable(v, GapReason::of_mistyped(v))
                };
            }
            match v.get(key) {
                Some(next) if tail.is_empty() && next.is_null() => {
                    return Field::Absent(Anchor { nearest: next, missing: &[] });
                }
                Some(next) => v = next,
                None => return Field::Absent(Anchor { nearest: v, missing: rest }),
            }
            rest = tail;
        }
        Field::Set(v, v)
    }

    /// The same field, read by `read`; a value that it does not take is `Unreadable`.
    pub fn read<T>(self, read: impl FnOnce(Value<'t>) -> Option<T>) -> Field<'t, T> {
        match self {
            Field::Set(v, at) => match read(v) {
                Some(t) => Field::Set(t, at),
                None => Field::Unreadable(at, GapReason::of_mistyped(at)),
            },
            Field::Default(v, by, a) => match read(v) {
                Some(t) => Field::Default(t, by, a),
                None => Field::Unreadable(v, GapReason::of_mistyped(v)),
            },
            Field::Absent(a) => Field::Absent(a),
            Field::Unreadable(v, r) => Field::Unreadable(v, r),
        }
    }
}

impl<'t> Field<'t, bool> {
    /// A boolean field.
    pub fn bool(base: Value<'t>, path: &'static [&'static str]) -> Field<'t, bool> {
        Field::at(base, path).read(Value::as_bool)
    }
}

impl<'t> Field<'t, i64> {
    /// A whole number.
    pub fn int(base: Value<'t>, path: &'static [&'static str]) -> Field<'t, i64> {
        Field::at(base, path).read(Value::as_i64)
    }
}

impl<'t> Field<'t, std::borrow::Cow<'t, str>> {
    /// A string.
    pub fn string(base: Value<'t>, path: &'static [&'static str]) -> Field<'t, std::borrow::Cow<'t, str>> {
        Field::at(base, path).read(Value::as_str)
    }
}

impl<'t, T> Field<'t, T> {
    /// The value that holds, said or defaulted.
    pub fn value(&self) -> Option<&T> {
        match self {
            Field::Set(t, _) | Field::Default(t, _, _) => Some(t),
            Field::Absent(_) | Field::Unreadable(..) => None,
        }
    }

    /// Whether the manifest says nothing here.
    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent(_))
    }

    /// The field with `value` standing in where it is absent.
    #[must_use]
    pub fn or_default(self, value: T, by: DefaultedBy) -> Field<'t, T> {
        match self {
            Field::Absent(a) => Field::Default(value, by, a),
            other => other,
        }
    }
}
