//! nginx directives that a user writes himself.

use std::fmt;

use super::text::{Text, text_type};

/// nginx directives for one block, as they were written: each complete, with its `;` or its own closed `{ }`, so that
/// they cannot end the block that they are put into. At most 64 KiB, no control characters but tabs and line ends.
///
/// Tokens are those of nginx's configuration reader: words, `"…"` and `'…'` with `\` as escape, `#` comments, `${name}`
/// inside words (<https://nginx.org/en/docs/dev/development_guide.html>, `ngx_conf_read_token`). What the directives
/// mean is nginx's to judge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NginxDirectives(String);

/// Longest text.
const LONGEST: usize = 64 * 1024;

impl NginxDirectives {
    /// The text without surrounding blank space.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NginxDirectives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for NginxDirectives {
    const NOUN: &'static str = "nginx text";
    const GRAMMAR: &'static str = "complete directives, each with its `;` or its own closed braces";
    const PATTERN: &'static str = "^[^\\u0000]*$";

    fn read(written: &str) -> Result<Self, &'static str> {
        if written.len() > LONGEST {
            return Err("longer than 64 KiB");
        }
        if written
            .chars()
            .any(|character| character.is_control() && !matches!(character, '\t' | '\n'))
        {
            return Err("a control character");
        }
        let text = written.trim();
        balanced(text)?;
        Ok(Self(text.to_owned()))
    }
}

text_type!(NginxDirectives);

/// Follows nginx's tokens; the text must end outside of any word, string and block.
fn balanced(text: &str) -> Result<(), &'static str> {
    let mut characters = text.chars().peekable();
    let mut depth = 0_usize;
    let mut in_directive = false;
    while let Some(character) = characters.next() {
        match character {
            _ if character.is_ascii_whitespace() => {}
            '#' => {
                // A comment goes to the end of its line; on the last line it would swallow what is printed after it.
                if !characters.any(|character| character == '\n') && in_directive {
                    return Err("a comment inside a directive that does not end");
                }
            }
            ';' if in_directive => in_directive = false,
            ';' => return Err("a `;` without a directive"),
            '{' if in_directive => {
                depth += 1;
                in_directive = false;
            }
            '{' => return Err("a `{` without a directive before it"),
            '}' if in_directive => return Err("a directive without its `;`"),
            '}' => depth = depth.checked_sub(1).ok_or("a `}` that closes more than was opened")?,
            '"' | '\'' => {
                in_directive = true;
                quoted(&mut characters, character)?;
            }
            _ => {
                in_directive = true;
                word(&mut characters, character)?;
            }
        }
    }
    if in_directive {
        return Err("the last directive lacks its `;`");
    }
    if depth > 0 {
        Err("a `{` that is not closed")
    } else {
        Ok(())
    }
}

/// Reads on to the closing quote; after it nginx wants a space, `;`, `{` or `)`.
fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char) -> Result<(), &'static str> {
    loop {
        match characters.next() {
            None => return Err("a string that does not end"),
            Some('\\') => {
                characters.next();
            }
            Some(character) if character == quote => break,
            Some(_) => {}
        }
    }
    match characters.peek() {
        None | Some(';' | '{' | ')') => Ok(()),
        Some(next) if next.is_ascii_whitespace() => Ok(()),
        Some(_) => Err("a character right after a string"),
    }
}

/// Reads on to the end of a word: blank space, `;` or `{`; `${` belongs to the word with its name and `}`.
fn word(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, first: char) -> Result<(), &'static str> {
    let mut current = first;
    loop {
        if current == '\\' && characters.next().is_none() {
            return Err("a backslash at the end");
        }
        let next = characters.peek().copied();
        match next {
            None | Some(';') => return Ok(()),
            Some('{') if current != '$' => return Ok(()),
            Some(next) if next.is_ascii_whitespace() => return Ok(()),
            Some('{') => {
                let closed = characters
                    .by_ref()
                    .find(|character| matches!(character, '}' | ';' | '\n'));
                if closed != Some('}') {
                    return Err("a `${` without its `}`");
                }
                current = '}';
            }
            Some(next) => {
                characters.next();
                current = next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_directives_are_taken() {
        for text in [
            "",
            "proxy_buffering off;",
            "add_header X \"a; } b\" always;\n# done }",
            "if ($request_method = POST) { return 405; }",
            "rewrite ^/(.*)$ /${base}/$1 break;",
            "set $x 'it\\'s';",
        ] {
            assert!(text.parse::<NginxDirectives>().is_ok(), "{text}");
        }
    }

    #[test]
    fn nothing_leaves_its_block() {
        for text in [
            "}",
            "return 200; } location / { return 200;",
            "proxy_buffering off",
            "add_header X \"a;",
            "location /x {",
            ";",
            "x ${y; }",
            "x \"a\"};",
            "a #",
            "a\u{0};",
        ] {
            assert!(text.parse::<NginxDirectives>().is_err(), "{text}");
        }
    }
}
