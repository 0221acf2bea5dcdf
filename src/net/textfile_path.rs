//! Files of `node_exporter`'s textfile collector.

use std::fmt;

use super::AbsolutePath;
use super::text::{Text, text_type};

/// A file that `node_exporter` reads metrics from (`--collector.textfile.directory`): an [`AbsolutePath`] that ends in `.prom`,
/// the only names that it looks at, in a directory that can be written to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextfilePath(AbsolutePath);

impl TextfilePath {
    /// The path.
    pub fn path(&self) -> &AbsolutePath {
        &self.0
    }

    /// The directory that it lies in.
    pub fn directory(&self) -> &str {
        self.0.as_str().rsplit_once('/').map_or("/", |(directory, _)| directory)
    }
}

impl fmt::Display for TextfilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for TextfilePath {
    const NOUN: &'static str = "text file of metrics";
    const GRAMMAR: &'static str =
        "an absolute path in a directory of its own that ends in .prom, like /run/tailwright-monitor/tailwright.prom";
    const PATTERN: &'static str = r"^/.*/.*\.prom$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let path = AbsolutePath::read(written)?;
        let Some(name) = written.rsplit('/').next().and_then(|name| name.strip_suffix(".prom")) else {
            return Err("it does not end in .prom, and node_exporter reads nothing else");
        };
        if name.is_empty() || name.starts_with('.') {
            return Err("the file has no name before .prom, or a hidden one");
        }
        if written.matches('/').count() < 2 {
            return Err("the root directory is no place for it");
        }
        if path.is_in_nix_store() {
            return Err("the Nix store cannot be written to");
        }
        Ok(Self(path))
    }

    fn guess(refused: &str) -> Option<String> {
        let stem = refused.rsplit_once('.').map_or(refused, |(stem, _)| stem);
        Some(format!("{stem}.prom"))
    }
}

text_type!(TextfilePath);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, suggests};

    #[test]
    fn node_exporter_reads_it_and_it_can_be_written() {
        reads_back::<TextfilePath>(r"(/[a-z][a-z0-9 ]{0,9}){1,4}/[a-z]{1,9}\.prom");
        refuses::<TextfilePath>(&[
            "",
            "tailwright.prom",
            "/var/lib/x/tailwright",
            "/var/lib/x/tailwright.txt",
            "/var/lib/x/.prom",
            "/var/lib/x/.a.prom",
            "/tailwright.prom",
            "/nix/store/x/a.prom",
            "/a/../b.prom",
        ]);
        suggests::<TextfilePath>(&[("/var/lib/x/metrics.txt", "/var/lib/x/metrics.prom")]);
        let path: TextfilePath = "/var/lib/x/a.prom".parse().unwrap();
        assert_eq!(path.directory(), "/var/lib/x");
    }
}
