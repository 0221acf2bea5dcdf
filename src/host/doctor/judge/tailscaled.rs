//! tailscaled and this node.

use super::{Outcome, judged, prefs, running, status, untold};
use crate::host::doctor::facts::Facts;
use crate::host::show::Reason;
use crate::host::tailnet::judge::{about_control, about_health};
use crate::host::tailnet::login::{about_key, about_state, about_version};
use crate::host::tailnet::{expires, unasked};

/// tailscaled runs and answers.
pub(in crate::host::doctor) fn daemon(facts: &Facts) -> Outcome {
    let mut reasons: Vec<Reason> = Vec::new();
    if let Err(error) = &facts.tailscaled.status {
        reasons.push(unasked(error));
        if let Some(unit) = facts.unit("tailscaled.service").filter(|unit| unit.active == "failed") {
            let text = format!("systemd says that tailscaled has {}", unit.active);
            reasons.push(super::down(text, "journalctl -u tailscaled -n 50"));
        }
        return Outcome::of("", reasons);
    }
    let version = facts.node.version.clone().unwrap_or_default();
    reasons.extend(about_version(&version));
    if facts.tailscaled.prefs.is_none() {
        return untold("tailscaled does not say what it is told to do");
    }
    let newer = facts
        .node
        .newer_version
        .as_ref()
        .map_or_else(String::new, |newer| format!("; there is {newer}"));
    Outcome::of(format!("{version} answers{newer}"), reasons)
}

/// This node is logged in and up.
pub(in crate::host::doctor) fn login(facts: &Facts) -> Outcome {
    judged(|| {
        let status = status(facts)?;
        let reasons: Vec<Reason> = about_state(status, facts.now.unix()).into_iter().collect();
        let name = facts.node.node.as_ref().map_or("", |node| node.name.as_str());
        let tailnet = facts.node.tailnet.as_ref().map_or("", |tailnet| tailnet.name.as_str());
        Ok(Outcome::of(format!("{name} in {tailnet}"), reasons))
    })
}

/// The key of this node.
pub(in crate::host::doctor) fn key(facts: &Facts) -> Outcome {
    judged(|| {
        let status = running(facts)?;
        let now = facts.now.unix();
        let expiry = status.this_node.key_expiry.unix();
        let found = expiry.map_or_else(|| "does not expire".to_owned(), |expiry| expires(expiry, now));
        Ok(Outcome::of(found, about_key(status, now).into_iter().collect()))
    })
}

/// The control plane is reached.
pub(in crate::host::doctor) fn control(facts: &Facts) -> Outcome {
    judged(|| {
        let status = running(facts)?;
        let plane = prefs(facts)?.control_url.clone();
        let plane = if plane.is_empty() {
            "https://controlplane.tailscale.com".to_owned()
        } else {
            plane
        };
        let reasons = about_control(status).into_iter().collect();
        Ok(Outcome::of(format!("{plane} is reached"), reasons))
    })
}

/// What tailscaled complains of, apart from what other checks say.
pub(in crate::host::doctor) fn health(facts: &Facts) -> Outcome {
    judged(|| {
        let status = running(facts)?;
        let said: Vec<Reason> = facts
            .tailscaled
            .forwarding
            .iter()
            .map(|text| Reason::new(crate::host::show::State::Degraded, text.as_str()))
            .collect();
        let reasons = about_health(status, &said);
        let found = if reasons.is_empty() {
            "no complaint"
        } else {
            "nothing else"
        };
        Ok(Outcome::of(found, reasons))
    })
}
