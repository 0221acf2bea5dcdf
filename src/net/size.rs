//! Sizes in bytes.

use std::fmt;

use super::text::{Text, decimal, split_digits, text_type};

/// nginx's units, largest first, in bytes.
const UNITS: [(char, u64); 3] = [('g', 1 << 30), ('m', 1 << 20), ('k', 1 << 10)];

/// A size in the grammar of nginx: a whole number of bytes, or of `k`, `m`, `g` (either case; powers of 1024):
/// `500M`, `8k`, `1g`, `0`.
///
/// 0 to 2⁶³-1 bytes (<https://nginx.org/en/docs/syntax.html>; `g` only where nginx reads an offset, as in
/// `client_max_body_size`). Whether `0` means "no limit" is the directive's matter: it does for `client_max_body_size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.0
    }

    /// Whether this is `0`.
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .iter()
            .find(|(_, factor)| self.0 > 0 && self.0.is_multiple_of(*factor));
        match unit {
            Some((letter, factor)) => write!(f, "{}{letter}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Text for ByteSize {
    const NOUN: &'static str = "size";
    const GRAMMAR: &'static str = "a whole number of bytes, or of k, m or g (powers of 1024), like 500M, 8k or 0";
    const PATTERN: &'static str = "^(0|[1-9][0-9]{0,18})[kKmMgG]?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (number, unit) = split_digits(written);
        let lower = unit.to_ascii_lowercase();
        let factor = UNITS
            .iter()
            .find(|(letter, _)| lower.chars().eq([*letter]))
            .map(|(_, factor)| *factor)
            .or(unit.is_empty().then_some(1))
            .ok_or("unknown unit")?;
        let number = decimal(number).ok_or("no whole number")?;
        match number.checked_mul(factor) {
            // nginx holds offsets in a signed 64-bit integer.
            Some(bytes) if i64::try_from(bytes).is_ok() => Ok(Self(bytes)),
            _ => Err("larger than 2^63-1 bytes"),
        }
    }

    /// What the writer of `500MB` or `500 MiB` means.
    fn guess(refused: &str) -> Option<String> {
        let (number, unit) = split_digits(refused);
        let unit = unit.trim();
        let letter = unit.get(..1)?;
        ["", "b", "ib", "byte", "bytes"]
            .contains(&unit.get(1..)?.to_ascii_lowercase().as_str())
            .then(|| format!("{number}{letter}"))
    }
}

text_type!(ByteSize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn the_sizes_of_nginx() {
        reads_back::<ByteSize>("0|[1-9][0-9]{0,8}[kKmMgG]?");
        shows::<ByteSize>(&[
            ("500M", "500m"),
            ("1024k", "1m"),
            ("0", "0"),
            ("0g", "0"),
            ("1000", "1000"),
            ("1G", "1g"),
        ]);
        refuses::<ByteSize>(&[
            "",
            "M",
            "-1",
            "1.5g",
            "500M;",
            "9223372036854775808",
            "9223372036854775807k",
            "99999999999999999999",
            "1t",
        ]);
        suggests::<ByteSize>(&[("500MB", "500M"), ("500 MiB", "500M"), ("8kb", "8k")]);
        assert_eq!("500M".parse::<ByteSize>().unwrap().bytes(), 524_288_000);
        assert_eq!(
            "9223372036854775807".parse::<ByteSize>().unwrap().bytes(),
            i64::MAX.unsigned_abs()
        );
    }
}
