//! What the measurements say.

use std::num::NonZeroUsize;

use super::nat::{Nat, nat};
use super::pings::PeerPings;
use super::relays::{RegionAnswers, RelayAnswers};
use super::seen::{Figures, PeerQuality, QualitySeen, RelayQuality, Way};
use crate::host::firewall::moment::WallTime;
use crate::host::show::{Reason, State, sort, worst};
use crate::host::tailnet::nodes::ping;
use crate::host::tailnet::unasked::unasked;
use crate::localapi::Error;
use crate::localapi::data::BackendState;
use crate::monitor::probe::{Limits, PathClass, Statistics, Window};
use crate::monitor::{Fault, Verdict};

/// All that was measured.
#[derive(Debug)]
pub(super) struct Measured {
    /// Why nothing could be measured, or not all.
    pub(super) trouble: Option<Reason>,
    /// Whether what this process sends goes out through an exit node.
    pub(super) uses_exit_node: bool,
    /// The code of the home region of this node.
    pub(super) home_region: String,
    /// What was named and cannot be measured.
    pub(super) unknown: Vec<String>,
    /// How many more peers there are.
    pub(super) left_out: usize,
    /// The peers.
    pub(super) peers: Vec<PeerPings>,
    /// The relays, where they were wanted.
    pub(super) relays: Option<RelayAnswers>,
}

impl Measured {
    /// Nothing, because of this.
    pub(super) fn nothing(trouble: Reason) -> Self {
        Self {
            trouble: Some(trouble),
            uses_exit_node: false,
            home_region: String::new(),
            unknown: Vec::new(),
            left_out: 0,
            peers: Vec::new(),
            relays: None,
        }
    }

    /// tailscaled could not be asked.
    #[allow(clippy::needless_pass_by_value, reason = "an error ends here")]
    pub(super) fn unasked(error: Error) -> Self {
        Self::nothing(unasked(&error))
    }

    /// tailscaled is not connected.
    #[allow(clippy::needless_pass_by_value, reason = "a state ends here")]
    pub(super) fn not_running(state: BackendState) -> Self {
        let text = format!("this node is not connected ({state})");
        Self::nothing(Reason::new(State::Down, text).command("tsctl status"))
    }
}

/// What the measurements say, held against the limits.
pub(super) fn judge(measured: Measured, limits: &Limits, now: WallTime) -> QualitySeen {
    let mut reasons: Vec<Reason> = measured.trouble.into_iter().collect();
    reasons.extend(
        measured
            .unknown
            .into_iter()
            .map(|why| Reason::new(State::CannotTell, why).command("tailscale status")),
    );
    if reasons.is_empty() && measured.peers.is_empty() && measured.relays.is_none() {
        let text = "no peer is online, and nothing else was to be measured";
        reasons.push(Reason::new(State::CannotTell, text).command("tsctl status"));
    }
    let (peers, troubles): (Vec<PeerQuality>, Vec<Option<String>>) =
        measured.peers.into_iter().map(|pings| peer(pings, limits)).unzip();
    let all_dead = !peers.is_empty() && peers.iter().all(|peer| peer.state == State::Down);
    for (peer, trouble) in peers.iter().zip(troubles) {
        let Some(trouble) = trouble else { continue };
        // One peer that is away is not the network; the exit node is.
        let state = if all_dead || peer.exit_node {
            peer.state
        } else {
            peer.state.min(State::Degraded)
        };
        let command = ping(&peer.name, peer.address.parse().ok());
        reasons.push(Reason::new(state, trouble).command(command));
    }
    let nat_seen = measured.relays.as_ref().map(nat);
    if nat_seen == Some(Nat::UdpBlocked) {
        let text = "no relay answered over UDP: direct paths cannot be found";
        reasons.push(Reason::new(State::Degraded, text).command("tailscale netcheck"));
    }
    if measured.uses_exit_node && measured.relays.is_some() {
        reasons.push(Reason::new(
            State::Good,
            "the relays were asked through the exit node: what they see is its address",
        ));
    }
    if measured.left_out > 0 {
        let text = format!("{} more peers are online; name those to measure", measured.left_out);
        reasons.push(Reason::new(State::Good, text));
    }
    let public_address = measured
        .relays
        .as_ref()
        .and_then(|relays| relays.mapped.values().next())
        .map(|seen| seen.ip().to_string());
    let mut relays: Vec<RelayQuality> = measured
        .relays
        .into_iter()
        .flat_map(|relays| relays.regions)
        .map(|region| relay(region, &measured.home_region))
        .collect();
    relays.sort_by(|a, b| {
        let key = |relay: &RelayQuality| relay.figures.p50_millis.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then_with(|| a.code.cmp(&b.code))
    });
    sort(&mut reasons);
    QualitySeen {
        taken: now.to_string(),
        state: worst(&reasons),
        reasons,
        nat: nat_seen,
        public_address,
        peers,
        relays,
    }
}

