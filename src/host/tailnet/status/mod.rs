//! `tsctl status`, also called `ts-status`: how this node is.
//!
//! [`seen`] has what is shown, [`facts`] what is asked for; [`judge`] makes the one of the other and says what is wrong, and
//! [`draw`] shows it to people. The peers are [`Peers`](peers::Peers) of compact rows: there may be thousands.

mod draw;
mod facts;
mod failover;
pub(crate) mod judge;
mod peer_row;
mod peers;
mod seen;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::facts::Facts;
pub(crate) use self::facts::Facts as StatusFacts;
#[cfg(test)]
pub(crate) use self::peers::Peers;
pub(crate) use self::seen::{Class as PathKind, NodeStatus};
use super::socket_args::{SocketArgs, block_on};
use crate::host::Streams;
use crate::host::clock;
use crate::host::failure::Failure;
use crate::host::monitor::CONFIG;
use crate::host::monitor::control::RUNTIME_DIRECTORY;
use crate::host::show::ShowArgs;
use crate::host::status::Status as Ended;

/// Show how this node is, what it uses and offers, and its peers
///
/// Also called as ts-status. It asks tailscaled, as any user may, and changes nothing: the node and its tailnet, the exit node
/// and who chose it, where the monitor's failover stands, the routes that it offers and whether they are approved, who answers on port 22, when its key and its
/// certificates end, what tailscaled complains of, and how packets get to each peer.
///
/// The exit status is 0 where all is good, 1 where somebody should look at something, 2 where the node is not connected or
/// nothing gets out, 3 where tailscaled could not be asked. Each reason is shown with the command that mends it.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    socket: SocketArgs,
    /// Which peers are shown
    #[arg(long, value_enum, value_name = "WHICH", default_value = "all")]
    peers: Which,
    /// Where the monitor's socket is
    #[arg(long, value_name = "DIR", default_value = RUNTIME_DIRECTORY, hide = true)]
    runtime_dir: PathBuf,
}

/// Which peers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// All of this tailnet
    All,
    /// Those that packets went to in the last minutes
    Active,
    /// None
    None,
}

impl Status {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Ended, Failure> {
        let api = self.socket.client();
        self.show.show(streams, || {
            let asked = async {
                tokio::join!(
                    Facts::ask(&api, self.peers != Which::None),
                    failover::ask(&self.runtime_dir, Path::new(CONFIG))
                )
            };
            let (facts, failover) = block_on(asked)?;
            let mut seen = judge::judge(&facts, clock::wall());
            drop(facts);
            if self.peers == Which::Active {
                seen.peers.keep_active();
            }
            if let Some(asked) = &failover {
                judge::add_failover(&mut seen, asked);
            }
            Ok(seen)
        })
    }
}

#[cfg(test)]
mod tests;
