//! The texts of a profile with their names.

use super::place::{SourceId, Span};

/// One text and the name that it is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name as the user gave it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Where its lines begin.
    lines: Vec<usize>,
    /// Whether its characters are bytes.
    is_ascii: bool,
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
        let text = text.into();
        let after_breaks = text.match_indices('\n').map(|(newline, _)| newline + 1);
        self.0.push(Source {
            name: name.into(),
            lines: std::iter::once(0).chain(after_breaks).collect(),
            is_ascii: text.is_ascii(),
            text,
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

    /// The line that a span begins in, from 1.
    pub fn line(&self, span: Span) -> Option<usize> {
        Some(self.get(span.source)?.line_at(span.start as usize))
    }

    /// Where a span begins and ends.
    pub fn positions(&self, span: Span) -> Option<(Position, Position)> {
        let source = self.get(span.source)?;
        Some((source.position(span.start as usize), source.position(span.end as usize)))
    }
}

impl Source {
    /// The text of a line, from 1, without its end; empty past the last one.
    pub fn line(&self, number: usize) -> &str {
        let start = number.checked_sub(1).and_then(|index| self.lines.get(index));
        let rest = start.and_then(|start| self.text.get(*start..)).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).max(1)
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.line_at(offset);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        Position {
            line,
            column: 1 + if self.is_ascii {
                offset.min(self.text.len()).saturating_sub(start)
            } else {
                self.text.get(start..offset).map_or(0, |before| before.chars().count())
            },
        }
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
