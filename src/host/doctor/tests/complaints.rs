//! What each check complains of, as [`judge`](crate::host::doctor::judge) is divided.

mod kernel;
mod machine;
mod names;
mod network;
mod routing;
mod services;
mod tailscaled;

use super::world::{World, but};
use crate::host::doctor::facts::Facts;
use crate::host::show::State;

/// What one check says that is not good: how bad, a part of the sentence, the command.
pub(super) type Bad = (State, &'static str, &'static str);

/// A check, a machine that it complains of, and how.
pub(super) type Complaint = (&'static str, Facts, Bad);

/// What shows how the zones differ.
const NFT: &str = "sudo tsctl firewall status";
/// What has tailscaled write its part of the kernel again.
const RESTART: &str = "sudo systemctl restart tailscaled";

/// A machine that is as it should be, but for that.
fn set(change: fn(&mut World)) -> Facts {
    but(change)
}

/// Each check, and everything that it can complain of.
pub(super) fn complaints() -> Vec<Complaint> {
    [
        machine::complaints(),
        tailscaled::complaints(),
        network::complaints(),
        kernel::complaints(),
        names::complaints(),
        routing::complaints(),
        services::complaints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
