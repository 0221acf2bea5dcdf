//! `modules/network/vpn/tailscale.nix`: the daemon and its preferences.
//!
//! `tailscale up` is a login: NixOS runs it for a node that is not logged in, and no more. `tailscale set` is what makes a
//! running node converge, at every activation. Whatever `set` can set is therefore said to it, and said again to `up`,
//! which refuses a second login that leaves out a preference that differs from its default (NixOS
//! `services.tailscale.{extraSetFlags,extraUpFlags}`; tailscale `cmd/tailscale/cli/{set,up}.go` of 1.103).

use std::fmt::Display;

use super::systemd::{device_unit, exec_word, flag_in_environment};
use super::value::{AttrPath, Binding, Call, NixSet, NixValue, Reference, Template};
use super::{Module, secrets, tailscale_command};
use crate::model::{ExitNodeChoice, FirewallMode, Host, SHARED_FLAGS, Tailscale};
use crate::net::InterfaceName;

/// The module; `None` for a host without Tailscale.
pub fn tailscale(host: &Host) -> Option<Module> {
    let tailscale = host.tailscale.as_ref()?;
    let flags = Flags::of(tailscale);
    let mut module = Module::new("Tailscale: the daemon, its login and its preferences.");
    module.bind(Binding::new("services.tailscale", daemon(host, tailscale, &flags)));
    if let Some(backend) = backend(host) {
        module.bind(
            Binding::new(
                AttrPath::of("systemd.services.tailscaled.environment.TS_DEBUG_FIREWALL_MODE"),
                backend,
            )
            .comment(
                "Which netfilter backend tailscaled programs. It has to be said: NixOS puts iptables on tailscaled's PATH, so\n\
                 that it would never find out by itself that the host uses nftables.",
            )
            .spaced(),
        );
    }
    if let Some(key) = &tailscale.auth_key
        && secrets::needs_installing(key)
    {
        module.bind(
            Binding::new("systemd.services.tailscaled-autoconnect", secrets::after_installing())
                .comment(secrets::AFTER_INSTALLING)
                .spaced(),
        );
    }
    if matches!(tailscale.use_exit_node, Some(ExitNodeChoice::Node(_))) {
        let mut service = NixSet::new();
        tailscale_command::try_again(&mut service);
        module.bind(
            Binding::new("systemd.services.tailscaled-set.serviceConfig", service)
            .comment(
                "An exit node that is given by name is looked up among the peers, and refused while it is not there or\n\
                 does not offer itself.",
            )
            .spaced(),
        );
    }
    if host.tuning.as_ref().is_some_and(|tuning| tuning.udp_gro) {
        let interfaces = host.uplinks();
        for (position, interface) in interfaces.iter().enumerate() {
            let unit = AttrPath::of("systemd.services").name(format!("tailwright-udp-gro-{interface}"));
            let mut binding = Binding::new(unit, udp_gro(interface)).spaced();
            if position == 0 {
                binding = binding.comment(
                    "Lets the network card hand over forwarded UDP in larger pieces (kernel 6.2 and later). Not every card\n\
                     can: a failure is ignored.",
                );
            }
            module.bind(binding);
        }
    }
    Some(module)
}

/// The value of `TS_DEBUG_FIREWALL_MODE`; `None` where a line beside the profile has one that works.
fn backend(host: &Host) -> Option<NixValue> {
    let other = host.upstream.tailscaled_firewall_mode.as_ref();
    let other = other.map(|(other, _)| other.as_str());
    match (host.tailscaled_backend(), other) {
        // A check has told of the other line; without this NixOS would refuse the pair.
        (Some(mode), Some(other)) if other != mode.as_str() => Some(NixValue::mk_force(mode.as_str())),
        (Some(mode), _) => Some(mode.as_str().into()),
        (None, None) => Some(NixValue::mk_if(
            Reference::config("networking.nftables.enable"),
            FirewallMode::Nftables.as_str(),
        )),
        (None, Some(other)) => {
            let wrong = FirewallMode::named(other).is_none();
            wrong.then(|| NixValue::mk_force(FirewallMode::Auto.as_str()))
        }
    }
}

