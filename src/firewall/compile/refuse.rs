//! What happens to what nobody admits.

use super::{Compiler, limits, names};
use crate::firewall::ruleset::{
    Action, Chain, Evidence, Log, Match, PacketType, Protocol, RejectWith, Rule, Selector, Value, Verdict,
};
use crate::model::DefaultPolicy;
use crate::net::LogPrefix;

impl Compiler<'_> {
    /// The chain `refused`: a line in the log where that is wanted, then silence or an answer. And the chain `limited`, for what
    /// goes over a limit; the rule that leads there says over which.
    pub(super) fn refused(&mut self) {
        let mut rules = self.tallies(&names::limited());
        rules.push(Rule::new(Verdict::Drop, Evidence::default()));
        self.table.chains.push(Chain::new(names::limited(), rules));

        let mut rules = self.tallies(&names::dropped());
        rules.extend(self.log(""));
        if self.zones.default_policy == DefaultPolicy::Reject {
            let tcp = Match::Is(Selector::Protocol, Value::Protocol(Protocol::Tcp));
            let reset = Rule::new(Action::Reject(RejectWith::TcpReset), self.policy_evidence());
            rules.push(reset.when(tcp).counted());
            let prohibited = Action::Reject(RejectWith::AdminProhibited);
            rules.push(Rule::new(prohibited, self.policy_evidence()).counted());
        } else {
            rules.push(Rule::new(Verdict::Drop, self.policy_evidence()).counted());
        }
        self.table.chains.push(Chain::new(names::refused(), rules));
    }

    /// A rule that writes a line into the log, where that is wanted. Only what was meant for this host alone is worth one:
    /// a local network is full of announcements to everybody.
    pub(super) fn log(&self, reason: &str) -> Option<Rule> {
        if !self.zones.logging {
            return None;
        }
        let prefix = &self.zones.log_prefix;
        // A prefix that leaves no room for the reason stays alone.
        let with_reason = format!("{prefix}{reason}").parse::<LogPrefix>();
        let evidence = Evidence::of("log", self.field("enableLogging"));
        let mut rule = Rule::new(Action::Continue, evidence)
            .when(Match::Is(Selector::PacketType, Value::PacketType(PacketType::Host)))
            .when(Match::Within(limits::log_lines()));
        rule.log = Some(Log {
            prefix: with_reason.unwrap_or_else(|_| prefix.clone()),
        });
        Some(rule)
    }
}
