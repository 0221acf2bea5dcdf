//! One place of a table.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::printable::printable;
use super::tone::Tone;

/// One place of a table: a line of text, in a tone or in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl Cell {
    /// A text in the usual colour. What cannot be printed is replaced.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self {
            text: printable(text.as_ref()),
            tone: None,
        }
    }

    /// The same in another tone.
    #[must_use]
    pub(crate) fn tone(self, tone: Tone) -> Self {
        Self {
            tone: Some(tone),
            ..self
        }
    }

    /// Its tone.
    pub(crate) fn its_tone(&self) -> Option<Tone> {
        self.tone
    }

    /// How many columns of a terminal it takes.
    pub(crate) fn width(&self) -> usize {
        self.text.width()
    }

    /// The text in at most `width` columns; what does not fit is left out, with `…` in its place.
    pub(crate) fn within(&self, width: usize) -> String {
        if self.width() <= width {
            return self.text.clone();
        }
        let mut kept = String::new();
        let mut taken = 1;
        for c in self.text.chars() {
            taken += c.width().unwrap_or_default();
            if taken > width {
                break;
            }
            kept.push(c);
        }
        kept.push('…');
        kept
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let cell = Cell::new("gateway");
        assert_eq!(cell.within(7), "gateway");
        assert_eq!(cell.within(6), "gatew…");
        assert_eq!(cell.within(1), "…");
        // Two columns each: three of them and the mark would be seven.
        assert_eq!(Cell::new("日本語東京").within(6), "日本…");
    }
}
