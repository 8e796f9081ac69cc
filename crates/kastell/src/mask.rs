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
}

impl<'c> Masker<'c> {
    pub(crate) fn new(cluster: &'c Cluster) -> Masker<'c> {
        Masker { cluster, known: RefCell::new(HashMap::new()) }
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
}

impl Mask for Masker<'_> {
    fn mask(&self, source: &Source, start: usize, text: &str) -> Vec<Range<usize>> {
        let end = start + text.len();
        let overlaps = |s: Span| (s.start as usize) < end && (s.end as usize) > start;
        let mut ranges = Vec::new();
        let mut covered = 0;
        for object in self.cluster.objects().iter().filter(|o| std::ptr::eq(Arc::as_ptr(&o.source), source)) {
            let whole = object.root().span();
            if !overlaps(whole) {
                continue;
            }
            covered = covered.max((whole.end as usize).min(end));
            ranges.extend(
                self.spans(object)
                    .iter()
                    .filter(|s| overlaps(**s))
                    .map(|s| (s.start as usize).max(start) - start..(s.end as usize).min(end) - start),
            );
        }
        // What belongs to no object (documents that nobody could read, comments behind the last value) is judged by its
        // text alone; inside an object only what is a credential by its own form.
        if covered < end {
            let from = covered.saturating_sub(start);
            let rest = text.get(from..).unwrap_or("");
            ranges.extend(credentials::hidden_in_line(rest).into_iter().map(|r| r.start + from..r.end + from));
        }
        ranges.extend(credentials::find_tokens(text).map(|(r, _)| r));
        ranges
    }
}
