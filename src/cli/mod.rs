//! The commands of `tailwright`, one a file: its arguments, and what it does.
//!
//! Only here are files, the environment and the streams touched (`files`, `log`, `console`), and only here is it decided
//! how a run ends ([`Status`]).

mod check;
mod compile;
mod completions;
mod console;
mod diff;
mod explain;
mod failure;
mod files;
mod finish_commit;
mod firewall;
mod init;
mod input;
mod log;
mod man;
mod output;
mod render;
mod schema;
mod status;

use std::ffi::OsString;
use std::io::Write;

use clap::{Parser, Subcommand};
pub use status::Status;

use self::console::Console;
use self::failure::Failure;

/// What a command comes to.
type Done = Result<Status, Failure>;

/// Makes the network configuration of NixOS hosts on a tailnet from one typed profile.
///
/// A profile says in one place what a host is on its tailnet: routes, services, firewall zones, monitoring, secrets. tailwright checks it as a whole and renders
/// NixOS modules from it.
#[derive(Debug, Parser)]
#[command(
    name = "tailwright",
    version,
    disable_help_subcommand = true,
    infer_subcommands = false
)]
struct Cli {
    #[command(flatten)]
    log: log::LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Render(render::Render),
    Diff(diff::Diff),
    Compile(compile::Compile),
    Explain(explain::Explain),
    Firewall(firewall::Firewall),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the program with its arguments, the first of which is its name, and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Status {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if finish_commit::is_asked(&arguments) {
        return finish_commit::run();
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(answer) => {
            // Nothing can be done about a closed stream.
            let _ = answer.print();
            return if answer.use_stderr() {
                Status::Usage
            } else {
                Status::Success
            };
        }
    };
    let mut console = Console::new();
    let done = cli.log.start(console.err_colour).and_then(|()| {
        let status = cli.command.run(&mut console)?;
        console.out.flush()?;
        Ok(status)
    });
    done.unwrap_or_else(|failure| {
        // What was written so far is part of the answer; that standard error cannot be written has nowhere to go.
        let _ = console.out.flush();
        let _ = writeln!(console.err, "tailwright: {failure}");
        failure.status()
    })
}

impl Command {
    fn run(&self, console: &mut Console) -> Done {
        match self {
            Self::Init(init) => init.run(console),
            Self::Check(check) => check.run(console),
            Self::Render(render) => render.run(console),
            Self::Diff(diff) => diff.run(console),
            Self::Compile(compile) => compile.run(console),
            Self::Explain(explain) => explain.run(console),
            Self::Firewall(firewall) => firewall.run(console),
            Self::Schema(schema) => schema.run(console),
            Self::Completions(completions) => completions.run(console),
            Self::Man(man) => man.run(console),
        }
    }
}
