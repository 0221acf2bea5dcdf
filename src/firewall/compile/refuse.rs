//! What happens to what nobody admits.

use super::{Compiler, names};
use crate::firewall::ruleset::{
    Action, Chain, Evidence, Limit, Log, Match, Name, PacketType, Protocol, RejectWith, Rule, Selector, Value, Verdict,
};
use crate::model::{DefaultPolicy, FieldPath, RateLimit, Zone, ZoneLog};
use crate::net::LogPrefix;

/// The chain that refuses what comes from a zone, or from anywhere: they differ in what they log.
pub(super) fn chain(zone: Option<&Zone>) -> Name {
    match zone.filter(|zone| zone.log != ZoneLog::Common) {
        Some(zone) => names::refused().zone(&zone.name),
        None => names::refused(),
    }
}

impl Compiler<'_> {
    /// The chains `refused`: a line in the log where that is wanted, then silence or an answer. And the chain `limited`, for what
    /// goes over a limit; the rule that leads there says over which.
    pub(super) fn refused(&mut self) {
        let mut rules = self.tallies(&names::limited());
        rules.push(Rule::new(Verdict::Drop, Evidence::default()));
        self.table.chains.push(Chain::new(names::limited(), rules));

        let log = self.log("");
        self.refusal(names::refused(), log);
        // Pruned where nothing leads there.
        let log = self.log("forward: ");
        self.refusal(names::unforwarded(), log);
        for zone in self.zones.zones.values() {
            let log = match &zone.log {
                ZoneLog::Common => continue,
                ZoneLog::Off => None,
                ZoneLog::Own { prefix, limit } => {
                    // Both say so where both are written.
                    let field = if self.zones.logging {
                        "logPrefix"
                    } else {
                        "enableLogging"
                    };
                    Some(log_line(prefix.clone(), *limit, &zone.field(field)))
                }
            };
            self.refusal(names::refused().zone(&zone.name), log);
        }
    }

    /// The chain that refuses to forward what comes from a zone, or from anywhere. Where nothing is logged, it is the same one.
    pub(super) fn unforwarded(&self, zone: Option<&Zone>) -> Name {
        match chain(zone) {
            common if self.zones.logging && common == names::refused() => names::unforwarded(),
            own => own,
        }
    }

    fn refusal(&mut self, name: Name, log: Option<Rule>) {
        let mut rules = self.tallies(&names::dropped());
        rules.extend(log);
        if self.zones.default_policy == DefaultPolicy::Reject {
            let tcp = Match::Is(Selector::Protocol, Value::Protocol(Protocol::Tcp));
            let reset = Rule::new(Action::Reject(RejectWith::TcpReset), self.policy_evidence());
            rules.push(reset.when(tcp).counted());
            let prohibited = Action::Reject(RejectWith::AdminProhibited);
            rules.push(Rule::new(prohibited, self.policy_evidence()).counted());
        } else {
            rules.push(Rule::new(Verdict::Drop, self.policy_evidence()).counted());
        }
        self.table.chains.push(Chain::new(name, rules));
    }

    /// A rule that writes a line into the log, where that is wanted.
    pub(super) fn log(&self, reason: &str) -> Option<Rule> {
        if !self.zones.logging {
            return None;
        }
        let prefix = &self.zones.log_prefix;
        // A prefix that leaves no room for the reason stays alone.
        let with_reason = format!("{prefix}{reason}").parse::<LogPrefix>();
        let prefix = with_reason.unwrap_or_else(|_| prefix.clone());
        Some(log_line(prefix, self.zones.log_limit, &self.field("enableLogging")))
    }
}

/// Only what was meant for this host alone is worth a line: a local network is full of announcements to everybody.
fn log_line(prefix: LogPrefix, limit: RateLimit, field: &FieldPath) -> Rule {
    let mut rule = Rule::new(Action::Continue, Evidence::of("log", field.clone()))
        .when(Match::Is(Selector::PacketType, Value::PacketType(PacketType::Host)))
        .when(Match::Within(Limit::from(limit)));
    rule.log = Some(Log { prefix });
    rule
}
