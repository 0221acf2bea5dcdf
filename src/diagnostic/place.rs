//! Places: a span of a source text, and the path of a field in the profile's tree.

use std::fmt;

/// Number of a source text in the order in which the texts of a profile were read (0 is the file named on the command line).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

/// A range of bytes in one source text; `end` is exclusive. Always on character boundaries and within the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of `source`; offsets past 4 GiB are clamped (readers refuse larger texts long before).
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            source,
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }
}

/// One step of a [`FieldPath`]: an attribute name or a position in a list (from 0).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute of a set (Nix), a key of a table (TOML) or of an object (JSON).
    Name(String),
    /// A position in a list, from 0.
    Index(usize),
}

/// Where a value stands in the profile's tree, whatever notation it was written in:
/// `network.vpn.tailscale.advertiseRoutes[1]`. Names that are no plain identifiers are shown in quotes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath(Vec<Step>);

impl FieldPath {
    /// The path of the whole profile.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of plain names separated by dots, for paths known when the program is written (`"network.vpn.tailscale"`).
    pub fn of(dotted: &str) -> Self {
        Self(
            dotted
                .split('.')
                .filter(|name| !name.is_empty())
                .map(|name| Step::Name(name.to_owned()))
                .collect(),
        )
    }

    /// This path, one attribute further.
    #[must_use]
    pub fn name(&self, name: impl Into<String>) -> Self {
        self.step(Step::Name(name.into()))
    }

    /// This path, one list element further.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// This path, one step further.
    #[must_use]
    pub fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// `other` below this path.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The path one step up; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, rest)| Self(rest.to_vec()))
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Name(name) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    if is_plain(name) {
                        f.write_str(name)?;
                    } else {
                        write!(f, "{name:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_would_be_written() {
        let path = FieldPath::of("hosts").name("a b").name("network").index(2);
        assert_eq!(path.to_string(), r#"hosts."a b".network[2]"#);
        assert_eq!(
            path.parent().map(|parent| parent.to_string()).as_deref(),
            Some(r#"hosts."a b".network"#)
        );
    }
}
