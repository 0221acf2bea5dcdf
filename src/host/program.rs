//! Other programs: where they are, and what they said.

use std::path::{Path, PathBuf};

/// Where root's programs lie when PATH has lost them (sudo, cron): NixOS, then everybody else.
const USUAL: [&str; 6] = [
    "/run/current-system/sw/bin",
    "/usr/local/sbin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// The absolute path of the program `name`: on PATH, or where such programs usually lie.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .chain(USUAL.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// What a program said, for a terminal: without control characters, at most 4,000 bytes, no line ends around it.
pub(crate) fn said(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(4_000)];
    let text: String = String::from_utf8_lossy(start)
        .chars()
        .map(|c| {
            if c.is_control() && !matches!(c, '\n' | '\t') {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect();
    text.trim_matches('\n').to_owned()
}

/// A path, for a terminal.
pub(crate) fn printable(path: &Path) -> String {
    said(path.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_said_cannot_act_on_the_terminal() {
        assert_eq!(said(b"\n\ta: \x1b[2J\xffb\n"), "\ta: \u{fffd}[2J\u{fffd}b");
        assert_eq!(said(&[b'x'; 9_000]).len(), 4_000);
    }

    #[test]
    fn a_program_is_found_or_not() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
