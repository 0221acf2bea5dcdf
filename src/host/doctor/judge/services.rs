//! What this machine runs beside tailscaled.

use super::{Outcome, count, degraded, down, judged, prefs, unknown, untold};
use crate::host::doctor::facts::Facts;
use crate::host::failover::reasons::{not_running, reasons_besides_tailscaled};
use crate::host::show::{Reason, State};
use crate::host::tailnet::{CERTIFICATE_SOON, Certificate, ends, span};
use crate::host::unknown::Unknown;
use crate::net::Port;

/// The rules that tailscaled writes are those that it is told to write.
pub(in crate::host::doctor) fn firewall_mode(facts: &Facts) -> Outcome {
    const VARIABLE: &str = "TS_DEBUG_FIREWALL_MODE";
    if let Err(why) = &facts.units {
        return unknown(why);
    }
    let Some(unit) = facts.unit("tailscaled.service") else {
        return untold("systemd knows no tailscaled.service");
    };
    let wants_zones = facts.settings().is_some_and(|settings| settings.expected.zones);
    let mend = "sudo systemctl edit tailscaled";
    match unit.environment.get(VARIABLE).map(String::as_str) {
        Some(mode @ ("auto" | "nftables" | "iptables")) => {
            if wants_zones && mode == "iptables" {
                let text = "tailscaled writes its rules with iptables, beside the zones in nftables";
                return Outcome::bad(degraded(text, mend));
            }
            Outcome::good(mode)
        }
        Some(other) => Outcome::bad(degraded(
            format!("{VARIABLE} is {other:?}, and none of auto, nftables, iptables: tailscaled does not know it"),
            mend,
        )),
        None => Outcome::good("as tailscaled chooses"),
    }
}

/// The zone firewall is loaded, as it was deployed, and alone.
pub(in crate::host::doctor) fn firewall(facts: &Facts) -> Outcome {
    match &facts.firewall {
        Err(why) => unknown(why),
        Ok((state, reasons)) => {
            let is_wanted = facts.settings().is_none_or(|settings| settings.expected.zones);
            if *state == State::Down && !is_wanted {
                return Outcome::good("the profile has no zones");
            }
            let command = match state {
                State::Down => "sudo systemctl restart nftables",
                _ => "sudo tsctl firewall status",
            };
            let reasons = reasons
                .iter()
                .map(|text| Reason::new(*state, text.as_str()).command(command))
                .collect();
            Outcome::of("loaded, as it was deployed", reasons)
        }
    }
}

/// Somebody answers on port 22 where the operator gets in by it.
pub(in crate::host::doctor) fn port_22(facts: &Facts) -> Outcome {
    judged(|| {
        let banner = facts.ssh.as_ref().map_err(unknown)?;
        let settings = facts.settings();
        let ssh = Port::constant(22);
        let wanted: Vec<&str> = settings
            .iter()
            .flat_map(|settings| &settings.management)
            .filter(|way| way.ports.contains(ssh))
            .map(|way| way.via.as_str())
            .collect();
        let tailnet = settings.map_or("tailscale0", |settings| settings.interface.as_str());
        let by_tailscaled = facts
            .tailscaled
            .prefs
            .as_ref()
            .is_some_and(|prefs| prefs.run_ssh && !prefs.shields_up);
        let mut reasons: Vec<Reason> = Vec::new();
        let found = match (banner.as_deref(), by_tailscaled) {
            (Some(""), _) => {
                let text = "something listens at port 22 of this machine and says nothing";
                reasons.push(degraded(text, "sudo systemctl restart sshd"));
                String::new()
            }
            (Some(banner), false) => format!("{banner} to everybody"),
            (Some(banner), true) => format!("tailscaled to the tailnet, {banner} elsewhere"),
            (None, true) => "tailscaled to the tailnet, nobody elsewhere".to_owned(),
            (None, false) => "nobody".to_owned(),
        };
        if banner.is_none() {
            let stranded: Vec<&str> = wanted
                .iter()
                .copied()
                .filter(|via| !(by_tailscaled && *via == tailnet))
                .collect();
            if !stranded.is_empty() {
                let text = format!(
                    "the operator gets in by SSH at {}, and nobody answers",
                    stranded.join(", ")
                );
                reasons.push(down(text, "sudo systemctl start sshd"));
            }
        }
        if settings.is_some_and(|settings| settings.expected.tailscale_ssh) {
            let prefs = prefs(facts)?;
            if !prefs.run_ssh {
                let text = "the profile has Tailscale SSH on, and tailscaled has it off";
                reasons.push(degraded(text, "sudo tailscale set --ssh"));
            }
        }
        Ok(Outcome::of(found, reasons))
    })
}

