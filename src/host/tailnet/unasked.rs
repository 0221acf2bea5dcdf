//! That tailscaled could not be asked.

use crate::host::show::{Reason, State};
use crate::localapi::Error;

/// Why tailscaled could not be asked: down where it does not run, else nobody can tell.
pub(crate) fn unasked(error: &Error) -> Reason {
    let state = if error.is_away() {
        State::Down
    } else {
        State::CannotTell
    };
    let said = error.to_string();
    // The errors end with what to type.
    let is_command = |text: &str| {
        ["sudo ", "ls ", "journalctl "]
            .iter()
            .any(|start| text.starts_with(start))
    };
    match said.rsplit_once(": ").filter(|(_, command)| is_command(command)) {
        Some((what, command)) => {
            let sentence = what.rsplit_once(". ").map_or(what, |(sentence, _)| sentence);
            Reason::new(state, sentence).command(command)
        }
        None => Reason::new(state, said),
    }
}
