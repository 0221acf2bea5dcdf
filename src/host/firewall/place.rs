//! Where the guard's state is, and what to type about it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::store::Store;
use crate::host::failure::Failure;
use crate::host::program::printable;

/// Where the state is unless a test says otherwise. `/run` is emptied when the machine restarts, as the kernel's rules are.
const DEFAULT: &str = "/run/tailwright/firewall";

/// The options that every command of the guard has.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Where the state of the guard is kept; for tests. It must be root's alone, on a file system that lasts as long as the
    /// rules of the kernel do
    #[arg(long, global = true, value_name = "DIR", default_value = DEFAULT)]
    state_dir: PathBuf,
}

impl Place {
    /// The state directory.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        Store::at(&self.state_dir)
    }

    /// What to type for that command of the guard.
    pub(crate) fn command(&self, name: &str) -> String {
        if self.state_dir == Path::new(DEFAULT) {
            format!("tsctl firewall {name}")
        } else {
            format!("tsctl firewall --state-dir {} {name}", printable(&self.state_dir))
        }
    }

    /// Refuses everybody but root, who is told how to do it.
    pub(crate) fn needs_root(&self, name: &str) -> Result<(), Failure> {
        if rustix::process::geteuid().is_root() {
            Ok(())
        } else {
            Err(Failure::NotRoot(self.command(name)))
        }
    }
}
