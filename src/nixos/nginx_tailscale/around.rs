//! What stands around nginx: its unit, the helper that knows callers, and NixOS's firewall.

use std::collections::BTreeSet;

use super::certificate::PLACEHOLDER;
use crate::model::{Auth, Certificate, FileRef, Host, Proxy, UpstreamAddress};
use crate::net::{AbsolutePath, Transport};
use crate::nixos::Module;
use crate::nixos::secrets;
use crate::nixos::value::{AttrPath, Binding, NixSet, NixValue, Reference};
use crate::proxy::Nginx;

/// Where nginx may write logs on NixOS.
const LOGS: &str = "/var/log/nginx/";

pub(super) fn bind(host: &Host, proxy: &Proxy, nginx: &Nginx, module: &mut Module) {
    let knows_callers = proxy
        .services
        .values()
        .any(|service| service.is_http() && matches!(service.auth, Auth::Tailscale { .. }));
    if knows_callers {
        module.bind(
            Binding::new("services.tailscaleAuth.enable", true)
                .comment("Asks tailscaled who a caller is; without an answer nobody is let in.")
                .spaced(),
        );
    }
    let unit = unit(proxy, knows_callers);
    if !unit.is_empty() {
        module.bind(Binding::new("systemd.services.nginx", unit).spaced());
    }
    if host.zones.is_none() {
        firewall(host, nginx, module);
    }
}

fn unit(proxy: &Proxy, knows_callers: bool) -> NixSet {
    let mut first: Vec<String> = Vec::new();
    if proxy.certificate == Certificate::Tailscale {
        first.push(format!("{PLACEHOLDER}.service"));
    }
    if files(proxy).any(secrets::needs_installing) {
        first.push("sops-install-secrets.service".to_owned());
    }
    let mut unit = NixSet::new();
    if !first.is_empty() {
        unit.set("wants", first.clone());
        unit.set("after", first);
    }
    let mut service = NixSet::new();
    let callers = knows_callers.then(|| Reference::config("services.tailscaleAuth.group").into());
    let groups: Vec<NixValue> = callers
        .into_iter()
        .chain(container_groups(proxy).into_iter().map(NixValue::from))
        .collect();
    if !groups.is_empty() {
        service.set("SupplementaryGroups", NixValue::List(groups));
    }
    let logs = [&proxy.access_log, &proxy.error_log].into_iter().flatten();
    let elsewhere: Vec<String> = logs
        .filter(|log| !log.as_str().starts_with(LOGS))
        .filter_map(folder)
        .collect();
    if !elsewhere.is_empty() {
        service.bind(
            Binding::new("ReadWritePaths", elsewhere)
                .comment("NixOS lets nginx write to /var/log/nginx only. The folder must be there, and nginx's."),
        );
    }
    if !service.is_empty() {
        unit.set("serviceConfig", service);
    }
    unit
}

/// The groups that may speak to the container engines whose sockets are offered (the profile has acknowledged that).
fn container_groups(proxy: &Proxy) -> BTreeSet<&'static str> {
    let sockets = proxy
        .services
        .values()
        .filter_map(|service| match &service.upstream.address {
            UpstreamAddress::Unix(socket) => socket.container_group(),
            UpstreamAddress::Tcp(..) => None,
        });
    sockets.collect()
}

/// The files that nginx reads and that may be secrets.
fn files(proxy: &Proxy) -> impl Iterator<Item = &FileRef> {
    let of_node: Vec<&FileRef> = match &proxy.certificate {
        Certificate::Files { certificate, key } => vec![certificate, key],
        Certificate::Tailscale | Certificate::Acme | Certificate::None => Vec::new(),
    };
    let passwords = proxy.services.values().filter_map(|service| match &service.auth {
        Auth::Basic(file) => Some(file),
        Auth::None | Auth::Tailscale { .. } => None,
    });
    of_node.into_iter().chain(passwords)
}

/// The folder of a file, for a list of paths in a unit (systemd.exec(5): quotes, and `%` for specifiers).
fn folder(file: &AbsolutePath) -> Option<String> {
    let (folder, _) = file.as_str().rsplit_once('/')?;
    let folder = if folder.is_empty() { "/" } else { folder };
    Some(super::super::systemd::exec_word(&format!("-{folder}")).replace("$$", "$"))
}

/// NixOS's own firewall, opened towards the tailnet only.
fn firewall(host: &Host, nginx: &Nginx, module: &mut Module) {
    let ports = |transport: Transport| {
        let listeners = nginx.listeners();
        let own = listeners.into_iter().filter(|(of, _)| *of == transport);
        NixValue::List(own.map(|(_, port)| port.get().into()).collect())
    };
    let interface = host.tailnet_interface().map_or("tailscale0", |name| name.as_str());
    let mut open = NixSet::new();
    for (option, transport) in [("allowedTCPPorts", Transport::Tcp), ("allowedUDPPorts", Transport::Udp)] {
        if let NixValue::List(ports) = ports(transport)
            && !ports.is_empty()
        {
            open.set(option, NixValue::List(ports));
        }
    }
    if !open.is_empty() {
        let path = AttrPath::of("networking.firewall.interfaces").name(interface);
        module.bind(
            Binding::new(path, open)
                .comment("Open to the tailnet, and to nobody else. (HTTP/3 is UDP.)")
                .spaced(),
        );
    }
}
