//! Cuts the items out of a list's JSON while it arrives, so that a page is never held as a whole.
//!
//! Owns: where an item begins and ends. Must not know: what an item is, nor whether it is valid JSON inside; the strict
//! reader decides that later. Blanks between tokens are dropped on the way.

/// What is around the items is a few hundred bytes of list metadata, or a `Status`. More is no Kubernetes list.
const MAX_ENVELOPE: usize = 1 << 20;
/// Deeper nesting is refused by the JSON reader too.
const MAX_DEPTH: u32 = 10_000;

/// Why a reply is no list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum SplitError {
    /// The reply ended inside a value.
    #[error("the reply ended in the middle")]
    Truncated,
    /// The reply is not one JSON object.
    #[error("the reply is not JSON as the Kubernetes API sends it")]
    Malformed,
}

/// The state between two chunks of a reply.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Whether a string at depth 1 is being read into `key`.
    in_key: bool,
    key: Vec<u8>,
    after_colon: bool,
    in_items: bool,
    begun: bool,
    item: Vec<u8>,
    envelope: Vec<u8>,
}

impl Splitter {
    /// Takes the next bytes; `each` gets every item that they complete, without blanks.
    ///
    /// # Errors
    /// Where the bytes cannot belong to a JSON object.
    pub(super) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), SplitError> {
        for &b in bytes {
            if self.in_string {
                self.string_byte(b);
                continue;
            }
            match b {
                b' ' | b'\n' | b'\r' | b'\t' => continue,
                b'"' => {
                    self.in_string = true;
                    self.in_key = self.depth == 1 && !self.after_colon;
                    if self.in_key {
                        self.key.clear();
                    }
                    self.keep(b);
                }
                b'{' | b'[' => self.open(b)?,
                b'}' | b']' => self.close(b, each)?,
                b',' if self.in_items && self.depth == 2 => {}
                _ => {
                    if self.depth == 0 {
                        return Err(SplitError::Malformed);
                    }
                    if self.depth == 1 && matches!(b, b':' | b',') {
                        self.after_colon = b == b':';
                    }
                    self.keep(b);
                }
            }
            if self.envelope.len() > MAX_ENVELOPE {
                return Err(SplitError::Malformed);
            }
        }
        Ok(())
    }

    fn string_byte(&mut self, b: u8) {
        self.keep(b);
        if self.escaped {
            self.escaped = false;
        } else if b == b'\\' {
            self.escaped = true;
        } else if b == b'"' {
            self.in_string = false;
            self.in_key = false;
            return;
        }
        if self.in_key && self.key.len() < 16 {
            self.key.push(b);
        }
    }

    fn open(&mut self, b: u8) -> Result<(), SplitError> {
        if self.depth == 0 && (self.begun || b != b'{') || self.depth >= MAX_DEPTH {
            return Err(SplitError::Malformed);
        }
        self.begun = true;
        let is_items = self.depth == 1 && b == b'[' && self.after_colon && self.key == b"items";
        self.keep(b);
        self.depth += 1;
        self.in_items |= is_items;
        Ok(())
    }

    fn close(&mut self, b: u8, each: &mut dyn FnMut(&[u8])) -> Result<(), SplitError> {
        self.depth = self.depth.checked_sub(1).ok_or(SplitError::Malformed)?;
        if self.in_items && self.depth == 1 {
            self.in_items = false;
        }
        self.keep(b);
        if self.in_items && self.depth == 2 {
            each(&self.item);
            self.item.clear();
        }
        Ok(())
    }

    /// Keeps a byte where it belongs: to the item, or to what is around the items.
    fn keep(&mut self, b: u8) {
        if self.in_items { self.item.push(b) } else { self.envelope.push(b) }
    }

    /// What stood around the items, with an empty list in their place.
    ///
    /// # Errors
    /// Where the reply ended too early, or an item is no object.
    pub(super) fn finish(self) -> Result<Vec<u8>, SplitError> {
        if self.depth > 0 || self.in_string || !self.begun {
            return Err(SplitError::Truncated);
        }
        if self.item.is_empty() { Ok(self.envelope) } else { Err(SplitError::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str, chunk: usize) -> Result<(Vec<String>, String), SplitError> {
        let mut items = Vec::new();
        let mut splitter = Splitter::default();
        for part in text.as_bytes().chunks(chunk.max(1)) {
            splitter.push(part, &mut |i| items.push(String::from_utf8_lossy(i).into_owned()))?;
        }
        Ok((items, String::from_utf8_lossy(&splitter.finish()?).into_owned()))
    }

    #[test]
    fn items_are_cut_out_wherever_the_chunks_end() {
        let text = r#"{"kind":"PodList", "metadata":{"items":["x"],"continue":"t\"]"},
            "items":[ {"a":"}]\\\""} , {"items":[{}], "b": [1, 2]}], "after":1}"#;
        for chunk in 1..text.len() {
            let (items, envelope) = split(text, chunk).unwrap();
            assert_eq!(items, [r#"{"a":"}]\\\""}"#, r#"{"items":[{}],"b":[1,2]}"#]);
            assert_eq!(
                envelope,
                r#"{"kind":"PodList","metadata":{"items":["x"],"continue":"t\"]"},"items":[],"after":1}"#
            );
        }
    }

    #[test]
    fn a_reply_that_ends_early_is_told_from_a_short_list() {
        let text = r#"{"items":[{"a":1},{"b":2}]}"#;
        for end in 0..text.len() {
            assert_eq!(split(&text[..end], 5), Err(SplitError::Truncated), "{}", &text[..end]);
        }
        assert_eq!(split(text, 5).unwrap().0.len(), 2);
        assert_eq!(split(r#"{"items":null}"#, 3).unwrap().0.len(), 0);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["<html>", "[1]", "}", "{}{}", r#"{"items":[1]}"#, "\u{1}"] {
            assert_eq!(split(text, 4).err(), Some(SplitError::Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), chunk in 1_usize..9) {
            let mut splitter = Splitter::default();
            for part in bytes.chunks(chunk) {
                if splitter.push(part, &mut |_| ()).is_err() {
                    return Ok(());
                }
            }
            let _ = splitter.finish();
        }
    }
}
