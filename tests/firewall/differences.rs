//! What becomes reachable between two random profiles, against what happens to single packets in each of them.

use std::net::IpAddr;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use tailwright::diagnostic::{FieldPath, SourceId};
use tailwright::firewall::difference::{Changes, Difference, Filter};
use tailwright::firewall::ruleset::{ConntrackState, Hook, PacketType};
use tailwright::firewall::trace::{Circumstances, Ends, Outcome, Packet, Payload, Way};
use tailwright::firewall::{Exposure, Reach, Ruleset};
use tailwright::net::{InterfaceName, Port, Transport};
use tailwright::nixos::firewall_zones::firewall_zones;
use tailwright::profile::nix;

use super::{host, packets, profiles, ruleset};

/// Pairs of rulesets: of two unlike profiles, and of one profile that was changed in one place.
fn pairs(count: usize) -> Vec<[Ruleset; 2]> {
    let mut runner = TestRunner::default();
    let mut profile = || profiles::profile().new_tree(&mut runner).unwrap().current();
    (0..count)
        .map(|number| {
            let (old, other) = (profile(), profile());
            let mut new = other.clone();
            if number % 2 == 0 {
                let zones = "/network/security/firewall-zones/zones";
                new = old.clone();
                let theirs = other
                    .pointer(zones)
                    .and_then(|zones| zones.as_object()?.values().next().cloned());
                let ours = new
                    .pointer_mut(zones)
                    .and_then(|zones| zones.as_object_mut()?.values_mut().next());
                if let (Some(ours), Some(theirs)) = (ours, theirs) {
                    *ours = theirs;
                }
            }
            [ruleset(&old), ruleset(&new)]
        })
        .collect()
}

type Probe = (InterfaceName, IpAddr, InterfaceName, IpAddr, Transport, Port);

/// Whether the kernel's own order of rules lets a new connection in.
fn passes(ruleset: &Ruleset, (iif, source, oif, target, transport, port): &Probe, hook: Hook) -> bool {
    let (input, output) = (iif.clone(), oif.clone());
    let way = match hook {
        Hook::Forward => Way::Through { input, output },
        Hook::Output => Way::FromHost { output },
        _ => Way::ToHost { input },
    };
    let payload = Payload::Ports {
        transport: *transport,
        source: Some(40_000),
        destination: Some(port.get()),
    };
    let packet = Packet {
        way,
        ends: Ends::new(Some(*source), Some(*target)).unwrap(),
        payload,
        state: ConntrackState::New,
        link: PacketType::Host,
        mark: 0,
    };
    ruleset.trace(&packet, &Circumstances::default()).unwrap().outcome == Outcome::Accepted
}

fn holds(entries: &[Reach], (iif, source, oif, target, transport, port): &Probe, hook: Hook) -> bool {
    entries.iter().filter(|reach| !reach.is_narrowed()).any(|reach| {
        (hook == Hook::Output || reach.input.contains(iif))
            && reach.source.contains(*source)
            && (!matches!(hook, Hook::Forward | Hook::Output) || reach.output.contains(oif))
            && reach.destination.contains(*target)
            && reach.traffic.contains(*transport, *port)
    })
}

#[test]
fn what_becomes_reachable_is_what_passes_now_and_did_not() {
    let mut runner = TestRunner::default();
    let mut outcomes = [0; 4];
    for [old, new] in pairs(60) {
        let exposures = [old.exposure(), new.exposure()];
        let difference = Difference::between(Filter::Zones(&exposures[0]), Filter::Zones(&exposures[1]));
        let forged = |probe: &Probe, exposure: &Exposure| holds(&exposure.forged, probe, Hook::Prerouting);
        for _ in 0..200 {
            let probe = packets().new_tree(&mut runner).unwrap().current();
            if probe.1.is_ipv4() != probe.3.is_ipv4() {
                continue;
            }
            let both_forged = exposures.iter().all(|exposure| forged(&probe, exposure));
            for (hook, changes) in [
                (Hook::Input, &difference.admitted),
                (Hook::Forward, &difference.forwarded),
                (Hook::Output, &difference.sent),
            ] {
                let (before, after) = (passes(&old, &probe, hook), passes(&new, &probe, hook));
                if both_forged && hook != Hook::Output {
                    // Entries may name sources that both sides drop.
                    assert!(!before && !after, "{probe:?}\n{old}\n{new}");
                    continue;
                }
                let Changes { opened, closed } = changes;
                assert_eq!(
                    holds(opened, &probe, hook),
                    after && !before,
                    "{probe:?}\n{opened:#?}\n{old}\n{new}"
                );
                assert_eq!(
                    holds(closed, &probe, hook),
                    before && !after,
                    "{probe:?}\n{closed:#?}\n{old}\n{new}"
                );
                outcomes[usize::from(before) * 2 + usize::from(after)] += 1;
            }
        }
    }
    assert!(
        outcomes.iter().all(|count| *count > 300),
        "all four, many times: {outcomes:?}"
    );
}

#[test]
fn nothing_becomes_reachable_that_was_and_back_is_the_mirror() {
    for [old, new] in pairs(60) {
        let (old, new) = (old.exposure(), new.exposure());
        let same = Difference::between(Filter::Zones(&old), Filter::Zones(&old));
        assert!(same.is_empty(), "{same:#?}");
        let there = Difference::between(Filter::Zones(&old), Filter::Zones(&new));
        let back = Difference::between(Filter::Zones(&new), Filter::Zones(&old));
        for (there, back) in [
            (&there.admitted, &back.admitted),
            (&there.forwarded, &back.forwarded),
            (&there.sent, &back.sent),
        ] {
            assert_eq!(there.opened, back.closed);
            assert_eq!(there.closed, back.opened);
        }
    }
}

#[test]
fn a_table_that_was_printed_and_read_lets_in_the_same() {
    for [ruleset, other] in pairs(40) {
        let text = ruleset.to_string();
        let read = Ruleset::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read.to_string(), text);
        assert_eq!(Ruleset::read_content("tailwright", &ruleset.content()).unwrap(), read);
        let (compiled, read, other) = (ruleset.exposure(), read.exposure(), other.exposure());
        let same = Difference::between(Filter::Zones(&compiled), Filter::Zones(&read));
        assert!(same.is_empty(), "{same:#?}\n{text}");
        // Compared with anything else, a tree says what its profile says.
        let extent = |exposure: &Exposure| {
            let difference = Difference::between(Filter::Zones(&other), Filter::Zones(exposure));
            (difference.widens(), difference.narrows())
        };
        assert_eq!(extent(&compiled), extent(&read));
    }
}

#[test]
fn the_module_of_a_tree_has_the_table_as_it_is_printed() {
    let mut runner = TestRunner::default();
    for _ in 0..40 {
        let profile = profiles::profile().new_tree(&mut runner).unwrap().current();
        let module = firewall_zones(&host(&profile)).unwrap().to_string();
        // What needs Nix is complained about, and the rest is read.
        let (file, _) = nix::read(&module, SourceId(0));
        let field = FieldPath::of("networking.nftables.tables.tailwright.content");
        let options = file.foreign.unwrap();
        let content = options.at(&field).and_then(|content| content.as_str()).unwrap();
        let ruleset = ruleset(&profile);
        assert_eq!(content, ruleset.content(), "{module}");
        let read = Ruleset::read_content("tailwright", content).unwrap();
        let (compiled, read) = (ruleset.exposure(), read.exposure());
        let same = Difference::between(Filter::Zones(&compiled), Filter::Zones(&read));
        assert!(same.is_empty(), "{same:#?}\n{profile}");
    }
}
