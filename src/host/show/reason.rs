//! Why it is not good.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::printable::printable;
use super::screen::Screen;
use super::state::State;
use super::tone::Tone;
use super::wrap::wrap;

/// Something that somebody should look at, and what to type about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reason {
    /// How bad it is.
    pub(crate) state: State,
    /// What it is.
    pub(crate) text: String,
    /// The command that mends it, or that shows more.
    pub(crate) command: Option<String>,
}

impl Reason {
    /// Something that is so bad.
    pub(crate) fn new(state: State, text: impl Into<String>) -> Self {
        Self {
            state,
            text: text.into(),
            command: None,
        }
    }

    /// With what to type about it.
    #[must_use]
    pub(crate) fn command(self, command: impl Into<String>) -> Self {
        Self {
            command: Some(command.into()),
            ..self
        }
    }

    /// Draws it: a mark, the text, the command below it.
    pub(crate) fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let mark = if self.state == State::Good { "·" } else { "!" };
        let text = printable(&self.text);
        for (index, line) in wrap(&text, screen.width().saturating_sub(4)).into_iter().enumerate() {
            let mark = if index == 0 { mark } else { " " };
            let tone = if self.state == State::Good {
                Tone::Faint
            } else {
                self.state.tone()
            };
            writeln!(out, "  {} {line}", screen.paint(tone, mark))?;
        }
        if let Some(command) = &self.command {
            writeln!(out, "      {}", screen.paint(Tone::Strong, &printable(command)))?;
        }
        Ok(())
    }
}

/// How it is, all in all, where those are the reasons.
pub(crate) fn worst(reasons: &[Reason]) -> State {
    State::worst(reasons.iter().map(|reason| reason.state))
}

/// Puts the worst first; of equals, that which stood first: it explains the others.
pub(crate) fn sort(reasons: &mut [Reason]) {
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.state));
}
