//! What the endpoints read and write.
//!
//! Names are those of tailscale's own types (`ipnstate.Status`, `ipn.Prefs`, `tailcfg.DERPMap`), fields only those that
//! somebody here uses. [`Status`] has the [`Peer`]s; [`Prefs`] is read and [`PrefsChange`] written; [`Notify`] is one line of
//! the bus.

mod backend_state;
mod client_version;
mod derp_map;
mod exit_node_status;
mod exit_node_suggestion;
mod location;
mod notify;
mod path_class;
mod peer;
mod ping;
mod prefs;
mod prefs_change;
mod received;
mod serve_config;
mod stable_id;
mod status;
mod tailnet;
mod time;
mod user;
mod user_metrics;
mod warning;
mod watch_mask;
mod whois;

pub use self::backend_state::BackendState;
pub use self::client_version::ClientVersion;
pub use self::derp_map::{DerpMap, DerpNode, DerpRegion};
pub use self::exit_node_status::ExitNodeStatus;
pub use self::exit_node_suggestion::ExitNodeSuggestion;
pub use self::location::Location;
pub use self::notify::{Health, NetMap, Node, Notify, PeerPatch};
pub use self::path_class::PathClass;
pub use self::peer::Peer;
pub use self::ping::{PingKind, Pong};
pub use self::prefs::Prefs;
pub use self::prefs_change::PrefsChange;
pub use self::serve_config::{HttpHandler, ServeConfig, ServedPort, TaggedServeConfig, WebServer};
pub use self::stable_id::StableId;
pub use self::status::Status;
pub use self::tailnet::Tailnet;
pub use self::time::Time;
pub use self::user::User;
pub use self::user_metrics::{Sample, UserMetrics};
pub use self::warning::{Severity, Warning};
pub use self::watch_mask::WatchMask;
pub use self::whois::{WhoIs, WhoIsNode};
