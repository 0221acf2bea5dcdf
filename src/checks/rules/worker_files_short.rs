//! nginx's workers may open fewer files than they are to have connections.
//!
//! ## Why
//!
//! A proxied request takes two connections, to the client and to the upstream, and every connection is an open
//! file. Above the limit nginx refuses clients with "too many open files" in its log, long before the number of
//! connections is reached.
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
//!     services.ollama.expose = "port";
//!   };
//!   network.tuning.nginx = {
//!     workerConnections = 4096;
//!     workerRlimitNofile = 4096;
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
//!     services.ollama.expose = "port";
//!   };
//!   network.tuning.nginx = {
//!     workerConnections = 4096;
//!     workerRlimitNofile = 65535;
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - nginx `worker_rlimit_nofile`: <https://nginx.org/en/docs/ngx_core_module.html#worker_rlimit_nofile>

use crate::checks::context::Context;
use crate::diagnostic::{Code, Finding, Findings};

/// Files per connection of a client: itself, and the one to the upstream.
const FILES: u32 = 2;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tuning) = &context.host.tuning else { return };
    let nginx = &tuning.nginx;
    let (Some(connections), Some(files)) = (nginx.worker_connections, nginx.worker_rlimit_nofile) else {
        return;
    };
    let needed = connections.saturating_mul(FILES);
    if files >= needed {
        return;
    }
    let group = context.host.field("network.tuning.nginx");
    let message =
        format!("{connections} connections need {needed} open files, as each request has one to the upstream besides");
    findings.add(
        Finding::new(Code::WorkerFilesShort, group.name("workerRlimitNofile"), message)
            .with(group.name("workerConnections"), "the connections")
            .help(format!("write `workerRlimitNofile = {}`", needed.max(65_535))),
    );
}
