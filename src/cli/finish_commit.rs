//! The process that puts the files of a run in place (see `files`). No command for people: clap does not know it, so that no
//! help, manual or completion does.

use std::ffi::OsString;
use std::io::{self, Write};

use super::files::{self, Committer};
use super::output;
use super::status::Status;

/// The argument that asks for it.
const ARGUMENT: &str = "finish-commit";

/// This program under that argument, even where its file has been replaced meanwhile.
pub(crate) const COMMITTER: Committer = Committer::Program {
    program: "/proc/self/exe",
    arguments: &[ARGUMENT],
};

/// Whether the program was started for this.
pub(crate) fn is_asked(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, argument] if argument == ARGUMENT)
}

/// Carries out the journal of the directory that is standard input. What went wrong is told to whoever started it.
pub(crate) fn run() -> Status {
    match files::finish_commit(output::is_ours) {
        Ok(()) => Status::Success,
        Err(error) => {
            // Nothing can be done about one who has gone.
            let _ = writeln!(io::stdout(), "{}", files::reason(&error));
            Status::Files
        }
    }
}
