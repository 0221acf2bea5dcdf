//! How far away the relays are, and what they see of this machine.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Plan;
use crate::host::monitor::probes::random;
use crate::host::tailnet::pong::micros;
use crate::localapi::data::{DerpMap, DerpNode};
use crate::monitor::probe::stun::{self, Transaction};

/// So many relays are asked, however many there are.
const MOST: usize = 64;
/// So many questions each.
const ROUNDS: u32 = 4;
/// Between two rounds.
const PAUSE: Duration = Duration::from_millis(150);

/// What the relays said.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RelayAnswers {
    /// By region.
    pub(crate) regions: Vec<RegionAnswers>,
    /// The addresses that this process asked from, as far as it knows.
    pub(crate) own: Vec<SocketAddr>,
    /// What each relay saw this process ask from, by its address.
    pub(crate) mapped: BTreeMap<SocketAddr, SocketAddr>,
}

/// What a region said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RegionAnswers {
    /// Its code.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: String,
    /// Round trips in microseconds, in the order in which they were asked; nothing where no answer came.
    pub(crate) round_trips: Vec<Option<u64>>,
}

/// A relay that is asked.
struct Asked {
    region: usize,
    address: SocketAddr,
    /// When each question went, and the answer to it.
    rounds: Vec<(Instant, Option<u64>)>,
}

/// Asks the first relay of each region over UDP.
pub(crate) async fn measure(map: DerpMap, plan: Plan) -> RelayAnswers {
    let mut answers = RelayAnswers::default();
    let mut asked = Vec::new();
    let measurable = map.regions.values().filter(|region| !region.no_measure_no_home);
    for region in measurable.take(MOST) {
        let number = answers.regions.len();
        answers.regions.push(RegionAnswers {
            code: region.region_code.clone(),
            name: region.region_name.clone(),
            round_trips: Vec::new(),
        });
        for node in &region.nodes {
            if let Some(address) = address(node, plan.timeout).await {
                asked.push(Asked {
                    region: number,
                    address,
                    rounds: Vec::new(),
                });
                break;
            }
        }
    }
    for is_v4 in [true, false] {
        let mut of_family: Vec<&mut Asked> = asked.iter_mut().filter(|one| one.address.is_ipv4() == is_v4).collect();
        if !of_family.is_empty()
            && let Ok((own, mapped)) = ask(&mut of_family, is_v4, plan.timeout).await
        {
            answers.own.extend(own);
            answers.mapped.extend(mapped);
        }
    }
    for one in asked {
        if let Some(region) = answers.regions.get_mut(one.region) {
            region.round_trips = one.rounds.into_iter().map(|(_, round_trip)| round_trip).collect();
        }
    }
    answers
}

/// Where a relay answers STUN: the address in the map, or the one that DNS has.
async fn address(node: &DerpNode, patience: Duration) -> Option<SocketAddr> {
    let port = node.stun()?;
    let by = |is_ipv4| Some(SocketAddr::new(node.address(is_ipv4)?, port));
    // A host without IPv4 asks by IPv6.
    let reached = [true, false].into_iter().filter_map(by).find(|to| local(*to).is_some());
    if let Some(address) = reached.or_else(|| by(true)) {
        return Some(address);
    }
    if node.ipv4 == "none" || node.host_name.is_empty() {
        return None;
    }
    let found = timeout_at(Instant::now() + patience, lookup_host((node.host_name.as_str(), port)));
    found.await.ok()?.ok()?.find(SocketAddr::is_ipv4)
}

