//! What a view is drawn on.

use std::io;

use anstream::ColorChoice;
use rustix::termios::tcgetwinsize;

use super::tone::Tone;

/// What a view is drawn on: so many columns, with colour or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    width: usize,
    height: Option<usize>,
    has_colour: bool,
}

impl Screen {
    /// Columns where nobody says how many there are.
    const USUAL: usize = 80;
    /// With fewer nothing can be drawn.
    const LEAST: usize = 40;

    /// The standard output of this process: as wide as `COLUMNS` or the terminal says, in colour on a terminal unless
    /// `NO_COLOR` is set.
    pub(crate) fn of_stdout() -> Self {
        let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let size = tcgetwinsize(io::stdout()).ok();
        let asked = |size: Option<u16>| size.map(usize::from).filter(|cells| *cells > 0);
        let columns = said.or_else(|| asked(size.map(|size| size.ws_col)));
        Self {
            height: asked(size.map(|size| size.ws_row)),
            has_colour: anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            ..Self::plain(columns.unwrap_or(Self::USUAL))
        }
    }

    /// So many columns without colour.
    pub(crate) fn plain(width: usize) -> Self {
        Self {
            width: width.clamp(Self::LEAST, 1_000),
            height: None,
            has_colour: false,
        }
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// How many lines there are, where it is a terminal.
    pub(crate) fn height(&self) -> Option<usize> {
        self.height
    }

    /// The same with so many lines.
    #[cfg(test)]
    pub(crate) fn of_height(self, lines: usize) -> Self {
        Self {
            height: Some(lines),
            ..self
        }
    }

    /// The text in the colour of that tone, where there is colour.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        if self.has_colour {
            let style = tone.style();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_drawn_only_where_there_is_colour() {
        let plain = Screen::plain(80);
        assert_eq!(plain.paint(Tone::Bad, "down"), "down");
        let colourful = Screen {
            has_colour: true,
            ..plain
        };
        assert_eq!(colourful.paint(Tone::Good, "up"), "\u{1b}[32mup\u{1b}[0m");
    }

    #[test]
    fn no_screen_is_too_narrow_to_draw_on() {
        assert_eq!(Screen::plain(0).width(), 40);
        assert_eq!(Screen::plain(120).width(), 120);
    }
}