fn daemon(host: &Host, tailscale: &Tailscale, flags: &Flags) -> NixSet {
    let mut daemon = NixSet::new()
        .with("enable", true)
        .with("port", tailscale.port.map_or(0, u16::from));
    daemon.set("interfaceName", tailscale.interface.to_string());
    let forwards = tailscale.forwards();
    // The monitor may come to use an exit node as well.
    let fails_over = host
        .monitoring
        .as_ref()
        .is_some_and(|monitoring| monitoring.auto_failover && !monitoring.exit_nodes.is_empty());
    let (features, comment) = match (forwards, tailscale.is_client() || fails_over) {
        (true, true) => (
            "both",
            "Turns forwarding on, and relaxes the reverse path filter of NixOS's firewall.",
        ),
        (true, false) => ("server", "Turns forwarding on."),
        (false, true) => ("client", "Relaxes the reverse path filter of NixOS's firewall."),
        (false, false) => ("none", "Neither forwards for others nor uses what others forward."),
    };
    daemon.bind(Binding::new("useRoutingFeatures", features).comment(comment));
    // Where the zones are the firewall, their own table admits the port.
    if tailscale.open_firewall && host.zones.is_none() && tailscale.port.is_some() {
        daemon.set("openFirewall", true);
    }
    if let Some(key) = &tailscale.auth_key {
        daemon.set("authKeyFile", secrets::place(key));
        daemon.bind(Binding::new("extraUpFlags", flags.up.clone()).comment(
            "For a login, which is all that NixOS uses them for. They repeat what `set` says below, because a second\n\
                 login refuses to leave out what differs from the defaults.",
        ));
    }
    let mut comment = "What the node is, applied at every activation.".to_owned();
    if tailscale.auth_key.is_none() {
        // A login sets what it does not mention back to the defaults.
        comment.push_str("\nThere is no auth key: log in once by hand, and have this applied again:\n  tailscale up");
        for flag in flags.up.iter().filter(|flag| name_of(flag) == "advertise-tags") {
            comment.push(' ');
            comment.push_str(flag);
        }
        comment.push_str(" && systemctl start tailscaled-set");
    } else if !tailscale.tags.is_empty() {
        comment.push_str(
            "\nThe tags are not among it: a node gets its tags when it logs in, and `tailscale set` cannot change them.",
        );
    }
    daemon.bind(Binding::new("extraSetFlags", flags.set.clone()).comment(comment));
    if !tailscale.extra_daemon_flags.is_empty() {
        let flags: NixValue = tailscale
            .extra_daemon_flags
            .iter()
            .map(|flag| flag_in_environment(flag))
            .collect();
        daemon.bind(
            Binding::new("extraDaemonFlags", flags)
                .comment("NixOS does not quote these: they are quoted here where they need it."),
        );
    }
    daemon
}

/// The arguments of the two commands.
struct Flags {
    up: Vec<String>,
    set: Vec<String>,
}

impl Flags {
    fn of(tailscale: &Tailscale) -> Self {
        let mut flags = Self {
            up: Vec::new(),
            set: Vec::new(),
        };
        flags.preferences(tailscale);
        flags.written(tailscale);
        flags
    }

    fn preferences(&mut self, tailscale: &Tailscale) {
        self.both("hostname", &tailscale.hostname);
        let routes: Vec<String> = tailscale.routes().iter().map(ToString::to_string).collect();
        self.both("advertise-routes", routes.join(","));
        self.switch("advertise-exit-node", tailscale.exit_node);
        self.exit_node(tailscale);
        self.switch("accept-dns", tailscale.accept_dns);
        self.switch("accept-routes", tailscale.accept_routes);
        self.switch("ssh", tailscale.ssh);
        self.switch("shields-up", tailscale.shields_up);
        match &tailscale.operator {
            Some(operator) => self.both("operator", operator),
            // Who it is may be settled by hand; a login only has to mention it.
            None => self.up.push("--operator=".to_owned()),
        }
        if !tailscale.tags.is_empty() {
            let tags: Vec<String> = tailscale.tags.iter().map(ToString::to_string).collect();
            self.up.push(format!("--advertise-tags={}", tags.join(",")));
        }
    }

