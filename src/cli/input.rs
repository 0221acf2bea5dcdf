//! The profile that a command works on.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use super::console::Console;
use super::files::{self, FileError};
use super::status::Status;
use crate::checks::{self, Checked};
use crate::diagnostic::{self, Report};
use crate::profile::{self, Notation, Opened, Profile};

/// The profile that a command works on.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    /// The profile: a host or a fleet, in Nix, TOML or JSON by the name's ending; - is standard input
    #[arg(value_name = "PROFILE", value_hint = ValueHint::FilePath)]
    profile: PathBuf,
    /// Read the profile in this notation, whatever its name
    #[arg(long, value_enum)]
    notation: Option<Written>,
}

/// The notations, as the command line calls them.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Written {
    /// Nix data, or a NixOS module
    Nix,
    /// TOML
    Toml,
    /// JSON
    Json,
}

impl From<Written> for Notation {
    fn from(written: Written) -> Self {
        match written {
            Written::Nix => Self::Nix,
            Written::Toml => Self::Toml,
            Written::Json => Self::Json,
        }
    }
}

/// A profile that was read and checked.
pub(crate) struct Input {
    /// Its name as the user gave it.
    pub(crate) name: String,
    /// Its name without folders, the same wherever the command runs.
    pub(crate) file_name: String,
    /// Everything that was found.
    pub(crate) report: Report,
    /// The fleet, unless it has errors.
    pub(crate) checked: Option<Checked>,
    /// Where its fields are written.
    pub(crate) profile: Profile,
}

impl ProfileArgs {
    /// The profile at this path.
    pub(crate) fn of(profile: PathBuf, notation: Option<Written>) -> Self {
        Self { profile, notation }
    }

    /// Reads the profile and the files that it names, and asks every rule.
    pub(crate) fn load(&self) -> Result<Input, FileError> {
        let (name, bytes) = if self.profile.as_os_str() == "-" {
            ("standard input".to_owned(), files::read_standard_input()?)
        } else {
            let name = self.profile.display().to_string();
            (name, files::read_profile(&self.profile)?)
        };
        let mut profile = profile::load(&name, &bytes, self.notation.map(Notation::from), &mut |path| {
            open(&self.profile, path)
        });
        let mut findings = std::mem::take(&mut profile.findings);
        let checked = profile.fleet.take().and_then(|fleet| checks::run(fleet, &mut findings));
        let sources = std::mem::take(&mut profile.sources);
        let report = Report::new(&findings, sources, |place| profile.locate(place));
        tracing::debug!("{name}: {} findings", report.findings.len());
        Ok(Input {
            name,
            file_name: self.file_name(),
            // Errors of the reader do not keep the rules from being asked about the rest.
            checked: checked.filter(|_| !report.has_errors()),
            report,
            profile,
        })
    }
}

impl ProfileArgs {
    fn file_name(&self) -> String {
        match self.profile.file_name() {
            Some(name) if name != "-" => name.to_string_lossy().into_owned(),
            _ => "standard input".to_owned(),
        }
    }
}

/// Reads a file that the profile `from` names: relative to it, so that the two can move together. A link may lead to it.
fn open(from: &Path, path: &str) -> Result<Opened, String> {
    let written = Path::new(path);
    if written.is_absolute() || path.starts_with('~') {
        return Err("the path has to be relative to this file, so that it means the same on every machine".to_owned());
    }
    let around = from.parent().unwrap_or(Path::new(""));
    let path = around.join(written.strip_prefix("./").unwrap_or(written));
    if files::is_same(from, &path) {
        return Err("it is this file itself".to_owned());
    }
    let bytes = files::read_plain(&path).map_err(|error| files::reason(&error))?;
    Ok(Opened {
        name: path.display().to_string(),
        bytes,
    })
}

/// Writes what was found: for people with the lines that it is about, or as data.
pub(crate) fn show(report: &Report, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    diagnostic::human(report, colour, out)
}

impl Input {
    /// Says on standard error what was found, for commands whose result is something else.
    pub(crate) fn say(&self, console: &mut Console) -> io::Result<()> {
        show(&self.report, console.err_colour, &mut console.err)
    }

    /// How a command ends that was asked about nothing but the profile.
    pub(crate) fn status(&self) -> Status {
        if self.report.has_errors() {
            Status::Errors
        } else {
            Status::Success
        }
    }
}
