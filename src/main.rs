//! `tailwright`: reads a profile, checks it, renders it. What it does is in [`tailwright::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    #[allow(clippy::disallowed_methods, reason = "a program reads its arguments")]
    let arguments = std::env::args_os();
    tailwright::cli::run(arguments).into()
}
