//! The words that names begin with. Each is a name of its own or is followed by a dot or a slash, so names cannot collide.

use crate::firewall::ruleset::Name;

macro_rules! words {
    ($($name:ident)*) => {$(
        pub(super) fn $name() -> Name {
            Name::word(stringify!($name))
        }
    )*};
}

/// The table.
pub(super) fn table() -> Name {
    Name::word("tailwright")
}

words! {
    // Base chains.
    prerouting
    input
    forward
    output
    postrouting

    // What nobody admits.
    refused
    unforwarded
    limited
    spoofed
    unroutable
    bogon
    untraceable

    // Where a source cannot be on the internet, and what is asked of the way back to it.
    bogons
    way_back
    way_strict
    way_loose

    // What every host needs.
    admit
    admit_icmp
    admit_icmpv6
    admit_udp

    // Buckets per source.
    new_v4
    new_v6
    echo_v4
    echo_v6

    // Counters per source: of what nobody admits, and of what goes over a limit (a chain has that name, too).
    dropped

    // The zone that a packet to the host comes from, and what it may reach.
    zones
    zone

    // What is counted of connections that are known: by zone, and in it by port.
    known
    accounts
    account

    // A service of a zone that has a limit of its own.
    service
    service_v4
    service_v6

    // The operator's ways in, while there are no zones.
    managers
    management

    // Forwarding: where a packet comes from, and the ways from there.
    forward_from
    forward_zone
    forward_silent
    forward_other
    forward_peers
    forward_peer
    forward_tailnet

    // From the tailnet, by destination.
    routes
    exit_node
    wan

    // What the host itself sends, and what it may reach in a zone.
    admit_own
    egress
    egress_to
    egress_ports

    // Advertised routes that keep the sources of the tailnet.
    unmasked

    // What a zone lets others reach in it.
    into
    routed
}
