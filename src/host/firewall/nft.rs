//! nft(8).

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::store::Lock;
use super::table_file::TableFile;
use super::table_name::TableName;
use crate::host::failure::Failure;
use crate::host::program;

/// nft(8), where it lies.
#[derive(Debug, Clone)]
pub(crate) struct Nft(PathBuf);

impl Nft {
    /// nft, from PATH or where it usually lies.
    pub(crate) fn find() -> Result<Self, Failure> {
        match program::find("nft") {
            Some(path) => Ok(Self(path)),
            None => Err(Failure::Program("there is no nft here: install nftables".to_owned())),
        }
    }

    /// nft at that path.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The file that puts the table back as it is now.
    ///
    /// It brings back what rules and sets remember, too (packets counted, elements and the time that they have left), as it
    /// is now; where nft cannot read its own listing of that back, then the rules without it.
    pub(crate) fn save(&self, table: &TableName, file: &Path) -> Result<TableFile, Failure> {
        let mut refused = String::new();
        for flags in [&[][..], &["--stateless"]] {
            let listing = self.listing(table, flags)?;
            let former = TableFile::restoring(listing.as_deref(), table);
            super::store::write(file, former.as_str().as_bytes())?;
            match self.check(file)? {
                Ok(()) => return Ok(former),
                Err(said) => refused = said,
            }
        }
        Err(Failure::Program(format!(
            "nft cannot read back what it lists of the table that is there, so that it could not be put back; nothing was \
             loaded. It said:\n{refused}"
        )))
    }

    fn listing(&self, table: &TableName, flags: &[&str]) -> Result<Option<String>, Failure> {
        let tables = self.ask(&["list", "tables", "inet"])?;
        let line = format!("table inet {table}");
        if !tables.lines().any(|listed| listed.trim() == line) {
            return Ok(None);
        }
        let list = ["list", "table", "inet", table.as_str()];
        self.ask(&[flags, &list].concat()).map(Some)
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.run(Command::new(&self.0).args(arguments).stdin(Stdio::null()))?;
        if output.status.success() {
            return String::from_utf8(output.stdout)
                .map_err(|_| Failure::Program("nft lists something that is no text".to_owned()));
        }
        let (command, said) = (arguments.join(" "), words(&output));
        Err(Failure::Program(format!("failed to ask `nft {command}`: {said}")))
    }

    /// Whether nft, and the kernel, would load a file; what nft said where not.
    pub(crate) fn check(&self, file: &Path) -> Result<Result<(), String>, Failure> {
        let mut command = Command::new(&self.0);
        command.arg("--check").arg("--file").arg(file).stdin(Stdio::null());
        let output = self.run(&mut command)?;
        Ok(if output.status.success() {
            Ok(())
        } else {
            Err(words(&output))
        })
    }

    /// Loads a file. `lock` lasts until nft has ended, whatever becomes of this process.
    pub(crate) fn load(&self, file: &Path, lock: &Lock) -> Result<(), String> {
        // nft reads no standard input when it is given a file: that is where the lock goes.
        let load = |lock| self.run(Command::new(&self.0).arg("--file").arg(file).stdin(Stdio::from(lock)));
        let lock = lock.share().map_err(|error| error.to_string())?;
        let output = load(lock).map_err(|failure| failure.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(words(&output))
        }
    }

    fn run(&self, command: &mut Command) -> Result<Output, Failure> {
        let started: io::Result<Output> = command.current_dir("/").output();
        started.map_err(|error| Failure::Program(format!("failed to run {}: {error}", self.0.display())))
    }
}

fn words(output: &Output) -> String {
    let said = program::said(&output.stderr);
    if said.is_empty() {
        format!("nft ended with {}", output.status)
    } else {
        said
    }
}
