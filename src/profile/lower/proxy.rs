//! `network.proxy`.

use std::collections::BTreeMap;

use super::{Scope, service};
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{AcmeDns, Certificate, Proxy, Tailscale};
use crate::net::{AbsolutePath, HostName, ServiceName, TailnetDomain};
use crate::profile::written;

const GROUP: &str = "network.proxy.nginx-tailscale";
const PRESET: &str = "network.proxy.tailscale-services";

/// Idle connections kept per upstream and worker.
const DEFAULT_KEEPALIVE: u32 = 32;
/// nginx's access log on NixOS; buffered, because an unbuffered log costs a write per request.
const DEFAULT_ACCESS_LOG: &str = "/var/log/nginx/access.log";

/// The field that enables the preset, where it is enabled.
pub(super) fn preset_enabled(scope: &mut Scope<'_>, preset: Option<&written::TailscaleServices>) -> Option<FieldPath> {
    let group = preset?;
    let enabled = scope.enabled(group.enable, true, PRESET);
    enabled.then(|| scope.field(PRESET).name("enable"))
}

pub(super) fn proxy(
    scope: &mut Scope<'_>,
    written: written::Proxies,
    tailscale: Option<&Tailscale>,
    host_name: &HostName,
    fleet_domain: Option<TailnetDomain>,
) -> Option<Proxy> {
    let preset = written.tailscale_services.filter(|group| group.enable == Some(true));
    let was_written = written.nginx_tailscale.is_some();
    let group = written.nginx_tailscale.unwrap_or_default();
    let enabled = if preset.is_some() {
        group.enable.unwrap_or(true)
    } else {
        scope.enabled(group.enable, was_written, GROUP)
    };
    if !enabled {
        return None;
    }
    let at = scope.field(GROUP);
    let node = match (group.hostname, tailscale) {
        (Some(label), _) => label,
        (None, Some(tailscale)) => tailscale.hostname.clone(),
        (None, None) => host_name.label().clone(),
    };
    let preset_domain = preset.as_ref().and_then(|group| group.tailnet_domain.clone());
    let tailnet_domain = group.tailnet_domain.or(preset_domain).or(fleet_domain);
    let certificate = certificate(
        scope,
        group.certificate,
        group.certificate_file,
        group.certificate_key_file,
    );
    let acme = group.acme.and_then(|acme| acme_dns(scope, acme));
    let mut services = if preset.is_some() {
        preset_services()
    } else {
        BTreeMap::new()
    };
    let own = group.services.unwrap_or_default();
    for (name, service) in own {
        services.insert(name.clone(), (service, at.name("services").name(name.to_string())));
    }
    let preset_field = scope.field(PRESET).name("enable");
    for (_, (_, origin)) in services.iter_mut().filter(|(_, (_, origin))| origin.steps().is_empty()) {
        *origin = preset_field.clone();
    }
    let services = services
        .into_iter()
        .filter(|(_, (service, _))| service.enable != Some(false))
        .filter_map(|(name, (service, origin))| {
            service::service(scope, name.clone(), service, origin).map(|service| (name, service))
        })
        .collect();
    let access_log = access_log(scope, group.access_log.as_deref());
    let Some(tailnet_domain) = tailnet_domain else {
        let where_ = if was_written { at } else { scope.field(PRESET) };
        let why = "the proxy's names end in the tailnet's MagicDNS suffix";
        scope.missing(
            &where_,
            "tailnetDomain",
            why,
            "write `tailnetDomain = \"your-tailnet.ts.net\"` (the DNS page of the admin console shows it)",
        );
        return None;
    };
    Some(Proxy {
        hostname: node,
        tailnet_domain,
        http3: group.enable_http3.unwrap_or(false),
        connection_pooling: group.enable_connection_pooling.unwrap_or(true),
        upstream_keepalive: keepalive(scope, group.upstream_keepalive),
        security_headers: group.enable_security_headers.unwrap_or(true),
        access_log,
        error_log: group.error_log,
        certificate_asked: group.certificate.is_some(),
        certificate,
        acme,
        services,
    })
}

/// What the guide's preset offers. A service that the profile writes under the same name takes its place.
fn preset_services() -> BTreeMap<ServiceName, (written::Service, FieldPath)> {
    let service = |subdomain: &str| written::Service {
        enable: Some(true),
        subdomain: subdomain.parse().ok(),
        ..written::Service::default()
    };
    let named = [
        ("ollama", service("ollama")),
        ("llamacpp", service("llama")),
        ("db", service("db")),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, service)| Some((name.parse().ok()?, service)));
    named
        .map(|(name, service)| (name, (service, FieldPath::root())))
        .collect()
}

fn keepalive(scope: &mut Scope<'_>, written: Option<u32>) -> u32 {
    match written {
        None => DEFAULT_KEEPALIVE,
        Some(number @ 1..=4096) => number,
        Some(number) => {
            let field = scope.field(GROUP).name("upstreamKeepalive");
            let message = format!("{number} idle connections per upstream and worker: expected 1 to 4096");
            scope.add(Finding::new(Code::InvalidValue, field, message));
            DEFAULT_KEEPALIVE
        }
    }
}

fn access_log(scope: &mut Scope<'_>, written: Option<&str>) -> Option<AbsolutePath> {
    let field = scope.field(GROUP).name("accessLog");
    match written {
        Some("off") => None,
        Some(path) => scope.accept(path.parse(), &field),
        None => scope.accept(DEFAULT_ACCESS_LOG.parse(), &field),
    }
}

fn certificate(
    scope: &mut Scope<'_>,
    source: Option<written::Certificate>,
    certificate: Option<written::FileRef>,
    key: Option<written::FileRef>,
) -> Certificate {
    let at = scope.field(GROUP);
    let files_given = certificate.is_some() || key.is_some();
    match source {
        Some(written::Certificate::None) => Certificate::None,
        Some(written::Certificate::Acme) => Certificate::Acme,
        Some(written::Certificate::Tailscale) => Certificate::Tailscale,
        None if !files_given => Certificate::Tailscale,
        None | Some(written::Certificate::Files) => {
            let (Some(certificate), Some(key)) = (certificate, key) else {
                let why = "a certificate from files needs the chain and the private key";
                scope.missing(
                    &at.name("certificate"),
                    "certificateFile and certificateKeyFile",
                    why,
                    "write both",
                );
                return Certificate::Tailscale;
            };
            Certificate::Files { certificate, key }
        }
    }
}

fn acme_dns(scope: &mut Scope<'_>, written: written::Acme) -> Option<AcmeDns> {
    let at = scope.field(GROUP).name("acme");
    let (Some(email), Some(dns_provider)) = (written.email, written.dns_provider) else {
        let why = "ACME with the DNS-01 challenge needs an account and a DNS provider";
        scope.missing(
            &at,
            "email and dnsProvider",
            why,
            "write both; the provider by lego's name, such as `cloudflare`",
        );
        return None;
    };
    let mut credentials = BTreeMap::new();
    for (variable, secret) in written.credentials.unwrap_or_default() {
        let plain = variable
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if plain && (variable.ends_with("_FILE") || variable.ends_with("_PATH")) {
            credentials.insert(variable, secret);
        } else {
            let field = at.name("credentials").name(variable);
            let message = "expected one of lego's variables in capitals that ends in `_FILE`, as the value is handed over as a file";
            scope.add(Finding::new(Code::InvalidValue, field, message));
        }
    }
    Some(AcmeDns {
        email,
        dns_provider,
        credentials,
    })
}
