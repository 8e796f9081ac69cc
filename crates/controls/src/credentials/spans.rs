//! Which bytes of an object no output may show.
//!
//! When in doubt a whole value is hidden: the text of a scalar and its value differ by escapes, and a span must never
//! miss a byte of a credential.

use super::{Credential, credentials_in, in_arguments, names};
use kastell_model::Object;
use kastell_model::yaml::{Span, Value};

/// The annotation in which `kubectl apply` keeps a copy of the whole object.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// More visits than this, and the object refers to itself so often that all of it is hidden.
const VISITS: u32 = 2_000_000;

/// Every range of the object's text that holds a credential: data of Secrets, literals under a credential's name, tokens
/// and keys wherever they stand, comments included. Sorted, without overlaps, in bytes of [`Object::source`].
pub fn sensitive_spans(object: &Object) -> Vec<Span> {
    let mut found = Spans { text: &object.source.text, spans: Vec::new() };
    let root = object.root();
    if !found.tree(root) {
        return vec![root.span()];
    }
    found.comments(root.span(), object.is("", "Secret"));
    let copy = object.metadata().and_then(|m| m.at(&["annotations", LAST_APPLIED]));
    if let Some(copy) = copy
        && (!found.spans.is_empty() || object.is("", "Secret"))
    {
        found.spans.push(copy.content_span());
    }
    merged(found.spans)
}

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|s| !s.is_empty());
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for s in spans {
        match out.last_mut() {
            Some(last) if s.start <= last.end => last.end = last.end.max(s.end),
            _ => out.push(s),
        }
    }
    out
}

struct Spans<'t> {
    text: &'t str,
    spans: Vec<Span>,
}

impl<'t> Spans<'t> {
    /// Looks at everything below `root`; `false` where there is too much of it.
    fn tree(&mut self, root: Value<'t>) -> bool {
        let mut stack = vec![(root, "")];
        let mut visits = 0_u32;
        while let Some((v, key)) = stack.pop() {
            visits += 1;
            if visits > VISITS {
                return false;
            }
            if v.is_mapping() {
                self.mapping(v);
                stack.extend(v.entries().map(|(k, e)| (e, k)));
            } else if v.is_sequence() {
                if matches!(key, "args" | "command") {
                    for (at, credential) in in_arguments(v) {
                        self.scalar_part(at, "", &[credential]);
                    }
                }
                stack.extend(v.items().map(|i| (i, "")));
            } else {
                self.scalar(v, key);
            }
        }
        true
    }

    /// Secrets at any depth, and pairs of a name and a value.
    fn mapping(&mut self, v: Value<'t>) {
        if v.get("kind").is_some_and(|k| k.is_str("Secret")) && v.get("apiVersion").is_none_or(|a| a.is_str("v1")) {
            for data in ["data", "stringData"].iter().filter_map(|k| v.get(k)) {
                self.spans.push(data.content_span());
                self.everything(data);
            }
        }
        let name = v.get("name").or_else(|| v.get("key")).and_then(Value::scalar_text);
        if let (Some(name), Some(value)) = (name, v.get("value")) {
            // What is no text where text belongs is wrong, and may be a credential all the same.
            if (value.is_mapping() || value.is_sequence()) && super::is_sensitive_name(&name) {
                self.spans.push(value.content_span());
            }
            self.scalar(value, &name);
        }
    }

    /// The scalars below a value that only refers to them.
    fn everything(&mut self, v: Value<'t>) {
        for (_, e) in v.entries() {
            self.spans.push(e.content_span());
        }
    }

    fn scalar(&mut self, v: Value<'t>, key: &str) {
        let Some(value) = v.scalar_text() else { return };
        if names::hides(key, &value) {
            self.spans.push(v.content_span());
            return;
        }
        let found = credentials_in(key, &value);
        self.scalar_part(v, key, &found);
    }

    /// The bytes of credentials of a scalar's value, where value and text are the same; else those that its text shows,
    /// or all of it.
    fn scalar_part(&mut self, v: Value<'t>, key: &str, found: &[Credential]) {
        if found.is_empty() {
            return;
        }
        let whole = v.content_span();
        let raw = self.text.get(whole.start as usize..whole.end as usize).unwrap_or("");
        let same = v.scalar_text().is_some_and(|t| t == raw);
        let in_raw = if same { Vec::new() } else { credentials_in(key, raw) };
        let shown: &[Credential] = if same { found } else { &in_raw };
        if shown.len() < found.len() {
            self.spans.push(whole);
            return;
        }
        self.spans.extend(shown.iter().map(|c| shifted(whole.start, &c.span)));
    }

    /// Credentials in comments, which no node holds; of a Secret, all that follows a key in a comment.
    fn comments(&mut self, range: Span, secret: bool) {
        let text = self.text.get(range.start as usize..range.end as usize).unwrap_or("");
        let mut start = range.start;
        for line in text.split_inclusive('\n') {
            let at = start;
            start += u32::try_from(line.len()).unwrap_or(0);
            let Some(hash) = line.find('#') else { continue };
            let comment = line.get(hash..).unwrap_or("");
            let from = at + u32::try_from(hash).unwrap_or(0);
            self.spans.extend(super::hidden_in_line(comment).iter().map(|r| shifted(from, r)));
            if secret && let Some(colon) = comment.find(':') {
                self.spans.push(shifted(from, &(colon + 1..comment.trim_end().len())));
            }
        }
    }
}

fn shifted(by: u32, range: &std::ops::Range<usize>) -> Span {
    let at = |n: usize| by.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
    Span { start: at(range.start), end: at(range.end) }
}
