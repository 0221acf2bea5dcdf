//! What goes through others, and what others send through this machine.

use super::{Outcome, count, degraded, down, judged, prefs, running, unknown, untold};
use crate::host::doctor::facts::Facts;
use crate::host::show::{Reason, State};
use crate::host::tailnet::judge::{about_exit_node, about_routes};

/// The exit node in use: chosen, allowed, seen by the control plane, reached through the tunnel, and forwarding.
pub(in crate::host::doctor) fn exit_node(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        prefs(facts)?;
        let Some(exit) = facts.node.exit_node.as_ref() else {
            return Ok(Outcome::good("none is used"));
        };
        let name = exit.name.clone().unwrap_or_else(|| exit.id.clone());
        if let Some(reason) = about_exit_node(Some(exit)) {
            return Ok(Outcome::bad(reason));
        }
        let leave = "sudo tailscale set --exit-node=";
        match &facts.exit_node_answers {
            Ok(Some(true)) => {}
            Ok(Some(false)) => {
                let text = format!("{name} does not answer through the tunnel: nothing gets out");
                return Ok(Outcome::bad(down(text, leave)));
            }
            Ok(None) => return Err(untold("the address of the exit node is not known")),
            Err(why) => return Err(unknown(why)),
        }
        // What this process sends goes out through the exit node, the questions to the relays among it.
        let answers = match &facts.relays {
            Ok(relays) if relays.regions.is_empty() => return Err(untold("there is no relay to ask through it")),
            Ok(relays) => !relays.mapped.is_empty(),
            Err(why) => return Err(unknown(why)),
        };
        let over_tcp = facts.home_relay.as_ref().is_ok_and(|home| home.connects);
        Ok(if answers || over_tcp {
            Outcome::good(format!("{name} answers and forwards"))
        } else {
            let text = format!("{name} answers, and nothing that is sent through it arrives in the internet");
            Outcome::bad(down(text, leave))
        })
    })
}

/// The routes that are offered are those of the profile, and approved.
pub(in crate::host::doctor) fn routes(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        prefs(facts)?;
        let offered = &facts.node.routes.advertised;
        let mut reasons: Vec<Reason> = about_routes(&facts.node.routes, None);
        if let Some(settings) = facts.settings() {
            let is_offered = |prefix: &str| offered.iter().any(|route| route.prefix == prefix);
            let mut wanted: Vec<String> = settings.expected.routes.iter().map(ToString::to_string).collect();
            if settings.expected.exit_node {
                wanted.extend(["0.0.0.0/0".to_owned(), "::/0".to_owned()]);
            }
            let missing: Vec<&str> = wanted
                .iter()
                .map(String::as_str)
                .filter(|prefix| !is_offered(prefix))
                .collect();
            if !missing.is_empty() {
                let text = format!("the profile offers {}, and tailscaled does not", missing.join(", "));
                reasons.push(degraded(text, "sudo systemctl restart tailscaled-set"));
            }
        }
        let approved = offered.iter().filter(|route| route.approved).count();
        let found = match offered.len() {
            0 => "none".to_owned(),
            all => format!("{}, {approved} approved", count(all, "prefix", "prefixes")),
        };
        Ok(Outcome::of(found, reasons))
    })
}

/// Packets are forwarded, where something is offered.
pub(in crate::host::doctor) fn forwarding(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        if prefs(facts)?.advertise_routes.is_empty() {
            return Ok(Outcome::good("nothing is offered, nothing has to be forwarded"));
        }
        let Some(advice) = facts.tailscaled.forwarding.as_ref() else {
            return Ok(Outcome::good("on"));
        };
        let text = advice.lines().next().unwrap_or_default();
        let command = "sudo sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1";
        Ok(Outcome::bad(down(text, command)))
    })
}

/// Packets are forwarded fast, where something is offered.
pub(in crate::host::doctor) fn udp_gro(facts: &Facts) -> Outcome {
    judged(|| {
        running(facts)?;
        if prefs(facts)?.advertise_routes.is_empty() {
            return Ok(Outcome::good("nothing is offered, nothing has to be forwarded"));
        }
        let advice = facts.udp_gro.as_ref().map_err(unknown)?;
        Ok(match advice {
            None => Outcome::good("nothing is in the way"),
            Some(advice) => {
                let text = advice.lines().next().unwrap_or_default();
                let uplink = facts.kernel.uplink.as_deref().unwrap_or("IFACE");
                let command = format!("sudo ethtool -K {uplink} rx-udp-gro-forwarding on rx-gro-list off");
                Outcome::bad(Reason::new(State::Degraded, text).command(command))
            }
        })
    })
}
