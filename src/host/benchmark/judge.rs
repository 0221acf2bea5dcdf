//! What the measurements say.

use super::seen::{Benchmarked, PeerSeen, ServiceSeen};
use crate::host::firewall::moment::WallTime;
use crate::host::show::{Reason, State, sort, worst};
use crate::host::tailnet::when::ago;
use crate::host::tailnet::{Figures, bits, millis_text};

/// So many milliseconds more under load are felt in a conversation.
const BLOAT: f64 = 100.0;
/// What takes more than twice as long as the last time, and so many milliseconds longer, has become slow.
const SLOWER: f64 = 20.0;

/// Judges what was measured; `reasons` are there already.
pub(super) fn judge(
    mut reasons: Vec<Reason>,
    peers: Vec<PeerSeen>,
    services: Vec<ServiceSeen>,
    now: WallTime,
) -> Benchmarked {
    reasons.extend(peers.iter().flat_map(|seen| peer(seen, now)));
    reasons.extend(services.iter().filter_map(|seen| service(seen, now)));
    if reasons.iter().all(|reason| reason.state == State::Good) && peers.is_empty() && services.is_empty() {
        let text = "nothing was measured: no peer is online, and the settings have no service";
        reasons.push(Reason::new(State::CannotTell, text).command("tsctl status"));
    }
    sort(&mut reasons);
    Benchmarked {
        taken: now.to_string(),
        state: worst(&reasons),
        reasons,
        peers,
        services,
    }
}

fn peer(peer: &PeerSeen, today: WallTime) -> Vec<Reason> {
    let name = &peer.name;
    let quality = format!("tsctl quality {name}");
    let answers = peer.idle.as_ref().is_some_and(|idle| idle.lost < idle.sent);
    if !answers && peer.connect_millis.is_none() && peer.download.is_none() {
        return vec![Reason::new(State::Down, format!("{name} does not answer")).command(quality)];
    }
    let mut reasons = Vec::new();
    if peer.download.is_none() || peer.upload.is_none() {
        let nobody = "nobody serves a measurement there";
        let why = peer.unmeasured.as_deref().unwrap_or(nobody);
        let command = if peer.sender.is_none() {
            format!("ssh {name} tsctl benchmark --serve")
        } else {
            quality.clone()
        };
        let text = format!("the throughput of {name} was not measured: {why}");
        reasons.push(Reason::new(State::CannotTell, text).command(command));
    }
    let idle = median(peer.idle.as_ref());
    for (figures, what) in [
        (&peer.during_download, "a download"),
        (&peer.during_upload, "an upload"),
    ] {
        if let (Some(idle), Some(loaded)) = (idle, median(figures.as_ref()))
            && loaded - idle > BLOAT
        {
            let text = format!(
                "{name}: round trips take {loaded:.0} ms instead of {idle:.0} ms during {what}: a queue that is too long \
                 (bufferbloat). Have the profile shape a little below the rate of the line (network.qos)"
            );
            reasons.push(Reason::new(State::Degraded, text).command("tc -s qdisc show"));
        }
    }
    if let Some(last) = &peer.last {
        if let (Some(now), Some(then)) = (idle, last.idle_millis)
            && is_slower(now, then)
        {
            let (now, then) = (millis_text(now), millis_text(then));
            let ago = since(&last.taken, today);
            let text = format!("{name}: round trips take {now} ms instead of the {then} ms of {ago}");
            reasons.push(Reason::new(State::Degraded, text).command(quality.clone()));
        }
        for (now, then, what) in [
            (peer.download, last.download, "download"),
            (peer.upload, last.upload, "upload"),
        ] {
            if let (Some(now), Some(then)) = (now, then)
                && now < then / 2
            {
                let text = format!(
                    "{name}: the {what} has {}, less than half of the {} of {}",
                    bits(now),
                    bits(then),
                    since(&last.taken, today)
                );
                reasons.push(Reason::new(State::Degraded, text).command(quality.clone()));
            }
        }
    }
    reasons
}

fn median(figures: Option<&Figures>) -> Option<f64> {
    figures?.p50_millis
}

/// How long ago that was.
fn since(taken: &str, now: WallTime) -> String {
    let unix = taken.parse::<jiff::Timestamp>().ok();
    match unix.and_then(|taken| u64::try_from(taken.as_second()).ok()) {
        Some(unix) => ago(unix, now.unix()),
        None => taken.to_owned(),
    }
}

fn is_slower(now: f64, then: f64) -> bool {
    now > 2.0 * then && now - then > SLOWER
}

fn service(service: &ServiceSeen, today: WallTime) -> Option<Reason> {
    let name = &service.name;
    let text = match (&service.trouble, service.status, service.answer_millis, &service.last) {
        (Some(why), ..) => format!("the service {name} does not answer at {}: {why}", service.at),
        (None, Some(status @ 500..), ..) => format!("the service {name} answers with status {status}"),
        (None, _, Some(now), Some(last)) if is_slower(now, last.answer_millis) => {
            let (now, then) = (millis_text(now), millis_text(last.answer_millis));
            format!(
                "the service {name} answers after {now} ms instead of the {then} ms of {}",
                since(&last.taken, today)
            )
        }
        _ => return None,
    };
    Some(Reason::new(State::Degraded, text).command(service.command.clone()))
}
