//! Ports.

use std::fmt;
use std::num::NonZeroU16;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::invalid::{Invalid, quoted};
use super::text::{WholeNumber, decimal, whole_number_type};

/// A TCP or UDP port, 1-65535 (RFC 6335 §6; 0 is reserved and cannot be opened). Written as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(NonZeroU16);

impl Port {
    /// 1, the lowest port.
    pub const MIN: Self = Self(NonZeroU16::MIN);
    /// 65535, the highest port.
    pub const MAX: Self = Self(NonZeroU16::MAX);

    /// 80, HTTP in the clear.
    pub const HTTP: Self = Self::constant(80);
    /// 443, HTTPS and HTTP/3.
    pub const HTTPS: Self = Self::constant(443);
    /// 41641, the UDP port of tailscaled's unit.
    pub const TAILSCALE: Self = Self::constant(41641);

    /// The port of this number, for constants.
    ///
    /// # Panics
    /// For 0 (at compile time, in a constant).
    pub const fn constant(number: u16) -> Self {
        assert!(number > 0, "0 is no port");
        Self(NonZeroU16::MIN.saturating_add(number - 1))
    }

    /// The port of this number; `None` for 0.
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// The next higher port; `None` after 65535.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl Port {
    /// Reads digits, as a part of other texts.
    pub(super) fn read(written: &str) -> Option<Self> {
        decimal(written)
            .and_then(|number| u16::try_from(number).ok())
            .and_then(Self::new)
    }
}

impl WholeNumber for Port {
    const NOUN: &'static str = "port";
    const GRAMMAR: &'static str = "a whole number from 1 to 65535";
    const RANGE: RangeInclusive<i64> = 1..=65_535;
}

impl TryFrom<i64> for Port {
    type Error = Invalid;

    fn try_from(written: i64) -> Result<Self, Invalid> {
        u16::try_from(written)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| Invalid::number::<Self>(written))
    }
}

impl From<Port> for i64 {
    fn from(port: Port) -> Self {
        port.get().into()
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> Self {
        port.get()
    }
}

impl FromStr for Port {
    type Err = Invalid;

    fn from_str(written: &str) -> Result<Self, Invalid> {
        Self::read(written).ok_or_else(|| Invalid::of(Self::NOUN, Self::GRAMMAR, quoted(written), "not a port number"))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

whole_number_type!(Port);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_1_to_65535_is_a_port() {
        for wrong in [0, -1, 65_536, i64::MAX, i64::MIN] {
            let message = Port::try_from(wrong).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("invalid port {wrong}: out of range (accepted: a whole number from 1 to 65535)")
            );
        }
        assert_eq!(Port::try_from(1).unwrap(), Port::MIN);
        assert_eq!(Port::MAX.next(), None);
    }

    #[test]
    fn a_port_is_a_number_in_a_profile() {
        assert_eq!(serde_json::from_str::<Port>("443").unwrap().get(), 443);
        assert!(serde_json::from_str::<Port>("18446744073709551615").is_err());
        let quoted = serde_json::from_str::<Port>(r#""443""#).unwrap_err().to_string();
        assert!(quoted.contains("without quotes"), "{quoted}");
        let schema = schemars::schema_for!(Port);
        assert_eq!(schema.get("maximum"), Some(&65_535.into()));
    }

    proptest! {
        #[test]
        fn display_reads_back(number in 1u16..) {
            let port = Port::new(number).unwrap();
            prop_assert_eq!(port.to_string().parse::<Port>().unwrap(), port);
        }

        #[test]
        fn junk_never_panics(junk in ".*") {
            let _ = junk.parse::<Port>();
        }
    }
}
