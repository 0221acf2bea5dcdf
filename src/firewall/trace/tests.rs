use super::*;
use crate::firewall::ruleset::{
    Action, Base, Chain, ChainPolicy, ConntrackState, Hook, Lookup, LookupMap, Match, Name, PacketType, Priority,
    Protocol, Rule, Selector, Table, Value, Verdict,
};
use crate::net::Transport;
use crate::profile;

/// The ruleset of a host whose profile holds these options of `network`, in Nix notation.
fn ruleset(network: &str) -> Ruleset {
    let text = format!(
        "{{ host.name = \"a\"; host.interfaces.eth0 = {{ role = \"lan\"; prefixes = [ \"192.168.15.10/24\" ]; }}; network = {{ {network} }}; }}"
    );
    let profile = profile::load("host.nix", text.as_bytes(), None, &mut |_| {
        Err("no other file".to_owned())
    });
    let found = format!("{:?}", profile.findings);
    let fleet = profile.fleet.unwrap_or_else(|| panic!("{found}"));
    crate::firewall::compile(fleet.hosts.values().next().unwrap()).unwrap_or_else(|| panic!("{found}"))
}

/// A new connection to the host.
fn to_host(input: &str, source: &str, payload: Payload) -> Packet {
    Packet {
        way: Way::ToHost {
            input: input.parse().unwrap(),
        },
        ends: Ends::new(source.parse().ok(), None).unwrap(),
        payload,
        state: payload.unbidden(),
        link: PacketType::Host,
        mark: 0,
    }
}

/// A new connection through the host.
fn through(from: (&str, &str), to: (&str, &str), payload: Payload) -> Packet {
    let way = Way::Through {
        input: from.0.parse().unwrap(),
        output: to.0.parse().unwrap(),
    };
    let ends = Ends::new(from.1.parse().ok(), to.1.parse().ok()).unwrap();
    Packet {
        way,
        ends,
        ..to_host("lo", from.1, payload)
    }
}

fn tcp(destination: u16) -> Payload {
    Payload::Ports {
        transport: Transport::Tcp,
        source: Some(51_966),
        destination: Some(destination),
    }
}

fn udp(source: Option<u16>, destination: u16) -> Payload {
    Payload::Ports {
        transport: Transport::Udp,
        source,
        destination: Some(destination),
    }
}

/// A line for every step, and the outcome.
fn path(ruleset: &Ruleset, packet: &Packet) -> Vec<String> {
    let trace = ruleset.trace(packet, &Circumstances::default()).unwrap();
    let steps = trace.steps.iter().map(|step| match step {
        Step::Hook(chain, base) => format!("{}: {}", base.hook.name(), chain.name),
        Step::Rule {
            chain,
            number,
            rule,
            found,
        } => {
            let found = match found {
                Some(Found::Element(element)) => format!(": {} : {}", element.key(), element.verdict),
                Some(Found::Nothing) => ": nothing".to_owned(),
                None => String::new(),
            };
            format!("{} {number}: {}{found}", chain.name, rule.statement())
        }
        Step::Policy(chain, base) => format!("{}: policy {}", chain.name, base.policy.name()),
    });
    steps.chain([trace.outcome.to_string()]).collect()
}

/// What is answerable, from the deciding evidence backwards.
fn reasons(ruleset: &Ruleset, packet: &Packet) -> Vec<String> {
    let trace = ruleset.trace(packet, &Circumstances::default()).unwrap();
    let comments = trace.reasons().rev().filter_map(Evidence::comment);
    comments.map(|comment| comment.to_string()).collect()
}

fn outcome(ruleset: &Ruleset, packet: &Packet) -> Outcome {
    ruleset.trace(packet, &Circumstances::default()).unwrap().outcome
}

