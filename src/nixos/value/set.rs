//! Attribute sets, as bindings in the order in which they are printed.

use super::NixValue;
use super::reference::AttrPath;

/// Bindings in the order in which they are printed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NixSet {
    bindings: Vec<Binding>,
}

/// `services.tailscale.enable = true;` with what stands above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// The attribute path.
    pub path: AttrPath,
    /// The value.
    pub value: NixValue,
    /// Lines of comment above the binding.
    pub comment: Option<String>,
    /// Whether an empty line parts the binding from the one before.
    pub spaced: bool,
}

impl Binding {
    /// A binding without comment.
    pub fn new(path: impl Into<AttrPath>, value: impl Into<NixValue>) -> Self {
        Self {
            path: path.into(),
            value: value.into(),
            comment: None,
            spaced: false,
        }
    }

    /// The binding with `text` above it; each line of the text becomes a line of comment.
    #[must_use]
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.comment = Some(text.into());
        self
    }

    /// The binding with an empty line above it.
    #[must_use]
    pub fn spaced(mut self) -> Self {
        self.spaced = true;
        self
    }
}

impl NixSet {
    /// `{}`
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a binding, or replaces the one of the same path in its place.
    pub fn bind(&mut self, binding: Binding) {
        match self.bindings.iter_mut().find(|present| present.path == binding.path) {
            Some(present) => *present = binding,
            None => self.bindings.push(binding),
        }
    }

    /// Adds a binding without comment.
    pub fn set(&mut self, path: impl Into<AttrPath>, value: impl Into<NixValue>) {
        self.bind(Binding::new(path, value));
    }

    /// The set with one more binding, for sets built in one expression.
    #[must_use]
    pub fn with(mut self, path: impl Into<AttrPath>, value: impl Into<NixValue>) -> Self {
        self.set(path, value);
        self
    }

    /// The bindings.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Whether there is no binding.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }
}

impl<P: Into<AttrPath>, V: Into<NixValue>> FromIterator<(P, V)> for NixSet {
    fn from_iter<I: IntoIterator<Item = (P, V)>>(pairs: I) -> Self {
        let mut set = Self::new();
        for (path, value) in pairs {
            set.set(path, value);
        }
        set
    }
}
