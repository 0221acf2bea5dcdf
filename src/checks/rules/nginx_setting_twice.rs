//! `services.nginx.appendConfig` sets what `network.tuning.nginx` would render.
//!
//! ## Why
//!
//! Most directives may stand only once in their block; with a second `worker_processes` nginx does not start. What
//! is written by hand is therefore left alone, and the option of the profile has no effect.
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
//!   kernelcore.network.tuning.nginx.workerProcesses = 4;
//!   services.nginx.appendConfig = ''
//!     worker_processes auto;
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
//!   network.tuning.nginx.workerProcesses = 4;
//! }
//! ```
//!
//! ## Source
//!
//! - nginx core: <https://nginx.org/en/docs/ngx_core_module.html>

use crate::checks::context::Context;
use crate::checks::nginx_text::directives;
use crate::diagnostic::{Code, Finding, Findings};

/// What `network.tuning.nginx` renders in nginx's main context, and the option for it.
const RENDERED: [(&str, &str); 2] = [
    ("worker_processes", "workerProcesses"),
    ("worker_rlimit_nofile", "workerRlimitNofile"),
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let (Some((text, field)), Some(tuning)) = (&context.host.upstream.nginx_append_config, &context.host.tuning) else {
        return;
    };
    let wanted = |option: &str| match option {
        "workerRlimitNofile" => tuning.nginx.worker_rlimit_nofile.is_some(),
        _ => tuning.nginx.worker_processes.is_some(),
    };
    let own = directives(text);
    for (directive, option) in RENDERED {
        if wanted(option) && own.iter().any(|own| own.is_outermost() && own.name() == directive) {
            let message = format!("`{directive}` is written by hand here, so the profile's option is not rendered");
            let rendered = context.host.field("network.tuning.nginx").name(option);
            findings.add(
                Finding::new(Code::NginxSettingTwice, field.clone(), message)
                    .with(rendered, "without effect")
                    .help(format!("leave `{directive}` out here")),
            );
        }
    }
}
