//! `tsctl auth`, also called `ts-auth`: who is logged in, until when, and how to log in.

mod seen;

use std::path::Path;

use clap::Args;

use self::seen::{Asked, LoginSeen, Units};
use super::socket_args::{SocketArgs, block_on};
use crate::host::failure::Failure;
use crate::host::show::ShowArgs;
use crate::host::status::Status;
use crate::host::{Streams, clock};

/// Where units lie.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];

/// Show who is logged in, until when, and how to log in
///
/// Also called as ts-auth. It asks tailscaled, as any user may, and changes nothing. A login by hand sets preferences that it
/// does not mention back to their defaults; on a rendered host it says how they are applied again.
///
/// The exit status is 0 where the node is logged in, 1 where its key expires soon, 2 where somebody has to log in, 3 where
/// tailscaled could not be asked.
#[derive(Debug, Args)]
pub(crate) struct Auth {
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    socket: SocketArgs,
}

impl Auth {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let api = self.socket.client();
        self.show.show(streams, || {
            let asked = block_on(async {
                Asked {
                    status: api.status_without_peers().await,
                    prefs: api.prefs().await.ok(),
                    units: units(),
                }
            })?;
            Ok(LoginSeen::judge(&asked, clock::wall()))
        })
    }
}

/// The units of NixOS that log in and that apply the preferences.
fn units() -> Units {
    let is_there = |name: &str| UNITS.iter().any(|folder| Path::new(folder).join(name).exists());
    Units {
        autoconnect: is_there("tailscaled-autoconnect.service"),
        set: is_there("tailscaled-set.service"),
    }
}

#[cfg(test)]
mod tests;
