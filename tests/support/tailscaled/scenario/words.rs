//! The words of a line.

use std::str::FromStr;

use serde_json::Value;

/// What is left of a line.
pub struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    pub fn of(line: &'a str) -> Self {
        Self(line.trim())
    }

    /// The next word, which must be there.
    pub fn word(&mut self, what: &str) -> Result<&'a str, String> {
        self.next().ok_or_else(|| format!("{what} is missing"))
    }

    /// The next word, where there is one.
    pub fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.0.split_once(char::is_whitespace).unwrap_or((self.0, ""));
        self.0 = rest.trim_start();
        (!word.is_empty()).then_some(word)
    }

    /// The next word, without taking it.
    pub fn peek(&self) -> Option<&'a str> {
        Words(self.0).next()
    }

    /// The next word as a number, or what else can be read from a word.
    pub fn number<T: FromStr>(&mut self, what: &str) -> Result<T, String> {
        let word = self.word(what)?;
        word.parse().map_err(|_| format!("{word:?} is not {what}"))
    }

    /// The next word as one of these.
    pub fn one_of<T: Copy>(&mut self, what: &str, all: &[(&str, T)]) -> Result<T, String> {
        let word = self.word(what)?;
        let found = all.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
            format!("{word:?} is not {what}: {}", names.join(", "))
        })
    }

    /// Everything that is left, as JSON.
    pub fn json(&mut self, what: &str) -> Result<Value, String> {
        let rest = std::mem::take(&mut self.0);
        if rest.is_empty() {
            return Err(format!("{what} is missing"));
        }
        serde_json::from_str(rest).map_err(|error| format!("{what} is no JSON: {error}"))
    }

    /// Everything that is left, as a text in quotes.
    pub fn text(&mut self, what: &str) -> Result<String, String> {
        match self.json(what)? {
            Value::String(text) => Ok(text),
            _ => Err(format!("{what} stands in quotes")),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing is left.
    pub fn end(&self) -> Result<(), String> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(format!("too much: {:?}", self.0))
        }
    }
}
