//! Profile text as Nix text: strings, indented strings, attribute names and comments that cannot be left.
//!
//! The rules are those of Nix's own lexer (`src/libexpr/lexer.l`), which differ from what one expects in two places: `$$`
//! is read as a pair, so that `$${` opens no interpolation, and a carriage return ends a comment.

use std::fmt::Write as _;

/// Words that cannot stand as a bare attribute name.
const KEYWORDS: [&str; 10] = [
    "assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with",
];

/// `text` within double quotes, on one line.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    push_quoted(&mut out, text, false);
    out.push('"');
    out
}

/// The inside of a double-quoted string. With `before_interpolation`, the caller goes on with `${`, which a final `$` would
/// turn into plain text.
pub(super) fn push_quoted(out: &mut String, text: &str, before_interpolation: bool) {
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if opens_interpolation(rest.peek(), before_interpolation) => out.push_str("\\$"),
            '\0' => out.push(NUL_STAND_IN),
            other => out.push(other),
        }
    }
}

/// Neither Nix nor any program that is configured here can carry NUL in text. The readers refuse it; this character would
/// show that one slipped through.
const NUL_STAND_IN: char = char::REPLACEMENT_CHARACTER;

fn opens_interpolation(next: Option<&char>, before_interpolation: bool) -> bool {
    match next {
        Some('{') => true,
        Some(_) => false,
        None => before_interpolation,
    }
}

/// The inside of an indented string: `''` becomes `'''`, `${` becomes `''${`. Whether an indented string can carry the
/// text at all is for [`fits_indented`] to say.
pub(super) fn push_indented(out: &mut String, text: &str, before_interpolation: bool) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let behind = &rest[character.len_utf8()..];
        rest = behind;
        match character {
            '\'' if behind.starts_with('\'') => {
                rest = &behind[1..];
                out.push_str("'''");
            }
            // A lone quote would join the `''` that escapes what follows.
            '\'' if behind.starts_with("${") => out.push_str("''\\'"),
            '$' if opens_interpolation(behind.chars().next().as_ref(), before_interpolation) => out.push_str("''$"),
            other => out.push(other),
        }
    }
}

/// Whether an indented string carries `text` exactly, and a formatter leaves it alone: whole lines, none with white space
/// at its end, at least one without white space at its start, no control bytes but line feeds and inner tabs, no quote
/// before `${` (whose escape the formatter's parser does not know).
pub fn fits_indented(text: &str) -> bool {
    let Some(body) = text.strip_suffix('\n') else {
        return false;
    };
    if body.contains("'${") {
        return false;
    }
    let mut flush_left = false;
    for line in body.split('\n') {
        if line.ends_with(char::is_whitespace) || line.chars().any(|c| c.is_control() && c != '\t') {
            return false;
        }
        match line.chars().next() {
            Some(' ') | None => {}
            Some(first) if first.is_whitespace() => return false,
            Some(_) => flush_left = true,
        }
    }
    flush_left
}

/// An attribute name, in quotes where Nix needs them.
pub fn attribute_name(name: &str) -> String {
    if is_identifier(name) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\''))
        && !KEYWORDS.contains(&name)
}

/// The lines of a comment, each with its `#`. Control bytes become spaces: a carriage return would end the comment.
pub fn comment_lines(text: &str) -> Vec<String> {
    text.split('\n')
        .map(|line| {
            let mut out = String::from("#");
            let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let line = line.trim_end();
            if !line.is_empty() {
                // Writing to a string cannot fail.
                let _ = write!(out, " {line}");
            }
            out
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_be_left() {
        assert_eq!(quoted(r#"a"; b = ${x} \"#), r#""a\"; b = \${x} \\""#);
        assert_eq!(quoted("$${x} $x $"), r#""$\${x} $x $""#);
        assert_eq!(quoted("a\n\r\tb"), r#""a\n\r\tb""#);
    }

    #[test]
    fn indented_strings_cannot_be_left() {
        let indented = |text| {
            let mut out = String::new();
            push_indented(&mut out, text, false);
            out
        };
        assert_eq!(indented("a '' b ${x}\n"), "a ''' b ''${x}\n");
        assert_eq!(indented("'${x}\n"), "''\\'''${x}\n");
        assert_eq!(indented("'''${x}\n"), "'''''\\'''${x}\n");
        assert_eq!(indented("it's\n"), "it's\n");
    }

    #[test]
    fn names_are_quoted_when_needed() {
        for bare in ["a", "_x", "a-b'", "enp3s0", "true"] {
            assert_eq!(attribute_name(bare), bare);
        }
        for name in ["", "1a", "a.b", "a b", "or", "inherit", "ö", "net.core.rmem_max"] {
            assert_eq!(attribute_name(name), quoted(name));
        }
        assert_eq!(attribute_name("${x}"), r#""\${x}""#);
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment_lines("a\rb = 1;\n\nc "), ["# a b = 1;", "#", "# c"]);
    }

    #[test]
    fn indented_strings_are_used_only_where_they_are_exact() {
        for text in ["a\n", "a\n  b\n\nc\n", "\na\n", "a\tb\n"] {
            assert!(fits_indented(text), "{text:?}");
        }
        for text in [
            "",
            "a",
            "a\nb",
            "  a\n",
            "a \n",
            "\n",
            "a\r\n",
            "\ta\nb\n",
            "a\n \nb\n",
            "a\u{1}\n",
            "a\u{2028}\n",
            "'${a}\n",
        ] {
            assert!(!fits_indented(text), "{text:?}");
        }
    }
}
