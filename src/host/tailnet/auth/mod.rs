//! `tsctl auth`, also called `ts-auth`: who is logged in, until when, and how to log in.

mod seen;

use std::path::Path;
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep};

use self::seen::{Asked, Begun, LoginSeen, Units};
use super::socket_args::{SocketArgs, block_on};
use crate::host::failure::Failure;
use crate::host::show::ShowArgs;
use crate::host::status::Status;
use crate::host::{Streams, clock};
use crate::localapi::LocalApi;

/// How long the control plane has for the address of a login.
const ADDRESS: Duration = Duration::from_secs(15);
/// How often it is looked whether it is there.
const LOOK: Duration = Duration::from_millis(100);
/// Where units lie.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];

/// Show who is logged in, until when, and how to log in
///
/// Also called as ts-auth. It asks tailscaled, as any user may, and changes nothing.
///
/// With --login, tailscaled begins a login, and the address at which somebody ends it is shown: for a node that nobody is
/// logged in at, and to renew a key before it expires. Every preference stays as it is, unlike with `tailscale up --reset` and
/// `tailscale login`; `tailscale up` refuses where it does not repeat them all. Until somebody has opened the address, older
/// versions of tailscaled are off the tailnet: come in by another way first.
///
/// The exit status is 0 where the node is logged in, 1 where its key expires soon, 2 where somebody has to log in, 3 where
/// tailscaled could not be asked.
#[derive(Debug, Args)]
pub(crate) struct Auth {
    /// Have tailscaled begin a login, or renew the key of this node
    #[arg(long, conflicts_with = "watch")]
    login: bool,
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
                let begun = if self.login { begin(&api).await } else { Begun::Nothing };
                Asked {
                    begun,
                    status: api.status_without_peers().await,
                    prefs: api.prefs().await.ok(),
                    units: units(),
                }
            })?;
            Ok(LoginSeen::judge(&asked, clock::wall()))
        })
    }
}

/// Begins a login, and waits until the control plane has said where it is ended.
async fn begin(api: &LocalApi) -> Begun {
    if let Err(error) = api.log_in().await {
        return Begun::Refused(error);
    }
    let until = Instant::now() + ADDRESS;
    while Instant::now() < until {
        if api
            .status_without_peers()
            .await
            .is_ok_and(|status| !status.auth_url.is_empty())
        {
            break;
        }
        sleep(LOOK).await;
    }
    Begun::Login
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
