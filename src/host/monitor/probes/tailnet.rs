//! What tailscaled says, for the watch.

use crate::localapi::data::{self, BackendState, Prefs, Status};
use crate::monitor::Moment;
use crate::monitor::diagnosis::{Daemon, DaemonFault};
use crate::monitor::watch::{Peer, Preferences, Tailnet};
use crate::net::Prefix;

/// What tailscaled says, with its preferences where they have been read. Whether the key has expired depends on the time.
pub fn tailnet(status: &Status, prefs: Option<&Prefs>, now: Moment) -> Tailnet {
    let control = prefs.and_then(|prefs| prefs.control_url.parse().ok());
    Tailnet {
        daemon: daemon(status, now),
        online: status.this_node.online,
        key_expires: status.this_node.key_expiry.unix().map(moment),
        home_region: status.this_node.relay.clone(),
        control,
        peers: status.peers.0.iter().map(peer).collect(),
        preferences: prefs.map(preferences),
    }
}

fn daemon(status: &Status, now: Moment) -> Daemon {
    let expiry = status.this_node.key_expiry.unix().map(moment);
    let has_expired = status.this_node.expired || expiry.is_some_and(|expiry| expiry <= now);
    match status.backend_state {
        BackendState::Running => Daemon::Runs,
        BackendState::Stopped => Daemon::Broken(DaemonFault::Stopped),
        // It says so where the key has expired as well.
        BackendState::NeedsLogin if has_expired => Daemon::Broken(DaemonFault::KeyExpired),
        BackendState::NeedsLogin => Daemon::Broken(DaemonFault::NeedsLogin),
        BackendState::NeedsMachineAuth => Daemon::Broken(DaemonFault::NeedsApproval),
        BackendState::NoState | BackendState::Starting => Daemon::Broken(DaemonFault::Starting),
        BackendState::InUseOtherUser | BackendState::Other(_) => Daemon::Unknown,
    }
}

fn moment(unix: u64) -> Moment {
    Moment::from_millis(unix.saturating_mul(1_000))
}

fn peer(peer: &data::Peer) -> Peer {
    Peer {
        id: peer.id.to_string(),
        name: peer.name(),
        full_name: peer.full_name().to_owned(),
        addresses: peer.tailscale_ips.clone(),
        routes: peer
            .routes()
            .filter_map(|route| route.trunc().to_string().parse::<Prefix>().ok())
            .collect(),
        offers_exit: peer.exit_node_option,
        online: peer.online,
    }
}

fn preferences(prefs: &Prefs) -> Preferences {
    let id = prefs.exit_node_id.as_str();
    let exit_node = [id, &prefs.exit_node_ip].into_iter().find(|node| !node.is_empty());
    Preferences {
        exit_node: exit_node.map(str::to_owned),
        // Older versions say it in the id, as long as none is chosen.
        auto_exit_node: !prefs.auto_exit_node.is_empty() || id.starts_with("auto:"),
        lan_access: prefs.exit_node_allow_lan_access,
        accept_routes: prefs.route_all,
        want_running: prefs.want_running,
    }
}