/// Asks all of them in rounds, and waits for the last one to be answered. Says from where, and what each saw.
async fn ask(
    asked: &mut [&mut Asked],
    is_v4: bool,
    patience: Duration,
) -> io::Result<(Option<SocketAddr>, BTreeMap<SocketAddr, SocketAddr>)> {
    let any: SocketAddr = if is_v4 {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let socket = UdpSocket::bind(any).await?;
    let secret = random().to_be_bytes();
    let mut mapped = BTreeMap::new();
    let started = Instant::now();
    for round in 0..ROUNDS {
        for (number, one) in asked.iter_mut().enumerate() {
            let packet = stun::request(transaction(secret, number, round));
            one.rounds.push((Instant::now(), None));
            // A network that cannot be reached is an answer that does not come.
            let _ = socket.send_to(&packet, one.address).await;
        }
        let is_last = round + 1 == ROUNDS;
        let until = if is_last {
            Instant::now() + patience
        } else {
            started + PAUSE * (round + 1)
        };
        receive(&socket, secret, asked, until, is_last, &mut mapped).await;
        sleep_until(if is_last { Instant::now() } else { until }).await;
    }
    let own = socket
        .local_addr()
        .ok()
        .and_then(|local| own_address(asked, local.port()));
    Ok((own, mapped))
}

/// Takes answers until then, or, in the last round, until there is nothing to wait for.
async fn receive(
    socket: &UdpSocket,
    secret: Secret,
    asked: &mut [&mut Asked],
    until: Instant,
    is_last: bool,
    mapped: &mut BTreeMap<SocketAddr, SocketAddr>,
) {
    let mut packet = [0; 1_500];
    loop {
        let mut rounds = asked.iter().flat_map(|one| &one.rounds);
        if is_last && rounds.all(|(_, answer)| answer.is_some()) {
            return;
        }
        let Ok(received) = timeout_at(until, socket.recv_from(&mut packet)).await else {
            return;
        };
        // An ICMP error of a packet that was sent before.
        let Ok((length, from)) = received else { continue };
        let Some((transaction, seen)) = packet.get(..length).and_then(stun::answer) else {
            continue;
        };
        let Some((number, round)) = question(secret, transaction) else {
            continue;
        };
        let Some(one) = asked.get_mut(number).filter(|one| one.address == from) else {
            continue;
        };
        if let Some((sent, answer)) = one.rounds.get_mut(round) {
            answer.get_or_insert(micros(sent.elapsed()));
            mapped.insert(from, seen);
        }
    }
}

/// The address of this machine that packets to the first relay go from.
fn own_address(asked: &[&mut Asked], port: u16) -> Option<SocketAddr> {
    Some(SocketAddr::new(local(asked.first()?.address)?, port))
}

/// The address of this machine that packets to another go from; nothing where there is no way to it. Nothing is sent.
fn local(to: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if to.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let probe = std::net::UdpSocket::bind(any).ok()?;
    probe.connect(to).ok()?;
    Some(probe.local_addr().ok()?.ip())
}

/// What this process writes into its questions, so that nobody who does not see them can answer (RFC 8489 section 5): random.
type Secret = [u8; 8];

/// Ties an answer to its question.
fn transaction(secret: Secret, number: usize, round: u32) -> Transaction {
    let mut transaction = Transaction::default();
    let [.., high, low] = number.to_be_bytes();
    let [.., round] = round.to_be_bytes();
    let bytes = secret.into_iter().chain([high, low, round]);
    for (place, byte) in transaction.iter_mut().zip(bytes) {
        *place = byte;
    }
    transaction
}

fn question(secret: Secret, transaction: Transaction) -> Option<(usize, usize)> {
    let (start, [high, low, round, _]) = transaction.split_first_chunk::<8>().and_then(|(start, rest)| {
        let rest: [u8; 4] = rest.try_into().ok()?;
        Some((*start, rest))
    })?;
    (start == secret).then(|| (usize::from(u16::from_be_bytes([high, low])), usize::from(round)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_belongs_to_a_question_of_this_process() {
        let secret = *b"8 octets";
        let asked = transaction(secret, 300, 3);
        assert_eq!(question(secret, asked), Some((300, 3)));
        assert_eq!(question(*b"9 octets", asked), None);
        assert_eq!(question(secret, Transaction::default()), None);
    }
}
