//! Value types of the network field, each with its grammar and one fallible constructor.
//!
//! A type that is written as a string implements [`Text`]: `FromStr` is the only way in, `Display` writes what it reads,
//! serde goes through both, and its JSON Schema states the grammar. A type that is written as a number implements
//! [`WholeNumber`] in the same way. A refusal is an [`Invalid`], one sentence.

pub mod bit_rate;
pub mod burst_size;
pub mod dns_name;
pub mod duration;
pub mod email;
pub mod endpoint;
pub mod harmless;
pub mod http_url;
pub mod icmp_type;
pub mod interface;
pub mod invalid;
pub mod local_socket;
pub mod log_prefix;
pub mod names;
pub mod nginx_directives;
pub mod packet_rate;
pub mod percent;
pub mod port;
pub mod port_set;
pub mod prefix;
pub mod rate;
pub mod size;
pub mod tag;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod textfile_path;
pub mod transport;
pub mod unix_path;
pub mod upstream_host;
pub mod user_name;
pub mod wall_time;
pub mod webhook_url;
pub mod weekly_window;

pub use bit_rate::BitRate;
pub use burst_size::BurstSize;
pub use dns_name::{DnsLabel, DnsName, HostName, TailnetDomain};
pub use duration::TimeSpan;
pub use email::EmailAddress;
pub use endpoint::Endpoint;
pub use http_url::HttpUrl;
pub use icmp_type::{IcmpType, Icmpv6Type};
pub use interface::{InterfaceName, InterfacePattern};
pub use invalid::Invalid;
pub use local_socket::LocalSocket;
pub use log_prefix::LogPrefix;
pub use names::{CredentialName, ReceiverName, SecretName, ServiceName, ZoneName};
pub use nginx_directives::NginxDirectives;
pub use packet_rate::{PacketRate, PacketUnit};
pub use percent::Percent;
pub use port::Port;
pub use port_set::{PortRange, PortSet};
pub use prefix::{AddressOrPrefix, InterfaceAddress, Prefix};
pub use rate::RequestRate;
pub use size::ByteSize;
pub use tag::Tag;
pub use text::{Text, WholeNumber};
pub use textfile_path::TextfilePath;
pub use transport::Transport;
pub use unix_path::{AbsolutePath, SocketPath};
pub use upstream_host::UpstreamHost;
pub use user_name::UserName;
pub use wall_time::WallTime;
pub use webhook_url::WebhookUrl;
pub use weekly_window::WeeklyWindow;
