//! Bandwidths.

use std::fmt;

use super::text::{Text, decimal, split_digits, text_type};

/// tc's decimal units, largest first, in bits per second.
const UNITS: [(&str, u64); 5] = [
    ("tbit", 1_000_000_000_000),
    ("gbit", 1_000_000_000),
    ("mbit", 1_000_000),
    ("kbit", 1_000),
    ("bit", 1),
];

/// A bandwidth in the grammar of tc(8), RATES: `10mbit`, `500kbit`, `1gbit`; 1 kbit/s to 1 tbit/s, in powers of 1000.
///
/// tc's `bps` units are refused: they mean *bytes* per second there, which hardly anybody who writes them expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitRate(u64);

impl BitRate {
    /// Bits per second.
    pub fn bits_per_second(&self) -> u64 {
        self.0
    }
}

impl fmt::Display for BitRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, factor)| self.0.is_multiple_of(*factor));
        let (unit, factor) = unit.unwrap_or(&("bit", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl Text for BitRate {
    const NOUN: &'static str = "bandwidth";
    const GRAMMAR: &'static str =
        "a whole number, then bit, kbit, mbit, gbit or tbit (per second), from 1kbit to 1tbit, like 10mbit";
    const PATTERN: &'static str = "^[1-9][0-9]{0,12}([kKmMgGtT])?[bB][iI][tT]$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let lower = written.to_ascii_lowercase();
        let (number, unit) = split_digits(&lower);
        let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(if unit.ends_with("bps") {
                "bps units mean bytes per second to tc"
            } else {
                "unknown unit"
            });
        };
        let number = decimal(number).ok_or("no whole number before the unit")?;
        match number.checked_mul(*factor) {
            Some(bits @ 1_000..=1_000_000_000_000) => Ok(Self(bits)),
            _ => Err("out of range"),
        }
    }

    /// Whoever writes `10M`, `10Mb`, `10mbps` or `10 Mbit/s` means megabits.
    fn guess(refused: &str) -> Option<String> {
        let lower = refused.to_ascii_lowercase();
        let (number, unit) = split_digits(&lower);
        let unit = unit.trim_start();
        let letter = unit.chars().next().filter(|letter| "kmgt".contains(*letter))?;
        let rest = unit.strip_prefix(letter)?;
        ["", "b", "bit", "bps", "b/s", "bit/s", "bits"]
            .contains(&rest)
            .then(|| format!("{number}{letter}bit"))
    }
}

text_type!(BitRate);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn the_rates_of_tc() {
        reads_back::<BitRate>("[1-9][0-9]{0,2}[kKmMgG]bit|[1-9][0-9]{3,11}bit");
        shows::<BitRate>(&[
            ("10mbit", "10mbit"),
            ("1500kbit", "1500kbit"),
            ("1000Kbit", "1mbit"),
            ("1tbit", "1tbit"),
        ]);
        refuses::<BitRate>(&[
            "",
            "10",
            "999bit",
            "2tbit",
            "10mbps",
            "1.5mbit",
            "-1mbit",
            "99999999999999999999gbit",
            "10 mbit",
            "mbit",
        ]);
        suggests::<BitRate>(&[
            ("10mbps", "10mbit"),
            ("10M", "10mbit"),
            ("10 Mbit/s", "10mbit"),
            ("1Gb", "1gbit"),
        ]);
        assert_eq!("10mbit".parse::<BitRate>().unwrap().bits_per_second(), 10_000_000);
    }
}
