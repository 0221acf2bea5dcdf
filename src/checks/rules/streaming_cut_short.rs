//! Answers of a service that streams are buffered, or cut off before they end.
//!
//! ## Why
//!
//! A language model sends its answer in pieces over minutes. With buffering they arrive in lumps; when the model
//! thinks for longer than the time-out, nginx ends the answer with 504. Known services of this kind are streamed by
//! default, with an hour of patience.
//!
//! ## Bad
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama = {
//!       streaming = false;
//!       timeout = 60;
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama.streaming = true;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `proxy_buffering`, `proxy_read_timeout`: <https://nginx.org/en/docs/http/ngx_http_proxy_module.html>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::known_service;
use crate::net::TimeSpan;

/// A large model on a small machine may take this long until its first word.
const PATIENCE: TimeSpan = TimeSpan::constant_millis(300_000);

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.is_http()) {
        let name = service.name.as_str();
        let known = known_service::recognised(name, service.upstream.port()).filter(|known| known.streaming);
        if known.is_some() && !service.streaming {
            let message = format!(
                "{name} streams its answers; buffered, they arrive in lumps and are cut off after {}",
                service.timeout
            );
            findings.add(
                Finding::new(Code::StreamingCutShort, service.field("streaming"), message)
                    .help("write `streaming = true`, or leave the option out"),
            );
        } else if service.streaming && service.timeout < PATIENCE {
            let message = format!(
                "{name} streams its answers, but a pause of {} ends them with an error",
                service.timeout
            );
            findings.add(
                Finding::new(Code::StreamingCutShort, service.field("timeout"), message)
                    .help("write `timeout = \"1h\"`, or leave the option out"),
            );
        }
    }
}
