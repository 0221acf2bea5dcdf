//! The profiles that `init` starts from. They are written in Nix; the other notations are made from that.

use std::io;

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use super::StarterFormat;
use crate::diagnostic::SourceId;
use crate::profile::nix;
use crate::profile::tree;

/// What a new profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Starter {
    /// A desktop that is exit node, subnet router and server of its services at once
    Guide,
    /// A machine that serves language models to the tailnet
    LlmServer,
    /// A machine through which the tailnet reaches a local network
    SubnetRouter,
    /// A rented machine that is the tailnet's way out to the internet
    ExitNode,
    /// A client that travels
    Laptop,
}

impl Starter {
    /// The profile in a notation.
    pub(super) fn text(self, format: StarterFormat) -> io::Result<String> {
        match format {
            StarterFormat::Nix => Ok(self.nix().to_owned()),
            StarterFormat::Toml => toml::to_string(&self.data()?).map_err(io::Error::other),
            StarterFormat::Json => Ok(format!("{:#}\n", self.data()?)),
        }
    }

    fn nix(self) -> &'static str {
        match self {
            Self::Guide => include_str!("starters/guide.nix"),
            Self::LlmServer => include_str!("starters/llm-server.nix"),
            Self::SubnetRouter => include_str!("starters/subnet-router.nix"),
            Self::ExitNode => include_str!("starters/exit-node.nix"),
            Self::Laptop => include_str!("starters/laptop.nix"),
        }
    }

    fn data(self) -> io::Result<Value> {
        let (file, errors) = nix::read(self.nix(), SourceId::default());
        match file.profile {
            Some(profile) if errors.is_empty() => data(&profile),
            _ => Err(io::Error::other("a starter profile cannot be read")),
        }
    }
}

/// The tree as data that every notation has. Its depth is that of the starters.
fn data(node: &tree::Node) -> io::Result<Value> {
    Ok(match &node.value {
        tree::Value::Bool(value) => json!(value),
        tree::Value::Integer(value) => json!(value),
        tree::Value::Float(value) => json!(value),
        tree::Value::String(text) | tree::Value::Path(text) => json!(text),
        tree::Value::Secret(name) => json!({ "secret": name }),
        tree::Value::List(items) => items.iter().map(data).collect::<io::Result<_>>()?,
        tree::Value::Set(set) => {
            let entries = set
                .iter()
                .map(|(name, entry)| Ok((name.to_owned(), data(&entry.node)?)));
            Value::Object(entries.collect::<io::Result<Map<_, _>>>()?)
        }
        tree::Value::Null | tree::Value::Removed => return Err(io::Error::other("a starter profile has no null")),
    })
}
