//! What is shown, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::show::{Reason, State};
use crate::host::tailnet::Figures;

/// What `tsctl benchmark --json` prints. Times of day are in UTC (RFC 3339), spans in milliseconds, rates in bits per second;
/// what was not measured is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl benchmark")]
pub(super) struct Benchmarked {
    /// When the measurement ended.
    pub(super) taken: String,
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(super) reasons: Vec<Reason>,
    /// The peers, by name.
    pub(super) peers: Vec<PeerSeen>,
    /// The services of the settings.
    pub(super) services: Vec<ServiceSeen>,
}

/// What was measured of a peer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeerSeen {
    /// Its name.
    pub(super) name: String,
    /// Where it was measured.
    pub(super) address: String,
    /// Who helped from there with the throughput.
    pub(super) sender: Option<Sender>,
    /// Why the throughput was not measured, or not in both directions; null too where nobody serves a measurement there.
    pub(super) unmeasured: Option<String>,
    /// Round trips while nothing else went on: of echoes of the sender, else of pings by tailscaled.
    pub(super) idle: Option<Figures>,
    /// How long a TCP connection takes to come about, or to be refused.
    pub(super) connect_millis: Option<f64>,
    /// Bits per second from it.
    pub(super) download: Option<u64>,
    /// Round trips meanwhile.
    pub(super) during_download: Option<Figures>,
    /// Bits per second to it.
    pub(super) upload: Option<u64>,
    /// Round trips meanwhile.
    pub(super) during_upload: Option<Figures>,
    /// What was measured the last time.
    pub(super) last: Option<Last>,
}

/// Who helps with the throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Sender {
    /// `tsctl benchmark --serve`.
    Own,
    /// `iperf3 --server`.
    Iperf3,
}

/// What was measured the last time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Last {
    /// When.
    pub(super) taken: String,
    /// Bits per second from it.
    pub(super) download: Option<u64>,
    /// Bits per second to it.
    pub(super) upload: Option<u64>,
    /// The median of the round trips while nothing else went on.
    pub(super) idle_millis: Option<f64>,
}

/// How fast a service answers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceSeen {
    /// Its name.
    pub(super) name: String,
    /// Where it was asked.
    pub(super) at: String,
    /// How long the first line of an answer took, the connection included; the median of three.
    pub(super) answer_millis: Option<f64>,
    /// The status of the answer in HTTP.
    pub(super) status: Option<u16>,
    /// Why there was no answer.
    pub(super) trouble: Option<String>,
    /// What was measured the last time that it answered.
    pub(super) last: Option<LastAnswer>,
    /// What shows who should answer there, or the way there.
    #[serde(skip)]
    pub(super) command: String,
}

/// How fast a service answered the last time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LastAnswer {
    /// When.
    pub(super) taken: String,
    /// How long the first line of an answer took.
    pub(super) answer_millis: f64,
}
