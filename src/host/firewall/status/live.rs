//! What nft is asked, and how.
//!
//! Every question is about our table alone, or about the chains of all tables: a question about all tables would make nft
//! read the elements of every set there is, of which other programs may have hundreds of thousands.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::drift::Shape;
use crate::host::firewall::listing::Listing;
use crate::host::firewall::nft::Nft;
use crate::host::firewall::table_name::TableName;
use crate::host::program;

/// Why something could not be read, in a sentence.
pub(super) type Trouble = String;

/// Loads a file into a network of its own, which is gone with the shell, and lists what the kernel makes of it there.
const SCRIPT: &str = "\"$1\" --file \"$2\" && \"$1\" --stateless --terse list table inet \"$3\" && \
                      \"$1\" --json list table inet \"$3\"";

/// What begins the JSON behind the text.
const JSON: &str = "{\"nftables\"";

/// nft, for looking.
pub(super) struct Live<'a> {
    pub(super) nft: &'a Nft,
    pub(super) table: &'a TableName,
}

impl Live<'_> {
    /// The chains of all tables, without their rules.
    pub(super) fn chains(&self) -> Result<Listing, Trouble> {
        read(&self.ask(&["--json", "list", "chains"])?)
    }

    /// Our table.
    pub(super) fn table(&self) -> Result<Listing, Trouble> {
        read(&self.ask(&["--json", "list", "table", "inet", self.table.as_str()])?)
    }

    /// The shape of our table, of which `listing` is known.
    pub(super) fn shape(&self, listing: &Listing) -> Result<Shape, Trouble> {
        let text = self.ask(&["--stateless", "--terse", "list", "table", "inet", self.table.as_str()])?;
        Ok(Shape::of(&String::from_utf8_lossy(&text), listing))
    }

    /// The shape of the table that a file would load. It is loaded for that, but into an empty network of its own.
    pub(super) fn shape_of_file(&self, file: &Path) -> Result<Shape, Trouble> {
        let unshare = find("unshare", "util-linux")?;
        let shell = find("sh", "a shell")?;
        let mut command = Command::new(unshare);
        command.arg("--net").arg("--").arg(shell).args(["-c", SCRIPT, "sh"]);
        command.arg(self.nft.path()).arg(file).arg(self.table.as_str());
        let said = output(&mut command)?;
        let said = String::from_utf8_lossy(&said);
        let start = said.rfind(JSON).unwrap_or(said.len());
        let (text, json) = said.split_at_checked(start).unwrap_or((&said, ""));
        Ok(Shape::of(text, &read(json.as_bytes())?))
    }

    fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, Trouble> {
        output(Command::new(self.nft.path()).args(arguments))
    }
}

fn find(name: &str, package: &str) -> Result<PathBuf, Trouble> {
    program::find(name).ok_or_else(|| format!("there is no {name} here (it comes with {package})"))
}

fn read(json: &[u8]) -> Result<Listing, Trouble> {
    Listing::read(json).map_err(|error| format!("nft's answer cannot be read: {error}"))
}

fn output(command: &mut Command) -> Result<Vec<u8>, Trouble> {
    let output = command.current_dir("/").stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{} cannot be run: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = program::said(&output.stderr);
    let first = said.lines().next().unwrap_or("nothing");
    Err(format!("{} said: {first}", command.get_program().display()))
}
