//! How it is shown to people.

use std::io::{self, Write};

use super::peer_row::PeerRow;
use super::peers::Tally;
use super::seen::{Answers, Class, NodeStatus, Path, Port22};
use crate::host::show::{Cell, Column, Screen, Table, Tone, View, fact};
use crate::host::status::Status;
use crate::host::tailnet::login::key;
use crate::host::tailnet::quantity::bytes;
use crate::host::tailnet::when::span;

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
        fact(
            "key",
            &key(node.owner.is_some(), node.key_expires_unix, self.now),
            screen,
            out,
        )
    }

    fn about_use(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let exit = match &self.exit_node {
            None => match &self.no_exit_node {
                Some((chosen_by, wanted)) => format!("none, {} instead of {wanted}", chosen_by.words()),
                None => "none".to_owned(),
            },
            Some(exit) => {
                let name = exit
                    .name
                    .as_deref()
                    .unwrap_or(if exit.id.is_empty() { "not found yet" } else { &exit.id });
                let chosen = exit.chosen_by.words();
                let instead = exit.instead_of.as_ref();
                let instead = instead.map_or_else(String::new, |wanted| format!(" instead of {wanted}"));
                let via = exit
                    .path
                    .as_ref()
                    .map_or_else(String::new, |path| format!(", {}", words(path)));
                let lan = if exit.allows_lan { ", local network past it" } else { "" };
                format!("{name}, {chosen}{instead}{via}{lan}")
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
        fact("peers", &tally(self.peers.tally()), screen, out)?;
        let table = Table::new([
            Column::shrinking("peer"),
            Column::text("address"),
            Column::shrinking("os"),
            Column::shrinking("path"),
            Column::number("in"),
            Column::number("out"),
            Column::shrinking("role"),
        ]);
        writeln!(out)?;
        table.draw_each(|| self.peers.iter().map(|peer| self.row(peer)), 2, screen, out)
    }

    fn row(&self, peer: &PeerRow) -> [Cell; 7] {
        let amount = |count: u64| if count == 0 { String::new() } else { bytes(count) };
        let path = if peer.is_online() || peer.is_active() {
            let tone = match peer.class() {
                Class::Direct => Tone::Good,
                Class::PeerRelay | Class::Derp => Tone::Warning,
                Class::Idle => Tone::Faint,
                Class::None => Tone::Bad,
            };
            Cell::new(words(&peer.path())).tone(tone)
        } else {
            let since = peer.last_seen().map(|unix| self.now.saturating_sub(unix));
            let since = since.map_or_else(String::new, |seconds| format!(" for {}", span(seconds)));
            Cell::new(format!("offline{since}")).tone(Tone::Faint)
        };
        let mut roles = Vec::new();
        if peer.is_exit_node() {
            roles.push("exit node".to_owned());
        } else if peer.offers_exit_node() {
            roles.push("may be exit node".to_owned());
        }
        let routes = peer.routes().iter().filter(|route| route.prefix_len() > 0);
        roles.extend(routes.map(ToString::to_string));
        let (received, sent) = peer.traffic();
        [
            Cell::new(peer.name()),
            Cell::new(peer.address().map_or_else(String::new, |address| address.to_string())),
            Cell::new(peer.os()),
            path,
            Cell::new(amount(received)),
            Cell::new(amount(sent)),
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

/// `5: 2 direct, 1 relayed, 1 idle, 1 offline`.
fn tally(tally: Tally) -> String {
    let parts = [
        (tally.direct, "direct"),
        (tally.relayed, "relayed"),
        (tally.unreached, "without a path"),
        (tally.idle, "idle"),
        (tally.offline, "offline"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{count} {how}"))
        .collect();
    format!("{}: {}", tally.all, parts.join(", "))
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
