//! What is complained of: what this machine runs beside tailscaled.

use serde_json::json;

use super::super::world::*;
use super::{Complaint, NFT, set};
use crate::host::show::State::{CannotTell, Degraded, Down};
use crate::host::tailnet::Certificate;
use crate::host::unknown::Unknown;

#[allow(clippy::too_many_lines, reason = "one line a complaint")]
pub(super) fn complaints() -> Vec<Complaint> {
    vec![
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
            (Degraded, "is not the one", NFT),
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
            set(|w| {
                let ended = Certificate::Ends(NOW.unix() - DAY);
                w.facts.tailscaled.certificates.push(("alpha.ts.net".to_owned(), ended));
            }),
            (
                Down,
                "the certificate of alpha.ts.net ended 24 h ago",
                "sudo tsctl cert --renew alpha.ts.net",
            ),
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
        (
            "services",
            set(|w| answers(w, Ok(service(Err("the connection was refused"))))),
            (
                Down,
                "ollama does not answer at 127.0.0.1:11434: the connection was refused",
                "sudo ss -ltnp 'sport = :11434'",
            ),
        ),
        (
            "services",
            set(|w| answers(w, Ok(service(Ok(Some(502)))))),
            (
                Degraded,
                "ollama answers with status 502",
                "sudo ss -ltnp 'sport = :11434'",
            ),
        ),
        (
            "services",
            set(|w| answers(w, Err(Unknown::NeedsRoot))),
            (CannotTell, "only root may look", "sudo tsctl doctor"),
        ),
    ]
}
