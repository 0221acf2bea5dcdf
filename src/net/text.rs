//! What all types that are written as a string have in common, and their serde and JSON Schema sides.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::invalid::Invalid;

/// A value written as a string: `FromStr` is its only constructor, `Display` writes what `FromStr` reads.
///
/// An implementation says how to [`read`](Self::read) and what a writer may have [meant](Self::guess); `text_type!` makes
/// `FromStr`, serde and the JSON Schema out of them.
pub trait Text: Display + FromStr<Err = Invalid> {
    /// What the value is called in a message: `request rate`.
    const NOUN: &'static str;
    /// The accepted grammar with unit and range, in a few words.
    const GRAMMAR: &'static str;
    /// The same as a regular expression for editors (JSON Schema `pattern`, ECMA 262). It accepts everything that
    /// `FromStr` accepts; what a regular expression cannot say, only `FromStr` refuses.
    const PATTERN: &'static str;

    /// Reads a value; the error is the reason alone, a lower-case fragment.
    fn read(written: &str) -> Result<Self, &'static str>;

    /// What the writer of a refused value may have meant. Suggested only if it can be read.
    fn guess(_refused: &str) -> Option<String> {
        None
    }
}

/// A whole number within a range: `TryFrom<i64>` is its only constructor.
pub trait WholeNumber: Copy + TryFrom<i64, Error = Invalid> + Into<i64> {
    /// What the value is called in a message: `port`.
    const NOUN: &'static str;
    /// The accepted range and the unit, in a few words.
    const GRAMMAR: &'static str;
    /// The accepted numbers.
    const RANGE: RangeInclusive<i64>;
}

/// Implements `FromStr` for a [`Text`] type.
macro_rules! text_from_str {
    ($type:ident) => {
        impl std::str::FromStr for $type {
            type Err = $crate::net::Invalid;

            fn from_str(written: &str) -> Result<Self, Self::Err> {
                <Self as $crate::net::Text>::read(written)
                    .map_err(|reason| $crate::net::Invalid::text::<Self>(written, reason))
            }
        }
    };
}

/// Implements `FromStr`, `TryFrom<String>`, serde and JSON Schema for a [`Text`] type.
macro_rules! text_type {
    ($type:ident) => {
        $crate::net::text::text_from_str!($type);

        impl TryFrom<String> for $type {
            type Error = $crate::net::Invalid;

            fn try_from(written: String) -> Result<Self, Self::Error> {
                written.parse()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::net::text::TextVisitor(std::marker::PhantomData))
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": <$type as $crate::net::Text>::GRAMMAR,
                    "pattern": <$type as $crate::net::Text>::PATTERN,
                })
            }
        }
    };
}

/// Implements serde and JSON Schema for a [`WholeNumber`] type.
macro_rules! whole_number_type {
    ($type:ident) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64((*self).into())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_i64($crate::net::text::WholeNumberVisitor(std::marker::PhantomData))
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "integer",
                    "description": <$type as $crate::net::WholeNumber>::GRAMMAR,
                    "minimum": <$type as $crate::net::WholeNumber>::RANGE.start(),
                    "maximum": <$type as $crate::net::WholeNumber>::RANGE.end(),
                })
            }
        }
    };
}

pub(super) use {text_from_str, text_type, whole_number_type};

/// Reads a string through `FromStr`; the refusal reaches the user unchanged.
pub(super) struct TextVisitor<T>(pub(super) std::marker::PhantomData<T>);

impl<T: Text> serde::de::Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a string with a {} ({})", T::NOUN, T::GRAMMAR)
    }

    fn visit_str<E: serde::de::Error>(self, written: &str) -> Result<T, E> {
        written.parse().map_err(E::custom)
    }
}

/// Reads an integer through `TryFrom<i64>`; the refusal reaches the user unchanged.
pub(super) struct WholeNumberVisitor<T>(pub(super) std::marker::PhantomData<T>);

impl<T: WholeNumber> serde::de::Visitor<'_> for WholeNumberVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a {} ({}), written as a number without quotes", T::NOUN, T::GRAMMAR)
    }

    fn visit_i64<E: serde::de::Error>(self, written: i64) -> Result<T, E> {
        T::try_from(written).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, written: u64) -> Result<T, E> {
        self.visit_i64(i64::try_from(written).unwrap_or(i64::MAX))
    }
}

impl Invalid {
    /// A refusal of a number outside the range of `T`.
    pub(super) fn number<T: WholeNumber>(written: i64) -> Self {
        Self::of(T::NOUN, T::GRAMMAR, written.to_string(), "out of range")
    }
}

/// Splits a text after its leading digits.
pub(super) fn split_digits(written: &str) -> (&str, &str) {
    let end = written
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(written.len());
    written.split_at(end)
}

/// Reads an unsigned decimal number: digits only, without sign, space or leading zeros (so that one value has one spelling).
pub(super) fn decimal(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if plain { digits.parse().ok() } else { None }
}
