//! Names of users and groups.

use std::fmt;

use super::text::{Text, text_type};

/// The name of a user or group on a host: `root`, `nginx`, `_tailscale`.
///
/// 1-31 characters: a lower-case letter or `_`, then lower-case letters, digits, `_` and `-`, and perhaps a final `$`
/// (useradd(8); NixOS refuses 32 and more in `users.users`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(String);

impl UserName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for UserName {
    const NOUN: &'static str = "user or group name";
    const GRAMMAR: &'static str =
        "1 to 31 lower-case letters, digits, _ or -, starting with a letter or _, perhaps a final $, like nginx";
    const PATTERN: &'static str = "^[a-z_][a-z0-9_-]{0,30}[$]?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let name = written.strip_suffix('$').unwrap_or(written);
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        if written.len() > 31 {
            Err("longer than 31 characters")
        } else if !name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_') {
            Err("does not start with a lower-case letter or _")
        } else if !name.bytes().all(legal) {
            Err("a character that is not allowed")
        } else {
            Ok(Self(written.to_owned()))
        }
    }

    fn guess(refused: &str) -> Option<String> {
        Some(refused.to_ascii_lowercase())
    }
}

text_type!(UserName);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn the_grammar_of_useradd() {
        reads_back::<UserName>("[a-z_][a-z0-9_-]{0,29}[$]?");
        refuses::<UserName>(&[
            "",
            "$",
            "Root",
            "1a",
            "-a",
            "a b",
            "a:b",
            "a$b",
            "a\n",
            "abcdefghijklmnopqrstuvwxyzabcdef",
            "é",
        ]);
        suggests::<UserName>(&[("Nginx", "nginx")]);
    }
}
