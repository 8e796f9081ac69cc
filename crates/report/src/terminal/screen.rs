//! What fits on the screen: a few frames, then lines of a list, then how many more there are.

use crate::ansi::plain;
use crate::style::{BOLD, Style, clean, cut, cut_front};
use anstyle::Style as Ansi;
use std::fmt::Write as _;

/// Frames that the default view shows at most.
pub(crate) const FRAMES: usize = 4;

/// The least columns that a message must have to be worth showing in a list.
const MESSAGE: usize = 20;

/// Columns that a place may take before a message takes any.
const PLACE: usize = 36;

/// One line of a list.
pub(crate) struct Row {
    pub(crate) level: &'static str,
    pub(crate) paint: Ansi,
    pub(crate) id: String,
    pub(crate) place: String,
    pub(crate) subject: String,
    pub(crate) message: String,
}

/// How something is shown as a block, as a line, and counted.
pub(crate) struct Look<'f, T> {
    pub(crate) frame: &'f dyn Fn(&T) -> String,
    pub(crate) row: &'f dyn Fn(&T) -> Row,
    /// What to say of the items from this one on.
    pub(crate) rest: &'f dyn Fn(usize) -> String,
}

/// Lines that frames leave to the list below them.
const LIST: usize = 9;

/// The items in at most `room` lines (where that is enough for one frame): frames while they leave room for a list, then
/// lines. Only what is shown is rendered. Ends with a blank line where there is an item.
pub(crate) fn fill<T>(items: &[T], room: usize, most: usize, look: &Look<'_, T>, style: &Style) -> String {
    let mut out = String::new();
    let mut used = 0;
    let mut next = 0;
    let share = if items.len() <= most { room } else { room.saturating_sub(LIST) };
    for item in items.iter().take(most) {
        let block = (look.frame)(item);
        let need = height(&block, style) + 1;
        // What follows takes at least its line and a blank one.
        let after = if next + 1 < items.len() && share == room { 2 } else { 0 };
        if next > 0 && used + need + after > share {
            break;
        }
        let _ = writeln!(out, "{block}\n");
        used += need;
        next += 1;
    }
    let rest = items.get(next..).unwrap_or_default();
    if rest.is_empty() {
        return out;
    }
    let room = room.saturating_sub(used + 1);
    let listed = if rest.len() <= room { rest.len() } else { room.saturating_sub(1) };
    let rows: Vec<Row> = rest.iter().take(listed).map(look.row).collect();
    out.push_str(&list(&rows, style));
    if listed < rest.len() {
        let _ = writeln!(out, "{} and {}", style.ellipsis(), (look.rest)(next + listed));
    }
    out.push('\n');
    out
}

/// Lines that a text takes on the screen: those that are too long take more than one.
pub(crate) fn height(text: &str, style: &Style) -> usize {
    text.lines().map(|l| 1 + plain(l).chars().count().saturating_sub(1) / style.width.max(1)).sum()
}

/// Rows as lines with aligned columns. Places lose their front and messages their end where the width is not enough.
pub(crate) fn list(rows: &[Row], style: &Style) -> String {
    let widest = |text: &dyn Fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let level = widest(&|r| r.level.len());
    let id = widest(&|r| r.id.chars().count()).min(style.width / 3);
    let subject = widest(&|r| r.subject.chars().count()).min(style.width / 3);
    let left = style.width.saturating_sub(level + id + subject + 3 * 2);
    let place = widest(&|r| r.place.chars().count()).min(left.saturating_sub(MESSAGE + 2).max(PLACE.min(left)));
    let message = left.saturating_sub(place + 2);
    let mut out = String::new();
    for r in rows {
        let mut line = format!(
            "{}{:pad$}  {}{:fill$}  {:place$}  {:subject$}",
            style.paint(r.paint, r.level),
            "",
            style.paint(BOLD, &cut(&clean(&r.id), id, style)),
            "",
            cut_front(&clean(&r.place), place, style),
            cut(&clean(&r.subject), subject, style),
            pad = level - r.level.len(),
            fill = id.saturating_sub(r.id.chars().count()),
        );
        if message >= MESSAGE {
            let _ = write!(line, "  {}", cut(&clean(&r.message), message, style));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}
