//! The tree that all three notations are read into: values as written, each with its place.
//!
//! A reader complains about what it cannot take and leaves [`Value::Removed`] there, so that the rest of the profile can
//! still be judged in the same run.

use std::collections::BTreeMap;

use crate::diagnostic::place::{FieldPath, Span, Step};

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The text of the value. For a set that only an attribute path implies (`a` in `a.b = 1`), the text of that binding.
    pub span: Span,
    /// What was written there.
    pub value: Value,
}

/// What can be written in a profile, whatever the notation.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null` (Nix and JSON; TOML has none).
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; all three notations are held to 64 bits.
    Integer(i64),
    /// A number with a fraction or an exponent; never infinite nor NaN.
    Float(f64),
    /// A string, unescaped (an indented Nix string without its indentation).
    String(String),
    /// A Nix path literal, as it was written (`./x`, `/etc/x`, `~/x`).
    Path(String),
    /// The secret of this name: `config.sops.secrets."NAME".path` in Nix, `{ secret = "NAME" }` in any notation.
    Secret(String),
    /// A list or array.
    List(Vec<Node>),
    /// An attribute set, table or object.
    Set(Set),
    /// Something that the reader has already complained about; readers of the tree act as if it were absent.
    Removed,
}

/// Attributes by name. Names are unique; the order is that of the names, so that it does not depend on the notation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Set {
    entries: BTreeMap<String, Entry>,
}

/// One attribute of a [`Set`].
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the name was (first) written.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

/// The place of a field that may not exist: see [`Node::locate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The name of the field, or of its nearest existing ancestor; `None` for the root and for list elements.
    pub key_span: Option<Span>,
    /// The value of the field, or of its nearest existing ancestor.
    pub span: Span,
    /// Whether the field itself exists.
    pub exact: bool,
}

impl Located {
    /// The place to point at when the field as a whole is meant: its name if it has one, else its value.
    pub fn label(&self) -> Span {
        self.key_span.unwrap_or(self.span)
    }
}

impl Value {
    /// The kind of the value with its article, for messages: `a string`, `an integer`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a floating-point number",
            Self::String(_) => "a string",
            Self::Path(_) => "a path",
            Self::Secret(_) => "a reference to a secret",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Removed => "an unreadable value",
        }
    }
}

impl Node {
    /// A value written at `span`.
    pub fn new(span: Span, value: Value) -> Self {
        Self { span, value }
    }

    /// A place whose value the reader has complained about.
    pub fn removed(span: Span) -> Self {
        Self::new(span, Value::Removed)
    }

    /// Whether the reader has already complained about this value.
    pub fn is_removed(&self) -> bool {
        matches!(self.value, Value::Removed)
    }

    /// The attributes, if this is a set.
    pub fn as_set(&self) -> Option<&Set> {
        match &self.value {
            Value::Set(set) => Some(set),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The node at `path` below this one. List positions count only the elements that are not [`Value::Removed`], because
    /// lists made from this tree lack those.
    pub fn at(&self, path: &FieldPath) -> Option<&Self> {
        path.steps()
            .iter()
            .try_fold(self, |node, step| node.child(step).map(|(_, child)| child))
    }

    /// As [`Node::at`], to change what is there.
    pub fn at_mut(&mut self, path: &FieldPath) -> Option<&mut Self> {
        path.steps()
            .iter()
            .try_fold(self, |node, step| match (&mut node.value, step) {
                (Value::Set(set), Step::Name(name)) => set.get_mut(name),
                (Value::List(items), Step::Index(index)) => {
                    items.iter_mut().filter(|item| !item.is_removed()).nth(*index)
                }
                _ => None,
            })
    }

    /// Where `path` was written, or the nearest ancestor of it that was.
    pub fn locate(&self, path: &FieldPath) -> Located {
        let mut located = Located {
            key_span: None,
            span: self.span,
            exact: true,
        };
        let mut node = self;
        for step in path.steps() {
            let Some((key_span, child)) = node.child(step) else {
                located.exact = false;
                break;
            };
            located.key_span = key_span;
            located.span = child.span;
            node = child;
        }
        located
    }

    fn child(&self, step: &Step) -> Option<(Option<Span>, &Self)> {
        match (&self.value, step) {
            (Value::Set(set), Step::Name(name)) => set.entry(name).map(|entry| (Some(entry.key_span), &entry.node)),
            (Value::List(items), Step::Index(index)) => items
                .iter()
                .filter(|item| !item.is_removed())
                .nth(*index)
                .map(|item| (None, item)),
            _ => None,
        }
    }

    /// The same data with all spans reset, to compare what two texts say.
    #[must_use]
    pub fn without_spans(mut self) -> Self {
        self.reset_spans();
        self
    }

    fn reset_spans(&mut self) {
        self.span = Span::default();
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(Self::reset_spans),
            Value::Set(set) => {
                for entry in set.entries.values_mut() {
                    entry.key_span = Span::default();
                    entry.node.reset_spans();
                }
            }
            _ => {}
        }
    }
}

impl Set {
    /// A set without attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of the attribute `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.node)
    }

    /// As [`Set::get`], to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.get_mut(key).map(|entry| &mut entry.node)
    }

    /// The attribute `key` with the place of its name.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.values_mut().map(|entry| &mut entry.node)
    }

    /// Adds or replaces an attribute; returns what was there before.
    pub fn insert(&mut self, key: String, key_span: Span, node: Node) -> Option<Entry> {
        self.entries.insert(key, Entry { key_span, node })
    }

    /// Takes an attribute out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        self.entries.remove(key)
    }

    /// The attributes in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), entry))
    }
}

impl IntoIterator for Set {
    type Item = (String, Entry);
    type IntoIter = std::collections::btree_map::IntoIter<String, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::place::SourceId;

    fn span(start: usize, end: usize) -> Span {
        Span::new(SourceId(0), start, end)
    }

    /// `{ a = [ <removed> 7 ]; }`
    fn sample() -> Node {
        let list = Value::List(vec![
            Node::removed(span(8, 9)),
            Node::new(span(10, 11), Value::Integer(7)),
        ]);
        let mut set = Set::new();
        set.insert("a".to_owned(), span(2, 3), Node::new(span(6, 13), list));
        Node::new(span(0, 16), Value::Set(set))
    }

    #[test]
    fn positions_do_not_count_removed_elements() {
        let mut tree = sample();
        let first = FieldPath::of("a").index(0);
        assert_eq!(tree.at(&first).map(|node| &node.value), Some(&Value::Integer(7)));
        assert_eq!(tree.at(&FieldPath::of("a").index(1)), None);
        if let Some(node) = tree.at_mut(&first) {
            node.value = Value::Null;
        }
        assert_eq!(tree.at(&first).map(|node| &node.value), Some(&Value::Null));
    }

    #[test]
    fn a_missing_field_is_located_at_its_nearest_ancestor() {
        let tree = sample();
        let found = tree.locate(&FieldPath::of("a"));
        assert_eq!(
            (found.label(), found.span, found.exact),
            (span(2, 3), span(6, 13), true)
        );
        let missing = tree.locate(&FieldPath::of("a").index(3).name("x"));
        assert_eq!((missing.label(), missing.exact), (span(2, 3), false));
        let element = tree.locate(&FieldPath::of("a").index(0));
        assert_eq!((element.key_span, element.label()), (None, span(10, 11)));
        assert!(!tree.locate(&FieldPath::of("zz")).exact);
    }
}
