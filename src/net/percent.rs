//! Percentages.

use std::fmt;
use std::ops::RangeInclusive;

use super::invalid::Invalid;
use super::text::{WholeNumber, whole_number_type};

/// A share in whole percent, 0-100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// So many percent, for constants.
    ///
    /// # Panics
    /// Above 100 (at compile time, in a constant).
    pub const fn constant(number: u8) -> Self {
        assert!(number <= 100, "out of range");
        Self(number)
    }

    /// The number, 0-100.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl WholeNumber for Percent {
    const NOUN: &'static str = "percentage";
    const GRAMMAR: &'static str = "a whole number from 0 to 100";
    const RANGE: RangeInclusive<i64> = 0..=100;
}

impl TryFrom<i64> for Percent {
    type Error = Invalid;

    fn try_from(written: i64) -> Result<Self, Invalid> {
        match u8::try_from(written) {
            Ok(number @ 0..=100) => Ok(Self(number)),
            _ => Err(Invalid::number::<Self>(written)),
        }
    }
}

impl From<Percent> for i64 {
    fn from(percent: Percent) -> Self {
        percent.0.into()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

whole_number_type!(Percent);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_0_to_100() {
        for number in -2..=300_i64 {
            let percent = Percent::try_from(number);
            assert_eq!(percent.is_ok(), (0..=100).contains(&number));
            if let Ok(percent) = percent {
                assert_eq!(i64::from(percent), number);
                assert_eq!(serde_json::from_str::<Percent>(&percent.to_string()).unwrap(), percent);
            }
        }
        assert!(serde_json::from_str::<Percent>("2.5").is_err());
        assert!(serde_json::from_str::<Percent>(r#""5%""#).is_err());
    }
}
