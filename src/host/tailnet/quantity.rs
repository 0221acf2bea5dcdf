//! Amounts, for people.

/// Bytes in powers of 1000: `812 B`, `3.6 kB`, `41 MB`.
pub(crate) fn bytes(count: u64) -> String {
    amount(count, "B", ["kB", "MB", "GB", "TB", "PB", "EB"])
}

/// Bits per second in powers of 1000: `812 bit/s`, `3.6 kbit/s`, `41 Mbit/s`.
pub(crate) fn bits(rate: u64) -> String {
    amount(
        rate,
        "bit/s",
        ["kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"],
    )
}

fn amount(count: u64, one: &str, units: [&str; 6]) -> String {
    if count < 1_000 {
        return format!("{count} {one}");
    }
    let mut scale = 1_000_u64;
    let mut unit = 0;
    // What would be rounded to a thousand of a unit is one of the next.
    while unit + 1 < units.len() && count >= scale.saturating_mul(1_000).saturating_sub(scale / 2) {
        scale = scale.saturating_mul(1_000);
        unit += 1;
    }
    let name = units.get(unit).copied().unwrap_or_default();
    let tenths = (u128::from(count) * 10 + u128::from(scale) / 2) / u128::from(scale);
    if tenths < 100 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        let whole = (u128::from(count) + u128::from(scale) / 2) / u128::from(scale);
        format!("{whole} {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_at_most() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (3_649, "3.6 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (41_000_000, "41 MB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(
            (bits(812), bits(19_400_000)),
            ("812 bit/s".to_owned(), "19 Mbit/s".to_owned())
        );
    }
}
