//! Bucket sizes of the token bucket filter.

use std::fmt;

use super::text::{Text, decimal, split_digits, text_type};

/// tc's units of size in bytes; `k` and so on count 1024, for bits too.
const UNITS: [(&str, u64); 11] = [
    ("gbit", (1 << 30) / 8),
    ("gb", 1 << 30),
    ("g", 1 << 30),
    ("mbit", (1 << 20) / 8),
    ("mb", 1 << 20),
    ("m", 1 << 20),
    ("kbit", (1 << 10) / 8),
    ("kb", 1 << 10),
    ("k", 1 << 10),
    ("b", 1),
    ("", 1),
];

/// A bucket size in the grammar of tc(8), SIZES, for tc-tbf(8) `burst`: `32kbit` (4096 bytes), `32kb`, `1600`.
///
/// 1 byte to 4 GiB - 1 (the kernel holds it in 32 bits). Shown in `kb` where exact, else in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BurstSize(u32);

impl BurstSize {
    /// What a bucket must hold at `rate`: 10 ms of it, 32 KiB at least, so that a timer tick never finds it empty
    /// (tc-tbf(8), on `burst`).
    pub fn for_rate(rate: super::BitRate) -> Self {
        let bytes = rate.bits_per_second() / 8 / 100;
        Self(u32::try_from(bytes).unwrap_or(u32::MAX).max(32 * 1024))
    }

    /// Bytes.
    pub fn bytes(&self) -> u32 {
        self.0
    }
}

impl fmt::Display for BurstSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1 << 10) {
            write!(f, "{}kb", self.0 >> 10)
        } else {
            write!(f, "{}b", self.0)
        }
    }
}

impl Text for BurstSize {
    const NOUN: &'static str = "burst size";
    const GRAMMAR: &'static str = "a whole number, then b, kb, mb or gb (bytes) or kbit, mbit or gbit (powers of 1024), \
         from 1b to less than 4gb, like 32kbit";
    const PATTERN: &'static str = "^[1-9][0-9]{0,9}([kKmMgG]?[bB]|[kKmMgG]([bB][iI][tT])?)?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let lower = written.to_ascii_lowercase();
        let (number, unit) = split_digits(&lower);
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, factor) = unit.ok_or("unknown unit")?;
        let number = decimal(number).ok_or("no whole number before the unit")?;
        match number.checked_mul(*factor).map(u32::try_from) {
            Some(Ok(bytes)) if bytes > 0 => Ok(Self(bytes)),
            _ => Err("out of range"),
        }
    }
}

text_type!(BurstSize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows};

    #[test]
    fn the_sizes_of_tc() {
        reads_back::<BurstSize>("[1-9][0-9]{0,2}([kKmM]bit|[kKmM]?[bB]|[kKmM])?");
        shows::<BurstSize>(&[
            ("32kbit", "4kb"),
            ("32kb", "32kb"),
            ("1600", "1600b"),
            ("1mbit", "128kb"),
            ("1kbit", "128b"),
        ]);
        refuses::<BurstSize>(&[
            "",
            "0",
            "0kb",
            "4gb",
            "1.5kb",
            "32kbits/s",
            "kb",
            "32 kb",
            "99999999999999999999gb",
        ]);
    }
}
