//! What no frame may show: the secrets of the objects that a line belongs to.

use kastell_controls::credentials;
use kastell_model::yaml::Span;
use kastell_model::{Cluster, Object, Source};
use kastell_report::Mask;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Finds the secrets of a source when a frame first shows one of its lines.
pub(crate) struct Masker<'c> {
    cluster: &'c Cluster,
    /// Secrets by source; sorted.
    known: RefCell<HashMap<*const Source, Arc<[Span]>>>,
}

impl<'c> Masker<'c> {
    pub(crate) fn new(cluster: &'c Cluster) -> Masker<'c> {
        Masker { cluster, known: RefCell::new(HashMap::new()) }
    }

    fn spans(&self, source: &Source) -> Arc<[Span]> {
        let key = std::ptr::from_ref(source);
        let known = self.known.borrow().get(&key).map(Arc::clone);
        known.unwrap_or_else(|| {
            let of_source = |o: &&Arc<Object>| std::ptr::eq(Arc::as_ptr(&o.source), key);
            let objects: Vec<&Arc<Object>> = self.cluster.objects().iter().filter(of_source).collect();
            let mut spans: Vec<Span> = objects.iter().flat_map(|o| credentials::sensitive_spans(o)).collect();
            spans.extend(unread(source, &objects));
            spans.sort_unstable();
            let spans: Arc<[Span]> = spans.into();
            self.known.borrow_mut().insert(key, Arc::clone(&spans));
            spans
        })
    }
}

/// What to hide outside of all documents that gave an object: comments between them, and what nobody could read.
fn unread(source: &Source, objects: &[&Arc<Object>]) -> Vec<Span> {
    let mut read: Vec<Span> = objects.iter().map(|o| o.tree.root().span()).collect();
    read.sort_unstable();
    let mut out = Vec::new();
    let mut at = 0_u32;
    let end = u32::try_from(source.text.len()).unwrap_or(u32::MAX);
    for next in read.into_iter().chain([Span { start: end, end }]) {
        let text = source.text.get(at as usize..next.start as usize).unwrap_or("");
        let shifted = |n: usize| at.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
        let hidden = credentials::hidden_in_text(text);
        out.extend(hidden.iter().map(|r| Span { start: shifted(r.start), end: shifted(r.end) }));
        at = at.max(next.end);
    }
    out
}

impl Mask for Masker<'_> {
    fn mask(&self, source: &Source, line: u32, text: &str) -> Vec<Range<usize>> {
        let start = source.lines().start(line).unwrap_or(0) as usize;
        let end = start + text.len();
        let spans = self.spans(source);
        let mut ranges: Vec<Range<usize>> = spans
            .iter()
            .filter(|s| (s.start as usize) < end && (s.end as usize) > start)
            .map(|s| (s.start as usize).max(start) - start..(s.end as usize).min(end) - start)
            .collect();
        // Whatever the tree says, a comment may hold one.
        ranges.extend(credentials::hidden_in_line(text));
        ranges
    }
}