    fn exit_node(&mut self, tailscale: &Tailscale) {
        let lan = tailscale.exit_node_allow_lan_access;
        // A name is looked up among the peers, and before the login there are none.
        let known_before_login = match &tailscale.use_exit_node {
            Some(ExitNodeChoice::Auto | ExitNodeChoice::Address(_)) => tailscale.use_exit_node.as_ref(),
            Some(ExitNodeChoice::Node(_)) | None => None,
        };
        if let Some(choice) = known_before_login {
            self.up.push(format!("--exit-node={choice}"));
            self.up.push(switch("exit-node-allow-lan-access", lan));
        } else {
            self.up.push("--exit-node=".to_owned());
            self.up.push(switch("exit-node-allow-lan-access", false));
        }
        // Where the profile names none, the choice is left to `tailscale set` by hand and to the monitor.
        if let Some(choice) = &tailscale.use_exit_node {
            self.set.push(format!("--exit-node={choice}"));
        }
        // It means nothing on a node that is an exit node and uses none.
        if tailscale.use_exit_node.is_some() || !tailscale.exit_node {
            self.set.push(switch("exit-node-allow-lan-access", lan));
        }
    }

    /// What the profile adds by hand wins over the options: of a flag that is given twice, one is left.
    fn written(&mut self, tailscale: &Tailscale) {
        for flag in &tailscale.extra_up_flags {
            replace(&mut self.up, flag);
            if SHARED_FLAGS.contains(&name_of(flag)) {
                replace(&mut self.set, flag);
            }
        }
        for flag in &tailscale.extra_set_flags {
            replace(&mut self.set, flag);
            if SHARED_FLAGS.contains(&name_of(flag)) {
                replace(&mut self.up, flag);
            }
        }
    }

    fn both(&mut self, name: &str, value: impl Display) {
        let flag = format!("--{name}={value}");
        self.up.push(flag.clone());
        self.set.push(flag);
    }

    fn switch(&mut self, name: &str, on: bool) {
        self.up.push(switch(name, on));
        self.set.push(switch(name, on));
    }
}

fn switch(name: &str, on: bool) -> String {
    if on {
        format!("--{name}")
    } else {
        format!("--{name}=false")
    }
}

fn replace(flags: &mut Vec<String>, flag: &str) {
    flags.retain(|present| name_of(present) != name_of(flag));
    flags.push(flag.to_owned());
}

/// `--advertise-routes=…` is called `advertise-routes`; Go takes one dash or two.
fn name_of(flag: &str) -> &str {
    let name = flag
        .strip_prefix("--")
        .or_else(|| flag.strip_prefix('-'))
        .unwrap_or(flag);
    name.split_once('=').map_or(name, |(name, _)| name)
}

fn udp_gro(interface: &InterfaceName) -> NixSet {
    let device = device_unit(interface);
    let command = Template::new()
        .text("-")
        .value(Call::get_exe(Reference::package("ethtool")))
        .text(format!(
            " -K {} rx-udp-gro-forwarding on rx-gro-list off",
            exec_word(interface.as_str())
        ));
    NixSet::new()
        .with("description", format!("UDP GRO forwarding on {interface}"))
        .with("wantedBy", [device.as_str()])
        .with("bindsTo", [device.as_str()])
        .with("after", [device.as_str()])
        .with(
            "serviceConfig",
            NixSet::new()
                .with("Type", "oneshot")
                .with("RemainAfterExit", true)
                .with("ExecStart", command),
        )
}

#[cfg(test)]
mod tests;
