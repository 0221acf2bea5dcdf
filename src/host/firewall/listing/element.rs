//! Elements of sets and maps.

use serde_json::Value;

use super::rule::Decision;
use super::{Counter, counter};

/// An element of a set or a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its parts, as nft writes them: one, or those of a concatenation.
    pub key: Vec<String>,
    /// The comment.
    pub comment: Option<String>,
    /// What it has counted.
    pub counter: Option<Counter>,
    /// Seconds until it is forgotten.
    pub expires: Option<u64>,
    /// What a map has for it.
    pub decision: Option<Decision>,
}

impl Element {
    pub(super) fn read(value: &Value) -> Self {
        // Those of maps are pairs.
        let (key, decision) = match value {
            Value::Array(pair) => (
                pair.first().unwrap_or(&Value::Null),
                pair.get(1).and_then(Decision::read),
            ),
            key => (key, None),
        };
        let about = key.get("elem");
        let parts = about.and_then(|about| about.get("val")).unwrap_or(key);
        let key = match parts.get("concat").and_then(Value::as_array) {
            Some(parts) => parts.iter().map(text).collect(),
            None => vec![text(parts)],
        };
        let field = |name| about.and_then(|about| about.get(name));
        Self {
            key,
            comment: field("comment").and_then(Value::as_str).map(str::to_owned),
            counter: about.and_then(counter),
            expires: field("expires").and_then(Value::as_u64),
            decision,
        }
    }

    /// Its parts in one line.
    pub fn shown(&self) -> String {
        self.key.join(" . ")
    }
}

/// A value as nft writes it; what nobody knows is shown as it came.
pub(super) fn text(value: &Value) -> String {
    let pair = |name: &str| {
        let pair = value.get(name)?.as_array()?;
        Some((text(pair.first()?), text(pair.get(1)?)))
    };
    let prefix = || {
        let prefix = value.get("prefix")?;
        Some(format!("{}/{}", text(prefix.get("addr")?), text(prefix.get("len")?)))
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => {
            let range = pair("range").map(|(first, last)| format!("{first}-{last}"));
            range.or_else(prefix).unwrap_or_else(|| value.to_string())
        }
        other => other.to_string(),
    }
}