/// nginx runs, and listens where the profile says.
pub(in crate::host::doctor) fn nginx(facts: &Facts) -> Outcome {
    judged(|| {
        let wanted = facts.settings().map(|settings| &settings.expected.listens);
        let is_wanted = wanted.is_some_and(|ports| !ports.is_empty());
        let unit = facts.unit("nginx.service");
        let mut reasons: Vec<Reason> = Vec::new();
        match (&facts.units, unit) {
            (Ok(_), None) if !is_wanted => return Ok(Outcome::good("is not on this machine")),
            (Ok(_), None) => reasons.push(down(
                "the profile has services, and there is no nginx.service",
                "sudo nixos-rebuild switch",
            )),
            (Ok(_), Some(unit)) if !unit.is_active() => {
                let text = format!("nginx does not run (systemd says {})", unit.active);
                reasons.push(down(text, "sudo systemctl restart nginx"));
            }
            (Err(why), _) if !is_wanted => return Err(unknown(why)),
            _ => {}
        }
        let Some(wanted) = wanted.filter(|_| is_wanted) else {
            return Ok(Outcome::of("runs", reasons));
        };
        let open = facts.listens.as_ref().map_err(unknown)?;
        let closed: Vec<String> = wanted
            .iter()
            .filter(|port| !open.contains(&port.get()))
            .map(ToString::to_string)
            .collect();
        if !closed.is_empty() && reasons.is_empty() {
            let text = format!(
                "nobody listens at TCP {}, where the profile has services",
                closed.join(", ")
            );
            reasons.push(down(text, "sudo systemctl restart nginx"));
        }
        let ports: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        Ok(Outcome::of(format!("listens at TCP {}", ports.join(", ")), reasons))
    })
}

/// nginx would start with its configuration.
pub(in crate::host::doctor) fn nginx_config(facts: &Facts) -> Outcome {
    if facts.units.is_ok() && facts.unit("nginx.service").is_none() {
        return Outcome::good("nginx is not on this machine");
    }
    match &facts.nginx {
        Err(why) => unknown(why),
        Ok(nginx) => match &nginx.refused {
            None => Outcome::good("nginx takes it"),
            Some(said) => Outcome::bad(down(format!("nginx refuses it: {said}"), &nginx.command)),
        },
    }
}

/// The services behind nginx answer where nginx reaches them.
pub(in crate::host::doctor) fn behind_nginx(facts: &Facts) -> Outcome {
    if let Err(why) = &facts.settings {
        return unknown(why);
    }
    let mut reasons: Vec<Reason> = Vec::new();
    let mut hidden = None;
    for (name, service) in &facts.services {
        let service = match service {
            Ok(service) => service,
            Err(why) => {
                hidden = Some(why);
                continue;
            }
        };
        match &service.answer {
            Err(why) => {
                let text = format!("the service {name} does not answer at {}: {why}", service.at);
                reasons.push(down(text, &service.command));
            }
            Ok(Some(status @ 500..)) => {
                let text = format!("the service {name} answers with status {status}");
                reasons.push(degraded(text, &service.command));
            }
            Ok(_) => {}
        }
    }
    match hidden {
        Some(why) if reasons.is_empty() => unknown(why),
        _ if facts.services.is_empty() => Outcome::good("the profile has none"),
        _ => Outcome::of(
            count(facts.services.len(), "service answers", "services answer"),
            reasons,
        ),
    }
}

/// No certificate ends soon.
pub(in crate::host::doctor) fn certificates(facts: &Facts) -> Outcome {
    let now = facts.now.unix();
    let mut reasons: Vec<Reason> = facts
        .node
        .certificates
        .iter()
        .filter_map(|seen| seen.about_end_alone(now))
        .collect();
    let mut ending: Vec<u64> = facts
        .node
        .certificates
        .iter()
        .filter_map(|seen| seen.ends_unix)
        .collect();
    let is_hidden = |(_, known): &(String, Certificate)| *known == Certificate::Unknown(Unknown::NeedsRoot);
    let mut hidden = facts.tailscaled.certificates.iter().any(is_hidden);
    match &facts.nginx {
        Ok(nginx) => {
            for (file, end) in &nginx.certificates {
                let nginx_file = file.to_string_lossy();
                let file = file.display();
                match end {
                    Ok(end) => {
                        ending.push(*end);
                        let left = end.saturating_sub(now);
                        if left == 0 {
                            let text = format!("the certificate {file} {}", ends(*end, now));
                            reasons.push(down(text, renewing(&nginx_file)));
                        } else if left < CERTIFICATE_SOON {
                            let text = format!("the certificate {file} {}", ends(*end, now));
                            reasons.push(degraded(text, renewing(&nginx_file)));
                        }
                    }
                    Err(why) => reasons.push(down(
                        format!("the certificate {file} of nginx cannot be read: {why}"),
                        format!("sudo ls -l {file}"),
                    )),
                }
            }
        }
        Err(Unknown::NeedsRoot) => hidden = true,
        Err(_) => {}
    }
    if hidden && reasons.is_empty() {
        return unknown(&Unknown::NeedsRoot);
    }
    let found = ending.iter().min().map_or_else(
        || "none is kept here".to_owned(),
        |first| {
            let left = span(first.saturating_sub(now));
            format!(
                "{}, the first ends in {left}",
                count(ending.len(), "certificate", "certificates")
            )
        },
    );
    Outcome::of(found, reasons)
}

