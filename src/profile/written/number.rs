//! Values that may be written in more than one way: numbers with an implied unit, ports with a special zero.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};

use crate::net::{Port, TimeSpan};

/// A time span: a whole number of seconds, or a string with a unit (`90s`, `5m`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub TimeSpan);

/// A time span: a whole number of milliseconds, or a string with a unit (`200ms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Millis(pub TimeSpan);

macro_rules! time_span {
    ($name:ident, $from:ident, $unit:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Words;

                impl Visitor<'_> for Words {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a whole number of ", $unit, ", or a string with a unit such as \"90s\""))
                    }

                    fn visit_i64<E: Error>(self, number: i64) -> Result<$name, E> {
                        match u64::try_from(number).map(TimeSpan::$from) {
                            Ok(span) => span.map($name).map_err(E::custom),
                            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
                        }
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map($name).map_err(E::custom)
                    }
                }

                deserializer.deserialize_any(Words)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "anyOf": [
                    { "type": "integer", "minimum": 1, "description": $unit },
                    generator.subschema_for::<TimeSpan>(),
                ] })
            }
        }
    };
}

time_span!(Seconds, from_secs, "seconds");
time_span!(Millis, from_millis, "milliseconds");

/// A port to listen on; 0 leaves the choice to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenPort(pub Option<Port>);

impl<'de> serde::Deserialize<'de> for ListenPort {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = <i64 as serde::Deserialize>::deserialize(deserializer)?;
        if number == 0 {
            return Ok(Self(None));
        }
        Port::try_from(number)
            .map(|port| Self(Some(port)))
            .map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for ListenPort {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ListenPort".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": 65535 })
    }
}

/// The value of a kernel parameter: a number, a boolean or a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A number; booleans are 0 and 1.
    Integer(i64),
    /// A string.
    Text(String),
}

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl Visitor<'_> for Words {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, a boolean or a string")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Integer(value.into()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Scalar, E> {
                if !value.is_empty() && value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
                    Ok(Scalar::Text(value.to_owned()))
                } else {
                    Err(E::custom("expected printable ASCII on one line"))
                }
            }
        }

        deserializer.deserialize_any(Words)
    }
}

impl schemars::JsonSchema for Scalar {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "boolean", "string"] })
    }
}
