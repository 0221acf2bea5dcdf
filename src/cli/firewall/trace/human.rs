//! The answer for people.

use std::io::{self, Write};

use super::Answer;
use crate::firewall::ruleset::Evidence;
use crate::firewall::trace::{Found, Packet, Payload, Step, Way};

/// Column of what a map has, where the rule is shorter.
const WIDTH: usize = 46;

impl Answer<'_> {
    pub(super) fn human(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}: {}", self.host.name, sentence(self.packet))?;
        self.path(out)?;
        writeln!(out)?;
        self.verdict(out)?;
        if !self.assumed.is_empty() {
            writeln!(out, "assumed:")?;
            for assumed in &self.assumed {
                writeln!(out, "  {assumed}")?;
            }
        }
        Ok(())
    }

    fn path(&self, out: &mut impl Write) -> io::Result<()> {
        let mut current = None;
        for step in &self.trace.steps {
            match step {
                Step::Hook(chain, base) => {
                    writeln!(out, "\n{} (hook {})", chain.name, base.hook.name())?;
                    current = Some(&chain.name);
                }
                Step::Rule {
                    chain,
                    number,
                    rule,
                    found,
                } => {
                    if current.replace(&chain.name) != Some(&chain.name) {
                        writeln!(out, "{}", chain.name)?;
                    }
                    let statement = rule.statement();
                    match found {
                        Some(Found::Element(element)) => {
                            let (key, verdict) = (element.key(), &element.verdict);
                            writeln!(out, "{number:>4}  {statement:WIDTH$}  {key} : {verdict}")?;
                        }
                        Some(Found::Nothing) => writeln!(out, "{number:>4}  {statement:WIDTH$}  nothing there")?,
                        None => writeln!(out, "{number:>4}  {statement}")?,
                    }
                }
                Step::Policy(chain, base) => {
                    if current.replace(&chain.name) != Some(&chain.name) {
                        writeln!(out, "{}", chain.name)?;
                    }
                    writeln!(out, "      policy {}", base.policy.name())?;
                }
            }
        }
        Ok(())
    }

    fn verdict(&self, out: &mut impl Write) -> io::Result<()> {
        let mut reasons: Vec<&Evidence> = self.trace.reasons().collect();
        let decided = reasons.pop();
        let note = decided
            .map(|evidence| evidence.note.as_ref())
            .filter(|note| !note.is_empty());
        match note {
            Some(note) => writeln!(out, "{}: {note}", self.trace.outcome)?,
            None => writeln!(out, "{}", self.trace.outcome)?,
        }
        if let Some(evidence) = decided {
            self.evidence(evidence, out)?;
        }
        reasons.retain(|evidence| !evidence.origins.is_empty());
        if !reasons.is_empty() {
            writeln!(out, "led there by")?;
        }
        for evidence in reasons {
            self.evidence(evidence, out)?;
        }
        Ok(())
    }

    fn evidence(&self, evidence: &Evidence, out: &mut impl Write) -> io::Result<()> {
        for line in self.lines(evidence) {
            writeln!(out, "  {}", line.human())?;
        }
        Ok(())
    }
}

/// The packet in a line.
fn sentence(packet: &Packet) -> String {
    let what = match packet.payload {
        Payload::Ports { transport, .. } => transport.to_string(),
        Payload::Icmp(kind) => format!("icmp type {kind}"),
        Payload::Icmpv6(kind) => format!("icmpv6 type {kind}"),
        Payload::Other(protocol) => format!("protocol {protocol}"),
        Payload::Fragment(protocol) => format!("a later fragment of protocol {protocol}"),
    };
    let (sport, dport) = match packet.payload {
        Payload::Ports {
            source, destination, ..
        } => (port(source), port(destination)),
        _ => (String::new(), String::new()),
    };
    let address = |address: Option<std::net::IpAddr>| {
        address.map_or_else(|| "the host".to_owned(), |address| address.to_string())
    };
    let (source, destination) = (address(packet.ends.source()), address(packet.ends.destination()));
    let way = match &packet.way {
        Way::ToHost { input } => format!("in by {input}"),
        Way::Through { input, output } => format!("in by {input}, out by {output}"),
        Way::FromHost { output } => format!("out by {output}"),
    };
    format!(
        "{what} from {source}{sport} to {destination}{dport}, {way}, {}",
        packet.state.name()
    )
}

fn port(port: Option<u16>) -> String {
    port.map_or_else(String::new, |port| format!(" port {port}"))
}
