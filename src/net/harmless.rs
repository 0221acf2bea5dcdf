//! Texts that others chose.

/// Whether a character could act on a terminal or mislead a reader: a control character, a line end, one that takes no room,
/// or one that turns the direction of writing (Unicode Standard Annex #9).
pub const fn is_harmful(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

/// The text with `\u{fffd}` instead of every [harmful](is_harmful) character.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| if is_harmful(c) { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_all_there() {
        for c in ('\u{0}'..='\u{ffff}').filter(|c| c.is_control()) {
            assert!(is_harmful(c), "{c:?}");
        }
        assert_eq!(harmless("Bob’s iPhone 15 é 日本"), "Bob’s iPhone 15 é 日本");
        assert_eq!(harmless("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
    }
}
