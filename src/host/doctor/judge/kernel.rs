//! What the kernel has to have for tailscaled.

use super::{Outcome, count, degraded, down, judged, prefs, running, status, untold};
use crate::host::doctor::facts::{Facts, Family};
use crate::host::show::{Reason, State};

/// The MTU of tailscaled's interface: 1280, the least that IPv6 asks for (RFC 8200 section 5), leaves room for WireGuard on
/// every path.
const MTU: u32 = 1_280;

/// The rules that tailscaled adds (`wgengine/router`, `linux/router_linux.go`): its own packets go by the usual tables, all
/// others by table 52 first.
const RULES: [u32; 4] = [5_210, 5_230, 5_250, 5_270];

/// What is said of what leads into an interface that is not there: the check `mtu` says so.
const NO_INTERFACE: &str = "the tailnet has no interface";

/// Whether the tailnet's interface is missing.
fn lacks_interface(facts: &Facts) -> bool {
    facts.kernel.interface.1.is_none()
}

/// There is a device for tunnels.
pub(in crate::host::doctor) fn tun(facts: &Facts) -> Outcome {
    let has_tun = facts.kernel.has_tun;
    match facts.tailscaled.status.as_ref().map(|status| status.tun) {
        Ok(false) if has_tun => Outcome::good("not used: tailscaled has no interface (userspace networking)"),
        Ok(false) => Outcome::bad(degraded(
            "there is no /dev/net/tun, and tailscaled goes without an interface: programs do not reach the tailnet",
            "sudo modprobe tun",
        )),
        _ if has_tun => Outcome::good("/dev/net/tun is there"),
        _ => Outcome::bad(down(
            "there is no /dev/net/tun: tailscaled cannot have an interface",
            "sudo modprobe tun",
        )),
    }
}

/// The tailnet's interface is there and has its MTU.
pub(in crate::host::doctor) fn mtu(facts: &Facts) -> Outcome {
    judged(|| {
        if !status(facts)?.tun {
            return Ok(Outcome::good("none: userspace networking"));
        }
        running(facts)?;
        let (name, mtu) = &facts.kernel.interface;
        Ok(match mtu {
            None => Outcome::bad(down(
                format!("there is no interface {name}"),
                "sudo systemctl restart tailscaled",
            )),
            Some(MTU) => Outcome::good(format!("{name}, MTU {MTU}")),
            Some(other) => Outcome::bad(degraded(
                format!("the MTU of {name} is {other} instead of {MTU}: large packets may be lost on some paths"),
                format!("sudo ip link set dev {name} mtu {MTU}"),
            )),
        })
    })
}

/// The check of the way back does not drop what comes through the tunnel.
pub(in crate::host::doctor) fn reverse_path(facts: &Facts) -> Outcome {
    judged(|| {
        let status = running(facts)?;
        let prefs = prefs(facts)?;
        let kernel = &facts.kernel;
        let Some(mode) = kernel.reverse_path else {
            return Err(untold("the kernel does not say how it checks the way back (rp_filter)"));
        };
        let words = match mode {
            0 => "off",
            1 => "strict",
            _ => "loose",
        };
        let matters =
            status.tun && (facts.node.exit_node.is_some() || prefs.route_all || !prefs.advertise_routes.is_empty());
        // With netfilter in its hands tailscaled marks connections, so that the check knows the way back.
        let is_marked = kernel.marks_count && prefs.netfilter_mode == 2;
        Ok(if mode != 1 || !matters || is_marked {
            let because = if mode == 1 && is_marked {
                ", and tailscaled marks its connections"
            } else {
                ""
            };
            Outcome::good(format!("{words}{because}"))
        } else {
            Outcome::bad(degraded(
                "the kernel drops what comes by another way than it would go back (rp_filter is strict): routes and exit \
                 nodes may not work",
                "sudo sysctl -w net.ipv4.conf.all.rp_filter=2",
            ))
        })
    })
}

/// The rules that lead into the tunnel are there, and none comes before them.
pub(in crate::host::doctor) fn rules(facts: &Facts) -> Outcome {
    judged(|| {
        if !running(facts)?.tun {
            return Ok(Outcome::good("none: userspace networking"));
        }
        if lacks_interface(facts) {
            return Err(untold(NO_INTERFACE));
        }
        let Some(rules) = &facts.kernel.rules else {
            return Err(untold("ip(8) is not there, or does not list the rules"));
        };
        let mut reasons: Vec<Reason> = Vec::new();
        for (family, words) in [(Family::V4, "IPv4"), (Family::V6, "IPv6")] {
            let of_family = || rules.iter().filter(|(of, ..)| *of == family);
            // A kernel without IPv6 has no rules for it.
            if family == Family::V6 && of_family().next().is_none() {
                continue;
            }
            let missing: Vec<String> = RULES
                .iter()
                .filter(|wanted| !of_family().any(|(_, preference, _)| preference == *wanted))
                .map(ToString::to_string)
                .collect();
            if !missing.is_empty() {
                let text = format!(
                    "of the {words} rules that lead into the tunnel, {} are missing: packets may go around it",
                    missing.join(", ")
                );
                reasons.push(down(text, "sudo systemctl restart tailscaled"));
            }
            let before: Vec<String> = of_family()
                .filter(|(_, preference, text)| (1..5_200).contains(preference) && text.contains("lookup"))
                .map(|(_, preference, _)| preference.to_string())
                .collect();
            if !before.is_empty() {
                let text = format!(
                    "other {words} rules come before tailscaled's, and may lead elsewhere: {}",
                    before.join(", ")
                );
                let command = if family == Family::V4 {
                    "ip rule show"
                } else {
                    "ip -6 rule show"
                };
                reasons.push(Reason::new(State::Degraded, text).command(command));
            }
        }
        Ok(Outcome::of("5210, 5230, 5250 and 5270 are there", reasons))
    })
}

/// The routes into the tunnel are there.
pub(in crate::host::doctor) fn table_52(facts: &Facts) -> Outcome {
    judged(|| {
        if !running(facts)?.tun {
            return Ok(Outcome::good("none: userspace networking"));
        }
        if lacks_interface(facts) {
            return Err(untold(NO_INTERFACE));
        }
        let Some((routes, has_default)) = facts.kernel.table_52 else {
            return Err(untold("ip(8) is not there, or does not list the routes"));
        };
        let restart = "sudo systemctl restart tailscaled";
        let uses_exit_node = facts.node.exit_node.is_some();
        Ok(match (routes, uses_exit_node, has_default) {
            (0, ..) => Outcome::bad(down("table 52 is empty: no packet goes into the tunnel", restart)),
            (_, true, false) => Outcome::bad(down(
                "an exit node is in use, and table 52 has no default route: packets to the internet go around it",
                restart,
            )),
            _ => Outcome::good(format!("{} in table 52", count(routes, "route", "routes"))),
        })
    })
}
