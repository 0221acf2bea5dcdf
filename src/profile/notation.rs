//! The three notations of a profile, and which one a text is written in.

use std::fmt;

use serde::de::IgnoredAny;

use super::fault::{Fault, ReadError};
use super::{nix, toml};
use crate::diagnostic::place::{SourceId, Span};

/// A notation that profiles are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notation {
    /// Nix data, as a set, a NixOS module or bare bindings.
    Nix,
    /// TOML 1.1.
    Toml,
    /// JSON (RFC 8259).
    Json,
}

impl Notation {
    /// The notation that a file's extension promises.
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "nix" => Some(Self::Nix),
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The notation that a text seems to be written in; Nix if nothing speaks for another.
    pub fn sniff(text: &str) -> Self {
        if looks_like_json(text) {
            Self::Json
        } else if looks_like_toml(text) || (!text.trim_start().starts_with('{') && toml::is_sound(text)) {
            Self::Toml
        } else {
            Self::Nix
        }
    }
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nix => "Nix",
            Self::Toml => "TOML",
            Self::Json => "JSON",
        })
    }
}

/// The complaint about a text that is no `expected` because it is written in another notation. `None` if it is just wrong.
pub(super) fn mistaken(text: &str, expected: Notation, source: SourceId) -> Option<ReadError> {
    let is_toml = || looks_like_toml(text) || toml::is_sound(text);
    let found = match expected {
        Notation::Nix | Notation::Toml if looks_like_json(text) => Notation::Json,
        Notation::Toml | Notation::Json if nix::looks_like_nix(text) => Notation::Nix,
        Notation::Toml if is_json(text) => Notation::Json,
        Notation::Nix | Notation::Json if is_toml() => Notation::Toml,
        _ => return None,
    };
    let first = text.lines().next().map_or(0, str::len);
    Some(
        ReadError::new(
            Fault::WrongNotation,
            Span::new(source, 0, first),
            format!("this is read as {expected}, but it looks like {found}"),
        )
        .help(format!(
            "give the file the extension `.{}`, or write it in {expected}",
            found.to_string().to_ascii_lowercase()
        )),
    )
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// An object whose first name is followed by a colon; no other notation starts so.
fn looks_like_json(text: &str) -> bool {
    let Some(object) = text.trim_start().strip_prefix('{') else {
        return false;
    };
    let Some(name) = object.trim_start().strip_prefix('"') else {
        return false;
    };
    let mut escaped = false;
    let end = name.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.and_then(|end| name.get(end + 1..))
        .is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// A first line that is a table's header.
fn looks_like_toml(text: &str) -> bool {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or_default();
    let line = line.split_once('#').map_or(line, |(code, _)| code.trim_end());
    let Some(header) = line.strip_prefix('[').and_then(|header| header.strip_suffix(']')) else {
        return false;
    };
    let header = header
        .strip_prefix('[')
        .and_then(|header| header.strip_suffix(']'))
        .unwrap_or(header);
    !header.is_empty() && header.split('.').all(is_key)
}

fn is_key(key: &str) -> bool {
    let key = key.trim();
    let bare = key.trim_matches('"');
    !bare.is_empty()
        && bare
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIX: [&str; 6] = [
        "# a\n{ host.name = \"a\"; }",
        "{ config, ... }: { }",
        "{ ... }: { }",
        "kernelcore.network = { enable = true; };",
        "{ \"a b\" = 1; }",
        "{ a = 1 }",
    ];
    const TOML: [&str; 4] = [
        "# a\n[host]\nname = \"a\"",
        "[[hosts.\"a\"]] # b\n",
        "host.name = \"a\"",
        "a = { b = 1 }",
    ];
    const JSON: [&str; 3] = ["{ \"host\": { } }", " {\"a\\\"b\" : 1", "{\n  \"a\":"];

    #[test]
    fn a_text_shows_its_notation() {
        for (notation, texts) in [
            (Notation::Nix, &NIX[..]),
            (Notation::Toml, &TOML[..]),
            (Notation::Json, &JSON[..]),
        ] {
            for text in texts {
                assert_eq!(Notation::sniff(text), notation, "{text}");
            }
        }
        assert_eq!(Notation::of_file("a/b.JSON"), Some(Notation::Json));
        assert_eq!(Notation::of_file("b.yaml"), None);
        assert_eq!(Notation::of_file("nix"), None);
    }

    #[test]
    fn a_text_in_another_notation_is_told_apart_from_a_wrong_one() {
        for (expected, others) in [
            (Notation::Nix, [&TOML[..], &JSON[..]].concat()),
            (Notation::Toml, [&NIX[..], &JSON[..]].concat()),
            (Notation::Json, [&NIX[..], &TOML[..]].concat()),
        ] {
            for text in others {
                let (code, message) = match expected {
                    Notation::Nix => nix::read(text, SourceId(0)).1,
                    Notation::Toml => toml::read(text, SourceId(0)).1,
                    Notation::Json => super::super::json::read(text, SourceId(0)).1,
                }
                .first()
                .map(|error| (error.code, error.message.clone()))
                .unwrap();
                assert_eq!(code, Fault::WrongNotation, "{text}: {message}");
            }
        }
        for (notation, text) in [
            (Notation::Nix, "{ a = ; }"),
            (Notation::Toml, "a = = 1"),
            (Notation::Json, "[ 1, ]"),
            (Notation::Json, "{ a: 1 }"),
        ] {
            assert_eq!(mistaken(text, notation, SourceId(0)), None, "{text}");
        }
    }
}
