//! Names that a profile gives to its own things. They become parts of identifiers in rendered files.

use std::fmt;

use super::text::{Text, text_type};

/// A plain name: a letter, then letters, digits, `_` and `-`; at most 63 characters.
macro_rules! plain_name {
    ($(#[$doc:meta])* $type:ident, $noun:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Text for $type {
            const NOUN: &'static str = $noun;
            const GRAMMAR: &'static str =
                concat!("a letter, then letters, digits, _ or -, at most 63 characters, like ", $example);
            const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9_-]{0,62}$";

            fn read(written: &str) -> Result<Self, &'static str> {
                check_name(written, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))?;
                Ok(Self(written.to_owned()))
            }

            fn guess(refused: &str) -> Option<String> {
                Some(refused.trim().replace([' ', '.', '/'], "-"))
            }
        }

        text_type!($type);
    };
}

plain_name! {
    /// The name of a service of a host (`services.<name>`, `allowedServices`): `ollama`, `open-webui`.
    ///
    /// A letter, then letters, digits, `_` and `-`; at most 63 characters.
    ServiceName, "service name", "open-webui"
}

plain_name! {
    /// The name of a firewall zone (`zones.<name>`): `dmz`, `internal`.
    ///
    /// A letter, then letters, digits, `_` and `-`; at most 63 characters.
    ZoneName, "zone name", "internal"
}

plain_name! {
    /// The name of a receiver of alerts (`alerts.receivers.<name>`): `phone`, `ops-channel`.
    ///
    /// A letter, then letters, digits, `_` and `-`; at most 63 characters.
    ReceiverName, "receiver name", "phone"
}

/// The name of a credential that systemd hands to a unit (`LoadCredential=`, systemd.exec(5)): `alert-phone-url`. It is
/// the name of a file in the directory of the unit's credentials.
///
/// A letter, then letters, digits, `_` and `-`; at most 127 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialName(String);

impl CredentialName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for CredentialName {
    const NOUN: &'static str = "credential name";
    const GRAMMAR: &'static str =
        "a letter, then letters, digits, _ or -, at most 127 characters, like alert-phone-url";
    const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9_-]{0,126}$";

    fn read(written: &str) -> Result<Self, &'static str> {
        if written.len() > 127 {
            return Err("longer than 127 characters");
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !written.starts_with(|first: char| first.is_ascii_alphabetic()) {
            Err("does not start with a letter")
        } else if !written.bytes().all(legal) {
            Err("a character that is not allowed")
        } else {
            Ok(Self(written.to_owned()))
        }
    }
}

text_type!(CredentialName);

/// The name of a secret (`sops.secrets.<name>`): `tailscale-authkey`, `tailscale/authkey`.
///
/// A letter, then letters, digits, `_`, `-`, `.` and `/`; at most 63 characters; no component between slashes is empty or
/// starts with a dot, because the name is also a path below `/run/secrets`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(String);

impl SecretName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for SecretName {
    const NOUN: &'static str = "secret name";
    const GRAMMAR: &'static str = "a letter, then letters, digits, _, -, . or /, at most 63 characters, no component \
         empty or starting with a dot, like tailscale/authkey";
    const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9_./-]{0,62}$";

    fn read(written: &str) -> Result<Self, &'static str> {
        check_name(written, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
        })?;
        if written
            .split('/')
            .any(|component| component.is_empty() || component.starts_with('.'))
        {
            return Err("a component that is empty or starts with a dot");
        }
        Ok(Self(written.to_owned()))
    }
}

text_type!(SecretName);

fn check_name(name: &str, legal: impl Fn(u8) -> bool) -> Result<(), &'static str> {
    if name.is_empty() {
        Err("empty")
    } else if name.len() > 63 {
        Err("longer than 63 characters")
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        Err("does not start with a letter")
    } else if !name.bytes().all(legal) {
        Err("a character that is not allowed")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    const HOSTILE: [&str; 14] = [
        "", "1a", "-a", "a b", "a;", "a\"b", "${a}", "a''b", "a@b", "a\nb", "a{b", "é", "a\\", "a*",
    ];

    #[test]
    fn plain_names() {
        reads_back::<ServiceName>("[A-Za-z][A-Za-z0-9_-]{0,62}");
        refuses::<ServiceName>(&HOSTILE);
        refuses::<ZoneName>(&HOSTILE);
        refuses::<ZoneName>(&["a/b", "a.b", &"a".repeat(64)]);
        reads_back::<ReceiverName>("[A-Za-z][A-Za-z0-9_-]{0,62}");
        refuses::<ReceiverName>(&HOSTILE);
        reads_back::<CredentialName>("[A-Za-z][A-Za-z0-9_-]{0,126}");
        refuses::<CredentialName>(&HOSTILE);
        refuses::<CredentialName>(&["a/b", "..", "a.b", &"a".repeat(128)]);
        suggests::<ServiceName>(&[("open webui", "open-webui")]);
    }

    #[test]
    fn secret_names_stay_below_their_directory() {
        reads_back::<SecretName>("[A-Za-z][A-Za-z0-9_-]{0,9}([/.][a-z]{1,9}){0,3}");
        refuses::<SecretName>(&HOSTILE);
        refuses::<SecretName>(&["/a", "a/", "a//b", "a/../b", "a/.b", "..", &"a".repeat(64)]);
    }
}
