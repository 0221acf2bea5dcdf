//! The laboratory.

use std::net::{SocketAddrV4, SocketAddrV6};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SendFlags, send, sendto};

use super::super::door::{self, Wanted};
use super::super::netns::Netns;
use super::super::scratch::Scratch;
use super::super::tool;
use super::answer::{Answer, answer};
use super::fate::{Fate, Hook, Observation, RejectKind};
use super::packet::Packet;
use super::probe::{self, Sightings};
use super::topology::{self, CABLES};
use super::wire;

/// Packets between two readings of what the host answered; a TUN device keeps 500.
const STRIDE: usize = 100;
/// How long to wait for a last answer, though all should be there by then.
const PATIENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 5_000_000,
};
/// Longest packet that the host sends here.
const LONGEST: usize = 2048;

/// Descriptors that belong to the host.
struct Door {
    /// One for each interface, in their order.
    interfaces: Vec<OwnedFd>,
    raw4: OwnedFd,
    raw6: OwnedFd,
    netfilter: OwnedFd,
}

impl Door {
    fn open(namespace: &Netns) -> Option<Self> {
        let tuns = CABLES.iter().map(|cable| Wanted::Tun(cable.name.to_owned()));
        let wanted: Vec<Wanted> = tuns.chain([Wanted::Raw4, Wanted::Raw6, Wanted::Netfilter]).collect();
        let mut interfaces = door::open(&[(namespace, &wanted)])?.pop()?;
        let netfilter = interfaces.pop()?;
        let raw6 = interfaces.pop()?;
        let raw4 = interfaces.pop()?;
        Some(Self {
            interfaces,
            raw4,
            raw6,
            netfilter,
        })
    }
}

/// A host with a ruleset, to send packets to.
pub struct Lab {
    namespace: Netns,
    door: Door,
    nft: PathBuf,
    /// Whether the table of the probes is there, with nothing in its sets.
    is_fresh: bool,
    /// How many batches were sent.
    batches: u16,
    /// The number of the next batch's first packet: not that of the last one's, whose pieces the kernel may still keep.
    next: u16,
}

impl Lab {
    /// A host without rules. `None` only where the test may be left out, and noted.
    pub fn new() -> Option<Self> {
        let nft = tool::part("nft")?;
        let namespace = Netns::new()?;
        topology::prepare(&namespace);
        let door = Door::open(&namespace)?;
        let scratch = Scratch::new();
        topology::configure(&namespace, &scratch);
        Some(Self {
            namespace,
            door,
            nft,
            is_fresh: false,
            batches: 0,
            next: *wire::NUMBERS.start(),
        })
    }

    /// Loads a ruleset in place of the former one; what nft said where it refused (then the former is still there).
    pub fn load(&mut self, ruleset: &str) -> Result<(), String> {
        self.namespace
            .load(&format!("flush ruleset\n{}{ruleset}", probe::ruleset()))?;
        self.is_fresh = true;
        Ok(())
    }

    /// What happens to each packet, one after the other, in their order.
    ///
    /// # Panics
    /// As [`observe`](Self::observe).
    pub fn send(&mut self, packets: &[Packet]) -> Vec<Fate> {
        self.observe(packets)
            .into_iter()
            .map(|observation| observation.fate)
            .collect()
    }

    /// The same, with what else was seen. Connections of earlier calls are forgotten; the ruleset keeps what it counts.
    ///
    /// # Panics
    /// Where a packet comes in by an interface that the host does not have, where what must come before it cannot be sent, and
    /// where the kernel does what nobody can explain.
    pub fn observe(&mut self, packets: &[Packet]) -> Vec<Observation> {
        let batches = packets.chunks(wire::NUMBERS.len());
        batches.flat_map(|batch| self.batch(batch)).collect()
    }

