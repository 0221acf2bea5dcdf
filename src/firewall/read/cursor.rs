//! The words of a text, one after the other.

use std::str::FromStr;

use super::ReadError;
use crate::firewall::ruleset::Evidence;

/// A word, or what parts words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// Letters between spaces; `,` and `;` are words of their own.
    Word(&'a str),
    /// What stood in quotes.
    Quoted(&'a str),
    /// The end of a line that is not empty.
    End,
}

/// Goes through the words of a text.
pub(super) struct Cursor<'a> {
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with('#'))
        {
            let before = tokens.len();
            split(line, &mut |token| tokens.push((number + 1, token)));
            if tokens.len() > before {
                tokens.push((number + 1, Token::End));
            }
        }
        Self { tokens, next: 0 }
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(_, token)| *token)
    }

    /// Whether the next word is this one.
    pub(super) fn is_at(&self, word: &str) -> bool {
        self.peek() == Some(Token::Word(word))
    }

    /// Whether the next word is the name of a set.
    pub(super) fn is_at_set(&self) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.starts_with('@'))
    }

    /// Goes past the next word if it is this one.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let here = self.is_at(word);
        self.next += usize::from(here);
        here
    }

    /// Goes past the next words if they are these.
    pub(super) fn takes_all(&mut self, words: &str) -> bool {
        let mut tokens = self.tokens.iter().skip(self.next);
        let mut words = words.split(' ');
        let here = words
            .clone()
            .all(|word| tokens.next().is_some_and(|(_, token)| *token == Token::Word(word)));
        if here {
            self.next += words.by_ref().count();
        }
        here
    }

    /// The next word.
    pub(super) fn word(&mut self) -> Result<&'a str, ReadError> {
        match self.peek() {
            Some(Token::Word(word)) => {
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.error("a word")),
        }
    }

    /// The text in quotes that comes next.
    pub(super) fn quoted(&mut self) -> Result<&'a str, ReadError> {
        match self.peek() {
            Some(Token::Quoted(text)) => {
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.error("a text in quotes")),
        }
    }

    /// The next word as a number.
    pub(super) fn number<N: FromStr>(&mut self) -> Result<N, ReadError> {
        let here = self.next;
        self.word()?.parse().map_err(|_| self.error_at(here, "a number"))
    }

    /// Goes past this word.
    pub(super) fn word_is(&mut self, word: &str) -> Result<(), ReadError> {
        if self.takes(word) {
            Ok(())
        } else {
            Err(self.error(word))
        }
    }

    /// Goes past these words.
    pub(super) fn words(&mut self, words: &[&str]) -> Result<(), ReadError> {
        words.iter().try_for_each(|word| self.word_is(word))
    }

    /// Goes past the end of a line.
    pub(super) fn end(&mut self) -> Result<(), ReadError> {
        if self.peek() != Some(Token::End) {
            return Err(self.error("the end of the line"));
        }
        self.next += 1;
        Ok(())
    }

    /// The text must be at its end.
    pub(super) fn finish(&self) -> Result<(), ReadError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("nothing more")),
        }
    }

    /// `comment "…"`, where there is one.
    pub(super) fn comment(&mut self) -> Result<Evidence, ReadError> {
        if self.takes("comment") {
            Ok(Evidence::note(self.quoted()?.to_owned()))
        } else {
            Ok(Evidence::default())
        }
    }

    /// What is wrong with the next word.
    pub(super) fn error(&self, expected: &str) -> ReadError {
        self.error_at(self.next, expected)
    }

    /// What is wrong with the word before the next one.
    pub(super) fn error_before(&self, expected: &str) -> ReadError {
        self.error_at(self.next.saturating_sub(1), expected)
    }

    fn error_at(&self, place: usize, expected: &str) -> ReadError {
        let token = self.tokens.get(place).or(self.tokens.last());
        let found = match token {
            Some((_, Token::Word(text) | Token::Quoted(text))) if place < self.tokens.len() => *text,
            _ => "",
        };
        ReadError {
            line: token.map_or(1, |(line, _)| *line),
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }
}

fn split<'a>(line: &'a str, take: &mut dyn FnMut(Token<'a>)) {
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, after) = quoted.split_once('"').unwrap_or((quoted, ""));
            take(Token::Quoted(text));
            rest = after;
        } else {
            let end = match rest.find(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '"')) {
                Some(0) => 1,
                Some(end) => end,
                None => rest.len(),
            };
            let (word, after) = rest.split_at(end);
            take(Token::Word(word));
            rest = after;
        }
        rest = rest.trim_start();
    }
}
