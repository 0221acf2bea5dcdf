//! Who is let in where: the zones that a packet may belong to.

use crate::model::{DefaultPolicy, Host, Zone, ZoneMember};
use crate::net::{InterfaceName, Port, Prefix, Transport};

/// The zones that packets by `interface` can belong to: the one that has the whole interface, and each that has a part of
/// `from` there (of every source, where `from` is `None`). The most exact interface wins, as in the ruleset.
pub(super) fn zones_of<'a>(host: &'a Host, interface: &InterfaceName, from: Option<Prefix>) -> Vec<&'a Zone> {
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    let here: Vec<(&Zone, &ZoneMember)> = zones
        .flat_map(|zone| zone.members.iter().map(move |member| (zone, member)))
        .filter(|(_, member)| member.interface.matches(interface))
        .collect();
    let Some(exact) = here.iter().map(|(_, member)| exactness(member)).max() else {
        return Vec::new();
    };
    let mut found: Vec<&Zone> = Vec::new();
    for (zone, member) in here {
        let touches = match (member.prefix, from) {
            (None, _) | (_, None) => true,
            (Some(prefix), Some(from)) => prefix.overlaps(&from),
        };
        if exactness(member) == exact && touches && !found.contains(&zone) {
            found.push(zone);
        }
    }
    found
}

/// How exact the interface of a member is: a whole name before any pattern, a longer pattern before a shorter one.
fn exactness(member: &ZoneMember) -> (bool, usize) {
    let start = member.interface.starts_with();
    (start.is_none(), start.map_or(0, str::len))
}

/// Whether some packets by `interface` from `from` are let in to a port of the host.
pub(super) fn is_let_in(
    host: &Host,
    interface: &InterfaceName,
    from: Option<Prefix>,
    transport: Transport,
    port: Port,
) -> bool {
    let Some(zones) = &host.zones else { return true };
    zones.default_policy == DefaultPolicy::Accept
        || zones_of(host, interface, from)
            .into_iter()
            .any(|zone| host.zone_admits(zone, transport, port))
}

/// The zones in which somebody is.
pub(super) fn inhabited(host: &Host) -> impl Iterator<Item = &Zone> {
    let zones = host.zones.iter().flat_map(|zones| zones.zones.values());
    zones.filter(|zone| !zone.members.is_empty())
}
