//! Electronic mail addresses.

use std::fmt;

use super::dns_name::DnsName;
use super::text::{Text, text_type};

/// A mail address: `ops@example.org`, `root@localhost`.
///
/// The part before the `@` is a dot-string (RFC 5321 §4.1.2) of 1-64 letters, digits, `_`, `+`, `-` and inner dots, not
/// starting with `-` (so that no mail program takes it for an option); the part after it is a [`DnsName`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    local: String,
    domain: DnsName,
}

impl EmailAddress {
    /// The domain that receives the mail.
    pub fn domain(&self) -> &DnsName {
        &self.domain
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl Text for EmailAddress {
    const NOUN: &'static str = "mail address";
    const GRAMMAR: &'static str =
        "letters, digits, _, +, - and inner dots, then @ and a DNS name, like ops@example.org";
    const PATTERN: &'static str = "^[A-Za-z0-9_+][A-Za-z0-9_+.-]{0,63}@[A-Za-z0-9.-]+$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (local, domain) = written.split_once('@').ok_or("no @")?;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.');
        if local.len() > 64 {
            return Err("more than 64 characters before the @");
        }
        if !local.bytes().all(legal) {
            return Err("a character that is not allowed before the @");
        }
        if local.starts_with('-') || local.split('.').any(str::is_empty) {
            return Err("the part before the @ is empty, starts with - or has a dot at an end or twice");
        }
        Ok(Self {
            local: local.to_owned(),
            domain: DnsName::read(domain)?,
        })
    }

    fn guess(refused: &str) -> Option<String> {
        let inner = refused.trim().trim_end_matches('>');
        let inner = inner.rsplit(['<', ' ', ':']).next()?;
        Some(if inner.contains('@') {
            inner.to_owned()
        } else {
            format!("{inner}@localhost")
        })
    }
}

text_type!(EmailAddress);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn plain_addresses_only() {
        reads_back::<EmailAddress>(r"[A-Za-z0-9_+]{1,9}(\.[a-z-]{1,9}){0,2}@([a-z0-9]{1,9}\.){0,2}[a-z]{2,9}");
        refuses::<EmailAddress>(&[
            "",
            "root",
            "@",
            "a@",
            "@a",
            "-a@b",
            ".a@b",
            "a..b@c",
            "a b@c",
            "a@b@c",
            "a@b c",
            "Ops <ops@example.org>",
            "a@b\nBcc: c@d",
            "\"a\"@b",
            "a@b;x",
            "a@[10.0.0.1]",
        ]);
        suggests::<EmailAddress>(&[
            ("Ops <ops@example.org>", "ops@example.org"),
            ("root", "root@localhost"),
            ("mailto:a@b", "a@b"),
        ]);
    }
}