const ZONES: &str = "vpn.tailscale.enable = true;
    security.firewall-zones = { enable = true; defaultPolicy = \"reject\"; enableLogging = true;
      zones.dmz = { enable = true; interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 80 \"8000-8100\" ]; };
      zones.admin = { enable = true; interfaces = [ \"tailscale0\" ]; allowedIPs = [ \"100.64.0.7\" \"fd7a:115c:a1e0::/64\" ]; allowAllServices = true; };
      zones.internal = { enable = true; interfaces = [ \"tailscale0\" ]; allowedServices = [ \"ssh\" ]; };
      zones.bridges = { enable = true; interfaces = [ \"br-*\" ]; allowedTCPPorts = [ 53 ]; };
      zones.one = { enable = true; interfaces = [ \"br-1*\" ]; allowedTCPPorts = [ 54 ]; }; };";

#[test]
fn the_path_has_every_chain_rule_and_element_with_its_place() {
    let ruleset = ruleset(ZONES);
    let packet = to_host("tailscale0", "100.64.0.2", tcp(22));
    let lines = path(&ruleset, &packet);
    assert_eq!(
        lines[..4],
        [
            "prerouting: prerouting",
            "prerouting 1: ip saddr 100.64.0.0/10 jump spoofed",
            "spoofed 1: iifname \"tailscale0\" accept",
            "input: input",
        ]
    );
    let asked = lines.iter().position(|line| line.contains(" iifname vmap ")).unwrap();
    assert!(lines[asked].ends_with(": iifname vmap @zones: \"tailscale0\" : jump zones.tailscale0"));
    assert_eq!(
        lines[asked + 1..],
        [
            "zones.tailscale0 1: ip saddr vmap @zones.tailscale0/v4: nothing",
            "zones.tailscale0 3: goto zone.internal",
            "zone.internal 1: th dport . meta l4proto vmap @zone.internal: 22 . tcp : accept",
            "accepted",
        ]
    );
    assert_eq!(
        reasons(&ruleset, &packet),
        ["ssh: zones.internal.allowedServices[0]", "zones.internal.interfaces[0]"]
    );
    // A rule that only logs is met and decides nothing.
    let packet = to_host("eth0", "192.168.15.77", tcp(22));
    let lines = path(&ruleset, &packet);
    assert!(
        lines.iter().any(|line| line.contains("log prefix \"tailwright: \"")),
        "{lines:#?}"
    );
    assert_eq!(lines.last().unwrap(), "rejected in input with a TCP reset");
    assert_eq!(
        reasons(&ruleset, &packet),
        ["default policy: defaultPolicy", "zones.dmz.interfaces[0]"]
    );
}

#[test]
fn the_most_exact_interface_and_the_longest_prefix_have_the_packet() {
    let ruleset = ruleset(ZONES);
    let accepted = |input, source, port| outcome(&ruleset, &to_host(input, source, tcp(port))) == Outcome::Accepted;
    assert!(accepted("tailscale0", "100.64.0.7", 4711) && !accepted("tailscale0", "100.64.0.8", 4711));
    assert!(accepted("tailscale0", "fd7a:115c:a1e0::ffff", 4711));
    assert!(!accepted("tailscale0", "fd7a:115c:a1e0:1::", 4711));
    assert!(accepted("br-lan", "10.0.0.1", 53) && !accepted("br-lan", "10.0.0.1", 54));
    assert!(accepted("br-1a", "10.0.0.1", 54) && !accepted("br-1a", "10.0.0.1", 53));
    assert!(accepted("eth0", "192.168.15.7", 8100) && !accepted("eth0", "192.168.15.7", 8101));
    assert!(!accepted("eth1", "192.168.15.7", 80), "in no zone");
    assert!(accepted("lo", "127.0.0.1", 1), "the host itself");
}

#[test]
fn a_rejection_tells_by_protocol_and_family() {
    let ruleset = ruleset(ZONES);
    let at = |source, payload| outcome(&ruleset, &to_host("eth0", source, payload));
    let rejected = |answer| Outcome::Rejected(Hook::Input, answer);
    assert_eq!(at("192.168.15.7", tcp(1)), rejected(Answer::TcpReset));
    assert_eq!(at("192.168.15.7", udp(Some(1), 1)), rejected(Answer::IcmpProhibited));
    assert_eq!(at("2606:4700::1", udp(Some(1), 1)), rejected(Answer::Icmpv6Prohibited));
    assert_eq!(
        at("2606:4700::1", Payload::Other(47)),
        rejected(Answer::Icmpv6Prohibited)
    );
    assert_eq!(at("100.64.0.7", tcp(80)), Outcome::Dropped(Hook::Prerouting), "spoofed");
}

#[test]
fn the_state_decides_before_the_zones() {
    let ruleset = ruleset(ZONES);
    let in_state = |state, payload| {
        let packet = Packet {
            state,
            ..to_host("eth0", "192.168.15.7", payload)
        };
        outcome(&ruleset, &packet)
    };
    for state in [ConntrackState::Established, ConntrackState::Related] {
        assert_eq!(in_state(state, tcp(1)), Outcome::Accepted);
    }
    assert_eq!(
        in_state(ConntrackState::Invalid, tcp(80)),
        Outcome::Dropped(Hook::Input)
    );
    assert_eq!(in_state(ConntrackState::Untracked, tcp(80)), Outcome::Accepted);
    // Errors about connections that are forgotten carry path MTUs.
    assert_eq!(in_state(ConntrackState::Invalid, Payload::Icmp(3)), Outcome::Accepted);
}

#[test]
fn icmp_is_told_by_type_and_belongs_to_its_family() {
    let ruleset = ruleset(ZONES);
    let at = |source, payload| outcome(&ruleset, &to_host("eth0", source, payload)) == Outcome::Accepted;
    assert!(at("192.168.15.7", Payload::Icmp(8)) && at("2606:4700::1", Payload::Icmpv6(128)));
    assert!(at("fe80::2", Payload::Icmpv6(135)), "neighbours are found");
    assert!(
        !at("192.168.15.7", Payload::Icmp(5)) && !at("2606:4700::1", Payload::Icmpv6(137)),
        "redirects"
    );
    assert!(!at("2606:4700::1", Payload::Icmp(8)) && !at("192.168.15.7", Payload::Icmpv6(128)));
}

#[test]
fn what_is_not_known_is_assumed_and_said() {
    let ruleset = ruleset(ZONES);
    let said = |packet: &Packet, circumstances: &Circumstances| -> Vec<String> {
        let trace = ruleset.trace(packet, circumstances).unwrap();
        trace.assumed.iter().map(ToString::to_string).collect()
    };
    let packet = to_host("eth0", "192.168.15.77", tcp(80));
    assert_eq!(
        said(&packet, &Circumstances::default()),
        [
            "the host's way back to the source is the interface that the packet came in by",
            "the source is under its limit of 50/second burst 100 packets (new connections of one source)",
        ]
    );
    let known = Circumstances {
        way_back: Some(WayBack::SameInterface),
        limits: Limits::UsedUpIn([].into()),
    };
    assert_eq!(said(&packet, &known), [""; 0]);
    // Ports and addresses that nobody said.
    let packet = to_host("eth0", "192.168.15.77", udp(None, 68));
    let assumed = said(&packet, &known);
    assert_eq!(assumed[0], "th sport is not 67");
    let packet = to_host("eth0", "fe80::2", udp(Some(1), 546));
    assert_eq!(said(&packet, &known)[0], "ip6 daddr is not fe80::/10");
    // Where another condition decides, nothing is assumed.
    let packet = to_host("eth0", "192.168.15.77", udp(None, 4711));
    assert!(!said(&packet, &known).iter().any(|said| said.contains("sport")));
    // What the rest of the packet rules out needs no assumption.
    let packet = to_host("eth0", "192.168.15.77", Payload::Other(47));
    assert_eq!(
        said(&packet, &known),
        ["all sources together are within 5/second burst 20 packets (log)"]
    );
}

#[test]
fn circumstances_decide() {
    let ruleset = ruleset(ZONES);
    let packet = to_host("eth0", "192.168.15.77", tcp(80));
    let outcome = |way_back, limits| {
        let circumstances = Circumstances {
            way_back: Some(way_back),
            limits,
        };
        ruleset.trace(&packet, &circumstances).unwrap().outcome
    };
    let none = || Limits::UsedUpIn([].into());
    assert_eq!(outcome(WayBack::SameInterface, none()), Outcome::Accepted);
    assert_eq!(
        outcome(WayBack::OtherInterface, none()),
        Outcome::Dropped(Hook::Prerouting)
    );
    assert_eq!(outcome(WayBack::Nowhere, none()), Outcome::Dropped(Hook::Prerouting));
    assert_eq!(
        outcome(WayBack::SameInterface, Limits::UsedUp),
        Outcome::Dropped(Hook::Input)
    );
    let circumstances = Circumstances {
        way_back: Some(WayBack::SameInterface),
        limits: none(),
    };
    let metered = ruleset.trace(&packet, &circumstances).unwrap().metered;
    let sets: Vec<_> = metered.iter().map(|meter| meter.set.to_string()).collect();
    assert_eq!(sets, ["new_v4"], "one family, and no ping");
    let other = Limits::UsedUpIn([Name::word("new_v6")].into());
    assert_eq!(outcome(WayBack::SameInterface, other), Outcome::Accepted);
    assert!(WayBack::OtherInterface.is_missing(crate::firewall::ruleset::ReversePath::Strict));
    assert!(!WayBack::OtherInterface.is_missing(crate::firewall::ruleset::ReversePath::Loose));
}

#[test]
fn what_passes_through_goes_by_the_forward_hook() {
    let ruleset = ruleset(
        "vpn.tailscale = { enable = true; enableSubnetRouter = true; advertiseRoutes = [ \"192.168.15.0/24\" ]; };
         security.firewall-zones = { enable = true; zones.internal = { enable = true; interfaces = [ \"tailscale0\" ]; }; };",
    );
    let peer = ("tailscale0", "100.64.0.2");
    let packet = through(peer, ("eth0", "192.168.15.77"), tcp(80));
    assert_eq!(outcome(&ruleset, &packet), Outcome::Accepted);
    assert!(
        reasons(&ruleset, &packet)[0].contains("network.vpn.tailscale.advertiseRoutes[0]"),
        "{:?}",
        reasons(&ruleset, &packet)
    );
    let elsewhere = through(peer, ("eth0", "192.168.16.77"), tcp(80));
    assert_eq!(outcome(&ruleset, &elsewhere), Outcome::Dropped(Hook::Forward));
    assert!(!path(&ruleset, &packet).iter().any(|line| line.starts_with("input")));
    // What the host itself sends passes no chain of this table.
    let own = Packet {
        way: Way::FromHost {
            output: "eth0".parse().unwrap(),
        },
        ..packet
    };
    assert_eq!(path(&ruleset, &own), ["accepted"]);
}

#[test]
fn tailscaled_sends_by_its_mark_where_others_may_not() {
    let ruleset = ruleset(
        "vpn.tailscale.enable = true; security.firewall-zones = { enable = true;
           zones.internet = { interfaces = [ \"eth0\" ]; allowedEgressTCPPorts = [ 443 ]; }; };",
    );
    let sent = |mark| Packet {
        way: Way::FromHost {
            output: "eth0".parse().unwrap(),
        },
        mark,
        ..to_host("eth0", "9.9.9.9", tcp(80))
    };
    for (mark, expected) in [
        (0, Outcome::Dropped(Hook::Output)),
        (0x0004_0000, Outcome::Dropped(Hook::Output)),
        (0x0008_0000, Outcome::Accepted),
        (0x0108_0001, Outcome::Accepted),
    ] {
        assert_eq!(outcome(&ruleset, &sent(mark)), expected, "{mark:#x}");
    }
}

/// A table with one base chain `input`, whose rules these are, and other chains.
fn table(rules: Vec<Rule>, others: Vec<(&'static str, Vec<Rule>)>) -> Ruleset {
    let mut table = Table::new(Name::word("t"));
    let base = Base {
        hook: Hook::Input,
        priority: Priority::Filter,
        policy: ChainPolicy::Drop,
    };
    table.chains.push(Chain {
        base: Some(base),
        ..Chain::new(Name::word("input"), rules)
    });
    let others = others
        .into_iter()
        .map(|(name, rules)| Chain::new(Name::word(name), rules));
    table.chains.extend(others);
    Ruleset { table }
}

fn rule(action: impl Into<Action>) -> Rule {
    Rule::new(action, Evidence::default())
}

fn jump(chain: &'static str) -> Rule {
    rule(Verdict::Jump(Name::word(chain)))
}

fn goto(chain: &'static str) -> Rule {
    rule(Verdict::Goto(Name::word(chain)))
}

#[test]
fn a_jump_comes_back_and_a_goto_does_not() {
    let because = |note| Rule::new(Verdict::Accept, Evidence::note(note));
    let packet = to_host("eth0", "10.0.0.1", tcp(1));
    // b comes back to the chain that jumped to a: the rest of a is not asked.
    let there = table(
        vec![jump("a"), because("after the jump")],
        vec![("a", vec![goto("b"), because("after the goto")]), ("b", vec![])],
    );
    assert_eq!(reasons(&there, &packet), ["after the jump"]);
    // A return is the end of its chain; one in a base chain leaves the packet to the policy.
    let back = table(
        vec![jump("a"), rule(Verdict::Return), because("never")],
        vec![("a", vec![rule(Verdict::Return), because("never")])],
    );
    assert_eq!(outcome(&back, &packet), Outcome::Dropped(Hook::Input));
    assert_eq!(path(&back, &packet)[4], "input: policy drop");
    // Only what led to the decision is answerable, not what came back.
    let led = |note, rule: Rule| Rule {
        evidence: Evidence::note(note),
        ..rule
    };
    let detour = table(
        vec![led("detour", jump("a")), led("way", goto("c"))],
        vec![
            ("a", vec![led("deeper", goto("b"))]),
            ("b", vec![]),
            ("c", vec![because("end")]),
        ],
    );
    assert_eq!(reasons(&detour, &packet), ["end", "way"]);
}

#[test]
fn a_condition_on_what_is_not_there_is_met_by_no_means() {
    let six: crate::net::Prefix = "fd00::/8".parse().unwrap();
    let six = || Value::Addresses(six.into());
    let name = || Value::Interface("eth0".parse().unwrap());
    let port = || Value::Ports(crate::net::Port::constant(80).into());
    let four = to_host("eth0", "10.0.0.1", tcp(80));
    let met = |condition: Match, packet: &Packet| {
        let table = table(vec![rule(Verdict::Accept).when(condition)], vec![]);
        outcome(&table, packet) == Outcome::Accepted
    };
    assert!(!met(Match::Is(Selector::SourceV6, six()), &four));
    assert!(!met(Match::IsNot(Selector::SourceV6, six()), &four));
    let fragment = to_host("eth0", "10.0.0.1", Payload::Fragment(6));
    assert!(!met(Match::Is(Selector::DestinationPort, port()), &fragment));
    assert!(!met(Match::IsNot(Selector::DestinationPort, port()), &fragment));
    assert!(met(
        Match::Is(Selector::Protocol, Value::Protocol(Protocol::Tcp)),
        &fragment
    ));
    // The interface that is not there has an empty name.
    assert!(!met(Match::Is(Selector::OutputInterface, name()), &four));
    assert!(met(Match::IsNot(Selector::OutputInterface, name()), &four));
}

#[test]
fn a_ruleset_that_the_kernel_refuses_has_no_answer() {
    let packet = to_host("eth0", "10.0.0.1", tcp(80));
    let fault = |ruleset: &Ruleset| ruleset.trace(&packet, &Circumstances::default()).unwrap_err();
    for circle in [jump, goto] {
        let circle = table(
            vec![jump("a")],
            vec![("a", vec![circle("b")]), ("b", vec![circle("a")])],
        );
        assert!(matches!(fault(&circle), Fault::TooDeep(_)));
    }
    assert_eq!(
        fault(&table(vec![goto("nowhere")], vec![])),
        Fault::NoChain(Name::word("nowhere"))
    );
    let lookup = Lookup {
        key: vec![Selector::Protocol],
        map: LookupMap::Named(Name::word("m")),
    };
    let asks = table(vec![rule(Action::Lookup(lookup))], vec![]);
    assert_eq!(fault(&asks), Fault::NoMap(Name::word("m")));
    let set = Match::InSet(Selector::SourceV4, Name::word("s"));
    let asks = table(vec![rule(Verdict::Drop).when(set)], vec![]);
    assert_eq!(fault(&asks), Fault::NoSet(Name::word("s")));
    let odd = Match::Is(Selector::Protocol, Value::Interface("eth0".parse().unwrap()));
    let odd = table(vec![rule(Verdict::Drop).when(odd)], vec![]);
    assert_eq!(fault(&odd), Fault::OtherKind(Selector::Protocol));
}
