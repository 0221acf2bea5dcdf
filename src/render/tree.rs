//! Files by their paths.

use std::collections::BTreeMap;

/// Files by their paths from the output directory, with `/` between the names; always text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, String>,
    notes: Vec<String>,
}

impl Tree {
    /// The files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// What is worth saying of the render beside its files.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn insert(&mut self, path: String, text: String) {
        self.files.insert(path, text);
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

impl FromIterator<(String, String)> for Tree {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(files: I) -> Self {
        Self {
            files: files.into_iter().collect(),
            notes: Vec::new(),
        }
    }
}
