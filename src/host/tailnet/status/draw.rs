//! How it is shown to people.

use std::io::{self, Write};

use super::seen::{Answers, ChosenBy, Class, NodeStatus, Path, PeerSeen, Port22};
use crate::host::show::{Cell, Column, Screen, Table, Tone, View, fact};
use crate::host::status::Status;
use crate::host::tailnet::quantity::bytes;
use crate::host::tailnet::when::{ends, span};

impl View for NodeStatus {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        self.head(screen, out)?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        if self.backend_state.is_none() {
            return Ok(());
        }
        writeln!(out)?;
        self.about_node(screen, out)?;
        self.about_use(screen, out)?;
        self.peers(screen, out)
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}

impl NodeStatus {
    fn head(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let name = self.node.as_ref().map_or("tailscaled", |node| node.name.as_str());
        let state = screen.paint(self.state.tone(), self.state.words());
        let name = screen.paint(Tone::Strong, &Cell::new(name).within(40));
        match &self.backend_state {
            Some(doing) => writeln!(
                out,
                "{name}: {state}{}",
                screen.paint(Tone::Faint, &format!("  ({doing})"))
            ),
            None => writeln!(out, "{name}: {state}"),
        }
    }

    fn about_node(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let Some(node) = &self.node else { return Ok(()) };
        if !node.full_name.is_empty() {
            fact("name", &node.full_name, screen, out)?;
        }
        if !node.addresses.is_empty() {
            fact("addresses", &node.addresses.join(" "), screen, out)?;
        }
        if let Some(tailnet) = &self.tailnet {
            let dns = if tailnet.magic_dns { "" } else { ", without MagicDNS" };
            fact("tailnet", &format!("{}{dns}", tailnet.name), screen, out)?;
        }
        if let Some(owner) = &node.owner {
            fact("owner", owner, screen, out)?;
        }
        if let Some(version) = &self.version {
            let newer = self
                .newer_version
                .as_ref()
                .map_or_else(String::new, |newer| format!("; there is {newer}"));
            let mode = if node.userspace { ", userspace networking" } else { "" };
            fact(
                "tailscaled",
                &format!("{version} on {}{mode}{newer}", node.os),
                screen,
                out,
            )?;
        }
        let home = node
            .home_region
            .as_ref()
            .map_or_else(String::new, |region| format!(", home relay {region}"));
        let control = if node.control_reached { "reached" } else { "not reached" };
        fact("control", &format!("{control}{home}"), screen, out)?;
        let expires = node.key_expires_unix.map_or_else(
            || "does not expire".to_owned(),
            |unix| format!("expires {}", ends(unix, self.now)),
        );
        fact("key", &expires, screen, out)
    }

    fn about_use(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let exit = match &self.exit_node {
            None => "none".to_owned(),
            Some(exit) => {
                let name = exit
                    .name
                    .as_deref()
                    .unwrap_or(if exit.id.is_empty() { "not found yet" } else { &exit.id });
                let chosen = match exit.chosen_by {
                    ChosenBy::Preference => "chosen by name",
                    ChosenBy::Tailscaled => "chosen by tailscaled",
                };
                let via = exit
                    .path
                    .as_ref()
                    .map_or_else(String::new, |path| format!(", {}", words(path)));
                let lan = if exit.allows_lan { ", local network past it" } else { "" };
                format!("{name}, {chosen}{via}{lan}")
            }
        };
        fact("exit node", &exit, screen, out)?;
        if let Some(failover) = &self.failover {
            fact("failover", &failover.line(), screen, out)?;
        }
        let offered: Vec<String> = self
            .routes
            .advertised
            .iter()
            .map(|route| {
                let state = match (route.approved, route.primary) {
                    (false, _) => "not approved",
                    (true, true) => "approved, in use",
                    (true, false) => "approved",
                };
                format!("{} ({state})", route.prefix)
            })
            .collect();
        let offered = if offered.is_empty() {
            "none".to_owned()
        } else {
            offered.join(", ")
        };
        fact("offers", &offered, screen, out)?;
        if let Some(accepts) = self.routes.accepts {
            let accepts = if accepts { "are used" } else { "are not used" };
            fact("routes", &format!("those of others {accepts}"), screen, out)?;
        }
        fact("port 22", &port_22(self.port_22), screen, out)?;
        for certificate in &self.certificates {
            let end = certificate.words(self.now);
            fact("certificate", &format!("{}: {end}", certificate.domain), screen, out)?;
        }
        Ok(())
    }

    fn peers(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.peers.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::shrinking("peer"),
            Column::text("address"),
            Column::text("os"),
            Column::shrinking("path"),
            Column::number("in"),
            Column::number("out"),
            Column::shrinking("role"),
        ]);
        for peer in &self.peers {
            table.row(self.row(peer));
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }

    fn row(&self, peer: &PeerSeen) -> [Cell; 7] {
        let amount = |count: u64| if count == 0 { String::new() } else { bytes(count) };
        let path = if peer.online || peer.is_active() {
            let tone = match peer.path.class {
                Class::Direct => Tone::Good,
                Class::PeerRelay | Class::Derp => Tone::Warning,
                Class::Idle => Tone::Faint,
                Class::None => Tone::Bad,
            };
            Cell::new(words(&peer.path)).tone(tone)
        } else {
            let since = peer.last_seen_unix.map(|unix| self.now.saturating_sub(unix));
            let since = since.map_or_else(String::new, |seconds| format!(" for {}", span(seconds)));
            Cell::new(format!("offline{since}")).tone(Tone::Faint)
        };
        let mut roles = Vec::new();
        if peer.exit_node {
            roles.push("exit node".to_owned());
        } else if peer.offers_exit_node {
            roles.push("may be exit node".to_owned());
        }
        roles.extend(peer.routes.iter().filter(|route| !route.ends_with("/0")).cloned());
        [
            Cell::new(&peer.name),
            Cell::new(peer.addresses.first().map_or("", String::as_str)),
            Cell::new(&peer.os),
            path,
            Cell::new(amount(peer.received_bytes)),
            Cell::new(amount(peer.sent_bytes)),
            Cell::new(roles.join(", ")),
        ]
    }
}

fn words(path: &Path) -> String {
    let via = path.via.as_deref().unwrap_or_default();
    match path.class {
        Class::Idle => "idle".to_owned(),
        Class::Direct => format!("direct {via}"),
        Class::PeerRelay => format!("relay {via}"),
        Class::Derp => format!("DERP {via}"),
        Class::None => "no path".to_owned(),
    }
}

fn port_22(port: Port22) -> String {
    let who = |answers| match answers {
        Answers::Tailscaled => "tailscaled",
        Answers::Host => "a server of this machine",
        Answers::Nobody => "nobody",
        Answers::Unknown => "not known",
    };
    if port.tailnet == port.elsewhere {
        who(port.tailnet).to_owned()
    } else {
        format!(
            "{} to the tailnet, {} elsewhere",
            who(port.tailnet),
            who(port.elsewhere)
        )
    }
}
