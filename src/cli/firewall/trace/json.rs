//! The answer as data.

use serde_json::{Value, json};

use super::Answer;
use crate::firewall::ruleset::Hook;
use crate::firewall::trace::{Found, Outcome, Packet, Payload, Step, Way};

impl Answer<'_> {
    pub(super) fn json(&self) -> Value {
        let path: Vec<Value> = self.trace.steps.iter().map(step).collect();
        let because: Vec<Value> = self
            .trace
            .reasons()
            .rev()
            .map(|evidence| {
                let lines: Vec<Value> = self.lines(evidence).iter().map(super::Line::json).collect();
                json!({ "note": evidence.note, "fields": lines })
            })
            .collect();
        json!({
            "host": self.host.name.as_str(),
            "packet": packet(self.packet),
            "path": path,
            "verdict": self.trace.outcome.name(),
            "hook": self.trace.outcome.hook().map(Hook::name),
            "answer": match self.trace.outcome {
                Outcome::Rejected(_, answer) => Some(answer.name()),
                Outcome::Accepted | Outcome::Dropped(_) => None,
            },
            "because": because,
            "assumed": self.assumed,
        })
    }
}

fn step(step: &Step<'_>) -> Value {
    match step {
        Step::Hook(chain, base) => json!({ "chain": chain.name.to_string(), "hook": base.hook.name() }),
        Step::Policy(chain, base) => json!({ "chain": chain.name.to_string(), "policy": base.policy.name() }),
        Step::Rule {
            chain,
            number,
            rule,
            found,
        } => {
            let mut value = json!({
                "chain": chain.name.to_string(),
                "rule": number,
                "statement": rule.statement(),
            });
            match found {
                Some(Found::Element(element)) => {
                    value["element"] = json!({ "key": element.key(), "verdict": element.verdict.to_string() });
                }
                Some(Found::Nothing) => value["element"] = Value::Null,
                None => {}
            }
            let fields = step.evidence().flat_map(|evidence| &evidence.origins);
            value["fields"] = fields.map(ToString::to_string).collect();
            value
        }
    }
}

fn packet(packet: &Packet) -> Value {
    let (source, destination) = (packet.ends.source(), packet.ends.destination());
    let mut value = json!({
        "direction": match packet.way {
            Way::ToHost { .. } => "to-host",
            Way::Through { .. } => "through",
            Way::FromHost { .. } => "from-host",
        },
        "iif": packet.way.input().map(ToString::to_string),
        "oif": packet.way.output().map(ToString::to_string),
        "source": source.map(|address| address.to_string()),
        "destination": destination.map(|address| address.to_string()),
        "protocol": packet.payload.protocol(),
        "state": packet.state.name(),
        "mark": packet.mark,
    });
    match packet.payload {
        Payload::Ports {
            source, destination, ..
        } => {
            value["sport"] = json!(source);
            value["dport"] = json!(destination);
        }
        Payload::Icmp(kind) | Payload::Icmpv6(kind) => value["icmpType"] = json!(kind),
        Payload::Other(_) | Payload::Fragment(_) => {}
    }
    value
}
