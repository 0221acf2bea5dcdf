//! The kernel, the evaluator and plain rules about the same packets: random hosts, three answers, no difference.

use std::collections::BTreeMap;
use std::io::{Write, stderr};
use std::time::{Duration, Instant};

use tailwright::firewall;
use tailwright::model::Host;

use super::{asked, differences, observe};
use crate::support::packets::hosts::{self, Limits};
use crate::support::packets::{
    Evaluated, Fate, Hook, Judgement, Lab, Observation, Packet, PacketKind, Packets, RejectKind, State, evaluated,
    linear,
};

/// Hosts of each test in an everyday run.
const HOSTS: u64 = 105;
/// Most differences that are told: one alone is enough to look for.
const TOLD: usize = 5;

/// How often a long run says how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(15);

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    hosts: usize,
    packets: usize,
    fates: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn count(&mut self, seen: &Observation) {
        self.packets += 1;
        let fate = match &seen.fate {
            Fate::Accepted => "accepted",
            Fate::Forwarded { .. } => "forwarded",
            Fate::Sent { .. } => "sent",
            Fate::Dropped(Hook::Output) => "not sent",
            Fate::Dropped(_) => "dropped",
            Fate::Rejected(_, RejectKind::TcpReset) => "reset",
            Fate::Rejected(_, RejectKind::Icmp { .. }) => "told by ICMP",
            Fate::Rejected(_, RejectKind::Icmpv6 { .. }) => "told by ICMPv6",
            Fate::Unrouted => "not routed",
            Fate::Incomplete => "incomplete",
        };
        *self.fates.entry(fate).or_default() += 1;
    }
}

/// Sends so many packets to so many random hosts. `./test` tries the same ones every time; a longer run asks for more of them
/// (`TAILWRIGHT_HOSTS`), for more packets each (`TAILWRIGHT_PACKETS`) and for others (`TAILWRIGHT_SEED`).
fn compare(limits: Limits) -> Option<Tally> {
    let mut lab = Lab::new()?;
    let mut tally = Tally::default();
    let first = asked("TAILWRIGHT_SEED", 1);
    let count = usize::try_from(asked("TAILWRIGHT_PACKETS", 60)).expect("so many packets");
    let end = first + asked("TAILWRIGHT_HOSTS", HOSTS);
    let mut told = Instant::now();
    for seed in first..end {
        // To the terminal itself: the test runner keeps back what a test says until it fails.
        if end - first > HOSTS && told.elapsed() >= TOLD_EVERY {
            let _ = writeln!(
                stderr(),
                "{limits:?} limits: {} of {} hosts, {} packets agree; next TAILWRIGHT_SEED={seed}",
                tally.hosts,
                end - first,
                tally.packets
            );
            told = Instant::now();
        }
        let random = hosts::seeded(seed, limits).next().expect("there is no end of them");
        let packets: Vec<_> = Packets::new(&random.host, seed).take(count).collect();
        let (seen, wrong) = answers(&mut lab, &random.host, &packets);
        assert!(
            wrong.is_empty(),
            "{} differences, {limits:?}, TAILWRIGHT_SEED={seed} TAILWRIGHT_HOSTS=1 TAILWRIGHT_PACKETS={count} shows \
             them again:\n{}\n{}",
            wrong.len(),
            wrong.iter().take(TOLD).cloned().collect::<Vec<_>>().join("\n\n"),
            random.profile,
        );
        for seen in &seen {
            tally.count(seen);
        }
        tally.hosts += 1;
    }
    Some(tally)
}

/// What the kernel did with the packets under compiled rules, and every difference to the two other answers.
fn answers(lab: &mut Lab, host: &Host, packets: &[Packet]) -> (Vec<Observation>, Vec<String>) {
    let ruleset = firewall::compile(host).expect("zones");
    let plain = linear(host).expect("zones");
    let seen = observe(lab, packets, &ruleset.to_string());
    let unlike = observe(lab, packets, &plain);
    let mut evaluated = Evaluated::new(&ruleset);
    let mut wrong = Vec::new();
    for (packet, seen) in packets.iter().zip(&seen) {
        if let Judgement::Differ(said) = evaluated.judge(packet, seen) {
            wrong.push(format!("{packet:?}\nkernel: {seen:?}\nevaluator: {said}"));
        }
    }
    let unlike = differences(packets, &unlike, &seen).into_iter();
    wrong.extend(unlike.map(|said| format!("under plain rules and compiled ones: {said}")));
    (seen, wrong)
}

/// Whether enough was compared for the comparison to mean something: both tests together are 200 rulesets and 10,000
/// packets at the least. A run that was asked to be shorter looks for one thing.
fn is_enough(tally: &Tally) {
    if asked("TAILWRIGHT_HOSTS", HOSTS) < HOSTS {
        return;
    }
    assert!(tally.hosts >= 100 && tally.packets >= 5_000, "{tally:?}");
    for (fate, least) in [
        ("accepted", 500),
        ("forwarded", 100),
        ("dropped", 500),
        ("reset", 100),
        ("told by ICMP", 30),
        ("told by ICMPv6", 30),
        ("sent", 100),
        ("not sent", 30),
    ] {
        assert!(
            tally.fates.get(fate).is_some_and(|count| *count >= least),
            "{fate}: {tally:?}"
        );
    }
}

#[test]
fn kernel_evaluator_and_plain_rules_agree_without_limits() {
    if let Some(tally) = compare(Limits::None) {
        is_enough(&tally);
    }
}

#[test]
fn kernel_evaluator_and_plain_rules_agree_with_limits() {
    if let Some(tally) = compare(Limits::Few) {
        is_enough(&tally);
    }
}

#[test]
fn a_packet_that_belongs_to_nothing_has_the_state_that_is_assumed() {
    let Some(mut lab) = Lab::new() else { return };
    let mut packets = Vec::new();
    for (src, dst) in [("9.9.9.9", "203.0.113.10"), ("2606:4700::1", "2001:db8:113::10")] {
        let kinds = (0..=u8::MAX).map(|kind| {
            if src.contains(':') {
                PacketKind::Icmpv6 { kind, code: 0 }
            } else {
                PacketKind::Icmp { kind, code: 0 }
            }
        });
        let others = [47, 50, 99].map(|protocol| PacketKind::Other { protocol });
        let kinds = kinds.chain(others).chain([PacketKind::tcp(22), PacketKind::udp(53)]);
        packets.extend(kinds.map(|kind| Packet::new("eth0", src, dst, kind)));
    }
    // Multicast routers (RFC 4286) are left alone by newer kernels.
    let is_new = |kind| matches!(kind, PacketKind::Icmpv6 { kind: 151 | 152, .. });
    for (packet, seen) in packets.iter().zip(lab.observe(&packets)) {
        if is_new(packet.kind) && seen.state == Some(State::Invalid) {
            continue;
        }
        let state = seen.state.unwrap_or_else(|| panic!("{packet:?} was not seen"));
        assert_eq!(
            evaluated::payload(packet.kind).unbidden(),
            evaluated::tracked(state),
            "{packet:?}"
        );
    }
}
