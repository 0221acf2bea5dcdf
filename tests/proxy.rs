//! The reverse proxy: what it compiles to, what nginx says of it, and what it does.

mod backend;
mod emulated;
mod hostile;
mod hosts;
mod live;
mod nixos;
mod reader;
mod tree;

use tailwright::model::Host;
use tailwright::profile::{self, Notation};

/// The host of a profile that must be without errors of reading.
fn host(text: &str) -> Host {
    let profile = profile::load("host.nix", text.as_bytes(), Some(Notation::Nix), &mut |path| {
        Err(format!("no {path} here"))
    });
    let fleet = profile.fleet.unwrap_or_else(|| panic!("{:#?}", profile.findings));
    fleet.hosts.into_values().next().expect("one host")
}
