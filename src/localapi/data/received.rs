//! How values of tailscaled are read.

use serde::{Deserialize, Deserializer};

/// Reads `null` as what a missing field is: Go writes it for an empty list, an empty map, and what is not known.
pub(super) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Declares a type that is read from tailscaled: its fields in Go's capitals unless renamed, each with its default where it
/// is missing or `null`. Fields that it does not name are passed over.
macro_rules! received {
    ($(#[$about:meta])* pub struct $name:ident {
        $($(#[$about_field:meta])* pub $field:ident: $type:ty,)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(default, rename_all = "PascalCase")]
        pub struct $name {
            $(
                $(#[$about_field])*
                #[serde(deserialize_with = "crate::localapi::data::received::null_is_default")]
                pub $field: $type,
            )*
        }
    };
}

pub(super) use received;
