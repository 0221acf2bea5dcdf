//! `services.nginx.appendConfig` opens an `events` block, and NixOS has already written one.
//!
//! ## Why
//!
//! nginx knows one `events` block; a second is `"events" directive is duplicate`, and nginx does not start. The
//! build does not notice: the text is read by nginx for the first time on the live host, after the switch.
//!
//! ## Bad
//!
//! ```nix
//! { ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   kernelcore.network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama.expose = "port";
//!   };
//!   services.nginx.appendConfig = ''
//!     events {
//!       worker_connections 4096;
//!     }
//!   '';
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
//!     services.ollama.expose = "port";
//!   };
//!   network.tuning.nginx = {
//!     workerConnections = 4096;
//!     multiAccept = true;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `events`: <https://nginx.org/en/docs/ngx_core_module.html#events>
//! - NixOS `services.nginx.eventsConfig`

use crate::checks::context::Context;
use crate::checks::nginx_text::{Directive, directives};
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some((text, field)) = &context.host.upstream.nginx_append_config else {
        return;
    };
    let mut outermost = directives(text).into_iter().filter(Directive::is_outermost);
    if outermost.any(|directive| directive.name() == "events") {
        let message = "this opens a second `events` block beside the one that NixOS writes, and nginx will not start";
        findings.add(Finding::new(Code::SecondEventsBlock, field.clone(), message).help(
            "write `kernelcore.network.tuning.nginx = { workerConnections = 4096; multiAccept = true; }` \
             (or `services.nginx.eventsConfig`); `use epoll` is what nginx takes on Linux by itself",
        ));
    }
}
