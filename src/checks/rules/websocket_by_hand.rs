//! The headers of a WebSocket upgrade are set by hand in `extraConfig`.
//!
//! ## Why
//!
//! The usual snippet sends `Connection: upgrade` with every request, also with those that upgrade nothing, so no
//! connection to the upstream is ever reused; and it takes the place of the `Connection` header that is rendered. What
//! `enableWebSocket` renders sends "upgrade" only when the client asks for it, and leaves the header empty
//! otherwise, so WebSockets and pooling work side by side.
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
//!     services.n8n = {
//!       upstreamPort = 5678;
//!       extraConfig = ''
//!         proxy_set_header Upgrade $http_upgrade;
//!         proxy_set_header Connection "upgrade";
//!       '';
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
//!     services.n8n = {
//!       upstreamPort = 5678;
//!       enableWebSocket = true;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - WebSocket proxying: <https://nginx.org/en/docs/http/websocket.html>
//! - RFC 9110 §7.8 (Upgrade)

use crate::checks::context::Context;
use crate::checks::nginx_text::directives;
use crate::diagnostic::{Code, Finding, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services() {
        let Some(text) = &service.extra_config else { continue };
        let by_hand = directives(text.as_str()).iter().any(|directive| {
            directive.sets("proxy_set_header", "Upgrade")
                || directive.sets("proxy_set_header", "Connection")
                    && directive.argument(2).to_ascii_lowercase().contains("upgrade")
        });
        if by_hand {
            let message = format!(
                "{:?} sets the headers of an upgrade for every request, beside those that are rendered",
                service.name.as_str()
            );
            findings.add(
                Finding::new(Code::WebsocketByHand, service.field("extraConfig"), message)
                    .help("leave both lines out and write `enableWebSocket = true`"),
            );
        }
    }
}
