//! `network.tuning`.

use std::collections::BTreeMap;

use super::{Scalar, group, words};

group! {
    /// Kernel parameters and nginx's workers.
    pub struct Tuning {
        /// Whether anything is tuned; true by default where this group is written.
        pub enable: Option<bool>,
        /// The set of kernel parameters to start from; `throughput` by default.
        pub profile: Option<Profile>,
        /// Single kernel parameters, which win over the set's.
        pub sysctl: Option<BTreeMap<String, Scalar>>,
        /// Whether the network card may coalesce forwarded UDP; true by default on subnet routers and exit nodes.
        pub udp_gro: Option<bool>,
        /// nginx's workers.
        pub nginx: Option<NginxTuning>,
    }
}

words! {
    /// A set of kernel parameters.
    pub enum Profile {
        /// None.
        None,
        /// The guide's: large buffers, a long receive backlog, a large connection table.
        Throughput,
        /// The guide's and what a subnet router or exit node needs besides.
        Router,
        /// Small buffers.
        LowMemory,
    }
}

group! {
    /// nginx's workers.
    pub struct NginxTuning {
        /// Worker processes: a number, or `auto` for one per core.
        pub worker_processes: Option<Workers>,
        /// Connections per worker; 4096 in the guide.
        #[schemars(range(min = 1, max = 1_000_000))]
        pub worker_connections: Option<u32>,
        /// Open files per worker; 65535 in the guide.
        #[schemars(range(min = 1, max = 10_000_000))]
        pub worker_rlimit_nofile: Option<u32>,
        /// Whether a worker accepts all waiting connections at once.
        pub multi_accept: Option<bool>,
    }
}

/// `auto` or a number of processes from 1 to 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// One per core.
    Auto,
    /// So many.
    Count(u32),
}

impl<'de> serde::Deserialize<'de> for Workers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Workers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"auto\" or a number of processes from 1 to 1024")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Workers, E> {
                match u32::try_from(number) {
                    Ok(count @ 1..=1024) => Ok(Workers::Count(count)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Signed(number), &self)),
                }
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Workers, E> {
                match word {
                    "auto" => Ok(Workers::Auto),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for Workers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Workers".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "const": "auto" },
            { "type": "integer", "minimum": 1, "maximum": 1024 },
        ] })
    }
}
