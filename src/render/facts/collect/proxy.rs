//! The proxy and its services.

use super::file;
use crate::model::{Auth, Certificate, ProxiedService, Proxy, UpstreamAddress};
use crate::render::facts::Facts;

pub(super) fn collect(proxy: &Proxy, facts: &mut Facts) {
    facts.value("name of the proxy", &proxy.node_name());
    let certificate = match &proxy.certificate {
        Certificate::Tailscale => "tailscale cert".to_owned(),
        Certificate::Acme => "ACME".to_owned(),
        Certificate::Files { certificate, .. } => file(certificate),
        Certificate::None => "none".to_owned(),
    };
    facts.value("certificate of the proxy", &certificate);
    let switches = [
        (proxy.offers_http3(), "speaks HTTP/3"),
        (proxy.connection_pooling, "keeps connections to upstreams open"),
        (proxy.security_headers, "sends security headers"),
    ];
    for (_, said) in switches.iter().filter(|(on, _)| *on) {
        facts.state("proxy", *said);
    }
    let log = |path: Option<&crate::net::AbsolutePath>| path.map_or_else(|| "none".to_owned(), ToString::to_string);
    facts.value("access log of the proxy", &log(proxy.access_log.as_ref()));
    facts.value("error log of the proxy", &log(proxy.error_log.as_ref()));
    for service in proxy.services.values() {
        self::service(proxy, service, facts);
    }
}

fn service(proxy: &Proxy, service: &ProxiedService, facts: &mut Facts) {
    let name = &service.name;
    facts.value(format!("service {name}"), &proxy.address_of(service));
    let address = match &service.upstream.address {
        UpstreamAddress::Tcp(host, port) => format!("{}:{port}", host.in_url()),
        UpstreamAddress::Unix(path) => format!("unix:{path}"),
    };
    facts.value(
        format!("upstream of {name}"),
        &format!("{}://{address}", service.upstream.protocol.as_str()),
    );
    let auth = match &service.auth {
        Auth::None => "none".to_owned(),
        Auth::Tailscale { .. } => "Tailscale identity".to_owned(),
        Auth::Basic(htpasswd) => format!("password, {}", file(htpasswd)),
    };
    facts.value(format!("authentication of {name}"), &auth);
    facts.value(format!("time-out of {name}"), &service.timeout);
    if let Some(limit) = &service.rate_limit {
        facts.value(format!("rate limit of {name}"), limit);
        facts.value(format!("burst of {name}"), &service.rate_limit_burst);
    }
    if let Some(size) = &service.max_body_size {
        facts.value(format!("largest body of {name}"), size);
    }
    if let Some(port) = service.funnel {
        facts.state(
            format!("funnel of {name}"),
            format!("is open to the internet on port {port}"),
        );
    }
    if service.streaming {
        facts.state(format!("service {name}"), "streams");
    }
    if service.websocket {
        facts.state(format!("service {name}"), "takes WebSockets");
    }
    if let Some(directives) = &service.extra_config {
        facts.value(format!("further directives of {name}"), directives);
    }
}
