//! References to files that hold secrets, as they are written.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};

use crate::model::{FileRef, SopsFile};
use crate::net::{AbsolutePath, SecretName};
use crate::profile::de::SECRET_VALUE;
use crate::profile::key_value::MESSAGE;

/// Keys of Tailscale begin with this (auth keys, API tokens, OAuth secrets).
const KEY_PREFIX: &str = "tskey-";

fn on_host<E: Error>(text: &str) -> Result<AbsolutePath, E> {
    if text.contains(KEY_PREFIX) {
        return Err(E::custom(format!("{SECRET_VALUE}{MESSAGE}")));
    }
    text.parse().map_err(E::custom)
}

impl<'de> serde::Deserialize<'de> for FileRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl<'de> Visitor<'de> for Words {
            type Value = FileRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path on the host as a string, or config.sops.secrets.\"NAME\".path")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<FileRef, E> {
                on_host(text).map(FileRef::Path)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FileRef, A::Error> {
                match map.next_entry::<String, SecretName>()? {
                    Some((key, name)) if key == "secret" => Ok(FileRef::Secret(name)),
                    _ => Err(A::Error::custom(
                        "expected a path on the host, or `{ secret = \"NAME\"; }`",
                    )),
                }
            }
        }

        deserializer.deserialize_newtype_struct("FileRef", Words)
    }
}

impl schemars::JsonSchema for FileRef {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FileRef".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            generator.subschema_for::<AbsolutePath>(),
            {
                "type": "object",
                "properties": { "secret": generator.subschema_for::<SecretName>() },
                "required": ["secret"],
                "additionalProperties": false,
            },
        ] })
    }
}

impl<'de> serde::Deserialize<'de> for SopsFile {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl<'de> Visitor<'de> for Words {
            type Value = SopsFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a Nix path such as ./secrets/tailscale.yaml, or a path on the host as a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<SopsFile, E> {
                if text.starts_with("./") {
                    return in_tree(text).map(SopsFile::InTree);
                }
                on_host(text).map(SopsFile::OnHost)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SopsFile, A::Error> {
                match map.next_entry::<String, String>()? {
                    Some((key, path)) if key == "path" && path.starts_with("./") => {
                        in_tree(&path).map(SopsFile::InTree)
                    }
                    Some((key, path)) if key == "path" => on_host(&path).map(SopsFile::OnHost),
                    _ => Err(A::Error::custom("expected a path")),
                }
            }
        }

        deserializer.deserialize_newtype_struct("SopsFile", Words)
    }
}

/// `./a/b.yaml` without steps upwards: it must be part of the tree that the modules are rendered into.
fn in_tree<E: Error>(path: &str) -> Result<String, E> {
    let plain = |part: &str| {
        !part.is_empty()
            && part != ".."
            && part != "."
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+'))
    };
    match path.strip_prefix("./") {
        Some(rest) if rest.split('/').all(plain) => Ok(rest.to_owned()),
        _ => Err(E::custom(format!(
            "{path:?} is no path inside the rendered tree: expected ./ and names of letters, digits, `.`, `_`, `-`, `+`"
        ))),
    }
}

impl schemars::JsonSchema for SopsFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SopsFile".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(\\./|/)" })
    }
}
