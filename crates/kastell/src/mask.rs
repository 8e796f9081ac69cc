//! What no frame may show: the secrets of the objects that a line belongs to.

use kastell_controls::credentials;
use kastell_model::yaml::Span;
use kastell_model::{Cluster, Object, Source};
use kastell_report::Mask;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Finds the secrets of an object when a frame first shows a part of it.
pub(crate) struct Masker<'c> {
    cluster: &'c Cluster,
    /// Secrets by object; sorted.
    known: RefCell<HashMap<*const Object, Arc<[Span]>>>,
    /// Secrets outside of all objects, by source; sorted.
    unread: RefCell<HashMap<*const Source, Arc<[Span]>>>,
}

impl<'c> Masker<'c> {
    pub(crate) fn new(cluster: &'c Cluster) -> Masker<'c> {
        Masker { cluster, known: RefCell::default(), unread: RefCell::default() }
    }

    fn spans(&self, object: &Arc<Object>) -> Arc<[Span]> {
        let mut known = self.known.borrow_mut();
        let spans = known.entry(Arc::as_ptr(object)).or_insert_with(|| {
            let mut spans = credentials::sensitive_spans(object);
            spans.sort_unstable();
            spans.into()
        });
        Arc::clone(spans)
    }

    /// What to hide outside of all objects: comments between them, and documents that nobody could read.
    fn unread(&self, source: &Source) -> Arc<[Span]> {
        let mut known = self.unread.borrow_mut();
        let spans = known.entry(std::ptr::from_ref(source)).or_insert_with(|| {
            let of_source = self.cluster.objects().iter().filter(|o| std::ptr::eq(Arc::as_ptr(&o.source), source));
            let mut read: Vec<Span> = of_source.map(|o| o.root().span()).collect();
            read.sort_unstable();
            outside(&source.text, &read).into()
        });
        Arc::clone(spans)
    }
}

/// What to hide of `text` outside of these sorted spans.
fn outside(text: &str, read: &[Span]) -> Vec<Span> {
    let mut out = Vec::new();
    let mut at = 0_u32;
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    // The rest of a broken Secret may have been cut off from its kind.
    let secret = credentials::mentions_secret(text);
    for next in read.iter().copied().chain([Span { start: end, end }]) {
        let between = text.get(at as usize..next.start as usize).unwrap_or("");
        let shifted = |n: usize| at.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
        let hidden = credentials::hidden_in_text(between, secret);
        out.extend(hidden.iter().map(|r| Span { start: shifted(r.start), end: shifted(r.end) }));
        at = at.max(next.end);
    }
    out
}

impl Mask for Masker<'_> {
    fn mask(&self, source: &Source, start: usize, text: &str) -> Vec<Range<usize>> {
        let end = start + text.len();
        let overlaps = |s: Span| (s.start as usize) < end && (s.end as usize) > start;
        let clip = |spans: &[Span]| -> Vec<Range<usize>> {
            let inside = spans.iter().filter(|s| overlaps(**s));
            inside.map(|s| (s.start as usize).max(start) - start..(s.end as usize).min(end) - start).collect()
        };
        let mut ranges = Vec::new();
        for object in self.cluster.objects().iter().filter(|o| std::ptr::eq(Arc::as_ptr(&o.source), source)) {
            if !overlaps(object.root().span()) {
                continue;
            }
            ranges.extend(clip(&self.spans(object)));
        }
        // Elsewhere the text alone says what it is; inside an object only what is a credential by its own form.
        ranges.extend(clip(&self.unread(source)));
        ranges.extend(credentials::find_tokens(text).map(|(r, _)| r));
        ranges
    }
}
