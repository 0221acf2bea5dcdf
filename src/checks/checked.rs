//! The token without which nothing is rendered.

use super::context::Context;
use super::rule::Check;
use super::rules::RULES;
use super::weigh::weigh;
use crate::diagnostic::Findings;
use crate::model::Fleet;

/// A fleet in which no rule found an error. Only [`run`] makes one, and only from it can files be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked(Fleet);

impl Checked {
    /// The fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.0
    }
}

/// Asks every rule about the fleet, adds what they find to `findings` (which may hold those of the reader already),
/// leaves out what only follows from a value that could not be read, weighs all of them by the profile's `lint`, and
/// returns the fleet as checked unless an error stands.
pub fn run(fleet: Fleet, findings: &mut Findings) -> Option<Checked> {
    let refused = findings.refused();
    let found = fleet.each(|host| {
        let context = Context::new(host);
        let mut findings = Findings::new();
        for rule in RULES {
            if let Check::Host(check) = rule.check {
                check(&context, &mut findings);
            }
        }
        findings.drop_consequences(0, &refused, &host.at);
        findings
    });
    findings.extend(found.into_iter().flat_map(|(_, findings)| findings));
    for rule in RULES {
        if let Check::Fleet(check) = rule.check {
            check(&fleet, findings);
        }
    }
    weigh(&fleet, findings);
    (!findings.has_errors()).then_some(Checked(fleet))
}
