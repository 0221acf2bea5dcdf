//! The pages of the manual.

use std::collections::BTreeMap;
use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::MARK;
use crate::cli::{Cli, Status, log};

/// The variables that the programs read.
const ENVIRONMENT: &[(&str, &str)] = &[
    (
        log::VARIABLE,
        "What is logged to standard error, as a filter of the Rust crate tracing-subscriber: a level (error, warn, info, \
         debug, trace), or levels by module. Takes precedence over -v.",
    ),
    (
        "NO_COLOR",
        "Set to anything but the empty string: no colour, even on a terminal.",
    ),
    (
        "CLICOLOR_FORCE",
        "Set to anything but 0: colour even where the output is no terminal.",
    ),
];

/// Every page by its file name.
pub(super) fn all() -> io::Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut open = vec![&root];
    while let Some(command) = open.pop() {
        let name = command.get_display_name().unwrap_or(command.get_name());
        pages.insert(format!("{name}.1"), page(command, name)?);
        // A command may have commands of its own.
        open.extend(command.get_subcommands().filter(|command| !command.is_hide_set()));
    }
    Ok(pages)
}

fn page(command: &Command, name: &str) -> io::Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut bytes = format!("{MARK}{version}\n").into_bytes();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .section("1")
        .source(format!("tailwright {version}"))
        .manual("Tailnet hosts");
    man.render_title(&mut bytes)?;
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut bytes)?;
    }
    let has_commands = command.get_subcommands().any(|command| !command.is_hide_set());
    if has_commands {
        man.render_subcommands_section(&mut bytes)?;
    }
    let mut rest = Roff::new();
    exit_statuses(&mut rest);
    environment(&mut rest);
    see_also(&mut rest, command, name);
    rest.to_writer(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn exit_statuses(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for status in Status::ALL {
        entry(roff, &status.code().to_string(), status.meaning());
    }
}

fn environment(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        entry(roff, name, meaning);
    }
}

fn see_also(roff: &mut Roff, command: &Command, name: &str) {
    let mut others: Vec<String> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .filter_map(|command| command.get_display_name().map(|name| format!("{name}(1)")))
        .collect();
    if name != "tailwright" {
        others.push("tailwright(1)".to_owned());
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([roman(others.join(", "))]);
}

fn entry(roff: &mut Roff, name: &str, meaning: &str) {
    roff.control("TP", []);
    roff.text([bold(name)]);
    roff.text([roman(meaning)]);
}
