//! Virtual hosts.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::proxied::identity;
use super::site::Site;
use crate::model::{Auth, FieldPath};
use crate::net::Port;
use crate::proxy::directive::{Directive, Item};
use crate::proxy::location::{Answer, Location, Matching};
use crate::proxy::virtual_host::{Listen, Tls, VirtualHost};
use crate::proxy::word::Word;

/// The host that answers what no other one claims.
const DEFAULT: &str = "tailwright-default";

impl Plan<'_> {
    /// Every virtual host, by key.
    pub(super) fn hosts(&self) -> Vec<VirtualHost> {
        let mut hosts: BTreeMap<String, VirtualHost> = BTreeMap::new();
        let mut redirected: Vec<(Vec<String>, String, Option<FieldPath>)> = Vec::new();
        for service in self.http_services() {
            for site in self.sites(service) {
                let host = hosts.entry(site.key.clone()).or_insert_with(|| {
                    if let Some(redirect) = self.redirected(&site) {
                        redirected.push((redirect.0, redirect.1, Some(site.origin.clone())));
                    }
                    self.host_of(&site)
                });
                if matches!(service.auth, Auth::Tailscale { .. }) {
                    add(host, identity(site.by_tailscaled));
                }
                let headers = host.items.clone();
                for location in self.locations(service, &site, &headers) {
                    add(host, location);
                }
            }
        }
        for host in hosts.values_mut() {
            add(host, refuse(Answer::Return("404", None)));
        }
        let plain: BTreeSet<String> = hosts
            .values()
            .filter(|host| host.listen.iter().any(|listen| listen.port == Port::HTTP))
            .flat_map(|host| host.names.clone())
            .collect();
        for (mut names, to, origin) in redirected {
            names.retain(|name| !plain.contains(name));
            if let Some(name) = names.first() {
                let key = format!("{name}:80");
                let host = self.redirect(key.clone(), names, &to, origin);
                hosts.entry(key).or_insert(host);
            }
        }
        let default = self.default_host(&hosts);
        hosts.into_values().chain(default).collect()
    }

    fn host_of(&self, site: &Site<'_>) -> VirtualHost {
        let tls = site.certificate.clone().map_or(Tls::None, Tls::Certificate);
        let quic = self.proxy.http3 && site.certificate.is_some();
        let mut items = self.logs();
        if site.by_tailscaled {
            // tailscaled puts the caller's address there in the place of whatever was there.
            items.push(Directive::new("set_real_ip_from", ["127.0.0.1"]).into());
            items.push(Directive::new("real_ip_header", ["X-Forwarded-For"]).into());
        }
        if site.certificate.is_some() {
            // Plain HTTP spoken to this port.
            let url = Word::from("https://$host:$server_port$request_uri");
            items.push(Directive::new("error_page", ["497".into(), "=308".into(), url]).into());
        }
        // A name that has other ports must not tell browsers that all of them speak TLS.
        let headers = self.response_headers(site.own_name, quic.then_some(site.port));
        items.extend(Self::hidden_headers(&headers));
        items.extend(headers);
        VirtualHost {
            key: site.key.clone(),
            about: site.about.clone(),
            names: site.names.clone(),
            listen: site.listen.clone(),
            default: false,
            tls,
            quic,
            reuseport: false,
            items,
            locations: Vec::new(),
            origin: Some(site.origin.clone()),
        }
    }

    /// From plain HTTP to where the site is, for names without a port: the names, and the URL without the path.
    fn redirected(&self, site: &Site<'_>) -> Option<(Vec<String>, String)> {
        if site.certificate.is_none() || site.port != Port::HTTPS || !self.is_free(Port::HTTP) {
            return None;
        }
        let name = site.names.first()?;
        let mut names = site.names.clone();
        if *name == self.proxy.node_name() {
            names.push(self.proxy.hostname.to_string());
        }
        let to = site.elsewhere.clone().unwrap_or_else(|| format!("https://{name}"));
        Some((names, to))
    }

    /// A host of port 80 that leads elsewhere. 308 keeps method and body (RFC 9110 §15.4.9).
    fn redirect(&self, key: String, names: Vec<String>, to: &str, origin: Option<FieldPath>) -> VirtualHost {
        let mut items = self.logs();
        items.extend(self.response_headers(false, None));
        VirtualHost {
            about: format!("plain HTTP leads to {to}"),
            key,
            names,
            listen: Listen::everywhere(Port::HTTP, false),
            default: false,
            tls: Tls::None,
            quic: false,
            reuseport: false,
            items,
            locations: vec![refuse(Answer::Return("308", Some(Word::data(to).code("$request_uri"))))],
            origin,
        }
    }

    /// The host that answers on every port what no other one claims: a TLS handshake for an unknown name is refused, and a
    /// request for an unknown name is dropped without an answer (444). Without it the first host by name would answer, and
    /// a page elsewhere could reach a service by a name of its own that resolves to this host (DNS rebinding).
    fn default_host(&self, hosts: &BTreeMap<String, VirtualHost>) -> Option<VirtualHost> {
        let listen: BTreeSet<Listen> = hosts.values().flat_map(|host| host.listen.iter().copied()).collect();
        if listen.is_empty() {
            return None;
        }
        let quic = hosts.values().any(|host| host.quic);
        let tls = listen.iter().any(|listen| listen.tls);
        let mut items = self.logs();
        items.extend(self.response_headers(false, None));
        Some(VirtualHost {
            key: DEFAULT.to_owned(),
            about: "names that no other host claims".to_owned(),
            names: vec!["_".to_owned()],
            listen: listen.into_iter().collect(),
            default: true,
            tls: if tls { Tls::Reject } else { Tls::None },
            quic,
            reuseport: quic,
            items,
            locations: vec![refuse(Answer::Return("444", None))],
            origin: None,
        })
    }

    fn logs(&self) -> Vec<Item> {
        let log = match &self.proxy.access_log {
            Some(path) => {
                let log = Directive::new("access_log", [Word::data(path.as_str())]).with("combined");
                // A line each time it is written would cost a system call per request. (nginx buffers no log whose name
                // has a variable in it, and a dollar sign is only to be had by one.)
                if path.as_str().contains('$') {
                    log
                } else {
                    log.with("buffer=32k").with("flush=5s")
                }
            }
            None => Directive::new("access_log", ["off"]),
        };
        vec![log.from(self.field("accessLog")).into()]
    }
}

/// Adds a location unless its place is taken.
fn add(host: &mut VirtualHost, location: Location) {
    let taken = |other: &Location| other.matching == location.matching && other.path == location.path;
    if !host.locations.iter().any(taken) {
        host.locations.push(location);
    }
}

fn refuse(answer: Answer) -> Location {
    Location {
        matching: Matching::Prefix,
        path: "/".to_owned(),
        answer,
        password_file: None,
        items: Vec::new(),
        origin: None,
    }
}
