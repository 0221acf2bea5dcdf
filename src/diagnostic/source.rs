//! The texts of a profile with their names.

use super::place::{SourceId, Span};

/// One text and the name that it is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name as the user gave it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The texts of a profile; [`SourceId`] is the position in the order of reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

/// A line and a column, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(Source {
            name: name.into(),
            text: text.into(),
        });
        SourceId(id)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of `id`.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.0.get(usize::try_from(id.0).ok()?)
    }

    /// Where a span begins and ends.
    pub fn positions(&self, span: Span) -> Option<(Position, Position)> {
        let text = &self.get(span.source)?.text;
        Some((position(text, span.start as usize), position(text, span.end as usize)))
    }
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let mut sources = Sources::default();
        let id = sources.add("a.nix", "ä = 1;\nbc");
        let (start, end) = sources.positions(Span::new(id, 8, 9)).unwrap();
        assert_eq!((start.line, start.column, end.column), (2, 1, 2));
        assert_eq!(sources.positions(Span::new(id, 3, 4)).unwrap().0.column, 3);
    }
}
