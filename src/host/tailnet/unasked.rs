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
    Reason::new(state, error.what()).command(error.command())
}
