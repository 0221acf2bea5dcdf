//! The ways by which the operator gets in, and what closes them.

use super::admission::{is_let_in, zones_of};
use crate::model::{FieldPath, Host, ManagementPath, ManagementService, known_service};
use crate::net::{Port, Transport};

/// One way in.
#[derive(Debug)]
pub(super) struct Way<'a> {
    pub(super) path: &'a ManagementPath,
    pub(super) closed: Option<Closed>,
}

/// Why a way in is closed.
#[derive(Debug)]
pub(super) struct Closed {
    /// As the end of a sentence.
    pub(super) why: String,
    /// The field that closes it.
    pub(super) by: FieldPath,
    pub(super) way_out: String,
}

const SSH: (Transport, Port) = (Transport::Tcp, Port::constant(22));

/// The ways in whose service is known; a rule of its own speaks of the others.
pub(super) fn ways(host: &Host) -> Vec<Way<'_>> {
    host.management.iter().filter_map(|path| way(host, path)).collect()
}

fn way<'a>(host: &Host, path: &'a ManagementPath) -> Option<Way<'a>> {
    let ports = ports(host, path)?;
    let closed = by_shields(host, path).or_else(|| by_zones(host, path, &ports));
    Some(Way { path, closed })
}

/// The ports that the operator may speak to; one of them is enough.
fn ports(host: &Host, path: &ManagementPath) -> Option<Vec<(Transport, Port)>> {
    match &path.service {
        ManagementService::Port(transport, port) => Some(vec![(*transport, *port)]),
        ManagementService::Named(name) => {
            let ports = host.resolve_service(name)?;
            Some(
                ports
                    .into_iter()
                    .map(|(transport, range)| (transport, range.first()))
                    .collect(),
            )
        }
    }
}

fn by_shields(host: &Host, path: &ManagementPath) -> Option<Closed> {
    let tailscale = host.tailscale.as_ref()?;
    (tailscale.shields_up && path.via == tailscale.interface).then(|| Closed {
        why: "the node refuses every connection from the tailnet".to_owned(),
        by: host.field("network.vpn.tailscale.shieldsUp"),
        way_out: "write `shieldsUp = false`".to_owned(),
    })
}

fn by_zones(host: &Host, path: &ManagementPath, ports: &[(Transport, Port)]) -> Option<Closed> {
    host.zones.as_ref()?;
    // tailscaled answers SSH of the tailnet before the host's own firewall sees a packet.
    let answered_by_tailscaled = |port: (Transport, Port)| {
        port == SSH
            && host
                .tailscale
                .as_ref()
                .is_some_and(|tailscale| tailscale.ssh && tailscale.interface == path.via)
    };
    let open = ports.iter().any(|(transport, port)| {
        answered_by_tailscaled((*transport, *port)) || is_let_in(host, &path.via, path.from, *transport, *port)
    });
    if open {
        return None;
    }
    let service = match &path.service {
        ManagementService::Named(name) => name.to_string(),
        ManagementService::Port(transport, port) => format!("{transport} {port}"),
    };
    let zones = zones_of(host, &path.via, path.from);
    let Some(zone) = zones.first() else {
        return Some(Closed {
            why: format!("{} is in no zone, and the default policy lets nobody in", path.via),
            by: host.field("network.security.firewall-zones"),
            way_out: format!("put {} into a zone with `allowedServices = [ {service:?} ]`", path.via),
        });
    };
    let names: Vec<_> = zones.iter().map(|zone| zone.name.as_str()).collect();
    let plural = if zones.len() == 1 { "zone" } else { "zones" };
    let known =
        matches!(&path.service, ManagementService::Named(name) if known_service::known(name.as_str()).is_some());
    Some(Closed {
        why: format!(
            "no port of {service} is open by {} in {plural} {}",
            path.via,
            names.join(", ")
        ),
        by: zone.origin.clone(),
        way_out: if known {
            format!("add {service:?} to `allowedServices` of zone {}", zone.name)
        } else {
            format!("open {service} in zone {}", zone.name)
        },
    })
}
