//! What lies below the tailnet.

use super::{CONTROL, Known, connection, is_in_tailnet, question, reach};
use crate::monitor::diagnosis::Daemon;
use crate::monitor::probe::Limits;
use crate::monitor::watch::Links;
use crate::monitor::watch::key::Key;
use crate::monitor::watch::probe::{Exchange, Question, Way};
use crate::monitor::watch::target::Spec;
use crate::net::TimeSpan;

/// How long tailscaled has for an answer, whatever others have: it may have much to do.
const DAEMON: TimeSpan = TimeSpan::constant_millis(3_000);

impl Known<'_> {
    pub(super) fn ground(&self, specs: &mut Vec<Spec>) {
        let settings = self.settings;
        specs.push(Spec {
            every: settings.check_interval,
            ..self.spec(Key::Links, Question::Links)
        });
        if self.tailnet.daemon == Daemon::Runs {
            let spec = self.spec(Key::Daemon, Question::Daemon);
            let limits = Limits {
                timeout: DAEMON,
                ..spec.limits
            };
            specs.push(Spec { limits, ..spec });
        }
        let Some(links) = self.links else { return };
        let route = |is_ipv4| links.default_route(is_ipv4, &settings.interface);
        let first = route(true).or_else(|| route(false));
        if let Some((gateway, interface)) = first.and_then(|route| Some((route.gateway?, &route.interface))) {
            let echo = Exchange::Echo {
                host: gateway.into(),
                at: Some(gateway),
            };
            specs.push(self.spec(Key::Gateway, reach(vec![echo], interface)));
        }
        let mut asked = settings
            .probes
            .internet
            .iter()
            .filter(|address| route(address.is_ipv4()).is_some());
        // All go by the interface of the first family that has a route.
        let is_ipv4 = first.map(|route| route.prefix.is_ipv4());
        let of_family: Vec<Exchange> = asked
            .by_ref()
            .filter(|address| Some(address.is_ipv4()) == is_ipv4)
            .filter_map(|address| connection(*address))
            .collect();
        let Some(first) = first else { return };
        if !of_family.is_empty() {
            specs.push(self.spec(Key::Internet, reach(of_family, &first.interface)));
        }
        specs.extend(self.resolver(links).map(|question| self.spec(Key::Resolver, question)));
        let region = &self.tailnet.home_region;
        if !region.is_empty() {
            let question = Question::Relay {
                region: region.clone(),
                is_ipv4: first.prefix.is_ipv4(),
                way: Way::By(first.interface.clone()),
            };
            specs.push(self.spec(Key::Relay, question));
        }
    }

    /// How the resolvers are asked. Those in the tailnet or behind one of its routers, and tailscaled's own, answer by way of
    /// what they are to judge: with an exit node, MagicDNS asks it. They are left out; so are those on this host, of which
    /// nobody knows whom they ask.
    fn resolver(&self, links: &Links) -> Option<Question> {
        let control = self.tailnet.control.as_ref().and_then(|url| url.host().name().cloned());
        let name = control.or_else(|| CONTROL.parse().ok())?;
        let tunnel = &self.settings.interface;
        let mut way = None;
        let mut any_of = Vec::new();
        for resolver in &links.resolvers {
            let is_routed = self
                .tailnet
                .preferences
                .as_ref()
                .is_some_and(|preferences| preferences.accept_routes)
                && self.router(*resolver).is_some();
            if resolver.is_loopback() || is_in_tailnet(*resolver) || is_routed {
                continue;
            }
            let Some(route) = links.route(*resolver, tunnel) else {
                continue;
            };
            if *way.get_or_insert(&route.interface) == &route.interface {
                any_of.push(question(*resolver, name.clone()));
            }
        }
        Some(reach(any_of, way?))
    }
}
