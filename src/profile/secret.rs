//! References to secrets, as all three notations can write them: a set of the one attribute `secret`.

use super::tree::{Node, Value};

/// Turns every `{ secret = "NAME" }` below `root` into [`Value::Secret`].
pub(super) fn recognise(root: &mut Node) {
    match &mut root.value {
        Value::List(items) => items.iter_mut().for_each(in_value),
        Value::Set(set) => set.values_mut().for_each(in_value),
        _ => {}
    }
}

fn in_value(node: &mut Node) {
    recognise(node);
    if let Value::Set(set) = &node.value
        && set.len() == 1
        && let Some(name) = set.get("secret").and_then(Node::as_str)
    {
        node.value = Value::Secret(name.to_owned());
    }
}
