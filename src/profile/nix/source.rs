//! The text that is parsed, and where it stands in the text that the user wrote.

use rnix::TextRange;

use crate::diagnostic::place::{SourceId, Span};

/// A text given to the parser: the user's, or the user's between braces.
pub(super) struct Source<'a> {
    /// What the parser sees.
    pub(super) parsed: &'a str,
    /// What the user wrote.
    pub(super) written: &'a str,
    /// Its number.
    pub(super) id: SourceId,
    /// How many bytes `parsed` has before the first of `written`.
    pub(super) shift: usize,
}

impl Source<'_> {
    /// The place of a range of the parsed text.
    pub(super) fn span(&self, range: TextRange) -> Span {
        self.span_of(range.start().into(), range.end().into())
    }

    /// The place of the bytes from `start` to `end` of the parsed text.
    pub(super) fn span_of(&self, start: usize, end: usize) -> Span {
        let written = |offset: usize| offset.saturating_sub(self.shift).min(self.written.len());
        Span::new(self.id, written(start), written(end))
    }
}
