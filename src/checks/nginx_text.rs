//! nginx directives in text that a user wrote himself.

/// One directive: its name, its arguments, and how deep it stands in blocks of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    words: Vec<String>,
    depth: usize,
}

impl Directive {
    /// The first word.
    pub(super) fn name(&self) -> &str {
        self.argument(0)
    }

    /// The word at `position`, the name being 0; empty where there is none.
    pub(super) fn argument(&self, position: usize) -> &str {
        self.words.get(position).map_or("", String::as_str)
    }

    /// Whether it stands in no block of the text.
    pub(super) fn is_outermost(&self) -> bool {
        self.depth == 0
    }

    /// Whether it is called `name`, in any case, with this first argument, in any case (as HTTP field names are).
    pub(super) fn sets(&self, name: &str, first_argument: &str) -> bool {
        self.name() == name && self.argument(1).eq_ignore_ascii_case(first_argument)
    }
}

/// The directives of `text` in their order, by the rules of nginx's own reader: words, `"…"`, `'…'` with `\` as escape,
/// `#` comments. Text that nginx would refuse yields whatever can be made out.
pub(super) fn directives(text: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            _ if character.is_ascii_whitespace() => {}
            '#' => {
                characters.by_ref().find(|character| *character == '\n');
            }
            ';' | '{' => {
                if !words.is_empty() {
                    found.push(Directive {
                        words: std::mem::take(&mut words),
                        depth,
                    });
                }
                depth += usize::from(character == '{');
            }
            '}' => depth = depth.saturating_sub(1),
            '"' | '\'' => words.push(quoted(&mut characters, character)),
            _ => words.push(word(&mut characters, character)),
        }
    }
    found
}

fn quoted(characters: &mut impl Iterator<Item = char>, quote: char) -> String {
    let mut text = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            _ if character == quote => break,
            _ => text.push(character),
        }
    }
    text
}

fn word(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, first: char) -> String {
    let mut text = String::from(first);
    while let Some(next) = characters.peek().copied() {
        let variable = next == '{' && text.ends_with('$');
        if next.is_ascii_whitespace() || next == ';' || next == '{' && !variable {
            break;
        }
        text.push(next);
        characters.next();
        if variable {
            text.extend(characters.by_ref().take_while(|character| *character != '}'));
            text.push('}');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, usize)> {
        let found = directives(text).into_iter();
        found
            .map(|directive| (directive.words.join(" "), directive.depth))
            .collect()
    }

    #[test]
    fn directives_are_told_from_comments_strings_and_blocks() {
        let text = "worker_processes auto; # events {\n events {\n worker_connections 4096; }\n set $x \"a; }\";";
        let expected = [
            ("worker_processes auto", 0),
            ("events", 0),
            ("worker_connections 4096", 1),
            ("set $x a; }", 0),
        ];
        assert_eq!(names(text), expected.map(|(words, depth)| (words.to_owned(), depth)));
    }

    #[test]
    fn a_variable_in_braces_is_part_of_its_word() {
        assert_eq!(
            names("rewrite ^/ /${base}/x break;"),
            [("rewrite ^/ /${base}/x break".to_owned(), 0)]
        );
    }

    #[test]
    fn broken_text_ends() {
        for text in ["a", "\"", "a ${", "}}} x;", "\\", "{{{"] {
            let _ = directives(text);
        }
    }
}