    fn batch(&mut self, packets: &[Packet]) -> Vec<Observation> {
        // Each loading costs as much as hundreds of packets.
        if !std::mem::take(&mut self.is_fresh) {
            self.namespace.load(&probe::ruleset()).expect("a legal table");
        }
        self.forget_connections();
        let mut answers = Vec::new();
        let first = self.begin_batch(packets.len());
        let numbered = || (first..=*wire::NUMBERS.end()).zip(packets);
        let send = |(count, (number, packet)): (usize, (u16, &Packet)), answers: &mut Vec<Answer>, opens: bool| {
            if opens {
                if let Some(bytes) = wire::opener(packet, number) {
                    self.send_as_host(&bytes, packet, packet.src);
                }
            } else {
                self.send_in(packet, number);
            }
            if count % STRIDE == 0 {
                self.read_answers(answers);
            }
        };
        for numbered in numbered().enumerate() {
            send(numbered, &mut answers, true);
        }
        self.read_answers(&mut answers);
        // Rules that say what the host may send can refuse what opens a connection, and say so.
        answers.clear();
        for numbered in numbered().enumerate() {
            send(numbered, &mut answers, false);
        }
        self.read_last_answers(&mut answers);
        let sightings = self.sightings();
        let answers = sorted(&answers, first, packets);
        numbered()
            .zip(answers)
            .map(|((number, packet), answer)| observation(&sightings, number, packet, answer))
            .collect()
    }

    /// The number of the first of so many packets.
    fn begin_batch(&mut self, packets: usize) -> u16 {
        let last = usize::from(*wire::NUMBERS.end());
        if usize::from(self.next) + packets > last + 1 {
            self.next = *wire::NUMBERS.start();
        }
        let first = self.next;
        self.next += u16::try_from(packets).expect("as many as there are numbers");
        self.batches = self.batches.wrapping_add(1);
        first
    }

    /// A packet comes in.
    fn send_in(&self, packet: &Packet, number: u16) {
        for bytes in wire::pieces(packet, number, self.batches) {
            if packet.iif.as_str() == "lo" {
                self.send_as_host(&bytes, packet, packet.dst);
                continue;
            }
            let cable = CABLES.iter().position(|cable| cable.name == packet.iif.as_str());
            let cable = cable.unwrap_or_else(|| panic!("no interface {}", packet.iif));
            let written = rustix::io::write(&self.door.interfaces[cable], &bytes);
            assert_eq!(written, Ok(bytes.len()), "{packet:?}");
        }
    }

    /// The host itself sends a packet.
    fn send_as_host(&self, bytes: &[u8], packet: &Packet, to: std::net::IpAddr) {
        let none = SendFlags::empty();
        let sent = match to {
            std::net::IpAddr::V4(to) => sendto(&self.door.raw4, bytes, none, &SocketAddrV4::new(to, 0)),
            std::net::IpAddr::V6(to) => sendto(&self.door.raw6, bytes, none, &SocketAddrV6::new(to, 0, 0, 0)),
        };
        if sent == Err(Errno::PERM) {
            // The rules under test do not let it out, or, behind them, the probe.
            return;
        }
        assert_eq!(sent, Ok(bytes.len()), "the host cannot send to {to}, before {packet:?}");
    }

    /// Reads what left the host so far.
    fn read_answers(&self, answers: &mut Vec<Answer>) {
        let mut bytes = [0; LONGEST];
        for interface in &self.door.interfaces {
            loop {
                match rustix::io::read(interface, &mut bytes[..]) {
                    Ok(length) => answers.extend(answer(&bytes[..length])),
                    Err(Errno::AGAIN) => break,
                    Err(error) => panic!("a TUN device: {error}"),
                }
            }
        }
    }

    fn read_last_answers(&self, answers: &mut Vec<Answer>) {
        loop {
            self.read_answers(answers);
            let interfaces = self.door.interfaces.iter();
            let mut waiting: Vec<PollFd<'_>> = interfaces.map(|one| PollFd::new(one, PollFlags::IN)).collect();
            match poll(&mut waiting, Some(&PATIENCE)) {
                Ok(0) => return,
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => panic!("poll: {error}"),
            }
        }
    }

