//! What tailscaled serves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::received::null_is_default;

/// What tailscaled serves (`ipn.ServeConfig`). Written back it is all that is served from then on, therefore what is not
/// named here is kept as it was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServeConfig {
    /// Ports (as text) of this node, and what answers there.
    #[serde(
        rename = "TCP",
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub tcp: BTreeMap<String, ServedPort>,
    /// Web servers by `HOST:PORT`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_default")]
    pub web: BTreeMap<String, WebServer>,
    /// Which `HOST:PORT` the whole internet reaches (Funnel).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_default")]
    pub allow_funnel: BTreeMap<String, bool>,
    /// Everything else: services, what lasts as long as a command in the foreground.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// What answers at a port (`ipn.TCPPortHandler`): one of the three.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServedPort {
    /// A web server with TLS.
    #[serde(
        rename = "HTTPS",
        skip_serializing_if = "is_false",
        deserialize_with = "null_is_default"
    )]
    pub https: bool,
    /// A web server without.
    #[serde(
        rename = "HTTP",
        skip_serializing_if = "is_false",
        deserialize_with = "null_is_default"
    )]
    pub http: bool,
    /// Bytes go there: `127.0.0.1:5432`, `unix:/path`.
    #[serde(
        rename = "TCPForward",
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub tcp_forward: String,
    /// Everything else.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// A web server (`ipn.WebServerConfig`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct WebServer {
    /// What answers below each path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_is_default")]
    pub handlers: BTreeMap<String, HttpHandler>,
    /// Everything else.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// What answers below a path (`ipn.HTTPHandler`): one of the four.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HttpHandler {
    /// A file or a directory.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_is_default")]
    pub path: String,
    /// Another server.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_is_default")]
    pub proxy: String,
    /// A text.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_is_default")]
    pub text: String,
    /// Another address: `301:https://…`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_is_default")]
    pub redirect: String,
    /// Everything else.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What is served, and the tag that says whether it still is (`ETag`).
#[derive(Debug, Clone, PartialEq)]
pub struct TaggedServeConfig {
    /// What is served.
    pub config: ServeConfig,
    /// For writing it back: hexadecimal digits without quotes.
    pub tag: String,
}
