//! What the host itself sends.

use tailwright::model::{Egress, Zone, known_service};

use super::{ICMP, ICMPV6, Linear, chain, destination};

impl Linear<'_> {
    /// The chain `output`, where a zone says what the host may reach in it.
    pub(super) fn output(&mut self) {
        let zones = self.zones.zones.values();
        let narrowed: Vec<(&Zone, &Egress)> = zones.filter_map(|zone| Some((zone, zone.egress.as_ref()?))).collect();
        if narrowed.is_empty() {
            return;
        }
        for (zone, egress) in narrowed {
            self.reach(zone, egress);
        }
        self.line("chain output {");
        self.line("type filter hook output priority filter; policy accept;");
        self.line("oifname \"lo\" accept");
        self.line("ct state established accept");
        self.line("ct state related accept");
        if let Some(tailscale) = &self.host.tailscale {
            self.line("meta mark & 0x00ff0000 == 0x00080000 accept");
            if let Some(port) = tailscale.port {
                self.line(format!("udp sport {port} accept"));
            }
        }
        for number in ICMP {
            self.line(format!("icmp type {number} accept"));
        }
        for number in ICMPV6 {
            self.line(format!("icmpv6 type {number} accept"));
        }
        for name_or_time in ["tcp dport 53", "udp dport 53", "udp dport 123"] {
            self.line(format!("{name_or_time} accept"));
        }
        self.line("meta nfproto ipv4 udp dport 67 accept");
        self.line("meta nfproto ipv6 udp dport 547 accept");
        for place in self.places() {
            let verdict = match &place.zone.egress {
                Some(_) => format!("goto {}", chain("reach", Some(place.zone))),
                None => "accept".to_owned(),
            };
            self.line(format!("{} {verdict}", place.leaves()));
        }
        self.line("}");
    }

    /// The addresses that a zone names, and on them the ports that it names.
    fn reach(&mut self, zone: &Zone, egress: &Egress) {
        self.line(format!("chain {} {{", chain("reach_ports", Some(zone))));
        match &egress.ports {
            None => self.line("accept"),
            Some(ports) => {
                self.ports(&ports.tcp, &ports.udp, "accept");
                for service in &ports.services {
                    let known = known_service::known(service.name.as_str());
                    for endpoint in known.iter().flat_map(|known| known.endpoints) {
                        self.port(endpoint.transport(), endpoint.port.into(), "accept");
                    }
                }
                self.line("goto refused");
            }
        }
        self.line("}");
        self.line(format!("chain {} {{", chain("reach", Some(zone))));
        let onward = format!("goto {}", chain("reach_ports", Some(zone)));
        match &egress.prefixes {
            None => self.line(&onward),
            Some(prefixes) => {
                for (prefix, _) in prefixes {
                    self.line(format!("{} {onward}", destination(*prefix)));
                }
                self.line("goto refused");
            }
        }
        self.line("}");
    }
}
