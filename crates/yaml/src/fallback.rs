//! The last resort: a port of libyaml, which reads what kubectl's reader reads, but gives no positions of its own.
//!
//! Owns: getting text and style of scalars out of a deserialiser: a string that it lends is a slice of the input, so that
//! its place and the quote before it are known; one that it must build (folded, escaped, a block) is always a string.
//! Must not know: how a text is split into documents.
//!
//! The deserialiser recurses, up to a depth of 128 that it checks itself.

use crate::build::{Builder, Finished, ScalarEvent, Tag};
use crate::problem::{Problem, ProblemCode};
use crate::resolve::json_float;
use crate::tree::Span;
use serde::de::{
    DeserializeSeed, Deserializer as _, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess as _, Visitor,
};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// Reads the document in `range` of `text`; its positions are approximate.
///
/// # Errors
/// What the parser or kubectl's rules refuse, located as well as the parser can.
pub(crate) fn read(text: &str, range: Range<usize>) -> Result<Finished, Problem> {
    let part = part_of(text, &range);
    let part = &*part;
    let mut reader = Reader {
        part,
        base: offset(range.start),
        builder: Builder::new(text),
        // Aliases are written out by the parser: the tree stays within the size of the text.
        limit: part.len() + 16,
        problem: None,
        string: false,
    };
    // Only the first document counts, as for kubectl.
    let mut documents = yaml_serde::Deserializer::from_str(part);
    let Some(first) = documents.next() else { return Ok(reader.builder.finish()) };
    let result = Seed(&mut reader).deserialize(first);
    if result.is_ok() && documents.next().is_some() {
        let at = reader.builder.last_end();
        let message = "kubectl drops what follows after the document";
        reader.builder.warn(Problem::error(ProblemCode::AfterDocumentEnd, Span { start: at, end: at }, message));
    }
    match (result, reader.problem) {
        (_, Some(problem)) => Err(problem),
        (Err(e), None) => Err(problem_of(&e, &range)),
        (Ok(()), None) => Ok(reader.builder.finish()),
    }
}

/// Why the parser refuses the document in `range`, where it does for another reason than a limit of its own.
pub(crate) fn refuses(text: &str, range: Range<usize>) -> Option<Problem> {
    let part = part_of(text, &range);
    let first = yaml_serde::Deserializer::from_str(&part).next()?;
    let e = first.deserialize_ignored_any(serde::de::IgnoredAny).err()?;
    let own_limit = e.to_string().contains("limit exceeded");
    (!own_limit).then(|| problem_of(&e, &range))
}

/// The text in `range` with a line break at its end: kubectl reads lines and ends each of them.
fn part_of<'t>(text: &'t str, range: &Range<usize>) -> Cow<'t, str> {
    let part = text.get(range.clone()).unwrap_or("");
    if part.ends_with('\n') { Cow::Borrowed(part) } else { Cow::Owned(format!("{part}\n")) }
}

fn problem_of(e: &yaml_serde::Error, range: &Range<usize>) -> Problem {
    let at = offset(range.start + e.location().map_or(0, |l| l.index().min(range.len())));
    let message = e.to_string();
    let code = match () {
        () if message.contains("recursion limit exceeded") => ProblemCode::TooDeep,
        () if message.contains("repetition limit exceeded") => ProblemCode::ExcessiveAliasing,
        () => ProblemCode::Syntax,
    };
    Problem::error(code, Span { start: at, end: at }, message)
}

/// An offset within a text, which is below 4 GiB.
#[expect(clippy::cast_possible_truncation, reason = "texts over 4 GiB are refused before a reader sees them")]
fn offset(i: usize) -> u32 {
    i as u32
}

struct Reader<'a, 'p> {
    part: &'p str,
    base: u32,
    builder: Builder<'a>,
    limit: usize,
    /// What the builder refused; the parser only carries the fact.
    problem: Option<Problem>,
    /// The next scalar has a tag that makes it a string.
    string: bool,
}

impl Reader<'_, '_> {
    fn check<E: serde::de::Error>(&mut self, result: Result<(), Problem>) -> Result<(), E> {
        let result = match result {
            Ok(()) if self.builder.len() > self.limit => {
                let at = self.builder.last_end();
                let message = "the document contains excessive aliasing";
                Err(Problem::error(ProblemCode::ExcessiveAliasing, Span { start: at, end: at }, message))
            }
            other => other,
        };
        result.map_err(|problem| {
            self.problem = Some(problem);
            E::custom("refused")
        })
    }

