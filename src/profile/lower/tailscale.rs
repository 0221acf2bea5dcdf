//! `network.vpn.tailscale`.

use super::Scope;
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{ExitNodeChoice, FileRef, FirewallMode, Tailscale};
use crate::net::{HostName, InterfaceName, Port};
use crate::profile::written;

const GROUP: &str = "network.vpn.tailscale";

/// The tunnel's interface unless `interfaceName` says otherwise (NixOS `services.tailscale.interfaceName`).
pub(super) const DEFAULT_INTERFACE: &str = Tailscale::USUAL_INTERFACE;

/// The secret that the guide keeps the auth key in.
pub(super) const AUTH_KEY_SECRET: &str = "tailscale-authkey";

pub(super) fn tailscale(
    scope: &mut Scope<'_>,
    written: Option<written::Tailscale>,
    name: &HostName,
    preset: Option<&FieldPath>,
) -> Option<Tailscale> {
    let was_written = written.is_some();
    let group = written.unwrap_or_default();
    if let (Some(preset), Some(false)) = (preset, group.enable) {
        let message = "the services preset needs Tailscale, which is turned off here";
        let finding = Finding::new(Code::PresetConflict, scope.field(GROUP).name("enable"), message);
        scope.add(
            finding
                .with(preset.clone(), "the preset is enabled here")
                .help("enable Tailscale, or do without the preset"),
        );
        return None;
    }
    if preset.is_none() && !scope.enabled(group.enable, was_written, GROUP) {
        return None;
    }
    let at = scope.field(GROUP);
    let hostname = match group.hostname {
        Some(label) => label,
        None => name.label().clone(),
    };
    let auth_key = auth_key(scope, group.auth_key_file, group.use_auth_key_file, preset.is_some());
    let advertise_routes = group.advertise_routes.unwrap_or_default();
    let use_exit_node = group.use_exit_node.and_then(|choice| {
        let field = at.name("useExitNode");
        scope.accept(choice.parse::<ExitNodeChoice>(), &field)
    });
    let interface = match group.interface_name {
        Some(interface) => interface,
        None => scope.accept(DEFAULT_INTERFACE.parse::<InterfaceName>(), &at)?,
    };
    Some(Tailscale {
        auth_key,
        hostname,
        subnet_router: group.enable_subnet_router.unwrap_or(!advertise_routes.is_empty()),
        advertise_routes,
        exit_node: group.exit_node.unwrap_or(false),
        exit_node_allow_lan_access: group.exit_node_allow_lan_access.unwrap_or(false),
        use_exit_node,
        accept_dns: group.accept_dns.unwrap_or(true),
        magic_dns: group.enable_magic_dns.unwrap_or(true),
        extra_dns_servers: group.extra_dns_servers.unwrap_or_default(),
        accept_routes: group.accept_routes.unwrap_or(false),
        ssh: group.enable_ssh.unwrap_or(false),
        shields_up: group.shields_up.unwrap_or(false),
        port: group.port.map_or(Some(Port::TAILSCALE), |port| port.0),
        interface,
        tags: group.tags.unwrap_or_default(),
        open_firewall: group.open_firewall.unwrap_or(true),
        firewall_mode: group.firewall_mode.map(|mode| match mode {
            written::FirewallMode::Auto => FirewallMode::Auto,
            written::FirewallMode::Nftables => FirewallMode::Nftables,
            written::FirewallMode::Iptables => FirewallMode::Iptables,
        }),
        extra_up_flags: flags(scope, group.extra_up_flags, "extraUpFlags"),
        extra_set_flags: flags(scope, group.extra_set_flags, "extraSetFlags"),
        extra_daemon_flags: flags(scope, group.extra_daemon_flags, "extraDaemonFlags"),
        operator: group.operator,
    })
}

fn auth_key(
    scope: &mut Scope<'_>,
    file: Option<written::FileRef>,
    used: Option<bool>,
    preset: bool,
) -> Option<FileRef> {
    let at = scope.field(GROUP);
    match (file, used) {
        (_, Some(false)) => None,
        (Some(file), _) => Some(file),
        (None, Some(true)) => {
            scope.missing(
                &at.name("useAuthKeyFile"),
                "authKeyFile",
                "an auth key is to be used, but no file is named",
                "write `authKeyFile = config.sops.secrets.\"tailscale-authkey\".path`",
            );
            None
        }
        (None, None) if preset => scope.accept(AUTH_KEY_SECRET.parse(), &at).map(FileRef::Secret),
        (None, None) => None,
    }
}

/// Arguments are passed on as they are, so they must be arguments: printable ASCII that begins with a dash.
fn flags(scope: &mut Scope<'_>, written: Option<Vec<String>>, option: &str) -> Vec<String> {
    let list = scope.field(GROUP).name(option);
    let mut accepted = Vec::new();
    for (index, flag) in written.unwrap_or_default().into_iter().enumerate() {
        let field = list.index(index);
        if flag.contains("tskey-") || flag.starts_with("--auth-key") || flag.starts_with("--authkey") {
            let message = "an auth key in an argument list can be read by every user of the host and by everybody who has the Nix store";
            scope.add(Finding::new(Code::SecretInProfile, field, message).help("use `authKeyFile`"));
        } else if flag.starts_with('-') && flag.len() > 1 && flag.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            accepted.push(flag);
        } else {
            let message =
                "expected one argument that begins with a dash, such as `--netfilter-mode=on`, in printable ASCII";
            scope.add(Finding::new(Code::InvalidValue, field, message));
        }
    }
    accepted
}
