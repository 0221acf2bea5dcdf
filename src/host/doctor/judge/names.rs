//! How names are looked up.

use std::net::{IpAddr, Ipv4Addr};

use super::{Outcome, degraded, down, judged, prefs, running, unknown, untold};
use crate::host::doctor::facts::{Facts, Lookup};
use crate::host::show::Reason;
use crate::localapi::data::Status;

/// tailscaled's own resolver.
pub(in crate::host::doctor) const TAILSCALED: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 100, 100, 100));

/// Names of the tailnet, asked of tailscaled.
pub(in crate::host::doctor) fn magic_dns(facts: &Facts) -> Outcome {
    judged(|| {
        let status = running(facts)?;
        let tailnet = status.current_tailnet.as_ref();
        if !tailnet.is_some_and(|tailnet| tailnet.magic_dns_enabled) {
            return Err(Outcome::bad(degraded(
                "MagicDNS is off in this tailnet: nodes have no names. Turn it on in the admin console",
                "xdg-open https://login.tailscale.com/admin/dns",
            )));
        }
        if !prefs(facts)?.corp_dns {
            return Ok(Outcome::good("on in the tailnet, not used by this machine"));
        }
        if !status.tun {
            return Ok(Outcome::good("on; without an interface this machine cannot ask"));
        }
        let lookup = facts.names.by_tailscaled.as_ref().map_err(unknown)?;
        let name = status.this_node.full_name();
        Ok(match told(lookup, status) {
            Told::Right => Outcome::good(format!("{TAILSCALED} knows {name}")),
            Told::Other(what) => Outcome::bad(degraded(
                format!("{TAILSCALED}, asked for {name}: {what}"),
                "tailscale dns status",
            )),
            Told::Nothing => Outcome::bad(down(
                format!("{TAILSCALED}, the resolver of tailscaled, does not answer"),
                "sudo systemctl restart tailscaled",
            )),
        })
    })
}

/// Names of the tailnet, asked as programs ask.
pub(in crate::host::doctor) fn resolver(facts: &Facts) -> Outcome {
    judged(|| {
        let status = running(facts)?;
        let resolver = facts.names.resolver.as_ref().map_err(unknown)?;
        let owner = resolver.owner.unwrap_or("nobody that it names");
        let Some(server) = resolver.servers.first() else {
            return Err(Outcome::bad(down(
                "/etc/resolv.conf names no resolver: no name is looked up",
                again(owner),
            )));
        };
        let used = prefs(facts)?.corp_dns && status.current_tailnet.as_ref().is_some_and(|net| net.magic_dns_enabled);
        let lookup = facts.names.by_resolver.as_ref().map_err(unknown)?;
        let found = format!("/etc/resolv.conf of {owner}, resolver {server}");
        let name = status.this_node.full_name();
        let mut reasons: Vec<Reason> = Vec::new();
        let told = told(lookup, status);
        if used && *server == TAILSCALED && !matches!(told, Told::Right) {
            // The check `magic-dns` says so.
            return Err(untold("it is tailscaled's own, which does not know the name"));
        }
        match told {
            Told::Nothing => reasons.push(down(
                format!("the resolver {server} of /etc/resolv.conf ({owner}) does not answer"),
                again(owner),
            )),
            Told::Other(what) if used => reasons.push(degraded(
                format!(
                    "the resolver {server} of /etc/resolv.conf ({owner}) does not ask tailscaled: asked for {name}: {what}"
                ),
                again(owner),
            )),
            Told::Right | Told::Other(_) => {}
        }
        Ok(Outcome::of(found, reasons))
    })
}

/// What makes the owner of resolv.conf write it again.
fn again(owner: &str) -> &'static str {
    match owner {
        "systemd-resolved" => "sudo systemctl restart systemd-resolved",
        "NetworkManager" => "sudo systemctl restart NetworkManager",
        "resolvconf" => "sudo resolvconf -u",
        // tailscaled writes it itself, over what somebody else wrote too.
        _ => "sudo systemctl restart tailscaled",
    }
}

/// What was told of the name of this node.
enum Told {
    /// One of its addresses.
    Right,
    /// Something else.
    Other(String),
    /// Nothing.
    Nothing,
}

fn told(lookup: &Lookup, status: &Status) -> Told {
    match lookup {
        Lookup::Found(addresses) if addresses.iter().any(|address| status.tailscale_ips.contains(address)) => {
            Told::Right
        }
        Lookup::Found(addresses) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Told::Other(addresses.join(" "))
        }
        Lookup::NoSuchName => Told::Other("there is no such name".to_owned()),
        Lookup::Refused(code) => Told::Other(code.clone()),
        Lookup::Silent => Told::Nothing,
    }
}
