//! `tsctl`: the monitor and the helper commands of a host. What it does is in [`tailwright::host`].

use std::process::ExitCode;

fn main() -> ExitCode {
    #[allow(clippy::disallowed_methods, reason = "a program reads its arguments")]
    let arguments = std::env::args_os();
    tailwright::host::run(arguments).into()
}
