//! Text that is longer than a line.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The words of a text on lines of at most `width` columns. A longer word is broken; only a URL never is: it is there to be
/// copied.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The word, in as many pieces as it takes.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut left = word;
    while left.width() > width && !word.contains("://") {
        let mut taken = 0;
        let mut fits = |c: char| {
            taken += c.width().unwrap_or_default();
            taken <= width
        };
        let end = left
            .char_indices()
            .find(|(_, c)| !fits(*c))
            .map_or(left.len(), |(end, _)| end);
        // One character at least, on however narrow a screen.
        let first = left.chars().next().map_or(0, char::len_utf8);
        let (piece, rest) = left.split_at(end.max(first));
        pieces.push(piece);
        left = rest;
    }
    pieces.push(left);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two  three\nfour", 9), ["one two", "three", "four"]);
        assert_eq!(
            wrap("in an incomprehensible way", 6),
            ["in an", "incomp", "rehens", "ible", "way"]
        );
        assert_eq!(wrap("日本語東京", 5), ["日本", "語東", "京"]);
        assert_eq!(wrap("at https://example.com/a", 5), ["at", "https://example.com/a"]);
        assert_eq!(wrap(" ", 5), Vec::<String>::new());
    }
}
