//! The value of a string literal, by the rules of Nix's lexer and of its removal of indentation
//! (`src/libexpr/lexer.l`, `stripIndentation` in `src/libexpr/parser-state.hh`).

/// The value of a string literal without interpolation, from its text with the quotes.
pub(super) fn value(literal: &str) -> String {
    if let Some(inner) = literal.strip_prefix("''") {
        indented(inner.strip_suffix("''").unwrap_or(inner))
    } else {
        let inner = literal.strip_prefix('"').unwrap_or(literal);
        quoted(inner.strip_suffix('"').unwrap_or(inner))
    }
}

/// The value of what stands between double quotes, without interpolation. A raw carriage return, with or without a line
/// feed, is read as a line feed.
fn quoted(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => out.extend(rest.next().map(unescape)),
            '\r' => {
                if rest.peek() == Some(&'\n') {
                    rest.next();
                }
                out.push('\n');
            }
            other => out.push(other),
        }
    }
    out
}

fn unescape(character: char) -> char {
    match character {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

/// A piece of an indented string, as the lexer cuts it.
struct Piece {
    text: String,
    /// Plain text, whose white space counts as indentation; an escape does not.
    plain: bool,
}

/// The value of what stands between `''` and `''`, without interpolation.
fn indented(inner: &str) -> String {
    let pieces = pieces(without_first_line(inner));
    let indentation = indentation(&pieces);
    let mut out = String::with_capacity(inner.len());
    let mut at_line_start = true;
    let mut dropped = 0;
    let count = pieces.len();
    for (position, piece) in pieces.iter().enumerate() {
        let mut text = String::with_capacity(piece.text.len());
        for character in piece.text.chars() {
            match character {
                ' ' if at_line_start => {
                    if dropped >= indentation {
                        text.push(' ');
                    }
                    dropped += 1;
                    continue;
                }
                '\n' => {
                    dropped = 0;
                    at_line_start = true;
                }
                _ if at_line_start => {
                    at_line_start = false;
                    dropped = 0;
                }
                _ => {}
            }
            text.push(character);
        }
        // A last line of spaces only, before the closing quotes, is not part of the value.
        if position + 1 == count
            && let Some((before, last)) = text.rsplit_once('\n')
            && last.chars().all(|character| character == ' ')
        {
            text.truncate(before.len() + 1);
        }
        out.push_str(&text);
    }
    out
}

/// The opening quotes take spaces and the line feed behind them.
fn without_first_line(inner: &str) -> &str {
    inner.trim_start_matches(' ').strip_prefix('\n').unwrap_or(inner)
}

fn pieces(inner: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut plain = String::new();
    let mut rest = inner;
    while let Some(character) = rest.chars().next() {
        let Some((escaped, length)) = escape(rest) else {
            plain.push(character);
            rest = &rest[character.len_utf8()..];
            continue;
        };
        if !plain.is_empty() {
            pieces.push(Piece {
                text: std::mem::take(&mut plain),
                plain: true,
            });
        }
        pieces.push(Piece {
            text: escaped,
            plain: false,
        });
        rest = rest.get(length..).unwrap_or_default();
    }
    if !plain.is_empty() {
        pieces.push(Piece {
            text: plain,
            plain: true,
        });
    }
    pieces
}

/// The escape at the start of `text`: its value and its length in bytes.
fn escape(text: &str) -> Option<(String, usize)> {
    let behind = text.strip_prefix("''")?;
    let next = behind.chars().next()?;
    match next {
        '\'' => Some(("''".to_owned(), 3)),
        '$' => Some(("$".to_owned(), 3)),
        '\\' => {
            let escaped = behind.chars().nth(1)?;
            Some((unescape(escaped).to_string(), 3 + escaped.len_utf8()))
        }
        _ => None,
    }
}

/// The smallest indentation of a line that has anything but spaces.
fn indentation(pieces: &[Piece]) -> usize {
    let mut smallest = usize::MAX;
    let mut at_line_start = true;
    let mut current = 0;
    for piece in pieces {
        if !piece.plain {
            if at_line_start {
                at_line_start = false;
                smallest = smallest.min(current);
            }
            continue;
        }
        for character in piece.text.chars() {
            match character {
                '\n' => {
                    at_line_start = true;
                    current = 0;
                }
                ' ' if at_line_start => current += 1,
                _ if at_line_start => {
                    at_line_start = false;
                    smallest = smallest.min(current);
                }
                _ => {}
            }
        }
    }
    smallest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_once() {
        assert_eq!(value(r#"""""#), "\"");
        assert_eq!(value(r#""""#), "");
        assert_eq!(value("'''''''"), "''");
    }

    #[test]
    fn quoted_strings_are_unescaped() {
        assert_eq!(quoted(r#"a\"\n\t\r\\\${x}\q $${y}"#), "a\"\n\t\r\\${x}q $${y}");
        assert_eq!(quoted("a\r\nb\rc"), "a\nb\nc");
    }

    #[test]
    fn indentation_is_removed() {
        assert_eq!(indented("\n  a\n    b\n\n  c\n"), "a\n  b\n\nc\n");
        assert_eq!(indented("\n  a\n "), "a\n");
        assert_eq!(indented("  a\n  b"), "a\nb");
        assert_eq!(indented("   \n  a"), "a");
        assert_eq!(indented("\n\ta\n  b\n"), "\ta\n  b\n");
        assert_eq!(indented(""), "");
        assert_eq!(indented("   "), "");
    }

    /// What `nix-instantiate --eval` said of these.
    #[test]
    fn escapes_take_part_in_indentation_as_in_nix() {
        for (inner, value) in [
            ("\n\n   ", "\n"),
            ("\n  a''\\n  b\n  c\n", "a\nb\nc\n"),
            (" a\n''\\n   b", " a\n\n   b"),
            ("\n  ''\\n    b\n  c\n  ", "\n  b\nc\n"),
            ("\n   a\n   ", "a\n"),
            ("\n   a\n  ''\\n \n   ", " a\n\n\n"),
            ("x\n  ''$a", "x\n  $a"),
        ] {
            assert_eq!(indented(inner), value, "{inner:?}");
        }
    }

    #[test]
    fn escapes_of_indented_strings_are_read() {
        assert_eq!(
            indented("a ''' b ''${x} ''\\n ''\\' $${y} '"),
            "a '' b ${x} \n ' $${y} '"
        );
    }
}