    fn sightings(&self) -> Sightings {
        let list = ["-j", "list", "table", "inet", probe::TABLE];
        Sightings::read(&self.namespace.must(&self.nft, &list))
    }

    /// Empties the table of connections (`IPCTNL_MSG_CT_DELETE` without a tuple).
    fn forget_connections(&self) {
        /// `NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE`.
        const DELETE: u16 = 1 << 8 | 2;
        /// `NLM_F_REQUEST | NLM_F_ACK`.
        const FLAGS: u16 = 1 | 4;
        let mut message = Vec::new();
        message.extend(20u32.to_ne_bytes());
        message.extend(DELETE.to_ne_bytes());
        message.extend(FLAGS.to_ne_bytes());
        // The sequence number and the port are of no interest; then a header for any family.
        message.extend([0; 12]);
        let socket: &OwnedFd = &self.door.netfilter;
        assert_eq!(send(socket, &message, SendFlags::empty()), Ok(message.len()));
        let mut said = [0; 64];
        let length = rustix::io::read(socket, &mut said[..]).expect("netfilter answers");
        // `NLMSG_ERROR` with 0.
        assert_eq!(said[16..20], [0; 4], "{:?}", &said[..length]);
    }
}

/// The answers, by the packets that they answer.
fn sorted(answers: &[Answer], first: u16, packets: &[Packet]) -> Vec<Option<RejectKind>> {
    let mut sorted = vec![None; packets.len()];
    for answer in answers {
        let index = answer.number.checked_sub(first).map(usize::from);
        let asked = index.and_then(|index| Some((index, packets.get(index)?)));
        let (index, packet) = asked.unwrap_or_else(|| panic!("an answer to nothing: {answer:?}"));
        assert_eq!((answer.src, answer.dst), (packet.src, packet.dst), "{answer:?}");
        let before = sorted[index].replace(answer.kind);
        assert!(
            before.is_none_or(|before| before == answer.kind),
            "{packet:?}: {before:?}, {answer:?}"
        );
    }
    sorted
}

fn observation(seen: &Sightings, number: u16, packet: &Packet, answer: Option<RejectKind>) -> Observation {
    let key = (usize::from(packet.src.is_ipv6()), number);
    let oif = seen.forward.get(&key);
    let refused = |hook| answer.map_or(Fate::Dropped(hook), |kind| Fate::Rejected(hook, kind));
    let own = seen.own.get(&key);
    let fate = if !seen.state.contains_key(&key) {
        Fate::Incomplete
    } else if let Some(oif) = own {
        if seen.sent.contains(&key) {
            Fate::Sent { oif: oif.clone() }
        } else {
            Fate::Dropped(Hook::Output)
        }
    } else if seen.accepted.contains(&key) {
        Fate::Accepted
    } else if let Some(oif) = oif.filter(|_| seen.forwarded.contains(&key)) {
        Fate::Forwarded { oif: oif.clone() }
    } else if seen.input.contains(&key) {
        refused(Hook::Input)
    } else if oif.is_some() {
        refused(Hook::Forward)
    } else if seen.routed.contains(&key) {
        Fate::Unrouted
    } else {
        refused(Hook::Prerouting)
    };
    // The kernel itself says so where it has no way.
    let may_answer = matches!(fate, Fate::Rejected(..) | Fate::Unrouted);
    assert!(
        may_answer || answer.is_none(),
        "{packet:?} is {fate}, and yet answered with {answer:?}"
    );
    Observation {
        fate,
        state: seen.state.get(&key).copied(),
        oif: oif.or(own).cloned(),
        way_back: !seen.no_way_back.contains(&key),
        any_way_back: !seen.no_way_back_at_all.contains(&key),
    }
}
