//! Rates of HTTP requests.

use std::cmp::Ordering;
use std::fmt;

use super::text::{Text, decimal, split_digits, text_type};

/// Highest accepted number of requests per unit.
const MAX: u32 = 1_000_000;

/// A rate of HTTP requests in the grammar of nginx's `limit_req_zone … rate=`: `20r/s` or `300r/m`.
///
/// A whole number from 1 to 1,000,000 requests per second or minute
/// (<https://nginx.org/en/docs/http/ngx_http_limit_req_module.html>). Rates are ordered by speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestRate {
    requests: u32,
    per: RequestUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum RequestUnit {
    Minute,
    Second,
}

impl RequestRate {
    /// Requests per minute.
    pub fn per_minute(&self) -> u32 {
        match self.per {
            RequestUnit::Second => self.requests.saturating_mul(60),
            RequestUnit::Minute => self.requests,
        }
    }
}

impl Ord for RequestRate {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |rate: &Self| (rate.per_minute(), rate.per);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for RequestRate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for RequestRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per {
            RequestUnit::Second => "r/s",
            RequestUnit::Minute => "r/m",
        };
        write!(f, "{}{unit}", self.requests)
    }
}

impl Text for RequestRate {
    const NOUN: &'static str = "request rate";
    const GRAMMAR: &'static str =
        "a whole number from 1 to 1000000, then r/s (per second) or r/m (per minute), like 20r/s";
    const PATTERN: &'static str = "^[1-9][0-9]{0,6}r/[sm]$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let (number, unit) = split_digits(written);
        let per = match unit {
            "r/s" => RequestUnit::Second,
            "r/m" => RequestUnit::Minute,
            _ => return Err("the unit is neither r/s nor r/m"),
        };
        match decimal(number).and_then(|number| u32::try_from(number).ok()) {
            Some(requests @ 1..=MAX) => Ok(Self { requests, per }),
            Some(_) => Err("the number is out of range"),
            None => Err("no whole number before the unit"),
        }
    }

    /// What the writer of `20/s`, `20rps` or `300 req/min` means.
    fn guess(refused: &str) -> Option<String> {
        let compact = refused.replace(' ', "").to_ascii_lowercase();
        let (number, unit) = split_digits(&compact);
        let unit = match unit
            .trim_start_matches("requests")
            .trim_start_matches("req")
            .trim_start_matches(['r', '/', 'p'])
        {
            "" | "s" | "sec" | "second" => "r/s",
            "m" | "min" | "minute" => "r/m",
            _ => return None,
        };
        Some(format!("{number}{unit}"))
    }
}

text_type!(RequestRate);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn the_grammar_of_nginx() {
        reads_back::<RequestRate>("[1-9][0-9]{0,5}r/[sm]");
        refuses::<RequestRate>(&[
            "",
            "20",
            "0r/s",
            "1000001r/s",
            "0.5r/s",
            "-1r/s",
            "20r/h",
            "r/s",
            "20r/s;",
            "020r/s",
            "20r/s r/s",
        ]);
        suggests::<RequestRate>(&[
            ("20/s", "20r/s"),
            ("20", "20r/s"),
            ("20 r/s", "20r/s"),
            ("300/min", "300r/m"),
            ("20rps", "20r/s"),
            ("20R/S", "20r/s"),
        ]);
    }

    #[test]
    fn rates_are_ordered_by_speed() {
        let rate = |written: &str| written.parse::<RequestRate>().unwrap();
        assert!(rate("300r/m") < rate("20r/s"));
        assert!(rate("60r/m") < rate("1r/s"), "the same speed, but not the same value");
        assert_eq!(rate("1000000r/s").per_minute(), 60_000_000);
    }
}
