//! `tsctl`: the monitor and the helper commands of a host. What it does is in [`tailwright::host`].

use std::process::ExitCode;

use tailwright::cli::Status;

fn main() -> ExitCode {
    #[allow(clippy::disallowed_methods, reason = "a program reads its arguments")]
    let arguments = std::env::args_os();
    match tailwright::host::run(arguments) {
        Ok(()) => Status::Success.into(),
        Err(refused) => {
            // Nothing can be done about a closed stream.
            let _ = refused.print();
            if refused.use_stderr() {
                Status::Usage
            } else {
                Status::Success
            }
            .into()
        }
    }
}
