//! The facts of a host, group by group.

mod alerts;
mod monitoring;
mod proxy;
mod system;
mod tailscale;
mod zones;

use crate::model::{FileRef, Host, ManagementService};
use crate::render::facts::Facts;
use crate::render::facts::way_in::WayIn;

pub(in crate::render::facts) fn collect(host: &Host, facts: &mut Facts) {
    facts.value("host", &host.name);
    facts.value("NixOS release", host.release.as_str());
    for path in &host.management {
        let service = match &path.service {
            ManagementService::Named(name) => name.to_string(),
            ManagementService::Port(transport, port) => format!("{transport} {port}"),
        };
        let ports = match &path.service {
            ManagementService::Named(name) => host.resolve_service(name).unwrap_or_default(),
            ManagementService::Port(transport, port) => vec![(*transport, (*port).into())],
        };
        let way = WayIn {
            via: path.via.clone(),
            from: path.from,
            service,
            ports,
        };
        facts.state(WayIn::SUBJECT, way.to_string());
    }
    tailscale::collect(host, facts);
    zones::collect(host, facts);
    if let Some(proxy) = &host.proxy {
        proxy::collect(proxy, facts);
    }
    monitoring::collect(host, facts);
    system::tuning(host, facts);
    system::dns(host, facts);
    if let Some(qos) = &host.qos {
        for (interface, limit) in &qos.limits {
            let limit = format!("{}, burst {}, latency {}", limit.rate, limit.burst, limit.latency);
            facts.value(format!("limit of what {interface} sends"), &limit);
        }
    }
    system::secrets(host, facts);
}

fn file(file: &FileRef) -> String {
    match file {
        FileRef::Secret(name) => format!("secret {name}"),
        FileRef::Path(path) => path.to_string(),
    }
}
