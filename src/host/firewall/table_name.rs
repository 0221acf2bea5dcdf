//! The name of the one table that a change may touch.

use std::fmt;
use std::str::FromStr;

/// The name of our table in the family `inet`: a letter or `_`, then letters, digits and `_`, at most 63 characters.
/// nft(8) takes more; nothing of ours needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName(String);

impl TableName {
    /// What tailwright calls its table.
    pub const DEFAULT: &'static str = "tailwright";

    /// The name as nft reads it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TableName {
    type Err = &'static str;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let starts = written.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let goes_on = written.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if starts && goes_on && written.len() <= 63 {
            Ok(Self(written.to_owned()))
        } else {
            Err("a table's name has 1 to 63 letters, digits and _, no digit first")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_be_anything_else() {
        for good in [TableName::DEFAULT, "_t1", "A"] {
            assert_eq!(good.parse::<TableName>().unwrap().as_str(), good);
        }
        for bad in ["", "1t", "a b", "a;b", "a{", "a-b", "a.b", "-f", "ä", &"x".repeat(64)] {
            assert!(bad.parse::<TableName>().is_err(), "{bad}");
        }
    }
}
