//! A service is to be reached by a name below the node's own name, which hosted Tailscale does not resolve.
//!
//! ## Why
//!
//! MagicDNS answers for `kernelcore.your-tailnet.ts.net` and for Tailscale Services, not for `ollama.kernelcore.…`: the
//! clients can do it, the control server does not allow it. `tailscale cert` orders no certificate for such a name
//! either. The service is therefore offered by a port of the node's name; the sub-name is kept as a further server name,
//! because headscale can be told to resolve it. Asking for the sub-name (`expose = "subdomain"`) is an error.
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
//!       enable = true;
//!       subdomain = "ollama";
//!       upstreamPort = 11434;
//!     };
//!   };
//! }
//! ```
//!
//! ## Good
//!
//! By a port; `expose = "service"` gives it a name of its own (`ollama.your-tailnet.ts.net`) on a tagged host, and
//! `expose = "path"` and `expose = "domain"` are the other two ways.
//!
//! ```nix
//! {
//!   host.name = "kernelcore";
//!   network.vpn.tailscale.enable = true;
//!   network.proxy.nginx-tailscale = {
//!     enable = true;
//!     tailnetDomain = "your-tailnet.ts.net";
//!     services.ollama = {
//!       enable = true;
//!       expose = "port";
//!       upstreamPort = 11434;
//!     };
//!   };
//! }
//! ```
//!
//! ## Source
//!
//! - <https://github.com/tailscale/tailscale/issues/1196>
//! - Tailscale Services: <https://tailscale.com/kb/1552/tailscale-services>

use std::collections::BTreeMap;

use crate::checks::context::Context;
use crate::diagnostic::{Code, FieldPath, Finding, Findings, Severity};
use crate::model::{Exposure, PortReason, ProxiedService, Proxy};

/// The domain below which Tailscale's own control server gives out names.
const HOSTED: &str = ".ts.net";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(proxy) = &context.host.proxy else { return };
    let hosted = proxy.tailnet_domain.to_string().ends_with(HOSTED);
    // The services of a preset share the line that brought them, and one finding.
    let mut by_origin: BTreeMap<&FieldPath, Vec<&ProxiedService>> = BTreeMap::new();
    for service in proxy
        .services
        .values()
        .filter(|service| wants_sub_name(service, hosted))
    {
        by_origin.entry(&service.origin).or_default().push(service);
    }
    for services in by_origin.values() {
        findings.extend(finding(proxy, services, hosted));
    }
}

fn wants_sub_name(service: &ProxiedService, hosted: bool) -> bool {
    match service.exposure {
        Exposure::Port { reason, .. } => match reason {
            PortReason::SubdomainAsked => true,
            PortReason::Default => hosted && service.subdomain.is_some(),
            PortReason::Asked => false,
        },
        _ => false,
    }
}

fn finding(proxy: &Proxy, services: &[&ProxiedService], hosted: bool) -> Option<Finding> {
    let first = services.first()?;
    let asked = matches!(
        first.exposure,
        Exposure::Port {
            reason: PortReason::SubdomainAsked,
            ..
        }
    );
    let node = proxy.node_name();
    let names = services.iter().filter_map(|service| service.subdomain.as_ref());
    let names: Vec<_> = names.map(|label| format!("{label}.{node}")).collect();
    let names = if names.is_empty() {
        format!("a name below {node}")
    } else {
        names.join(", ")
    };
    let places: Vec<_> = services.iter().map(|service| proxy.address_of(service)).collect();
    let places = places.join(", ");
    let field = if asked {
        first.field("expose")
    } else if services.len() == 1 {
        first.field("subdomain")
    } else {
        first.origin.clone()
    };
    if !hosted {
        let message = format!("{names} resolves only where headscale gives the node the attribute for it");
        let finding = Finding::new(Code::SubdomainUnresolvable, field, message);
        return Some(finding.help(format!("reachable in any case: {places}")));
    }
    let finding = if asked {
        let message = format!("hosted Tailscale resolves no names below a node's own name, so {names} leads nowhere");
        Finding::new(Code::SubdomainUnresolvable, field, message)
            .severity(Severity::Error)
            .help(format!(
                "write `expose = \"port\"` ({places}), or \"path\", \"service\" (a name of its own) or \"domain\""
            ))
    } else {
        let message = format!("hosted Tailscale does not resolve {names}; what works today is {places}");
        let help = if services.len() == 1 {
            "write `expose = \"port\"` in place of `subdomain`, or \"service\" for a name of its own"
        } else {
            "write the services with `expose = \"port\"`, or \"service\" for names of their own"
        };
        Finding::new(Code::SubdomainUnresolvable, field, message).help(help)
    };
    Some(finding)
}
