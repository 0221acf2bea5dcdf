//! `modules/network/dns.nix`: how the host resolves names.
//!
//! systemd-resolved asks the servers of a link for the link's domains, and its global servers for the rest. tailscaled hands
//! MagicDNS to it as the servers of the tailnet's link. In `resolved.conf` every domain goes to every server, so domains
//! with servers of their own need delegates (systemd.dns-delegate(5), systemd 258: every NixOS release from 25.11 on).

use std::net::IpAddr;

use super::Module;
use super::value::{AttrPath, Binding, NixSet, NixValue, Reference};
use crate::model::{Host, Release, SplitDomain};

/// The module; `None` where the host says nothing of name resolution.
pub fn dns(host: &Host) -> Option<Module> {
    let magic = host.resolves_tailnet_names();
    let extra = host
        .tailscale
        .as_ref()
        .map_or(&[][..], |tailscale| &tailscale.extra_dns_servers);
    if host.dns.is_none() && !magic && extra.is_empty() {
        return None;
    }
    let mut module = Module::new("Name resolution.");
    if magic || host.dns.is_some() {
        let mut enable = Binding::new("services.resolved.enable", true);
        if magic {
            enable = enable.comment(
                "tailscaled tells systemd-resolved which names are the tailnet's. Without it tailscaled rewrites\n\
                 /etc/resolv.conf, and so does every DHCP client.",
            );
        }
        module.bind(enable);
    }
    let own = host.dns.as_ref().map_or(&[][..], |dns| &dns.servers);
    let servers = addresses(own.iter().chain(extra));
    if !servers.is_empty() {
        module.bind(Binding::new("networking.nameservers", servers));
    }
    let Some(dns) = &host.dns else { return Some(module) };
    if !dns.fallback_servers.is_empty() {
        let path = if host.release >= Release::R2605 {
            AttrPath::of("services.resolved.settings.Resolve.FallbackDNS")
        } else {
            AttrPath::of("services.resolved.fallbackDns")
        };
        module.bind(Binding::new(path, addresses(&dns.fallback_servers)));
    }
    if !dns.split.is_empty() {
        delegates(host.release, &dns.split, &mut module);
    }
    Some(module)
}

const ABOUT_DELEGATES: &str = "Domains with name servers of their own; `~` keeps them from being search domains.";

fn delegates(release: Release, split: &[SplitDomain], module: &mut Module) {
    if release >= Release::R2611 {
        let delegates: NixSet = split
            .iter()
            .map(|domain| {
                let delegate = NixSet::new()
                    .with("DNS", addresses(&domain.servers))
                    .with("Domains", [routed(domain)]);
                (name_of(domain), NixSet::new().with("Delegate", delegate))
            })
            .collect();
        module.bind(
            Binding::new("services.resolved.dnsDelegates", delegates)
                .comment(ABOUT_DELEGATES)
                .spaced(),
        );
        return;
    }
    // `services.resolved.dnsDelegates` came later than the systemd that reads the files.
    let mut triggers = Vec::new();
    for (position, domain) in split.iter().enumerate() {
        let file =
            AttrPath::of("environment.etc").name(format!("systemd/dns-delegate.d/{}.dns-delegate", domain.domain));
        let servers = addresses(&domain.servers).join(" ");
        let text = format!("[Delegate]\nDNS={servers}\nDomains={}\n", routed(domain));
        let mut binding = Binding::new(file.clone().name("text"), NixValue::Lines(text)).spaced();
        if position == 0 {
            binding = binding.comment(ABOUT_DELEGATES);
        }
        module.bind(binding);
        triggers.push(Reference::config(file.name("source")));
    }
    module.bind(Binding::new("systemd.services.systemd-resolved.reloadTriggers", triggers).spaced());
}

fn name_of(domain: &SplitDomain) -> AttrPath {
    AttrPath::single(domain.domain.to_string())
}

fn routed(domain: &SplitDomain) -> String {
    format!("~{}", domain.domain)
}

fn addresses<'a>(servers: impl IntoIterator<Item = &'a IpAddr>) -> Vec<String> {
    let mut seen = Vec::new();
    for server in servers {
        let server = server.to_string();
        if !seen.contains(&server) {
            seen.push(server);
        }
    }
    seen
}

#[cfg(test)]
mod tests;
