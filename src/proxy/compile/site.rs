//! The places where a service is offered by HTTP.

use super::Plan;
use crate::model::{Certificate, Exposure, FieldPath, ProxiedService};
use crate::net::Port;
use crate::proxy::serve::Way;
use crate::proxy::virtual_host::{Listen, TlsCertificate};

/// One place where a service is offered: the host that it stands on, and what clients see of it.
pub(super) struct Site<'a> {
    /// The host's key; sites of one key share the host.
    pub(super) key: String,
    /// What the host is for.
    pub(super) about: String,
    /// The host's names.
    pub(super) names: Vec<String>,
    /// Where the host listens.
    pub(super) listen: Vec<Listen>,
    /// The host's certificate.
    pub(super) certificate: Option<TlsCertificate>,
    /// Where the service begins: `/`, or `/x/`.
    pub(super) prefix: &'a str,
    /// What clients speak.
    pub(super) scheme: &'static str,
    /// What clients connect to.
    pub(super) port: Port,
    /// Whether clients come through tailscaled.
    pub(super) by_tailscaled: bool,
    /// Whether the name is the service's own, with nothing else on any port of it.
    pub(super) own_name: bool,
    /// Where port 80 of these names leads, without the path.
    pub(super) elsewhere: Option<String>,
    /// What is answerable for the host.
    pub(super) origin: FieldPath,
}

impl Site<'_> {
    /// Whether a URL leaves the port out.
    pub(super) fn usual_port(&self) -> bool {
        self.port
            == if self.scheme == "https" {
                Port::HTTPS
            } else {
                Port::HTTP
            }
    }
}

impl<'a> Plan<'a> {
    /// Everywhere that a service is offered.
    pub(super) fn sites(&self, service: &'a ProxiedService) -> Vec<Site<'a>> {
        let mut sites: Vec<Site<'a>> = Vec::new();
        match &service.exposure {
            Exposure::Port { port, .. } => sites.push(self.node(*port, "/", service)),
            Exposure::Path(path) => sites.push(self.node(self.proxy.web_port(), path, service)),
            Exposure::Domain(domain) => sites.push(Self::domain(domain.to_string(), service)),
            Exposure::TailscaleService => {}
        }
        let served = self.served.iter().filter(|served| served.service.name == service.name);
        sites.extend(served.map(|served| self.by_tailscaled(service, served.way, served.listen())));
        sites.extend(self.below_node(service));
        sites
    }

    /// The node's own name on `port`.
    fn node(&self, port: Port, prefix: &'a str, service: &ProxiedService) -> Site<'a> {
        let certificate = self.node_certificate().filter(|_| self.proxy.speaks_tls_on(port));
        let name = self.proxy.node_name();
        let tls = certificate.is_some();
        let scheme = if tls { "https" } else { "http" };
        let mut names = vec![name.clone()];
        if !tls {
            // MagicDNS lets people leave the domain out; a certificate never names the short form.
            names.push(self.proxy.hostname.to_string());
        }
        let shared = port == self.proxy.web_port();
        let shown = if shared { String::new() } else { format!(":{port}") };
        Site {
            key: format!("{name}{shown}"),
            about: format!("{scheme}://{name}{}", shown.trim_end_matches(":80")),
            elsewhere: None,
            origin: if shared {
                self.host.field("network.proxy.nginx-tailscale")
            } else {
                service.origin.clone()
            },
            names,
            listen: Listen::everywhere(port, tls),
            certificate,
            prefix,
            scheme,
            port,
            by_tailscaled: false,
            own_name: false,
        }
    }

    /// `subdomain.node`, where the service has one and the port can be had.
    fn below_node(&self, service: &'a ProxiedService) -> Option<Site<'a>> {
        let label = service
            .subdomain
            .as_ref()
            .filter(|_| self.is_free(self.proxy.web_port()))?;
        let name = format!("{label}.{}", self.proxy.node_name());
        let mut site = self.node(self.proxy.web_port(), "/", service);
        site.key.clone_from(&name);
        site.origin = service.origin.clone();
        site.about = format!("{}://{name}, where such names resolve", site.scheme);
        site.names = vec![name];
        // A certificate of `tailscale cert` names the node only; the URL that works is the service's own.
        let elsewhere = self.proxy.certificate == Certificate::Tailscale;
        site.elsewhere = elsewhere.then(|| self.proxy.address_of(service).trim_end_matches('/').to_owned());
        Some(site)
    }

    /// An own domain.
    fn domain(name: String, service: &ProxiedService) -> Site<'a> {
        Site {
            key: name.clone(),
            about: format!("https://{name}, for {}", service.name),
            elsewhere: None,
            origin: service.origin.clone(),
            listen: Listen::everywhere(Port::HTTPS, true),
            certificate: Some(TlsCertificate::Acme(name.clone())),
            names: vec![name],
            prefix: "/",
            scheme: "https",
            port: Port::HTTPS,
            by_tailscaled: false,
            own_name: true,
        }
    }

    /// A loopback port that tailscaled forwards to, TLS taken off.
    fn by_tailscaled(&self, service: &ProxiedService, way: Way, listen: Listen) -> Site<'a> {
        let label = service.label();
        let (key, name, port, about) = match way {
            Way::Service(port) => {
                let name = format!("{label}.{}", self.proxy.tailnet_domain);
                (
                    format!("svc:{label}"),
                    name,
                    port,
                    format!("the Tailscale Service svc:{label}"),
                )
            }
            Way::Funnel(port) => {
                let about = format!("the public internet, through Funnel on port {port}");
                (format!("funnel:{}", service.name), self.proxy.node_name(), port, about)
            }
        };
        Site {
            key,
            about: format!("{about}; tailscaled forwards here"),
            elsewhere: None,
            origin: service.origin.clone(),
            names: vec![name],
            listen: vec![listen],
            certificate: None,
            prefix: "/",
            scheme: "https",
            port,
            by_tailscaled: true,
            own_name: matches!(way, Way::Service(_)),
        }
    }
}
