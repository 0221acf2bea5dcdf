//! What is complained of: tailscaled and this node.

use serde_json::json;

use super::{Complaint, set};
use crate::host::show::State::{CannotTell, Degraded, Down};
use crate::localapi::Error;

pub(super) fn complaints() -> Vec<Complaint> {
    vec![
        (
            "daemon",
            set(|w| w.facts.tailscaled.status = Err(Error::NoSocket("/run/tailscale/tailscaled.sock".into()))),
            (
                Down,
                "there is no /run/tailscale/tailscaled.sock",
                "sudo systemctl start tailscaled",
            ),
        ),
        (
            "daemon",
            set(|w| w.facts.tailscaled.status = Err(Error::SocketClosed("/s".into()))),
            (CannotTell, "may not open", "ls -l /s"),
        ),
        (
            "daemon",
            set(|w| w.status["Version"] = "1.58.2".into()),
            (Degraded, "older than 1.60", "sudo nixos-rebuild switch --upgrade"),
        ),
        (
            "login",
            set(|w| w.status["BackendState"] = "NeedsLogin".into()),
            (Down, "nobody is logged in", "sudo tsctl auth --login"),
        ),
        (
            "login",
            set(|w| w.status["BackendState"] = "Stopped".into()),
            (Down, "told to be down", "sudo tailscale up"),
        ),
        (
            "key",
            set(|w| w.status["Self"]["KeyExpiry"] = "2026-11-22T04:05:00Z".into()),
            (Degraded, "expires in 2 days", "sudo tsctl auth --login"),
        ),
        (
            "key",
            set(|w| w.status["BackendState"] = "Stopped".into()),
            (CannotTell, "not connected", ""),
        ),
        (
            "control",
            set(|w| w.status["Self"]["Online"] = false.into()),
            (Degraded, "control plane is not reached", "tailscale netcheck"),
        ),
        (
            "health",
            set(|w| w.status["Health"] = json!(["something is odd"])),
            (Degraded, "something is odd", "journalctl -u tailscaled -n 50"),
        ),
    ]
}
