//! Pings that tailscaled sends.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::trouble::Trouble;
use crate::host::tailnet::pong::{class, micros};
use crate::localapi::{Error, LocalApi, data};
use crate::model::PingKind;
use crate::monitor::probe::PathClass;
use crate::monitor::watch::Probe;

/// What came of pings.
pub(super) struct Pings {
    /// Round trips in microseconds, in the order in which they were sent.
    pub(super) round_trips: Vec<Option<u64>>,
    /// The way of the last answer, where it says so.
    pub(super) path: Option<PathClass>,
}

/// Sends so many, each at its time, whether or not those before were answered. tailscaled never answers for a peer that is
/// dead: each waits for itself, and closes its connection then.
pub(super) async fn ask(
    api: &Arc<LocalApi>,
    address: IpAddr,
    kind: PingKind,
    count: u32,
    patience: Duration,
) -> Result<Pings, Trouble> {
    let sent = match kind {
        PingKind::Disco => data::PingKind::Disco,
        PingKind::Tsmp => data::PingKind::Tsmp,
        PingKind::Icmp => data::PingKind::Icmp,
    };
    let spacing: Duration = Probe::SPACING.into();
    let mut flying = JoinSet::new();
    for number in 0..count.max(1) {
        let api = Arc::clone(api);
        flying.spawn(async move {
            if number > 0 {
                sleep(spacing * number).await;
            }
            (number, api.ping(address, sent, patience).await)
        });
    }
    let mut landed = Vec::new();
    while let Some(done) = flying.join_next().await {
        landed.extend(done);
    }
    landed.sort_by_key(|(number, _)| *number);
    let mut pings = Pings {
        round_trips: Vec::new(),
        path: None,
    };
    let mut trouble = None;
    for (_, answer) in landed {
        match answer {
            Ok(pong) if pong.err.is_empty() => {
                pings.round_trips.push(Some(micros(pong.latency())));
                pings.path = (kind == PingKind::Disco).then(|| class(&pong));
            }
            Ok(pong) => {
                pings.round_trips.push(None);
                trouble = Some(Trouble::says(&pong.err));
            }
            Err(Error::TimedOut { .. }) => pings.round_trips.push(None),
            // It is tailscaled that does not answer, and what follows it says so.
            Err(error) => return Err(Trouble::CannotTell(error.to_string())),
        }
    }
    if pings.round_trips.iter().all(Option::is_none) {
        return Err(trouble.unwrap_or(Trouble::Silence));
    }
    Ok(pings)
}
