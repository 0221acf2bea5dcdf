//! Tags of tailnet nodes.

use std::fmt;

use super::text::{Text, text_type};

/// A tailnet tag: `tag:`, a letter, then letters, digits and hyphens: `tag:server` (`CheckTag` in Tailscale's tailcfg).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// The whole tag with its `tag:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for Tag {
    const NOUN: &'static str = "tag";
    const GRAMMAR: &'static str =
        "tag: and a name of letters, digits and hyphens that starts with a letter, like tag:server";
    const PATTERN: &'static str = "^tag:[A-Za-z][A-Za-z0-9-]*$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let name = written.strip_prefix("tag:").ok_or("does not start with tag:")?;
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err("the name does not start with a letter");
        }
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err("a character that is not allowed");
        }
        Ok(Self(written.to_owned()))
    }

    fn guess(refused: &str) -> Option<String> {
        let name = refused.trim();
        let name = name.strip_prefix("tag:").unwrap_or(name).trim();
        Some(format!("tag:{}", name.replace(['_', ' '], "-")))
    }
}

text_type!(Tag);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn the_grammar_of_tailscale() {
        reads_back::<Tag>("tag:[A-Za-z][A-Za-z0-9-]{0,40}");
        refuses::<Tag>(&[
            "",
            "tag:",
            "server",
            "tag:1",
            "tag:a,tag:b",
            "tag:a b",
            "Tag:a",
            "tag:-a",
            "tag:a_b",
            "tag:a\"",
            "tag:é",
        ]);
        suggests::<Tag>(&[
            ("server", "tag:server"),
            ("tag: llm server", "tag:llm-server"),
            ("tag:llm_server", "tag:llm-server"),
        ]);
    }
}
