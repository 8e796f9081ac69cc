//! The text of scalars: folding, chomping and unescaping. Linear in the input.

/// Folds the lines of a plain or (with `single`) single-quoted scalar: a break is a space, n blank lines are n breaks.
pub(crate) fn fold_flow(_s: &str, _single: bool) -> String {
    todo!()
}

/// The value of a block scalar's lines. `indent`: the given indentation, else that of the first line with content.
pub(crate) fn block_text(_s: &str, _indent: Option<usize>, _folded: bool, _strip: bool, _keep: bool) -> String {
    todo!()
}
