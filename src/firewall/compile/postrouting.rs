//! Masquerading, where tailscaled does not do it.
//!
//! tailscaled gives what it forwards from the tailnet the host's own address, unless it is told to leave netfilter alone
//! (`--netfilter-mode=off` or `nodivert`) or to keep the sources (`--snat-subnet-routes=false`). Where it does, nothing is rendered.
//! Where it does not, hosts behind a subnet router would not know the way back, and the internet never does: so this table
//! masquerades, all of it or, where sources are to be kept for the advertised routes, what goes elsewhere.

use super::dispatch::{Decided, End, by_prefix};
use super::{Compiler, names};
use crate::firewall::ruleset::{
    Action, Base, Chain, ChainPolicy, Evidence, Hook, Match, Priority, Rule, Selector, Value, Verdict,
};
use crate::model::{NetfilterMode, Tailscale};
use crate::net::Prefix;

impl Compiler<'_> {
    /// The chain `postrouting`, where tailscaled leaves work for it.
    pub(super) fn postrouting(&mut self) {
        let host = self.host;
        let Some(tailscale) = host.tailscale.as_ref().filter(|tailscale| tailscale.forwards()) else {
            return;
        };
        let by_itself = tailscale.netfilter_mode() == NetfilterMode::On;
        let leads_out = tailscale.exit_node || tailscale.routes().iter().any(Prefix::is_default);
        let keeps = !tailscale.snat_subnet_routes();
        if by_itself && !keeps || keeps && !leads_out {
            return;
        }
        let tailnet = || Value::Interface(tailscale.interface.clone().into());
        // A positive condition: what the host itself sends comes in by no interface.
        let from_tailnet = || Match::Is(Selector::InputInterface, tailnet());
        let mut rules = Vec::new();
        if keeps {
            let kept = self.unmasked(tailscale);
            rules.extend(kept.into_iter().map(|rule| rule.when(from_tailnet())));
        }
        let evidence = Evidence::of("tailscaled does not", self.tailscale_field("extraSetFlags"));
        let masquerade = Rule::new(Action::Masquerade, evidence).when(from_tailnet());
        rules.push(
            masquerade
                .when(Match::IsNot(Selector::OutputInterface, tailnet()))
                .counted(),
        );
        self.table.chains.push(Chain {
            name: names::postrouting(),
            base: Some(Base {
                hook: Hook::Postrouting,
                priority: Priority::SourceNat,
                policy: ChainPolicy::Accept,
            }),
            rules,
        });
    }

    /// The rules that let the sources be for the advertised routes.
    fn unmasked(&mut self, tailscale: &Tailscale) -> Vec<Rule> {
        let field = self.tailscale_field("advertiseRoutes");
        let routes = tailscale.routes().iter().enumerate();
        let routes: Vec<Decided> = routes
            .filter(|(_, prefix)| !prefix.is_default())
            .map(|(index, prefix)| (*prefix, (Verdict::Accept, Evidence::of("", field.index(index)))))
            .collect();
        by_prefix(&mut self.table, End::Destination, &names::unmasked(), &routes, false)
    }
}
