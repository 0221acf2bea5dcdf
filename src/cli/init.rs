//! `tailwright init`.

mod starter;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use super::Done;
use super::console::Console;
use super::files;
use super::status::Status;
pub(crate) use starter::Starter;

/// Start a profile: write one that checks clean, to be edited
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// What the host is to be
    #[arg(value_enum)]
    starter: Starter,
    /// Where to write it; - is standard output [default: host.nix, host.toml or host.json]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// The notation; only the Nix one has comments
    #[arg(long, value_enum, default_value_t)]
    format: StarterFormat,
}

/// The notation of a new profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StarterFormat {
    /// Nix data
    #[default]
    Nix,
    /// TOML
    Toml,
    /// JSON
    Json,
}

impl StarterFormat {
    fn file_name(self) -> &'static str {
        match self {
            Self::Nix => "host.nix",
            Self::Toml => "host.toml",
            Self::Json => "host.json",
        }
    }
}

impl Init {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let text = self.starter.text(self.format)?;
        let out = self.out.as_deref().unwrap_or(Path::new(self.format.file_name()));
        if out.as_os_str() == "-" {
            console.out.write_all(text.as_bytes())?;
            return Ok(Status::Success);
        }
        files::write_new(out, &text)?;
        writeln!(
            console.out,
            "wrote {}; now: tailwright check {}",
            out.display(),
            out.display()
        )?;
        Ok(Status::Success)
    }
}
