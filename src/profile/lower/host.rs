//! One host.

use super::{Scope, dns, lint, monitoring, proxy, qos, secrets, tailscale, tuning, upstream, zones};
use crate::diagnostic::{Code, FieldPath, Finding, Findings};
use crate::model::{Host, Interface, InterfaceRole, ManagementPath, ManagementService, Os, Release};
use crate::net::{HostName, InterfaceName, TailnetDomain, Transport};
use crate::profile::tree::Node;
use crate::profile::written;

/// A host as written, with what surrounds it.
pub(in crate::profile) struct Written<'a> {
    /// The host's own options.
    pub(in crate::profile) profile: written::HostProfile,
    /// Its root in the profile.
    pub(in crate::profile) at: FieldPath,
    /// Its name in the fleet.
    pub(in crate::profile) name: Option<HostName>,
    /// `tailnet.domain` of the fleet.
    pub(in crate::profile) tailnet: Option<TailnetDomain>,
    /// What else the same file sets.
    pub(in crate::profile) foreign: Option<&'a Node>,
}

/// The name of a NixOS machine that was given none (`networking.hostName`).
const DEFAULT_NAME: &str = "nixos";

/// Lowers one host. Where a value is missing that nothing can stand in for, its group is left out and an error says so.
pub(in crate::profile) fn host(written: Written<'_>, findings: &mut Findings) -> Option<Host> {
    let Written {
        profile,
        at,
        name: fleet_name,
        tailnet,
        foreign,
    } = written;
    let mut scope = Scope { at, findings };
    let network = profile.network.unwrap_or_default();
    let group = profile.host.unwrap_or_default();
    let vpn = network.vpn.unwrap_or_default();
    let proxies = network.proxy.unwrap_or_default();

    let name = host_name(&mut scope, &group, fleet_name, &vpn, &proxies)?;
    let upstream = upstream::upstream(&mut scope, foreign);
    let interfaces = interfaces(&group);
    let management = management(&mut scope, group.management.unwrap_or_default());
    let preset = proxy::preset_enabled(&mut scope, proxies.tailscale_services.as_ref());
    let tailscale = tailscale::tailscale(&mut scope, vpn.tailscale, &name, preset.as_ref());
    let proxy = proxy::proxy(&mut scope, proxies, tailscale.as_ref(), &name, tailnet);
    let security = network.security.unwrap_or_default();
    let zones = zones::zones(
        &mut scope,
        security.firewall_zones,
        &interfaces,
        tailscale.as_ref(),
        proxy.as_ref(),
    );
    let monitoring = monitoring::monitoring(&mut scope, &name, network.monitoring.and_then(|group| group.tailscale));
    let forwards = tailscale.as_ref().is_some_and(crate::model::Tailscale::forwards);
    let tuning = tuning::tuning(&mut scope, network.tuning, forwards);
    let secrets = secrets::secrets(
        &mut scope,
        profile.secrets.unwrap_or_default(),
        tailscale.as_ref(),
        proxy.as_ref(),
        &upstream,
    );
    let lint = lint::lint(profile.lint.as_ref(), &scope.field("lint"), scope.findings);
    Some(Host {
        os: os(group.os),
        release: release(group.release),
        dns: dns::dns(&mut scope, network.dns),
        qos: qos::qos(&mut scope, network.qos),
        at: scope.at,
        name,
        interfaces,
        management,
        tailscale,
        proxy,
        zones,
        monitoring,
        tuning,
        secrets,
        upstream,
        lint,
    })
}

fn host_name(
    scope: &mut Scope<'_>,
    group: &written::Host,
    fleet_name: Option<HostName>,
    vpn: &written::Vpn,
    proxies: &written::Proxies,
) -> Option<HostName> {
    let said = group.name.clone().or(fleet_name);
    if said.is_some() {
        return said;
    }
    let node = vpn.tailscale.as_ref().and_then(|tailscale| tailscale.hostname.clone());
    let proxy = proxies
        .nginx_tailscale
        .as_ref()
        .and_then(|proxy| proxy.hostname.clone());
    if let Some(label) = node.or(proxy) {
        return Some(HostName::from(label));
    }
    let field = scope.field("host.name");
    let offers_names = proxies
        .nginx_tailscale
        .as_ref()
        .is_some_and(|proxy| proxy.enable == Some(true))
        || proxies
            .tailscale_services
            .as_ref()
            .is_some_and(|preset| preset.enable == Some(true));
    if offers_names {
        let message =
            format!("the host has no name; its services are given names below {DEFAULT_NAME:?}, NixOS's default");
        let finding = Finding::new(Code::HostNameAssumed, field.clone(), message);
        scope.add(finding.help("write `host.name`, the same as `networking.hostName`"));
    }
    scope.accept(DEFAULT_NAME.parse(), &field)
}

fn os(written: Option<written::Os>) -> Os {
    match written {
        None | Some(written::Os::Nixos) => Os::Nixos,
        Some(written::Os::Linux) => Os::Linux,
        Some(written::Os::Windows) => Os::Windows,
        Some(written::Os::Macos) => Os::Macos,
    }
}

fn release(written: Option<written::Release>) -> Release {
    match written {
        Some(written::Release::R2511) => Release::R2511,
        None | Some(written::Release::R2605) => Release::R2605,
        Some(written::Release::R2611) => Release::R2611,
    }
}

fn interfaces(group: &written::Host) -> std::collections::BTreeMap<InterfaceName, Interface> {
    let lower = |interface: &written::Interface| Interface {
        role: match interface.role {
            None | Some(written::Role::Lan) => InterfaceRole::Lan,
            Some(written::Role::Wan) => InterfaceRole::Wan,
            Some(written::Role::Bridge) => InterfaceRole::Bridge,
            Some(written::Role::Tailnet) => InterfaceRole::Tailnet,
        },
        addresses: interface.prefixes.clone().unwrap_or_default(),
    };
    let written = group.interfaces.iter().flatten();
    written
        .map(|(name, interface)| (name.clone(), lower(interface)))
        .collect()
}

fn management(scope: &mut Scope<'_>, written: Vec<written::Management>) -> Vec<ManagementPath> {
    let mut paths = Vec::new();
    for (index, path) in written.into_iter().enumerate() {
        let origin = scope.field("host.management").index(index);
        let Some(via) = path.via else {
            scope.missing(
                &origin,
                "via",
                "it is not said which interface the operator comes in by",
                "write `via = \"tailscale0\"`",
            );
            continue;
        };
        let service = match (path.service, path.port) {
            (Some(service), None) => ManagementService::Named(service),
            (None, Some(port)) => ManagementService::Port(path.protocol.unwrap_or(Transport::Tcp), port),
            _ => {
                let why = "a management path names either a known service or a port";
                scope.missing(
                    &origin,
                    "service",
                    why,
                    "write `service = \"ssh\"` or `port = 22`, not both",
                );
                continue;
            }
        };
        let from = path.from.map(|from| from.prefix());
        paths.push(ManagementPath {
            via,
            service,
            from,
            origin,
        });
    }
    paths
}
