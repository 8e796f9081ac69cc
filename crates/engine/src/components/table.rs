//! The format of the table: lines of fields between tabs, sorted, so that a change of what is excused reads as a diff.
//!
//! ```text
//! says       RULE  MESSAGE                          what a row of the rule says that leaves its message out
//! component  ID  NAME  CLASS  DATE  SOURCE
//! object     [GROUP/]KIND  NAME  NAMESPACE…        `-` stands for none; the name may end in $NODE or $HASH
//! images     REPOSITORY…
//! SEVERITY   RULE  MESSAGE  PATH[ = VALUE]…        `containers[a|b].image` stands for two paths
//! ```

use kastell_model::{Class, Severity};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use thiserror::Error;

/// Stands for the namespace of an object that names none.
pub(crate) const NO_NAMESPACE: &str = "-";
/// Ends a name that goes on with the name of the pod's node.
pub(crate) const NODE: &str = "$NODE";
/// Ends a name that goes on with a suffix of a controller's making.
pub(crate) const HASH: &str = "$HASH";

/// All known components, sorted by id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table<'t> {
    /// The components.
    pub components: Vec<Component<'t>>,
}

/// A component, and the objects that it ships.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Component<'t> {
    /// Kebab-case, stable.
    pub id: &'t str,
    /// Its name for people.
    pub name: &'t str,
    /// Whose software it is.
    pub class: Class,
    /// The day or month of the manifests that were evaluated.
    pub date: &'t str,
    /// Where those manifests come from, with their version.
    pub source: &'t str,
    /// What it ships.
    pub objects: Vec<Shipped<'t>>,
}

impl Component<'_> {
    /// Why a finding that it ships is excused.
    pub fn reason(&self) -> String {
        format!("shipped by {}, manifests of {}", self.name, self.date)
    }
}

/// An object that a component ships, with the findings that it has as shipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shipped<'t> {
    /// The API group, empty for the core group.
    pub group: &'t str,
    /// The kind.
    pub kind: &'t str,
    /// The name; it may end in `$NODE` or `$HASH`.
    pub name: &'t str,
    /// The namespaces that it is shipped for; `-` stands for none.
    pub namespaces: Vec<&'t str>,
    /// The repositories that its images come from, without tags.
    pub images: Vec<&'t str>,
    /// What is found in it as shipped.
    pub rows: Vec<Row<'t>>,
}

/// A finding that is excused: what it says, where, and of which value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row<'t> {
    /// The rule.
    pub rule: Cow<'t, str>,
    /// The severity as shipped; a worse one is not excused.
    pub severity: Severity,
    /// The message.
    pub message: Cow<'t, str>,
    /// The keyed path from the pod.
    pub path: Cow<'t, str>,
    /// The value, where the message does not tell it.
    pub value: Option<Cow<'t, str>>,
}

/// A line of the table that is not of the format.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: &'static str,
}

/// Reads a table.
///
/// # Errors
/// A line that is not of the format.
pub fn parse(text: &str) -> Result<Table<'_>, ParseError> {
    let mut table = Table::default();
    let mut says = BTreeMap::new();
    for (line, content) in (1..).zip(text.lines()) {
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = content.split('\t').collect();
        read(&mut table, &mut says, &fields).map_err(|problem| ParseError { line, problem })?;
    }
    Ok(table)
}

fn read<'t>(
    table: &mut Table<'t>,
    says: &mut BTreeMap<&'t str, &'t str>,
    fields: &[&'t str],
) -> Result<(), &'static str> {
    if let ["says", rule, message] = *fields {
        says.insert(rule, message);
        return Ok(());
    }
    if let ["component", id, name, class, date, source] = *fields {
        let class = [Class::System, Class::Platform].into_iter().find(|c| c.name() == class).ok_or("unknown class")?;
        table.components.push(Component { id, name, class, date, source, objects: Vec::new() });
        return Ok(());
    }
    let component = table.components.last_mut().ok_or("stands before the first component")?;
    if let ["object", kind, name, ref namespaces @ ..] = *fields {
        let (group, kind) = kind.rsplit_once('/').unwrap_or(("", kind));
        let namespaces = namespaces.to_vec();
        component.objects.push(Shipped { group, kind, name, namespaces, images: Vec::new(), rows: Vec::new() });
        return Ok(());
    }
    let object = component.objects.last_mut().ok_or("stands before the first object")?;
    match *fields {
        ["images", ref images @ ..] => object.images.extend(images),
        [severity, rule, message, ref places @ ..] => {
            let severity = Severity::ALL.into_iter().find(|s| s.name() == severity).ok_or("unknown severity")?;
            let message = if message.is_empty() { says.get(rule).ok_or("no message")? } else { message };
            for place in places {
                let (path, value) = place.split_once(" = ").map_or((*place, None), |(p, v)| (p, Some(v)));
                object.rows.extend(expanded(path).into_iter().map(|path| Row {
                    rule: rule.into(),
                    severity,
                    message: message.into(),
                    path,
                    value: value.map(Into::into),
                }));
            }
        }
        _ => return Err("too few fields"),
    }
    Ok(())
}

