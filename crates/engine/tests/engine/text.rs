//! One object in several spellings: YAML in block and in flow style, and JSON.

use serde_json::Value;
use std::fmt::Write as _;

/// The order of the keys of mappings: 0 keeps it, any other number shuffles it in its own way.
pub(crate) struct Order(pub(crate) u64);

impl Order {
    /// The entries of a mapping in this order.
    fn entries<'v>(&mut self, map: &'v serde_json::Map<String, Value>) -> Vec<(&'v String, &'v Value)> {
        let mut entries: Vec<_> = map.iter().collect();
        shuffle(&mut entries, &mut self.0);
        entries
    }
}

/// Shuffles by a state that moves on; the state 0 leaves everything where it is.
pub(crate) fn shuffle<T>(list: &mut [T], state: &mut u64) {
    if *state == 0 {
        return;
    }
    for i in (1..list.len()).rev() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) | 1;
        let j = usize::try_from((*state >> 33) % (i as u64 + 1)).unwrap();
        list.swap(i, j);
    }
}

/// All objects as documents in block style.
pub(crate) fn blocks(objects: &[Value], order: u64) -> String {
    let mut order = Order(order);
    objects.iter().map(|o| format!("---\n{}", block(o, &mut order))).collect()
}

/// One object in block style.
pub(crate) fn block(v: &Value, order: &mut Order) -> String {
    let mut out = String::new();
    write_block(v, 0, order, &mut out);
    out
}

fn write_block(v: &Value, indent: usize, order: &mut Order, out: &mut String) {
    match v {
        Value::Object(map) if !map.is_empty() => {
            for (i, (k, e)) in order.entries(map).into_iter().enumerate() {
                // The first entry of an item stands behind its dash.
                let lead = if i == 0 && out.ends_with("- ") { 0 } else { indent };
                let _ = write!(out, "{:lead$}{}:", "", plain(k));
                write_value(e, indent, order, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "{:indent$}- ", "");
                match item {
                    Value::Object(map) if !map.is_empty() => write_block(item, indent + 2, order, out),
                    _ => out.push_str(&format!("{}\n", flow(item, order))),
                }
            }
        }
        _ => out.push_str(&format!("{}\n", flow(v, order))),
    }
}

fn write_value(v: &Value, indent: usize, order: &mut Order, out: &mut String) {
    match v {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            write_block(v, indent + 2, order, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            write_block(v, indent, order, out);
        }
        Value::String(s) if s.ends_with('\n') => {
            out.push_str(" |\n");
            for line in s.lines() {
                let _ = writeln!(out, "{:1$}{line}", "", indent + 2);
            }
        }
        _ => out.push_str(&format!(" {}\n", flow(v, order))),
    }
}

/// One object on one line, with as few quotes as YAML allows: no JSON.
pub(crate) fn flow(v: &Value, order: &mut Order) -> String {
    match v {
        Value::Object(map) => {
            let entries: Vec<String> =
                order.entries(map).into_iter().map(|(k, e)| format!("{}: {}", plain(k), flow(e, order))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|i| flow(i, order)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(s) => plain(s),
        other => other.to_string(),
    }
}

/// A string without quotes where it reads as the same string, else with JSON's.
fn plain(s: &str) -> String {
    let word = s.starts_with(|c: char| c.is_ascii_alphabetic())
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./_".contains(&b))
        && !matches!(
            s.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if word { s.to_string() } else { Value::from(s).to_string() }
}
