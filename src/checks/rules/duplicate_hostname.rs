//! Two hosts of the fleet have the same name in the tailnet.
//!
//! ## Why
//!
//! The control server lets only one node have a name; the one that comes second is renamed to `NAME-1`. Which one that is
//! depends on who logs in first, and with the name go the URLs and the certificates of its services.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   hosts.desk.network.vpn.tailscale = {
//!     enable = true;
//!     hostname = "kernelcore";
//!   };
//!   hosts.kernelcore.network.vpn.tailscale.enable = true;
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   hosts.desk.network.vpn.tailscale.enable = true;
//!   hosts.kernelcore.network.vpn.tailscale.enable = true;
//! }
//! ```
//!
//! ## Source
//!
//! - Machine names: <https://tailscale.com/kb/1098/machine-names>

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Finding, Findings};
use crate::model::{Fleet, Host};
use crate::net::DnsLabel;

const FIELD: &str = "network.vpn.tailscale.hostname";

pub(super) fn check(fleet: &Fleet, findings: &mut Findings) {
    let mut seen: BTreeMap<&DnsLabel, &Host> = BTreeMap::new();
    for host in fleet.hosts.values() {
        let Some(tailscale) = &host.tailscale else { continue };
        let name = &tailscale.hostname;
        match seen.get(name) {
            None => {
                seen.insert(name, host);
            }
            // Of the two, the one that goes by another name than its own is to blame.
            Some(first) if host.name.label() == name => findings.add(finding(first, host, name)),
            Some(first) => findings.add(finding(host, first, name)),
        }
    }
}

fn finding(host: &Host, other: &Host, name: &DnsLabel) -> Finding {
    let message = format!("two nodes are called {name}; the second one to log in becomes {name}-1");
    Finding::new(Code::DuplicateHostname, host.field(FIELD), message)
        .with(other.field(FIELD), format!("{} has the name as well", other.name))
        .help(format!("write another `hostname`, such as {:?}", host.name.as_str()))
}
