//! Rules.

use std::fmt;

use serde_json::Value;

use super::element::text;
use super::{Counter, counter};

/// What is known of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its chain.
    pub chain: String,
    /// The comment.
    pub comment: Option<String>,
    /// What it has counted.
    pub counter: Option<Counter>,
    /// The interface by which packets come in that it is for, or the pattern.
    pub interface: Option<String>,
    /// Whether it is for some packets only.
    pub is_conditional: bool,
    /// What happens to them.
    pub decision: Option<Decision>,
    /// The named map that says what happens, and the fields that it is asked for (`meta iifname`, `ip saddr`, `th dport`).
    pub asks: Option<(String, Vec<String>)>,
}

/// What a rule or an element says about a packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It passes this chain of the kernel's.
    Accept,
    /// It is gone.
    Drop,
    /// It is gone, and the sender is told.
    Reject,
    /// Back to where the chain was entered from.
    Return,
    /// On in another chain, and back.
    Jump(String),
    /// On in another chain.
    Goto(String),
}

impl Decision {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let target = |name: &str| {
            let target = value.get(name)?.get("target")?.as_str()?;
            Some(target.to_owned())
        };
        let plain = [
            ("accept", Self::Accept),
            ("drop", Self::Drop),
            ("reject", Self::Reject),
            ("return", Self::Return),
        ];
        let plain = plain.into_iter().find(|(name, _)| value.get(name).is_some());
        plain
            .map(|(_, decision)| decision)
            .or_else(|| target("jump").map(Self::Jump))
            .or_else(|| target("goto").map(Self::Goto))
    }

    /// The chain that it leads to.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Jump(chain) | Self::Goto(chain) => Some(chain),
            _ => None,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Drop => f.write_str("drop"),
            Self::Reject => f.write_str("reject"),
            Self::Return => f.write_str("return"),
            Self::Jump(chain) => write!(f, "jump {chain}"),
            Self::Goto(chain) => write!(f, "goto {chain}"),
        }
    }
}

impl Rule {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut rule = Self {
            chain: value.get("chain")?.as_str()?.to_owned(),
            comment: value.get("comment").and_then(Value::as_str).map(str::to_owned),
            counter: None,
            interface: None,
            is_conditional: false,
            decision: None,
            asks: None,
        };
        let expressions = value.get("expr").and_then(Value::as_array);
        for expression in expressions.map(Vec::as_slice).unwrap_or_default() {
            rule.counter = counter(expression).or(rule.counter);
            rule.decision = Decision::read(expression).or(rule.decision.take());
            rule.asks = asks(expression).or(rule.asks.take());
            rule.interface = interface(expression).or(rule.interface.take());
            // Statements that change or write something let every packet on.
            let lets_on = [
                "counter", "log", "accept", "drop", "reject", "return", "jump", "goto", "vmap", "mangle",
            ];
            let goes_on = lets_on.iter().any(|name| expression.get(name).is_some());
            rule.is_conditional |= !goes_on;
        }
        Some(rule)
    }
}

fn asks(expression: &Value) -> Option<(String, Vec<String>)> {
    let map = expression.get("vmap")?;
    let name = map.get("data")?.as_str()?.strip_prefix('@')?;
    let key = map.get("key")?;
    let fields = match key.get("concat").and_then(Value::as_array) {
        Some(parts) => parts.iter().map(field).collect(),
        None => vec![field(key)],
    };
    Some((name.to_owned(), fields))
}

/// `iifname` compared with one name or pattern.
fn interface(expression: &Value) -> Option<String> {
    let compared = expression.get("match")?;
    let is_equal = compared.get("op")?.as_str()? == "==";
    let right = compared.get("right")?;
    let one = matches!(right, Value::String(name) if !name.starts_with('@'));
    (is_equal && one && field(compared.get("left")?) == "meta iifname").then(|| text(right))
}

/// A field of a packet: `meta iifname`, `ip saddr`.
fn field(value: &Value) -> String {
    let string = |object: &Value, name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let meta = || Some(format!("meta {}", string(value.get("meta")?, "key")?));
    let payload = || {
        let payload = value.get("payload")?;
        Some(format!(
            "{} {}",
            string(payload, "protocol")?,
            string(payload, "field")?
        ))
    };
    meta().or_else(payload).unwrap_or_else(|| value.to_string())
}