/// The paths that `containers[a|b].image` stands for: only the first brackets are read so.
fn expanded(path: &str) -> Vec<Cow<'_, str>> {
    match keyed(path).filter(|(_, keys, _)| keys.contains('|')) {
        Some((before, keys, after)) => keys.split('|').map(|k| format!("{before}[{k}]{after}").into()).collect(),
        None => vec![path.into()],
    }
}

/// A path around the key in its first brackets.
fn keyed(path: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = path.split_once('[')?;
    let (key, after) = rest.split_once(']')?;
    Some((before, key, after))
}

/// Places with their values, those that differ only in the key of their first brackets as one.
fn joined(places: &BTreeSet<String>) -> Vec<String> {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    let mut out = Vec::new();
    for place in places {
        match keyed(place) {
            Some((before, key, after)) => groups.entry((before, after)).or_default().push(key),
            None => out.push(place.clone()),
        }
    }
    out.extend(groups.into_iter().map(|((before, after), keys)| format!("{before}[{}]{after}", keys.join("|"))));
    out
}

impl fmt::Display for Table<'_> {
    /// The table in its format, sorted, without comments.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = self.says();
        for (rule, message) in &says {
            writeln!(f, "says\t{rule}\t{message}")?;
        }
        let mut components: Vec<&Component<'_>> = self.components.iter().collect();
        components.sort_by_key(|c| c.id);
        for c in components {
            writeln!(f, "component\t{}\t{}\t{}\t{}\t{}", c.id, c.name, c.class.name(), c.date, c.source)?;
            let mut objects: Vec<&Shipped<'_>> = c.objects.iter().collect();
            objects.sort_by_key(|o| (o.group, o.kind, o.name));
            for object in objects {
                object.write(f, &says)?;
            }
        }
        Ok(())
    }
}

impl Table<'_> {
    /// What each rule says most often.
    fn says(&self) -> BTreeMap<&str, &str> {
        let mut counts: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
        for row in self.components.iter().flat_map(|c| &c.objects).flat_map(|o| &o.rows) {
            *counts.entry(&*row.rule).or_default().entry(&*row.message).or_default() += 1;
        }
        let mut says = BTreeMap::new();
        for (rule, counts) in counts {
            if let Some((message, _)) = counts.into_iter().filter(|(_, n)| *n > 1).max_by_key(|(_, n)| *n) {
                says.insert(rule, message);
            }
        }
        says
    }
}

impl Shipped<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, says: &BTreeMap<&str, &str>) -> fmt::Result {
        let sorted = |list: &[&str]| {
            let set: BTreeSet<String> = list.iter().map(|s| (*s).to_string()).collect();
            set.into_iter().collect::<Vec<_>>().join("\t")
        };
        let slash = if self.group.is_empty() { "" } else { "/" };
        writeln!(f, "object\t{}{slash}{}\t{}\t{}", self.group, self.kind, self.name, sorted(&self.namespaces))?;
        writeln!(f, "images\t{}", sorted(&self.images))?;
        let mut lines: BTreeMap<(&str, std::cmp::Reverse<Severity>, &str), BTreeSet<String>> = BTreeMap::new();
        for row in &self.rows {
            let mut place = row.path.to_string();
            if let Some(value) = &row.value {
                let _ = write!(place, " = {value}");
            }
            lines.entry((&row.rule, std::cmp::Reverse(row.severity), &row.message)).or_default().insert(place);
        }
        for ((rule, severity, message), places) in lines {
            let message = if says.get(rule) == Some(&message) { "" } else { message };
            writeln!(f, "{}\t{rule}\t{message}\t{}", severity.0.name(), joined(&places).join("\t"))?;
        }
        Ok(())
    }
}
