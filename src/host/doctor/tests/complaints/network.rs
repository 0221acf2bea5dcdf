//! What is complained of: the network between this machine and the others.

use super::super::world::*;
use super::{Complaint, set};
use crate::host::show::State::{CannotTell, Degraded, Down};
use crate::host::tailnet::RelayAnswers;

pub(super) fn complaints() -> Vec<Complaint> {
    vec![
        (
            "relays",
            set(|w| {
                silence(w);
                w.facts.home_relay.as_mut().unwrap().connects = false;
            }),
            (Down, "neither over UDP", "tailscale netcheck"),
        ),
        (
            "relays",
            set(silence),
            (Degraded, "UDP is blocked", "tailscale netcheck"),
        ),
        (
            "relays",
            set(|w| w.facts.home_relay.as_mut().unwrap().connects = false),
            (Degraded, "derp2.lab is not reached over TCP", "tailscale netcheck"),
        ),
        (
            "relays",
            set(|w| w.facts.relays = Ok(RelayAnswers::default())),
            (CannotTell, "knows no relays", ""),
        ),
        (
            "nat",
            set(|w| {
                let last = w.facts.relays.as_mut().unwrap().mapped.values_mut().last();
                last.unwrap().set_port(9);
            }),
            (Degraded, "hard NAT", "tailscale netcheck"),
        ),
        ("nat", set(silence), (CannotTell, "UDP is blocked", "")),
        (
            "paths",
            set(|w| each_peer(w, |peer| peer["CurAddr"] = "".into())),
            (Degraded, "everything in use goes through relays", "tailscale ping beta"),
        ),
        (
            "paths",
            set(|w| {
                each_peer(w, |peer| {
                    peer["CurAddr"] = "".into();
                    peer["Relay"] = "".into();
                });
            }),
            (Degraded, "no path to beta", "tailscale ping beta"),
        ),
    ]
}
