//! `modules/network/proxy/nginx-tailscale.nix`: the reverse proxy as NixOS's own nginx options.
//!
//! What nginx is told is decided by [`crate::proxy`]; this file says it in `services.nginx.*`, and brings what stands around
//! nginx: certificates, the helper that knows callers, and the ports of NixOS's firewall where the zones are not the
//! firewall. NixOS's `recommendedProxySettings` is off in every location: its header set would drop ours.

mod around;
mod certificate;
mod virtual_hosts;

use super::Module;
use super::value::{AttrPath, Binding, NixSet, NixValue, Reference, Template};
use crate::model::{Host, Release};
use crate::proxy::text::{Piece, Text};
use crate::proxy::{Item, Nginx, UpstreamGroup, compile};

/// The module; `None` for a host without a proxy.
pub fn nginx_tailscale(host: &Host) -> Option<Module> {
    let proxy = host.proxy.as_ref()?;
    let nginx = compile(host)?;
    let mut module = Module::new(
        "The reverse proxy: nginx in front of the host's services, for the tailnet.\n\
         To say more about a host or location, set the same option elsewhere: NixOS joins the lines of extraConfig.",
    );
    module.bind(Binding::new("services.nginx", settings(host, &nginx)));
    for group in &nginx.http.upstreams {
        let path = AttrPath::of("services.nginx.upstreams").name(&*group.name);
        module.bind(Binding::new(path, upstream(group)).spaced());
    }
    virtual_hosts::bind(&nginx, &mut module);
    around::bind(host, proxy, &nginx, &mut module);
    certificate::bind(proxy, &mut module);
    Some(module)
}

fn settings(host: &Host, nginx: &Nginx) -> NixSet {
    let mut set = NixSet::new().with("enable", true);
    if nginx.offers_http3() && host.release < Release::R2605 {
        set.bind(
            Binding::new("package", NixValue::mk_default(Reference::package("nginxQuic")))
                .comment("Before 26.05 only this build of nginx speaks HTTP/3."),
        );
    }
    set.set("recommendedOptimisation", NixValue::mk_default(true));
    set.set("recommendedTlsSettings", NixValue::mk_default(true));
    if let Some(bucket) = nginx.http.names_bucket {
        set.bind(
            Binding::new("serverNamesHashBucketSize", NixValue::mk_default(bucket))
                .comment("The names are too long for nginx's own size, with which it would not start."),
        );
    }
    if let Some(log) = &nginx.error_log {
        // `logError` stands bare in nginx.conf, so it carries nginx's own quotes.
        set.set("logError", value(&Text::of_word(log)));
    }
    let mut lines = |option: &'static str, items: &[Item]| {
        if !items.is_empty() {
            set.set(option, self::lines(items));
        }
    };
    let main: Vec<Item> = nginx.main.iter().cloned().map(Item::from).collect();
    lines("appendConfig", &main);
    lines("eventsConfig", &nginx.events_items());
    lines("commonHttpConfig", &nginx.http.items);
    if let Some(stream) = &nginx.stream {
        lines("streamConfig", &stream.body());
    }
    set
}

fn upstream(group: &UpstreamGroup) -> NixSet {
    // NixOS puts the server's name into nginx.conf as it is.
    let server = AttrPath::single("servers").name(Text::of_word(&group.server).to_string());
    let mut set = NixSet::new().with(server, NixSet::new());
    let settings = group.settings();
    if !settings.is_empty() {
        set.set("extraConfig", lines(&settings));
    }
    set
}

/// The lines of a context.
fn lines(items: &[Item]) -> NixValue {
    let text = Text::of(items);
    if let [Piece::Text(lines)] = text.pieces() {
        return NixValue::Lines(lines.clone());
    }
    NixValue::TemplateLines(template(&text))
}

/// Text on one line, as a string.
fn value(text: &Text) -> NixValue {
    if let [Piece::Text(text)] = text.pieces() {
        return text.as_str().into();
    }
    template(text).into()
}

fn template(text: &Text) -> Template {
    text.pieces()
        .iter()
        .fold(Template::new(), |template, piece| match piece {
            Piece::Text(text) => template.text(text),
            Piece::Secret(name) => template.value(Reference::secret(name.as_str())),
        })
}
