//! Where an edit goes: paths on trees, what is shared, and which writing style stands there.

use super::block::Block;
use super::{Edit, EditError, EditOptions, Part, Path, Splice, Step, flow};
use crate::tree::{ANCHORED, MERGED, NodeId, NodeKind, Tree, Value};

/// Bounds the search for places that share a value: a document of kubectl's may expand to no more.
const MAX_VISITED: usize = 100_000;

/// The deepest value on `path` that exists, and how many steps lead there.
fn deepest<'t>(tree: &'t Tree, path: &Path) -> (Value<'t>, usize, Vec<Value<'t>>) {
    let mut value = tree.root();
    let mut passed = vec![value];
    for (i, step) in path.0.iter().enumerate() {
        let next = match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.items().nth(*index),
        };
        match next {
            Some(v) => value = v,
            None => return (value, i, passed),
        }
        passed.push(value);
    }
    (value, path.0.len(), passed)
}

/// The other paths at which an edit of `path` shows, because the value there is shared. An error unless that is wanted.
pub(super) fn sites(tree: &Tree, path: &Path, options: EditOptions) -> Result<Vec<Path>, EditError> {
    let (value, depth, passed) = deepest(tree, path);
    let nodes = || (0..u32::try_from(tree.node_count()).unwrap_or(u32::MAX)).map(|i| (i, tree.raw_node(i)));
    let is_referred = |id: u32| nodes().any(|(_, n)| n.kind == NodeKind::Alias && n.end == id);
    let is_shared = |v: &Value<'_>| {
        let raw = tree.raw_node(v.id().0);
        raw.kind == NodeKind::Alias || raw.flags & MERGED != 0 || (raw.flags & ANCHORED != 0 && is_referred(v.id().0))
    };
    if !passed.iter().any(is_shared) {
        return Ok(Vec::new());
    }
    if !options.anchors {
        return Err(EditError::Shared { path: path.to_string() });
    }
    let target = value.content_id();
    let inside = |id: u32| tree.raw_node(target).next > id && id > target;
    if depth < path.0.len() && nodes().any(|(_, n)| n.flags & MERGED != 0 && n.kind == NodeKind::Alias && inside(n.end))
    {
        let why = "its mapping is merged into others by `<<`";
        return Err(EditError::Unsupported { path: path.to_string(), why });
    }
    let rest = path.0.get(depth..).unwrap_or(&[]);
    let own = Path(path.0.get(..depth).unwrap_or(&[]).to_vec());
    let mut out = Vec::new();
    let mut open = vec![(tree.root(), Path::default())];
    let mut visited = 0;
    while let Some((at, way)) = open.pop() {
        visited += 1;
        if visited > MAX_VISITED {
            let why = "its document refers to itself too often";
            return Err(EditError::Unsupported { path: path.to_string(), why });
        }
        if at.content_id() == target && way != own {
            out.push(Path([&way.0, rest].concat()));
        }
        open.extend(at.entries().map(|(key, v)| (v, way.then(Step::Key(key.to_string())))));
        open.extend(at.items().enumerate().map(|(i, v)| (v, way.then(Step::Index(i)))));
    }
    out.sort();
    Ok(out)
}

/// Whether a collection is written with brackets.
pub(super) fn is_flow(part: &Part, value: Value<'_>) -> bool {
    (value.is_mapping() || value.is_sequence())
        && matches!(part.text.as_bytes().get(value.content_span().start as usize), Some(b'{' | b'['))
}

/// The changes of the text that an edit of [`super::data::simplified`] means.
pub(super) fn splices(part: &Part, edit: &Edit) -> Result<Vec<Splice>, EditError> {
    let missing = || EditError::NotFound { path: edit.path().to_string() };
    let tree = &part.tree;
    let block = Block::new(part, edit.path());
    let path = edit.path();
    if let Edit::Append(_, new) = edit {
        let (sequence, depth, _) = deepest(tree, path);
        if depth < path.0.len() {
            return Err(missing());
        }
        return match is_flow(part, sequence) {
            true if sequence.items().next().is_none() => block.replace(sequence, &serde_json::json!([new])),
            true => flow::insert(&block, sequence, None, new),
            false => block.append(sequence, new),
        };
    }
    let Some((last, parent_path)) = path.0.split_last() else {
        return Err(EditError::Unsupported { path: String::new(), why: "it is the whole document" });
    };
    let (parent, depth, _) = deepest(tree, &Path(parent_path.to_vec()));
    if depth < parent_path.len() {
        return Err(missing());
    }
    let child = match last {
        Step::Key(key) => parent.get(key),
        Step::Index(index) => parent.items().nth(*index),
    };
    let in_flow = is_flow(part, parent);
    match (edit, child, last) {
        (Edit::Set(_, new), Some(child), _) if in_flow => flow::replace(&block, child, new),
        (Edit::Set(_, new), Some(child), _) => block.replace(child, new),
        (Edit::Set(_, new), None, Step::Key(key)) if in_flow && parent.entries().next().is_none() => {
            block.replace(parent, &serde_json::json!({ key: new }))
        }
        (Edit::Set(_, new), None, Step::Key(key)) if in_flow => flow::insert(&block, parent, Some(key), new),
        (Edit::Set(_, new), None, Step::Key(key)) => block.insert(parent, key, new),
        (Edit::Remove(_), Some(child), _) if in_flow => flow::remove(&block, parent, child),
        (Edit::Remove(_), Some(child), _) => block.remove(parent, child),
        (Edit::Rename(_, to), Some(child), _) => block.rename(child, to, in_flow),
        _ => Err(missing()),
    }
}

impl Value<'_> {
    /// The node whose content counts, aliases followed.
    pub(super) fn content_id(self) -> u32 {
        let mut id = self.id().0;
        for _ in 0..64 {
            let node = self.tree().raw_node(id);
            if node.kind != NodeKind::Alias {
                break;
            }
            id = node.end;
        }
        id
    }
}

/// The children of a collection in the order of the text, those that a merge key brought left out.
pub(super) fn children(tree: &Tree, collection: u32) -> Vec<u32> {
    let end = tree.raw_node(collection).next;
    let mut out = Vec::new();
    let mut at = collection + 1;
    while at < end {
        let node = tree.raw_node(at);
        if node.flags & MERGED == 0 {
            out.push(at);
        }
        at = node.next.max(at + 1);
    }
    out
}

/// The value at a node as it stands, an alias included.
pub(super) fn site(tree: &Tree, id: u32) -> Value<'_> {
    tree.value(NodeId(id))
}
