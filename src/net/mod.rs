//! Value types of the network field, each with its grammar and one fallible constructor.
//!
//! A type that is written as a string implements [`Text`]: `FromStr` is the only way in, `Display` writes what it reads,
//! serde goes through both, and its JSON Schema states the grammar. A refusal is an [`Invalid`], one sentence.

pub mod invalid;
pub mod port;
pub mod prefix;
pub mod text;

pub use invalid::Invalid;
pub use port::Port;
pub use prefix::{AddressOrPrefix, InterfaceAddress, Prefix};
pub use text::{Text, WholeNumber};
