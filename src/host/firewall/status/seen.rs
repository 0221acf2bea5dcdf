//! What `tsctl firewall status` saw: the object that `--json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::firewall::listing::Counter;
use crate::host::show::State;

/// The zone firewall of this host as it is in the kernel now.
///
/// Counters begin at zero when the table is loaded. Those of zones and services count the packets that begin a
/// connection: what belongs to one that was let in is let through before the zones are asked, and counted by itself
/// (`known`) where the profile has `accounting`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FirewallStatus {
    /// The table, of the family inet.
    pub table: String,
    /// How it is, all in all: degraded where it is not what was deployed, or beside a second firewall; down where the zones
    /// are not loaded. The exit status says the same.
    pub state: State,
    /// Why it is not good, in sentences; empty where it is.
    pub reasons: Vec<String>,
    /// Where the kernel enters the table.
    pub hooks: Vec<OwnHook>,
    /// The zones, by name.
    pub zones: Vec<Zone>,
    /// What is admitted whatever the zone.
    pub everywhere: Vec<Admission>,
    /// What was let through to others, by advertised route or by port.
    pub forwarded: Vec<Admission>,
    /// What was dropped or rejected, and why; the largest first.
    pub drops: Vec<DropReason>,
    /// Sources whose packets no zone admitted; those with most packets first. IPv6 sources are counted by /64.
    pub dropped_sources: Vec<Source>,
    /// Sources that went over a limit of new connections or of pings; those with most packets above it first.
    pub limited_sources: Vec<Source>,
    /// Whether the table is the one that was deployed.
    pub drift: Drift,
    /// Chains of other programs that see the same packets and can take away what is admitted here.
    pub others: Vec<OtherChain>,
}

/// Where the kernel enters the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct OwnHook {
    /// `prerouting`, `input`, `forward` or `output`.
    pub hook: String,
    /// The order among the chains of a hook; lower comes first.
    pub priority: i64,
    /// `accept` or `drop`: what happens to what no rule decides.
    pub policy: String,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Zone {
    /// Its name.
    pub name: String,
    /// Who is in it.
    pub members: Vec<Member>,
    /// What it admits to this host.
    pub admits: Vec<Admission>,
    /// Packets that it admitted.
    pub admitted: Counter,
    /// Packets that came from it and that it did not admit.
    pub refused: Counter,
    /// Packets that came from it and went over its own limit, or over that of one of its services; where all zones have
    /// the common limit, it is among `drops` alone.
    pub limited: Counter,
    /// Packets from it that belong to known connections, also those that this host began; absent where they are not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Counter>,
}

/// Who is in a zone: all who come by an interface, or some of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Member {
    /// The interface, or a pattern of interfaces that ends with `*`.
    pub interface: String,
    /// The source addresses; absent where it is all that no other zone has on this interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a zone admits that admits all.
pub(super) const EVERYTHING: &str = "everything";

/// Something that is admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Admission {
    /// What: `tcp 22`, `udp 100-200`, `everything`, a prefix.
    pub what: String,
    /// The name of the service, or another word about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The lines of the profile that ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Packets that came for it, each the first of a connection. Of a service with a limit of its own, those above it are
    /// among them.
    #[serde(flatten)]
    pub counter: Counter,
    /// Packets that came for it later, in the connections that these began; absent where they are not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Counter>,
}

/// A reason for which packets are dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct DropReason {
    /// The reason.
    pub reason: String,
    /// What happened to the packets.
    pub fate: Fate,
    /// The lines of the profile that ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// How many.
    #[serde(flatten)]
    pub counter: Counter,
}

/// What happened to packets that were not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Fate {
    /// They are gone.
    Dropped,
    /// They are gone, and their sender was told.
    Rejected,
    /// They are gone because their source sent too many.
    Limited,
}

impl Fate {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Rejected => "rejected",
            Self::Limited => "limited",
        }
    }
}

/// A source of packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    /// Its address; of IPv6 the first of its /64.
    pub address: String,
    /// How long ago its last such packet came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_seconds: Option<u64>,
    /// How many came.
    #[serde(flatten)]
    pub counter: Counter,
}

/// Whether the table is the one that was deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Drift {
    /// The file that it is compared with.
    pub deployed: String,
    /// The outcome.
    pub outcome: DriftOutcome,
    /// Why it could not be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// The outcome of the comparison with the deployed table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum DriftOutcome {
    /// It is the deployed one.
    Same,
    /// It is another one.
    Different,
    /// It could not be compared.
    Unknown,
}

/// A place where the table is not as deployed. Rules are as nft writes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct Difference {
    /// The chain, set or map: `chain input`.
    pub place: String,
    /// What is deployed, and not in the kernel at this place.
    pub missing: Vec<String>,
    /// What is in the kernel, and not deployed at this place.
    pub extra: Vec<String>,
}

/// A chain of another program that sees the same packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct OtherChain {
    /// The family of its table.
    pub family: String,
    /// Its table.
    pub table: String,
    /// Its name.
    pub chain: String,
    /// Whose it seems to be, by the names of tables and chains.
    pub owner: String,
    /// The hook.
    pub hook: String,
    /// The order among the chains of a hook; lower comes first.
    pub priority: i64,
    /// When it sees a packet.
    pub order: Order,
    /// `accept` or `drop`: what happens to what none of its rules decides.
    pub policy: String,
    /// What it can do to a packet that is admitted here.
    pub effect: String,
}

/// When another chain sees a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Order {
    /// Before this table.
    Before,
    /// At the same priority: the one that was loaded first comes first.
    Same,
    /// After this table.
    After,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_is_published_is_that_of_these_types() {
        crate::host::show::published::<FirewallStatus>("fw-status.json");
    }
}
