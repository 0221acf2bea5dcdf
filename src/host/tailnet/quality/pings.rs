//! Pings of peers.

use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Plan;
use super::targets::Target;
use crate::host::tailnet::pong::{class, micros};
use crate::localapi::LocalApi;
use crate::localapi::data::PingKind;
use crate::monitor::probe::{PathClass, PathWatch};

/// A path is relayed when so many pings in a row came by a relay.
const WARM_UP: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// What pings of a peer said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PeerPings {
    /// Which peer.
    pub(super) target: Target,
    /// Round trips in microseconds, in the order in which they were sent; nothing where no answer came.
    pub(super) round_trips: Vec<Option<u64>>,
    /// The way, where it can be told.
    pub(super) path: Option<PathClass>,
    /// The address and port, or the peer relay, of the last answer.
    pub(super) via: Option<String>,
    /// Whether a ping through the tunnel itself was answered.
    pub(super) tunnel: bool,
    /// Why tailscaled did not ping at all.
    pub(super) refused: Option<String>,
}

/// Pings all of them at once, each as planned.
pub(super) async fn measure(api: &Arc<LocalApi>, targets: &[Target], plan: Plan) -> Vec<PeerPings> {
    let mut measuring = JoinSet::new();
    let count = u32::try_from(targets.len()).unwrap_or(u32::MAX).max(1);
    for (target, number) in targets.iter().zip(0..) {
        let (api, target) = (Arc::clone(api), target.clone());
        // Not all at the same moment.
        let start = plan.interval * number / count;
        measuring.spawn(async move {
            sleep(start).await;
            one(&api, target, plan).await
        });
    }
    let mut measured = Vec::new();
    while let Some(done) = measuring.join_next().await {
        measured.extend(done);
    }
    measured.sort_by(|a, b| a.target.name.cmp(&b.target.name));
    measured
}

async fn one(api: &Arc<LocalApi>, target: Target, plan: Plan) -> PeerPings {
    let mut pings = PeerPings {
        target,
        round_trips: Vec::new(),
        path: None,
        via: None,
        tunnel: false,
        refused: None,
    };
    let address = pings.target.address;
    let mut watch = PathWatch::new(WARM_UP);
    // The first ones find the way and are not counted. They end at once where it is direct.
    for _ in 0..WARM_UP.get() {
        if let Ok(pong) = api.ping(address, PingKind::Disco, plan.timeout).await {
            if !pong.err.is_empty() {
                pings.refused = Some(pong.err);
                return pings;
            }
            watch.answered(class(&pong));
        }
        if watch.class() == Some(&PathClass::Direct) {
            break;
        }
    }
    // Each goes at its time, whether or not those before it were answered.
    let mut flying = JoinSet::new();
    for number in 0..plan.count.get() {
        let api = Arc::clone(api);
        flying.spawn(async move {
            sleep(plan.interval * number).await;
            (number, api.ping(address, PingKind::Disco, plan.timeout).await.ok())
        });
    }
    let mut landed = Vec::new();
    while let Some(done) = flying.join_next().await {
        landed.extend(done);
    }
    landed.sort_by_key(|(number, _)| *number);
    for (_, pong) in landed {
        let pong = pong.filter(|pong| pong.err.is_empty());
        pings.round_trips.push(pong.as_ref().map(|pong| micros(pong.latency())));
        if let Some(pong) = pong {
            watch.answered(class(&pong));
            pings.via = [pong.endpoint, pong.peer_relay, pong.derp_region_code]
                .into_iter()
                .find(|via| !via.is_empty());
        }
    }
    pings.path = watch.class().cloned();
    let through = api.ping(address, PingKind::Tsmp, plan.timeout).await;
    pings.tunnel = through.is_ok_and(|pong| pong.err.is_empty());
    pings
}