/// How good the way to a peer is, and what is wrong with it.
fn peer(pings: PeerPings, limits: &Limits) -> (PeerQuality, Option<String>) {
    let name = pings.target.name;
    let (figures, verdict) = figures(&pings.round_trips, limits);
    let (state, trouble) = match verdict {
        _ if pings.refused.is_some() => {
            let why = pings.refused.unwrap_or_default();
            (State::Down, Some(format!("{name} cannot be pinged: {why}")))
        }
        Verdict::Down(_) => (
            State::Down,
            Some(format!(
                "{name} does not answer: {} of {} pings were lost",
                figures.lost, figures.sent
            )),
        ),
        _ if !pings.tunnel => (
            State::Down,
            Some(format!("{name} answers, and nothing comes through the tunnel to it")),
        ),
        Verdict::Degraded(fault) => (State::Degraded, Some(format!("{name}: {}", words(&fault)))),
        Verdict::Good => (State::Good, None),
        Verdict::Unknown => (State::CannotTell, Some(format!("{name} was not measured"))),
    };
    let way = pings.path.map(|path| match path {
        PathClass::Direct => Way::Direct,
        PathClass::PeerRelay => Way::PeerRelay,
        PathClass::Derp(_) => Way::Derp,
    });
    let quality = PeerQuality {
        name,
        address: pings.target.address.to_string(),
        exit_node: pings.target.is_exit_node,
        state,
        path: way,
        via: pings.via,
        tunnel: pings.tunnel,
        figures,
    };
    (quality, trouble)
}

fn words(fault: &Fault) -> String {
    match fault {
        Fault::Loss { percent, limit } => format!("{percent} % of the pings were lost, more than {limit} %"),
        Fault::Latency { millis, limit } => format!("{millis} ms in the median, more than {limit} ms"),
        other => other.to_string(),
    }
}

fn relay(region: RegionAnswers, home: &str) -> RelayQuality {
    // Relays are not held against limits: the map has those of the whole world.
    let statistics = window(&region.round_trips).statistics();
    RelayQuality {
        home: region.code == home,
        code: region.code,
        name: region.name,
        figures: as_figures(&statistics, &region.round_trips),
    }
}

fn window(round_trips: &[Option<u64>]) -> Window {
    let mut window = Window::new(NonZeroUsize::new(round_trips.len()).unwrap_or(NonZeroUsize::MIN));
    window.add(round_trips.iter().copied());
    window
}

fn figures(round_trips: &[Option<u64>], limits: &Limits) -> (Figures, Verdict) {
    let window = window(round_trips);
    let statistics = window.statistics();
    let verdict = match window.verdict(*limits) {
        // The window judges loss only where one lost ping could be within the limit. Here there is no next check to wait
        // for: two are no accident, however few were sent.
        Verdict::Good
            if statistics.lost >= 2 && statistics.lost * 100 > statistics.sent * u64::from(limits.loss.get()) =>
        {
            let percent = (statistics.lost * 100).div_ceil(statistics.sent.max(1));
            Verdict::Degraded(Fault::Loss {
                percent: u8::try_from(percent).unwrap_or(100),
                limit: limits.loss.get(),
            })
        }
        verdict => verdict,
    };
    (as_figures(&statistics, round_trips), verdict)
}

/// What a series of round trips in microseconds says.
pub(crate) fn figures_of(round_trips: &[Option<u64>]) -> Figures {
    as_figures(&window(round_trips).statistics(), round_trips)
}

fn as_figures(statistics: &Statistics, round_trips: &[Option<u64>]) -> Figures {
    Figures {
        sent: statistics.sent,
        lost: statistics.lost,
        min_millis: statistics.min.map(millis),
        p50_millis: statistics.p50.map(millis),
        p95_millis: statistics.p95.map(millis),
        max_millis: statistics.max.map(millis),
        jitter_millis: statistics.jitter.map(millis),
        history_millis: round_trips.iter().map(|one| one.map(millis)).collect(),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "round trips of 285 years would lose a microsecond"
)]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}
