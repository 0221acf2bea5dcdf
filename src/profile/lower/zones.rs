//! `network.security.firewall-zones`.

use std::collections::BTreeMap;

use super::{
    Scope,
    tailscale::DEFAULT_INTERFACE,
    zone::{Attached, reverse_path},
    zone_limits::idle_log,
};
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{
    AllowedService, DefaultPolicy, FirewallZones, Interface, Proxy, RateLimit, Tailscale, Zone, ZoneLimit, ZoneLog,
    ZoneMember,
};
use crate::net::{InterfaceName, InterfacePattern, LogPrefix, PacketRate, PortSet, ServiceName, ZoneName};
use crate::profile::written;

const GROUP: &str = "network.security.firewall-zones";

/// What log lines begin with unless the profile says otherwise.
const DEFAULT_LOG_PREFIX: &str = "tailwright: ";
/// New connections per source address; a browser opens a few dozen at once.
const DEFAULT_RATE: &str = "50/second";
/// New connections above the rate.
const DEFAULT_BURST: u32 = 100;
/// Lines in the log unless the profile says otherwise.
const DEFAULT_LOG_RATE: &str = "5/second";
/// Lines above that rate.
const DEFAULT_LOG_BURST: u32 = 20;
/// The guide's zone for the tailnet, used where no zone is written.
const DEFAULT_ZONE: &str = "internal";

pub(super) fn zones(
    scope: &mut Scope<'_>,
    written: Option<written::FirewallZones>,
    interfaces: &BTreeMap<InterfaceName, Interface>,
    tailscale: Option<&Tailscale>,
    proxy: Option<&Proxy>,
) -> Option<FirewallZones> {
    let was_written = written.is_some();
    let group = written.unwrap_or_default();
    if !scope.enabled(group.enable, was_written, GROUP) {
        return None;
    }
    let at = scope.field(GROUP);
    let tailnet = match tailscale {
        Some(tailscale) => tailscale.interface.clone(),
        None => scope.accept(DEFAULT_INTERFACE.parse(), &at)?,
    };
    let common = common(scope, &group, &at)?;
    let network = Attached { interfaces, tailnet };
    let mut zones = BTreeMap::new();
    for (name, zone) in group.zones.unwrap_or_default() {
        if zone.enable == Some(false) {
            continue;
        }
        let origin = at.name("zones").name(name.to_string());
        zones.insert(name.clone(), network.zone(scope, name, zone, origin, &common));
    }
    if zones.is_empty() {
        let zone = default_zone(scope, &network, proxy, &at)?;
        zones.insert(zone.name.clone(), zone);
    }
    Some(FirewallZones { zones, ..common })
}

/// What is said of all zones, without any zone.
fn common(scope: &mut Scope<'_>, group: &written::FirewallZones, at: &FieldPath) -> Option<FirewallZones> {
    let mut rate = |written: Option<PacketRate>, otherwise: &str| match written {
        Some(rate) => Some(rate),
        None => scope.accept(otherwise.parse(), at),
    };
    let rate_limit = rate(group.rate_limit, DEFAULT_RATE)?;
    let log_rate = rate(group.log_rate_limit, DEFAULT_LOG_RATE)?;
    let log_prefix: LogPrefix = match &group.log_prefix {
        Some(prefix) => prefix.clone(),
        None => scope.accept(DEFAULT_LOG_PREFIX.parse(), at)?,
    };
    Some(FirewallZones {
        default_policy: match group.default_policy {
            None | Some(written::Policy::Drop) => DefaultPolicy::Drop,
            Some(written::Policy::Reject) => DefaultPolicy::Reject,
            Some(written::Policy::Accept) => DefaultPolicy::Accept,
        },
        logging: group.enable_logging.unwrap_or(false),
        log_prefix,
        log_limit: RateLimit {
            rate: log_rate,
            burst: group.log_rate_limit_burst.unwrap_or(DEFAULT_LOG_BURST),
        },
        rate_limiting: group.enable_rate_limiting.unwrap_or(true),
        rate_limit,
        rate_limit_burst: group.rate_limit_burst.unwrap_or(DEFAULT_BURST),
        reverse_path: group.reverse_path.map(reverse_path),
        block_bogons: group.block_bogons,
        accounting: group.accounting.unwrap_or(false),
        flowtable: flowtable(group.flowtable.clone()),
        zones: BTreeMap::new(),
        idle: idle_log(group),
    })
}

/// The interfaces in their order, each once.
fn flowtable(written: Option<Vec<InterfaceName>>) -> Vec<InterfaceName> {
    let mut interfaces = written.unwrap_or_default();
    interfaces.sort();
    interfaces.dedup();
    interfaces
}

/// A firewall without zones would let nobody in; the guide's own Step 3 writes none and means its `internal` zone.
fn default_zone(scope: &mut Scope<'_>, network: &Attached<'_>, proxy: Option<&Proxy>, at: &FieldPath) -> Option<Zone> {
    let message = format!(
        "no zone is written, so nobody could come in; the guide's zone {DEFAULT_ZONE:?} is used: ssh and the proxied services from {}",
        network.tailnet
    );
    let finding = Finding::new(Code::DefaultZone, at.clone(), message);
    scope.add(finding.help(format!(
        "write the zone: zones.{DEFAULT_ZONE} = {{ interfaces = [ \"{}\" ]; allowedServices = [ \"ssh\" ]; }};",
        network.tailnet
    )));
    let ssh: ServiceName = scope.accept("ssh".parse(), at)?;
    let names = std::iter::once(ssh).chain(proxy.into_iter().flat_map(|proxy| proxy.services.keys().cloned()));
    let name: ZoneName = scope.accept(DEFAULT_ZONE.parse(), at)?;
    let origin = at.clone();
    Some(Zone {
        name,
        members: vec![ZoneMember {
            interface: InterfacePattern::from(network.tailnet.clone()),
            prefix: None,
            origin: origin.clone(),
        }],
        unbound: Vec::new(),
        tcp: PortSet::default(),
        udp: PortSet::default(),
        services: names
            .map(|name| AllowedService {
                name,
                origin: origin.clone(),
            })
            .collect(),
        allow_all: false,
        forwarded: None,
        deny_interzone: false,
        forward_to: Vec::new(),
        limit: ZoneLimit::Common,
        service_limits: Vec::new(),
        log: ZoneLog::Common,
        reverse_path: None,
        egress: None,
        idle: Vec::new(),
        origin,
    })
}
