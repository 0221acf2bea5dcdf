//! Names that others chose, on a terminal.

use crate::net::harmless::harmless;

/// The text without what could act on a terminal or mislead its reader: a control character, a line end or a character
/// that turns the direction of writing stands as `\u{fffd}`.
pub(crate) fn printable(text: &str) -> String {
    harmless(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_act_on_the_terminal() {
        assert_eq!(printable("Bob’s iPhone 15 é 日本"), "Bob’s iPhone 15 é 日本");
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
    }
}
