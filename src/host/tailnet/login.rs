//! Who is logged in, and what to do where nobody is; and at which tailscaled.

use super::when::{DAY, expires};
use crate::host::show::{Reason, State};
use crate::localapi::Daemon;
use crate::localapi::data::{BackendState, Peer, Status};
use crate::monitor::diagnosis::DaemonFault;

/// From so many seconds before it expires, a key should be renewed.
const KEY_SOON: u64 = 7 * DAY;

/// Why the node is not connected, where it is not.
pub(crate) fn about_state(status: &Status, now: u64) -> Option<Reason> {
    let down = |text: &str| Reason::new(State::Down, text);
    let has_expired = status.this_node.key_expiry.unix().is_some_and(|expiry| expiry <= now);
    Some(match &status.backend_state {
        BackendState::Running => return None,
        BackendState::Stopped => down("this node was told to be down").command(DaemonFault::Stopped.command()),
        BackendState::NeedsLogin if !status.auth_url.is_empty() => {
            // The address is what is to be opened. It is the control plane's, and no part of a command.
            down(&format!("somebody has to log in: {}", status.auth_url))
        }
        BackendState::NeedsLogin if has_expired => {
            down("the key of this node has expired").command(DaemonFault::KeyExpired.command())
        }
        BackendState::NeedsLogin => down("nobody is logged in").command(DaemonFault::NeedsLogin.command()),
        BackendState::NeedsMachineAuth => down("an administrator of the tailnet has to approve this machine")
            .command(DaemonFault::NeedsApproval.command()),
        BackendState::InUseOtherUser => {
            down("another user of this machine is connected").command("journalctl -u tailscaled -n 50")
        }
        BackendState::NoState | BackendState::Starting => {
            Reason::new(State::Degraded, "tailscaled is starting").command(DaemonFault::Starting.command())
        }
        BackendState::Other(name) => Reason::new(State::CannotTell, format!("tailscaled says that it is {name:?}"))
            .command("journalctl -u tailscaled -n 50"),
    })
}

/// That tailscaled is older than what is understood for certain.
pub(crate) fn about_version(version: &str) -> Option<Reason> {
    let (major, minor) = Daemon::OLDEST;
    Daemon::is_too_old(version).then(|| {
        let text =
            format!("tailscaled {version} is older than {major}.{minor}: not all of its answers may be understood");
        Reason::new(State::Degraded, text).command("sudo nixos-rebuild switch --upgrade")
    })
}

/// That the key of the node expires soon.
pub(crate) fn about_key(status: &Status, now: u64) -> Option<Reason> {
    let expiry = status.this_node.key_expiry.unix()?;
    (expiry.saturating_sub(now) < KEY_SOON).then(|| {
        let text = format!("the key of this node {}", expires(expiry, now));
        Reason::new(State::Degraded, text).command(DaemonFault::LOG_IN)
    })
}

/// The key of a node, in words: nobody who is not logged in has one.
pub(crate) fn key(is_logged_in: bool, expiry: Option<u64>, now: u64) -> String {
    match expiry {
        _ if !is_logged_in => "none".to_owned(),
        None => "does not expire".to_owned(),
        Some(expiry) => expires(expiry, now),
    }
}

/// Whose a node is: its tags, or an address.
pub(crate) fn owner(node: &Peer, status: &Status) -> Option<String> {
    if !node.tags.is_empty() {
        return Some(node.tags.join(" "));
    }
    let user = status.user_of(node)?;
    Some(user.login_name.clone()).filter(|name| !name.is_empty())
}
