//! Prefixes of firewall log lines.

use std::fmt;

use super::text::{Text, text_type};

/// The prefix of a firewall log line: `fw-drop: `.
///
/// 1-127 printable ASCII characters (`NF_LOG_PREFIXLEN` is 128 with the NUL) without `"` and `\`, which nft(8) cannot
/// quote in a string, and without `$`, which starts a variable even inside the quotes of a log prefix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPrefix(String);

impl LogPrefix {
    /// Longest prefix in bytes.
    pub const MAX: usize = 127;

    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for LogPrefix {
    const NOUN: &'static str = "log prefix";
    const GRAMMAR: &'static str = r#"1 to 127 printable ASCII characters except ", \ and $, like "fw-drop: ""#;
    const PATTERN: &'static str = r"^[ !#%-\[\]-~]{1,127}$";

    fn read(written: &str) -> Result<Self, &'static str> {
        if written.is_empty() {
            Err("empty")
        } else if written.len() > Self::MAX {
            Err("longer than 127 bytes")
        } else if written.contains(['"', '\\']) {
            Err("a double quote or backslash, which nft cannot quote")
        } else if written.contains('$') {
            Err("a dollar sign, which nft takes for a variable")
        } else if !written.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            Err("a character that is not printable ASCII")
        } else {
            Ok(Self(written.to_owned()))
        }
    }

    fn guess(refused: &str) -> Option<String> {
        Some(
            refused
                .chars()
                .filter(|kept| *kept == ' ' || kept.is_ascii_graphic() && !matches!(kept, '"' | '\\' | '$'))
                .collect(),
        )
    }
}

text_type!(LogPrefix);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn what_nft_can_quote() {
        reads_back::<LogPrefix>(r"[ !#%-\[\]-~]{1,127}");
        refuses::<LogPrefix>(&["", "a\"b", "a\\b", "a$b", "$", "a\nb", "é", "\u{7f}", &"a".repeat(128)]);
        suggests::<LogPrefix>(&[("fw \"drop\": ", "fw drop: ")]);
    }
}
