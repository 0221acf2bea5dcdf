//! What is different between two trees.

use std::collections::BTreeSet;

use similar::TextDiff;

use super::{FACTS, Facts, Tree};

/// One difference between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A sentence on what is different for somebody: `zone internal now admits tcp 5432`.
    Meaning(String),
    /// A file that is different.
    File {
        /// Its path.
        path: String,
        /// What became of it.
        what: FileChange,
        /// The difference in the unified format, with `a/PATH` and `b/PATH` (`/dev/null` where there is none).
        unified: String,
    },
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// It is new.
    Added,
    /// Its text is another.
    Changed,
    /// It is gone.
    Removed,
}

/// What `new` changes of `old`: sentences first, then files in the order of their paths. Empty where the trees are equal.
pub fn compare(old: &Tree, new: &Tree) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut told = BTreeSet::new();
    for path in paths(old, new).filter(|path| is_facts(path)) {
        let host = path.strip_suffix(FACTS).and_then(|folder| folder.strip_suffix('/'));
        let sentences = match (old.get(path), new.get(path)) {
            (Some(old), Some(new)) => Facts::changes(&Facts::read(old), &Facts::read(new)),
            // A tree whose reports are gone says nothing of its meaning.
            (None, Some(_)) if host.is_some() => vec!["is new".to_owned()],
            (Some(_), None) if host.is_some() => vec!["is gone".to_owned()],
            _ => Vec::new(),
        };
        let by_meaning = |(old, new): (&str, &str)| Facts::read(old) != Facts::read(new);
        if !sentences.is_empty() || old.get(path).zip(new.get(path)).is_some_and(by_meaning) {
            told.insert(path.to_owned());
        }
        let with_host = |sentence: String| match host {
            Some(host) if sentence.starts_with("is ") => format!("host {host} {sentence}"),
            Some(host) => format!("{host}: {sentence}"),
            None => sentence,
        };
        changes.extend(sentences.into_iter().map(with_host).map(Change::Meaning));
    }
    for path in paths(old, new).filter(|path| !told.contains(*path)) {
        changes.extend(file(path, old.get(path), new.get(path)));
    }
    changes
}

fn is_facts(path: &str) -> bool {
    path == FACTS || path.strip_suffix(FACTS).is_some_and(|folder| folder.ends_with('/'))
}

fn paths<'a>(old: &'a Tree, new: &'a Tree) -> impl Iterator<Item = &'a str> {
    let paths: BTreeSet<&str> = old.files().chain(new.files()).map(|(path, _)| path).collect();
    paths.into_iter()
}

fn file(path: &str, old: Option<&str>, new: Option<&str>) -> Option<Change> {
    let what = match (old, new) {
        (None, Some(_)) => FileChange::Added,
        (Some(_), None) => FileChange::Removed,
        (Some(old), Some(new)) if old != new => FileChange::Changed,
        _ => return None,
    };
    let name =
        |side: &str, text: Option<&str>| text.map_or_else(|| "/dev/null".to_owned(), |_| format!("{side}/{path}"));
    let unified = TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default())
        .unified_diff()
        .header(&name("a", old), &name("b", new))
        .to_string();
    Some(Change::File {
        path: path.to_owned(),
        what,
        unified,
    })
}

#[cfg(test)]
mod tests;
