//! A service is public, and either nobody is asked who he is or nobody can answer.
//!
//! ## Why
//!
//! Behind Funnel stands the whole internet, which finds a new name within minutes by the certificate logs. Without
//! authentication everybody uses the model, the database, the camera. `auth = "tailscale"` in turn lets nobody in:
//! callers from the internet are no users of the tailnet.
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
//!       funnel = true;
//!       funnelPort = 8443;
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! ```nix
//! { config, ... }:
//! {
//!   kernelcore.host.name = "kernelcore";
//!   kernelcore.network.vpn.tailscale.enable = true;
//!   kernelcore.network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama = {
//!       funnel = true;
//!       funnelPort = 8443;
//!       auth = "basic";
//!       authFile = config.sops.secrets."ollama-htpasswd".path;
//!     };
//!   };
//!   kernelcore.secrets.external = [ "ollama-htpasswd" ];
//! }
//! ```
//!
//! ## Source
//!
//! - Funnel: <https://tailscale.com/kb/1223/funnel>
//! - Certificate transparency: RFC 9162

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};
use crate::model::Auth;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for service in context.services().filter(|service| service.funnel.is_some()) {
        let name = service.name.as_str();
        let message = match service.auth {
            Auth::Basic(_) => continue,
            Auth::None => format!("{name:?} is open to the whole internet, and nobody is asked who he is"),
            Auth::Tailscale { .. } => {
                format!("{name:?} is public, but callers from the internet are no users of the tailnet: nobody gets in")
            }
        };
        findings.add(Finding::new(Code::FunnelAuth, service.field("funnel"), message).help(
            "write `auth = \"basic\"` with an `authFile`, or weigh this down where the application asks for itself",
        ));
    }
}
