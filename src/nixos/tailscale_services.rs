//! `modules/network/proxy/tailscale-services.nix`: where each service is, and what tailscaled itself serves.
//!
//! Tailscale Services and Funnel are settings of tailscaled that only its command line (or local API) can make: NixOS's
//! `services.tailscale.serve` has no plain-HTTP backend behind TLS, and no Funnel (tailscale `ipn/serve.go`, "set-config").
//! They are made after each login, kept by tailscaled, and taken back where the unit goes away.

use super::Module;
use super::tailscale_command;
use super::value::{AttrPath, Binding, Call, NixSet, Reference, Template};
use crate::model::{Host, ProxiedService, Proxy, UpstreamAddress};
use crate::proxy::{Served, Way, served};

/// The module; `None` for a host without a proxy.
pub fn tailscale_services(host: &Host) -> Option<Module> {
    let proxy = host.proxy.as_ref()?;
    let mut module = Module::new(overview(proxy));
    for served in served(host) {
        let path = AttrPath::of("systemd.services").name(unit_name(&served));
        module.bind(
            Binding::new(path, unit(proxy, &served))
                .comment(about(&served))
                .spaced(),
        );
    }
    Some(module)
}

/// Each service in one line.
fn overview(proxy: &Proxy) -> String {
    let mut lines = vec!["The services, where clients find them, and where they are:".to_owned()];
    if proxy.services.is_empty() {
        lines.push("  (none)".to_owned());
    }
    for service in proxy.services.values() {
        let place = proxy.address_of(service);
        lines.push(format!(
            "  {}: {place} -> {} (from {})",
            service.name,
            backend(service),
            service.origin
        ));
        if let Some(port) = service.funnel {
            lines.push(format!(
                "  {}: from the public internet too, by Funnel: {}:{port}",
                service.name,
                proxy.node_name()
            ));
        }
    }
    lines.join("\n")
}

fn backend(service: &ProxiedService) -> String {
    let protocol = service.upstream.protocol.as_str();
    match &service.upstream.address {
        UpstreamAddress::Tcp(host, port) => format!("{protocol}://{}:{port}", host.in_url()),
        UpstreamAddress::Unix(path) => format!("{protocol}://unix:{path}"),
    }
}

fn unit_name(served: &Served<'_>) -> String {
    match served.way {
        Way::Service(_) => format!("tailwright-serve-{}", served.service.name),
        Way::Funnel(_) => format!("tailwright-funnel-{}", served.service.name),
    }
}

fn about(served: &Served<'_>) -> String {
    let name = &served.service.name;
    match served.way {
        Way::Service(_) => format!(
            "{name} as a Tailscale Service. It must be defined in the tailnet (admin console, Services), this node must be\n\
             tagged, and its offer must be approved (by hand, or by autoApprovers.services in the policy)."
        ),
        Way::Funnel(_) => {
            format!("{name} for the public internet. The policy must give this node the attribute `funnel`.")
        }
    }
}

/// The arguments of `tailscale` that make and that unmake the setting.
fn commands(served: &Served<'_>) -> (String, String) {
    let backend = served.backend;
    let http = served.service.is_http();
    match served.way {
        Way::Service(port) => {
            let name = format!("svc:{}", served.service.label());
            let start = if http {
                format!("serve --service={name} --https={port} http://127.0.0.1:{backend}")
            } else {
                format!("serve --service={name} --tcp={port} tcp://127.0.0.1:{backend}")
            };
            (start, format!("serve clear {name}"))
        }
        Way::Funnel(port) => {
            let (listener, target) = if http {
                ("https", "http")
            } else {
                ("tls-terminated-tcp", "tcp")
            };
            (
                format!("funnel --bg --{listener}={port} {target}://127.0.0.1:{backend}"),
                format!("funnel --{listener}={port} off"),
            )
        }
    }
}

fn unit(proxy: &Proxy, served: &Served<'_>) -> NixSet {
    let (start, stop) = commands(served);
    let tailscale = |prefix: &str, arguments: &str| {
        Template::new()
            .text(prefix)
            .value(Call::get_exe(Reference::config("services.tailscale.package")))
            .text(format!(" {arguments}"))
    };
    let mut service = NixSet::new().with("Type", "oneshot").with("RemainAfterExit", true);
    service.bind(
        Binding::new("ExecStart", tailscale("", &start)).comment(
            "Fails, and is tried again, as long as the node is not logged in or the tailnet does not allow it.",
        ),
    );
    service.set("ExecStop", tailscale("-", &stop));
    service.set("TimeoutStartSec", "1min");
    service.set("TimeoutStopSec", "30s");
    tailscale_command::try_again(&mut service);
    tailscale_command::sandbox(&mut service);
    let description = match served.way {
        Way::Service(_) => format!("Tailscale Service svc:{}", served.service.label()),
        Way::Funnel(port) => format!("Funnel on {}:{port} for {}", proxy.node_name(), served.service.name),
    };
    NixSet::new()
        .with("description", description)
        .with("wantedBy", ["multi-user.target"])
        .with("wants", ["tailscaled.service"])
        .with(
            "after",
            [
                "tailscaled.service",
                "tailscaled-autoconnect.service",
                "tailscaled-set.service",
                "nginx.service",
            ],
        )
        .with("serviceConfig", service)
}