    fn scalar<E: serde::de::Error>(&mut self, value: Option<Cow<'_, str>>, span: Span, plain: bool) -> Result<(), E> {
        let tag = if std::mem::take(&mut self.string) { Tag::String } else { Tag::None };
        let event = ScalarEvent { value, span, token_end: span.end, plain, tag, anchor: None };
        let result = self.builder.scalar(&event);
        self.check(result)
    }

    /// A scalar that the parser built: somewhere after the last one.
    fn built<E: serde::de::Error>(&mut self, value: &str, plain: bool) -> Result<(), E> {
        let at = self.builder.last_end().max(self.base);
        self.scalar(Some(Cow::Borrowed(value)), Span { start: at, end: at }, plain)
    }

    /// The offset of `s` in the part, where it is a slice of it.
    fn place(&self, s: &str) -> Option<usize> {
        let at = (s.as_ptr() as usize).checked_sub(self.part.as_ptr() as usize)?;
        (self.part.get(at..at + s.len()) == Some(s)).then_some(at)
    }

    /// Whether the scalar at `at` has a quote or a tag before it.
    fn quoted_or_tagged(&self, at: usize) -> bool {
        let before = self.part.get(..at).unwrap_or("");
        if before.ends_with(['"', '\'']) {
            return true;
        }
        let word = before.trim_end_matches([' ', '\t', '\n', '\r']).rsplit([' ', '\n', '\t', ',', '[', '{']).next();
        before.ends_with([' ', '\t', '\n']) && word.is_some_and(|w| w.starts_with('!'))
    }
}

struct Seed<'r, 'a, 'p>(&'r mut Reader<'a, 'p>);

impl<'de> DeserializeSeed<'de> for Seed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E: serde::de::Error>(self, v: bool) -> Result<(), E> {
        self.0.built(if v { "true" } else { "false" }, true)
    }

    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<(), E> {
        self.0.built(&v.to_string(), true)
    }

    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<(), E> {
        self.0.built(&v.to_string(), true)
    }

    fn visit_i128<E: serde::de::Error>(self, v: i128) -> Result<(), E> {
        self.0.built(&v.to_string(), true)
    }

    fn visit_u128<E: serde::de::Error>(self, v: u128) -> Result<(), E> {
        self.0.built(&v.to_string(), true)
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<(), E> {
        match json_float(v) {
            // A whole float must stay a float: "1e3" is one, whatever it is written as.
            Some(s) => self.0.built(&s, true),
            None if v.is_nan() => self.0.built(".nan", true),
            None => self.0.built(if v > 0.0 { ".inf" } else { "-.inf" }, true),
        }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        let at = self.0.builder.last_end().max(self.0.base);
        self.0.scalar(None, Span { start: at, end: at }, true)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<(), E> {
        self.0.built(v, false)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, v: &'de str) -> Result<(), E> {
        let Some(at) = self.0.place(v) else { return self.visit_str(v) };
        let start = self.0.base + offset(at);
        let span = Span { start, end: start + offset(v.len()) };
        let plain = !self.0.quoted_or_tagged(at);
        self.0.scalar(None, span, plain)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let at = self.0.builder.last_end().max(self.0.base);
        let begun = self.0.builder.begin(false, at, None);
        self.0.check(begun)?;
        while items.next_element_seed(Seed(self.0))?.is_some() {}
        let ended = self.0.builder.end(None);
        self.0.check(ended)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let at = self.0.builder.last_end().max(self.0.base);
        let begun = self.0.builder.begin(true, at, None);
        self.0.check(begun)?;
        while entries.next_key_seed(Seed(self.0))?.is_some() {
            entries.next_value_seed(Seed(self.0))?;
        }
        let ended = self.0.builder.end(None);
        self.0.check(ended)
    }

    /// A tag that the parser does not know: kubectl ignores it on collections and makes a scalar a string.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        let (_tag, variant) = data.variant_seed(std::marker::PhantomData::<String>)?;
        self.0.string = true;
        let result = variant.newtype_variant_seed(Seed(self.0));
        self.0.string = false;
        result.map_err(|e| A::Error::custom(e.to_string()))
    }
}
