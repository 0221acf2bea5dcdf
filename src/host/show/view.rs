//! What a command saw.

use std::io::{self, Write};

use serde::Serialize;

use super::screen::Screen;
use crate::host::status::Status;

/// What a command saw at one moment. What serde makes of it is what `--json` prints: an object, names in camelCase, units
/// in the names (`latencyMillis`), times in UTC (RFC 3339).
pub(crate) trait View: Serialize {
    /// Draws it for people, in lines that end.
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()>;

    /// How the run ends that saw this: [`Status::Success`], [`Status::Degraded`], [`Status::Down`] or
    /// [`Status::CannotTell`].
    fn status(&self) -> Status;
}
