//! What is shown, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::nat::Nat;
use crate::host::show::{Reason, State};

/// What `tsctl quality --json` prints. Times of day are in UTC (RFC 3339), spans in milliseconds; what is not known is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl quality")]
pub(super) struct QualitySeen {
    /// When the measurement ended.
    pub(super) taken: String,
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(super) reasons: Vec<Reason>,
    /// What stands between this machine and the internet; null where it was not measured.
    pub(super) nat: Option<Nat>,
    /// The address that the relays see.
    pub(super) public_address: Option<String>,
    /// The peers, by name.
    pub(super) peers: Vec<PeerQuality>,
    /// The relays, nearest first.
    pub(super) relays: Vec<RelayQuality>,
}

/// How good the way to a peer is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeerQuality {
    /// Its name.
    pub(super) name: String,
    /// Where it was pinged.
    pub(super) address: String,
    /// Whether everything goes out through it.
    pub(super) exit_node: bool,
    /// How it is.
    pub(super) state: State,
    /// The way that packets take; null where it cannot be told.
    pub(super) path: Option<Way>,
    /// The address and port, the peer relay, or the code of the DERP region.
    pub(super) via: Option<String>,
    /// Whether the tunnel itself carries packets.
    pub(super) tunnel: bool,
    /// The figures.
    pub(super) figures: Figures,
}

/// The way that packets take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Way {
    /// Straight.
    Direct,
    /// Through another node.
    PeerRelay,
    /// Through a relay of the control plane.
    Derp,
}

/// How good the way to a relay is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RelayQuality {
    /// The code of its region.
    pub(super) code: String,
    /// The name of its region.
    pub(super) name: String,
    /// Whether it is the home relay of this node.
    pub(super) home: bool,
    /// The figures.
    pub(super) figures: Figures,
}

/// What a series of questions says. Spans are in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// How many were counted.
    pub(crate) sent: u64,
    /// How many were not answered.
    pub(crate) lost: u64,
    /// The shortest.
    pub(crate) min_millis: Option<f64>,
    /// The median.
    pub(crate) p50_millis: Option<f64>,
    /// 95 of 100 are not longer.
    pub(crate) p95_millis: Option<f64>,
    /// The longest.
    pub(crate) max_millis: Option<f64>,
    /// The mean difference between one answer and the next.
    pub(crate) jitter_millis: Option<f64>,
    /// Each, in order; null where no answer came.
    pub(crate) history_millis: Vec<Option<f64>>,
}
