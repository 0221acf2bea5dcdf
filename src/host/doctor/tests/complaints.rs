//! What each check complains of.

use serde_json::json;

use super::world::*;
use crate::host::doctor::facts::{Facts, Family, Lookup};
use crate::host::show::State;
use crate::host::tailnet::RelayAnswers;
use crate::host::unknown::Unknown;
use crate::localapi::Error;

/// What one check says that is not good: how bad, a part of the sentence, the command.
pub(super) type Bad = (State, &'static str, &'static str);

/// Each check, and everything that it can complain of.
#[allow(clippy::too_many_lines, reason = "one line a complaint")]
pub(super) fn complaints() -> Vec<(&'static str, Facts, Bad)> {
    use State::{CannotTell, Degraded, Down};
    let set = |facts: fn(&mut World)| but(facts);
    let nft = "sudo tsctl firewall status";
    let restart = "sudo systemctl restart tailscaled";
    vec![
        (
            "clock",
            set(|w| w.facts.home_relay.as_mut().unwrap().time = Some(NOW.unix() + 7_300)),
            (Down, "2 h away", "sudo systemctl restart systemd-timesyncd"),
        ),
        (
            "clock",
            set(|w| w.facts.clock.as_mut().unwrap().is_kept = false),
            (Degraded, "nothing keeps", "sudo timedatectl set-ntp true"),
        ),
        (
            "clock",
            set(|w| w.facts.clock.as_mut().unwrap().is_synchronised = false),
            (Degraded, "no time server", "timedatectl timesync-status"),
        ),
        (
            "clock",
            set(|w| {
                w.facts.clock = Err("there is no timedatectl here".into());
                w.facts.home_relay = Err("".into());
            }),
            (CannotTell, "no timedatectl", ""),
        ),
        (
            "disk",
            set(|w| w.facts.disks.values_mut().for_each(|disk| disk.free = 1_000)),
            (
                Down,
                "/var/lib/tailscale is full (1.0 kB free)",
                "sudo journalctl --vacuum-size=200M",
            ),
        ),
        (
            "disk",
            set(|w| w.facts.disks.values_mut().for_each(|disk| disk.free_files_percent = 0)),
            (Down, "is full (no file free)", "sudo journalctl --vacuum-size=200M"),
        ),
        (
            "disk",
            set(|w| w.facts.disks.values_mut().for_each(|disk| disk.free = 4_000_000_000)),
            (Degraded, "almost full", "sudo journalctl --vacuum-size=200M"),
        ),
        (
            "disk",
            set(|w| w.facts.disks.clear()),
            (CannotTell, "no directory of state", ""),
        ),
        (
            "units",
            set(|w| w.facts.units.as_mut().unwrap().failed.push("cups.service".to_owned())),
            (Degraded, "cups.service failed", "journalctl -u cups.service -n 50"),
        ),
        (
            "units",
            set(|w| w.facts.units.as_mut().unwrap().failed.push("nginx.service".to_owned())),
            (Down, "nginx.service failed", "journalctl -u nginx.service -n 50"),
        ),
        (
            "units",
            set(|w| w.facts.units = Err("there is no systemctl here".into())),
            (CannotTell, "no systemctl", ""),
        ),
        (
            "tun",
            set(|w| w.facts.kernel.has_tun = false),
            (Down, "no /dev/net/tun", "sudo modprobe tun"),
        ),
        (
            "tun",
            set(|w| {
                w.facts.kernel.has_tun = false;
                w.status["TUN"] = false.into();
            }),
            (Degraded, "goes without an interface", "sudo modprobe tun"),
        ),
        (
            "daemon",
            set(|w| w.facts.tailscaled.status = Err(Error::NoSocket("/run/tailscale/tailscaled.sock".into()))),
            (
                Down,
                "there is no /run/tailscale/tailscaled.sock",
                "sudo systemctl start tailscaled",
            ),
        ),
        (
            "daemon",
            set(|w| w.facts.tailscaled.status = Err(Error::SocketClosed("/s".into()))),
            (CannotTell, "may not open", "ls -l /s"),
        ),
        (
            "daemon",
            set(|w| w.status["Version"] = "1.58.2".into()),
            (Degraded, "older than 1.60", "sudo nixos-rebuild switch --upgrade"),
        ),
        (
            "login",
            set(|w| w.status["BackendState"] = "NeedsLogin".into()),
            (Down, "nobody is logged in", "sudo tsctl auth --login"),
        ),
        (
            "login",
            set(|w| w.status["BackendState"] = "Stopped".into()),
            (Down, "told to be down", "sudo tailscale up"),
        ),
        (
            "key",
            set(|w| w.status["Self"]["KeyExpiry"] = "2026-11-22T04:05:00Z".into()),
            (Degraded, "expires in 2 days", "sudo tsctl auth --login"),
        ),
        (
            "key",
            set(|w| w.status["BackendState"] = "Stopped".into()),
            (CannotTell, "not connected", ""),
        ),
        (
            "control",
            set(|w| w.status["Self"]["Online"] = false.into()),
            (Degraded, "control plane is not reached", "tailscale netcheck"),
        ),
        (
            "health",
            set(|w| w.status["Health"] = json!(["something is odd"])),
            (Degraded, "something is odd", "journalctl -u tailscaled -n 50"),
        ),
        (
            "relays",
            set(|w| {
                silence(w);
                w.facts.home_relay.as_mut().unwrap().connects = false;
            }),
            (Down, "neither over UDP", "tailscale netcheck"),
        ),
        (
            "relays",
            set(silence),
            (Degraded, "UDP is blocked", "tailscale netcheck"),
        ),
        (
            "relays",
            set(|w| w.facts.home_relay.as_mut().unwrap().connects = false),
            (Degraded, "derp2.lab is not reached over TCP", "tailscale netcheck"),
        ),
        (
            "relays",
            set(|w| w.facts.relays = Ok(RelayAnswers::default())),
            (CannotTell, "knows no relays", ""),
        ),
        (
            "nat",
            set(|w| {
                let last = w.facts.relays.as_mut().unwrap().mapped.values_mut().last();
                last.unwrap().set_port(9);
            }),
            (Degraded, "hard NAT", "tailscale netcheck"),
        ),
        ("nat", set(silence), (CannotTell, "UDP is blocked", "")),
        (
            "paths",
            set(|w| each_peer(w, |peer| peer["CurAddr"] = "".into())),
            (Degraded, "everything in use goes through relays", "tailscale ping beta"),
        ),
        (
            "paths",
            set(|w| {
                each_peer(w, |peer| {
                    peer["CurAddr"] = "".into();
                    peer["Relay"] = "".into();
                });
            }),
            (Degraded, "no path to beta", "tailscale ping beta"),
        ),
        (
            "mtu",
            set(|w| w.facts.kernel.interface.1 = None),
            (Down, "no interface tailscale0", restart),
        ),
        (
            "mtu",
            set(|w| w.facts.kernel.interface.1 = Some(1_500)),
            (
                Degraded,
                "is 1500 instead of 1280",
                "sudo ip link set dev tailscale0 mtu 1280",
            ),
        ),
        (
            "magic-dns",
            set(|w| w.status["CurrentTailnet"]["MagicDNSEnabled"] = false.into()),
            (
                Degraded,
                "MagicDNS is off",
                "xdg-open https://login.tailscale.com/admin/dns",
            ),
        ),
        (
            "magic-dns",
            set(|w| w.facts.names.by_tailscaled = Ok(Lookup::Silent)),
            (Down, "does not answer", restart),
        ),
        (
            "magic-dns",
            set(|w| w.facts.names.by_tailscaled = Ok(Lookup::NoSuchName)),
            (Degraded, "there is no such name", "tailscale dns status"),
        ),
        (
            "resolver",
            set(|w| w.facts.names.by_resolver = Ok(Lookup::NoSuchName)),
            (
                Degraded,
                "does not ask tailscaled",
                "sudo systemctl restart systemd-resolved",
            ),
        ),
        (
            "resolver",
            set(|w| w.facts.names.by_resolver = Ok(Lookup::Silent)),
            (
                Down,
                "127.0.0.53 of /etc/resolv.conf (systemd-resolved) does not answer",
                "sudo systemctl restart systemd-resolved",
            ),
        ),
        (
            "resolver",
            set(|w| w.facts.names.resolver.as_mut().unwrap().servers.clear()),
            (Down, "names no resolver", "sudo systemctl restart systemd-resolved"),
        ),
        (
            "exit-node",
            set(|w| {
                uses_gamma(w);
                w.facts.exit_node_answers = Ok(Some(false));
            }),
            (
                Down,
                "gamma does not answer through the tunnel",
                "sudo tailscale set --exit-node=",
            ),
        ),
        (
            "exit-node",
            set(|w| {
                uses_gamma(w);
                w.facts.relays.as_mut().unwrap().mapped.clear();
                w.facts.home_relay.as_mut().unwrap().connects = false;
            }),
            (
                Down,
                "nothing that is sent through it arrives",
                "sudo tailscale set --exit-node=",
            ),
        ),
        (
            "exit-node",
            set(|w| w.prefs["ExitNodeID"] = "nobody".into()),
            (Down, "is not in this tailnet", "sudo tailscale set --exit-node="),
        ),
        (
            "exit-node",
            set(|w| {
                uses_gamma(w);
                w.facts.exit_node_answers = Ok(None);
            }),
            (CannotTell, "address of the exit node", ""),
        ),
        (
            "routes",
            set(offers),
            (
                Degraded,
                "waiting for approval in the admin console: 192.168.10.0/24",
                "xdg-open https://login.tailscale.com/admin/machines",
            ),
        ),
        (
            "routes",
            set(|w| expect(w, json!({"routes": ["10.9.0.0/16"], "exitNode": true}))),
            (
                Degraded,
                "offers 10.9.0.0/16, 0.0.0.0/0, ::/0, and tailscaled does not",
                "sudo systemctl restart tailscaled-set",
            ),
        ),
        (
            "forwarding",
            set(|w| {
                offers(w);
                w.facts.tailscaled.forwarding = Some("IP forwarding is disabled.\nmore".to_owned());
            }),
            (
                Down,
                "IP forwarding is disabled.",
                "sudo sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            ),
        ),
        (
            "udp-gro",
            set(|w| {
                offers(w);
                w.facts.udp_gro = Ok(Some("UDP GRO is off".to_owned()));
            }),
            (
                Degraded,
                "UDP GRO is off",
                "sudo ethtool -K enp3s0 rx-udp-gro-forwarding on rx-gro-list off",
            ),
        ),
        (
            "reverse-path",
            set(|w| {
                offers(w);
                w.prefs["NetfilterMode"] = 0.into();
                w.facts.kernel.reverse_path = Some(1);
            }),
            (
                Degraded,
                "rp_filter is strict",
                "sudo sysctl -w net.ipv4.conf.all.rp_filter=2",
            ),
        ),
        (
            "reverse-path",
            set(|w| w.facts.kernel.reverse_path = None),
            (CannotTell, "rp_filter", ""),
        ),
        (
            "rules",
            set(|w| w.facts.kernel.rules.as_mut().unwrap().retain(|rule| rule.1 != 5_270)),
            (Down, "5270 are missing", restart),
        ),
        (
            "rules",
            set(|w| {
                w.facts
                    .kernel
                    .rules
                    .as_mut()
                    .unwrap()
                    .push((Family::V4, 100, "from all lookup 9".to_owned()));
            }),
            (
                Degraded,
                "come before tailscaled's, and may lead elsewhere: 100",
                "ip rule show",
            ),
        ),
        ("rules", set(|w| w.facts.kernel.rules = None), (CannotTell, "ip(8)", "")),
        (
            "table-52",
            set(|w| w.facts.kernel.table_52 = Some((0, false))),
            (Down, "table 52 is empty", restart),
        ),
        ("table-52", set(uses_gamma), (Down, "no default route", restart)),
        (
            "table-52",
            set(|w| w.facts.kernel.table_52 = None),
            (CannotTell, "ip(8)", ""),
        ),
        (
            "firewall-mode",
            set(|w| tell_tailscaled(w, "true")),
            (
                Degraded,
                "\"true\", and none of auto, nftables, iptables",
                "sudo systemctl edit tailscaled",
            ),
        ),
        (
            "firewall-mode",
            set(|w| tell_tailscaled(w, "iptables")),
            (Degraded, "beside the zones", "sudo systemctl edit tailscaled"),
        ),
        (
            "firewall-mode",
            set(|w| w.facts.units.as_mut().unwrap().units.clear()),
            (CannotTell, "no tailscaled.service", ""),
        ),
        (
            "firewall",
            set(|w| w.facts.firewall = Ok((Down, vec!["table inet tailwright is not loaded".to_owned()]))),
            (Down, "is not loaded", "sudo systemctl restart nftables"),
        ),
        (
            "firewall",
            set(|w| w.facts.firewall = Ok((Degraded, vec!["the table is not the one".to_owned()]))),
            (Degraded, "is not the one", nft),
        ),
        (
            "firewall",
            set(|w| w.facts.firewall = Err(Unknown::NeedsRoot)),
            (CannotTell, "only root may look", "sudo tsctl doctor"),
        ),
        (
            "port-22",
            set(|w| w.facts.ssh = Ok(None)),
            (
                Down,
                "at tailscale0, enp3s0, and nobody answers",
                "sudo systemctl start sshd",
            ),
        ),
        (
            "port-22",
            set(|w| {
                w.prefs["RunSSH"] = true.into();
                w.facts.ssh = Ok(None);
            }),
            (Down, "at enp3s0, and nobody", "sudo systemctl start sshd"),
        ),
        (
            "port-22",
            set(|w| w.facts.ssh = Ok(Some(String::new()))),
            (Degraded, "says nothing", "sudo systemctl restart sshd"),
        ),
        (
            "port-22",
            set(|w| expect(w, json!({"tailscaleSsh": true}))),
            (Degraded, "tailscaled has it off", "sudo tailscale set --ssh"),
        ),
        (
            "nginx",
            set(|w| {
                w.facts.listens.as_mut().unwrap().remove(&443);
            }),
            (Down, "nobody listens at TCP 443", "sudo systemctl restart nginx"),
        ),
        (
            "nginx",
            set(|w| unit(w, "nginx.service").active = "failed".to_owned()),
            (Down, "systemd says failed", "sudo systemctl restart nginx"),
        ),
        (
            "nginx",
            set(|w| unit(w, "nginx.service").is_there = false),
            (Down, "there is no nginx.service", "sudo nixos-rebuild switch"),
        ),
        (
            "nginx-config",
            set(|w| w.facts.nginx.as_mut().unwrap().refused = Some("[emerg] unknown directive".to_owned())),
            (Down, "unknown directive", "sudo tsctl nginx test"),
        ),
        (
            "nginx-config",
            set(|w| w.facts.nginx = Err(Unknown::NeedsRoot)),
            (CannotTell, "only root may look", "sudo tsctl doctor"),
        ),
        (
            "certificates",
            set(|w| ends_in(w, Ok(NOW.unix() + 13 * DAY))),
            (
                Degraded,
                "/var/lib/acme/a.example/cert.pem ends in 13 days",
                "sudo systemctl start acme-a.example.service",
            ),
        ),
        (
            "certificates",
            set(|w| ends_in(w, Ok(NOW.unix() - DAY))),
            (Down, "ended 24 h ago", "sudo systemctl start acme-a.example.service"),
        ),
        (
            "certificates",
            set(|w| ends_in(w, Err("it is no certificate".into()))),
            (
                Down,
                "it is no certificate",
                "sudo ls -l /var/lib/acme/a.example/cert.pem",
            ),
        ),
        (
            "certificates",
            set(|w| w.facts.nginx = Err(Unknown::NeedsRoot)),
            (CannotTell, "only root may look", "sudo tsctl doctor"),
        ),
        (
            "secrets",
            set(|w| secret(w, Ok(None))),
            (
                Down,
                "there is no /run/secrets/tailscale-authkey",
                "sudo systemctl restart sops-install-secrets",
            ),
        ),
        (
            "secrets",
            set(|w| secret(w, file(0o444, "root", false))),
            (
                Degraded,
                "open to everybody (mode 0444)",
                "sudo chmod 0400 /run/secrets/tailscale-authkey",
            ),
        ),
        (
            "secrets",
            set(|w| secret(w, file(0o440, "root", false))),
            (
                Degraded,
                "mode 0440 instead of 0400",
                "sudo chmod 0400 /run/secrets/tailscale-authkey",
            ),
        ),
        (
            "secrets",
            set(|w| secret(w, file(0o400, "nginx", false))),
            (
                Degraded,
                "belongs to nginx instead of root",
                "sudo chown root /run/secrets/tailscale-authkey",
            ),
        ),
        (
            "secrets",
            set(|w| secret(w, file(0o400, "root", true))),
            (Down, "is empty", "sudo systemctl restart sops-install-secrets"),
        ),
        (
            "secrets",
            set(|w| secret(w, Err(Unknown::NeedsRoot))),
            (CannotTell, "only root may look", "sudo tsctl doctor"),
        ),
        (
            "secrets",
            set(|w| w.facts.settings = Err("no settings".into())),
            (CannotTell, "no settings", ""),
        ),
        (
            "monitor",
            set(|w| w.facts.monitor = Ok(None)),
            (Degraded, "nobody is told", "sudo systemctl start tailwright-monitor"),
        ),
        (
            "monitor",
            set(|w| unit(w, "tailwright-monitor.service").active = "failed".to_owned()),
            (
                Degraded,
                "systemd says failed",
                "journalctl -u tailwright-monitor -n 50",
            ),
        ),
        (
            "monitor",
            set(|w| w.facts.monitor = Ok(Some(report(json!({"pause": {}}))))),
            (Degraded, "paused", "sudo tsctl failover resume"),
        ),
        (
            "monitor",
            set(|w| w.facts.monitor = Ok(Some(report(json!({"alarms": ["state-unwritable"]}))))),
            (Degraded, "cannot be written", "df -h /var/lib/tailwright-monitor"),
        ),
        (
            "monitor",
            set(|w| w.facts.monitor = Err("the monitor does not answer".into())),
            (CannotTell, "does not answer", ""),
        ),
    ]
}
