//! What is known of one thing, a name before each fact.

use std::io::{self, Write};

use super::printable::printable;
use super::screen::Screen;
use super::tone::Tone;
use super::wrap::wrap;

/// Draws what is known of one thing: its name, and behind it the fact, on as many lines as it takes.
pub(crate) fn fact(name: &str, fact: &str, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    const NAMES: usize = 12;
    let room = screen.width().saturating_sub(NAMES + 2);
    for (index, line) in wrap(&printable(fact), room).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        let name = screen.paint(Tone::Faint, &format!("{name:<NAMES$}"));
        writeln!(out, "  {name}{line}")?;
    }
    Ok(())
}
