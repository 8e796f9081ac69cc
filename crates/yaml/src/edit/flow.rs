//! Edits inside brackets: flow style, KYAML and JSON.

use super::block::Block;
use super::place::children;
use super::{EditError, Splice};
use crate::tree::Value;
use serde_json::Value as Json;

type Splices = Result<Vec<Splice>, EditError>;

/// Where a child begins and ends, its key included.
fn extent(block: &Block<'_>, id: u32) -> Result<std::ops::Range<usize>, EditError> {
    let value = block.range(id)?;
    let start = block.key_range(id).map_or(value.start, |k| k.start);
    Ok(start..value.end.max(block.key_range(id).map_or(0, |k| k.end)))
}

/// Adds an entry or an item behind the last one of a collection that has some.
pub(super) fn insert(block: &Block<'_>, collection: Value<'_>, key: Option<&str>, new: &Json) -> Splices {
    let span = collection.content_span();
    let close = (span.end as usize).saturating_sub(1);
    let Some(last) = children(block.tree(), collection.content_id()).last().copied() else {
        return Err(block.unsupported("it has no entry of its own"));
    };
    let child = extent(block, last)?;
    let tail = block.slice(child.end..close);
    let comma = tail.trim_start_matches([' ', '\t']).starts_with(',');
    let after_comma = if comma { child.end + tail.find(',').unwrap_or(0) + 1 } else { child.end };
    let mut text = String::new();
    let Some(line) = block.slice(after_comma..close).find('\n') else {
        text.push_str(if comma { " " } else { ", " });
        block.style.flow_entry(&mut text, key, new, None);
        if comma {
            text.push(',');
        }
        return Ok(vec![Splice::new(after_comma..after_comma, text)]);
    };
    let end = after_comma + line;
    let end = if block.slice(0..end).ends_with('\r') { end - 1 } else { end };
    let before = block.slice(block.line_start(child.start)..child.start);
    let column = if before.trim().is_empty() {
        before.len()
    } else {
        let closing = block.slice(block.line_start(close)..close);
        closing.len() - closing.trim_start_matches(' ').len() + block.style.step
    };
    block.style.line(&mut text, column);
    block.style.flow_entry(&mut text, key, new, Some((column, comma)));
    if comma {
        text.push(',');
        return Ok(vec![Splice::new(end..end, text)]);
    }
    if end == child.end {
        return Ok(vec![Splice::new(end..end, format!(",{text}"))]);
    }
    Ok(vec![Splice::new(child.end..child.end, ","), Splice::new(end..end, text)])
}

/// Another value in place of a child's.
pub(super) fn replace(block: &Block<'_>, child: Value<'_>, new: &Json) -> Splices {
    let range = block.range(child.id().0)?;
    let before = block.slice(block.line_start(range.start)..range.start);
    let begins_line = block.style.bracketed && {
        let key = block.key_range(child.id().0).map_or(range.start, |k| k.start);
        block.slice(block.line_start(key)..key).trim().is_empty()
    };
    let column = before.len() - before.trim_start_matches(' ').len();
    let mut text = if range.is_empty() { " ".to_string() } else { String::new() };
    match block.requoted(range.clone(), new) {
        Some(quoted) => text.push_str(&quoted),
        None => block.style.flow(&mut text, new, begins_line.then(|| (column, has_final_commas(block)))),
    }
    Ok(vec![Splice::new(range, text)])
}

/// Whether the document writes a comma behind last entries, as KYAML does.
fn has_final_commas(block: &Block<'_>) -> bool {
    let root = block.tree().root();
    let close = (root.content_span().end as usize).saturating_sub(1);
    let last = children(block.tree(), root.content_id()).last().copied();
    last.and_then(|c| extent(block, c).ok()).is_some_and(|c| block.slice(c.end..close).trim_start().starts_with(','))
}

/// Takes a child out, and one comma with it.
pub(super) fn remove(block: &Block<'_>, collection: Value<'_>, child: Value<'_>) -> Splices {
    let all = children(block.tree(), collection.content_id());
    let id = child.id().0;
    let Some(at) = all.iter().position(|c| *c == id) else {
        return Err(block.unsupported("it has no place of its own"));
    };
    let own = extent(block, id)?;
    let span = collection.content_span();
    if all.len() == 1 {
        let inside = span.start as usize + 1..(span.end as usize).saturating_sub(1);
        return Ok(vec![Splice::new(inside, "")]);
    }
    match (at.checked_sub(1).and_then(|i| all.get(i)), all.get(at + 1)) {
        (_, Some(next)) => Ok(vec![Splice::new(own.start..extent(block, *next)?.start, "")]),
        (Some(previous), None) => Ok(vec![Splice::new(extent(block, *previous)?.end..own.end, "")]),
        (None, None) => Err(block.unsupported("it stands alone")),
    }
}
