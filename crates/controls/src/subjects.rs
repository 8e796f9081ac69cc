//! What the controls of single bindings share: the walk over the subjects.

use kastell_model::views::{BindingView, SubjectView};
use kastell_model::{GapReason, Out};

/// Asks `judge` about each subject. One that cannot be read is a gap; a binding without subjects grants nothing.
pub(crate) fn each<'t>(
    binding: &BindingView<'t>,
    out: &mut Out<'_>,
    mut judge: impl FnMut(&SubjectView<'t>, &mut Out<'_>),
) {
    for subject in binding.subjects() {
        judge(&subject, out);
    }
    for v in binding.unreadable_subjects() {
        out.gap(v, GapReason::of_mistyped(v), "kind or name of this subject cannot be read");
    }
    if binding.object.root().field("subjects").is_none_or(|s| s.is_sequence() && s.items().next().is_none()) {
        out.pass();
    }
}
