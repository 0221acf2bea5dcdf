//! `services.nginx.virtualHosts`.

use super::{lines, value};
use crate::nixos::Module;
use crate::nixos::value::{AttrPath, Binding, NixSet, NixValue, Reference};
use crate::proxy::text::{Piece, Text};
use crate::proxy::{Answer, Directive, Item, Location, Nginx, Part, Tls, TlsCertificate, VirtualHost, Word};

pub(super) fn bind(nginx: &Nginx, module: &mut Module) {
    if nginx.http.hosts.is_empty() {
        module.bind(
            Binding::new("services.nginx.virtualHosts", NixSet::new())
                .comment(
                    "Nothing is proxied by HTTP. Said explicitly, because NixOS would set up a host called localhost.",
                )
                .spaced(),
        );
    }
    for host in &nginx.http.hosts {
        let path = AttrPath::of("services.nginx.virtualHosts").name(&*host.key);
        let about = match &host.origin {
            Some(origin) => format!("{}. From {origin}.", host.about),
            None => format!("{}.", host.about),
        };
        module.bind(Binding::new(path, virtual_host(host)).comment(capital(&about)).spaced());
    }
}

fn virtual_host(host: &VirtualHost) -> NixSet {
    let mut set = NixSet::new();
    if let Some((name, aliases)) = host.names.split_first() {
        if *name != host.key {
            set.set("serverName", name.as_str());
        }
        if !aliases.is_empty() {
            set.set("serverAliases", aliases.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    let listens = host.listen.iter().map(|listen| {
        let listen = NixSet::new()
            .with("addr", listen.address.as_str())
            .with("port", listen.port.get())
            .with("ssl", listen.tls);
        NixValue::from(listen)
    });
    set.set("listen", NixValue::List(listens.collect()));
    if host.default {
        set.set("default", true);
    }
    let mut items: Vec<Item> = Vec::new();
    match &host.tls {
        Tls::None => {}
        Tls::Reject => set.set("rejectSSL", true),
        Tls::Certificate(certificate) => items.extend(tls(certificate, host.quic, &mut set)),
    }
    if host.quic {
        set.set("quic", true);
    }
    if host.reuseport {
        set.bind(
            Binding::new("reuseport", true)
                .comment("On this host alone: nginx wants it said once for an address and port."),
        );
    }
    items.extend(host.items.iter().cloned());
    if !items.is_empty() {
        set.set("extraConfig", lines(&items));
    }
    for location in &host.locations {
        let key = Text::of_words(&location.arguments()).to_string();
        set.set(AttrPath::single("locations").name(key), self::location(location));
    }
    set
}

/// The options of a certificate. NixOS writes its files' paths bare: paths that nginx reads only in quotes go into
/// directives of the host, with what NixOS then no longer knows to be there.
fn tls(certificate: &TlsCertificate, quic: bool, set: &mut NixSet) -> Vec<Item> {
    let files = match certificate {
        TlsCertificate::Acme(name) => {
            set.set("onlySSL", true);
            set.set("useACMEHost", name.as_str());
            return Vec::new();
        }
        TlsCertificate::Files { chain, key } => bare_path(chain).zip(bare_path(key)),
    };
    if let Some((chain, key)) = files {
        set.set("onlySSL", true);
        set.set("sslCertificate", chain);
        set.set("sslCertificateKey", key);
        return Vec::new();
    }
    let mut items = vec![Directive::new("http2", ["on"]).into()];
    if quic {
        items.push(Directive::new("http3", ["on"]).into());
    }
    items.extend(certificate.directives());
    items
}

/// A path for an option whose text NixOS writes bare into nginx.conf; `None` where it needs nginx's quotes.
fn bare_path(path: &Word) -> Option<NixValue> {
    if let [Part::Secret(name)] = path.parts() {
        return Some(Reference::secret(name.as_str()).into());
    }
    match Text::of_word(path).pieces() {
        [Piece::Text(text)] if !text.starts_with('"') => Some(text.as_str().into()),
        _ => None,
    }
}

fn location(location: &Location) -> NixSet {
    let mut set = NixSet::new();
    match &location.answer {
        Answer::ProxyPass(target) => {
            set.set("proxyPass", value(&Text::of_word(target)));
            set.set("recommendedProxySettings", false);
        }
        Answer::Return(..) => {
            if let Some(words) = location.returned() {
                set.set("return", value(&Text::of_words(&words)));
            }
        }
        Answer::Own => {}
    }
    let mut items = location.items.clone();
    match location.password_file.as_ref().map(bare_path) {
        Some(Some(path)) => set.set("basicAuthFile", path),
        Some(None) => items.extend(location.password_directives()),
        None => {}
    }
    if !items.is_empty() {
        set.set("extraConfig", lines(&items));
    }
    set
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    // A URL stays as it is.
    match rest.next() {
        Some(first) if !text.starts_with("http") => first.to_uppercase().chain(rest).collect(),
        _ => text.to_owned(),
    }
}