/// What gets a new certificate for that file.
fn renewing(file: &str) -> String {
    match file
        .strip_prefix("/var/lib/acme/")
        .and_then(|rest| rest.split('/').next())
    {
        Some(name) => format!("sudo systemctl start acme-{name}.service"),
        None => "sudo systemctl start tailwright-tailscale-cert".to_owned(),
    }
}

/// The files that hold secrets are there, and open to those alone who need them.
pub(in crate::host::doctor) fn secrets(facts: &Facts) -> Outcome {
    let settings = match &facts.settings {
        Err(why) => return unknown(why),
        Ok(None) => return Outcome::good("there are no settings that name any"),
        Ok(Some(settings)) => settings,
    };
    let install = if facts.unit("sops-install-secrets.service").is_some() {
        "sudo systemctl restart sops-install-secrets"
    } else {
        "sudo /run/current-system/activate"
    };
    let mut reasons: Vec<Reason> = Vec::new();
    let mut hidden = false;
    for secret in &settings.expected.secrets {
        let path = secret.path.as_str();
        let file = match facts.secrets.get(std::path::Path::new(path)) {
            Some(Ok(Some(file))) => file,
            Some(Ok(None)) => {
                reasons.push(down(format!("there is no {path}"), install));
                continue;
            }
            Some(Err(Unknown::NeedsRoot)) => {
                hidden = true;
                continue;
            }
            Some(Err(why)) => {
                reasons.push(Reason::new(State::CannotTell, format!("{path}: {why}")));
                continue;
            }
            None => continue,
        };
        let wanted = secret.mode.as_ref().and_then(|mode| u32::from_str_radix(mode, 8).ok());
        let mode = format!("{:04o}", file.mode);
        if file.mode & 0o007 != 0 {
            let text = format!("{path} is open to everybody (mode {mode})");
            let right = secret.mode.as_deref().unwrap_or("0400");
            reasons.push(degraded(text, format!("sudo chmod {right} {path}")));
        } else if let Some(wanted) = wanted.filter(|wanted| *wanted != file.mode) {
            let text = format!("{path} has mode {mode} instead of {wanted:04o}");
            reasons.push(degraded(text, format!("sudo chmod {wanted:04o} {path}")));
        }
        if let (Some(wanted), Some(owner)) = (&secret.owner, &file.owner.1)
            && wanted != owner
        {
            let text = format!("{path} belongs to {owner} instead of {wanted}");
            reasons.push(degraded(text, format!("sudo chown {wanted} {path}")));
        }
        if file.is_empty {
            reasons.push(down(format!("{path} is empty"), install));
        }
    }
    if hidden && reasons.is_empty() {
        return unknown(&Unknown::NeedsRoot);
    }
    let found = match settings.expected.secrets.len() {
        0 => "the profile has none".to_owned(),
        number => format!("{}, each with its mode", count(number, "file", "files")),
    };
    Outcome::of(found, reasons)
}

/// The monitor runs, and what it has moved.
pub(in crate::host::doctor) fn monitor(facts: &Facts) -> Outcome {
    judged(|| {
        let unit = facts.unit("tailwright-monitor.service");
        if let Some(unit) = unit.filter(|unit| unit.active == "failed") {
            // It is the same as one that was stopped; to start it again is of no use before the reason is known.
            let text = format!("{} (systemd says {})", not_running().text, unit.active);
            return Ok(Outcome::bad(degraded(text, "journalctl -u tailwright-monitor -n 50")));
        }
        let is_wanted = unit.is_some() || facts.settings().is_some();
        let Some(report) = facts.monitor.as_ref().map_err(unknown)? else {
            return Ok(if is_wanted {
                Outcome::bad(not_running())
            } else {
                Outcome::good("is not on this machine")
            });
        };
        Ok(Outcome::of(
            format!("runs, watches {}", count(report.readings.len(), "target", "targets")),
            reasons_besides_tailscaled(report),
        ))
    })
}
