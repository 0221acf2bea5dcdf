//! Arguments of directives.

use crate::model::FileRef;
use crate::net::SecretName;

/// The variable that holds a dollar sign, for data in directives that look for variables: nginx has no escape for one.
pub(super) const DOLLAR: &str = "tailwright_dollar";

/// One argument of a directive.
///
/// Constructors keep apart what this program says, where `$name` is a variable, and what a profile says, which is data
/// down to its last quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(Vec<Part>);

/// A part of a [`Word`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text of this program; `$name` is a variable of nginx.
    Code(&'static str),
    /// Data, character by character.
    Data(String),
    /// The path of the file that holds a secret.
    Secret(SecretName),
}

impl Word {
    /// Data in a directive that knows no variables (`server`, `upstream`, `listen`, a location's path).
    pub fn fixed(data: impl Into<String>) -> Self {
        Self(vec![Part::Data(data.into())])
    }

    /// Data in a directive that looks for variables. A `$` comes out as one.
    pub fn data(data: &str) -> Self {
        let mut word = Self(Vec::new());
        word.push_data(data);
        word
    }

    /// The path of a file, in a directive that looks for variables.
    pub fn file(file: &FileRef) -> Self {
        match file {
            FileRef::Path(path) => Self::data(path.as_str()),
            FileRef::Secret(name) => Self(vec![Part::Secret(name.clone())]),
        }
    }

    /// This word with program text behind it.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.0.push(Part::Code(code));
        self
    }

    /// This word with data behind it, in a directive that looks for variables.
    #[must_use]
    pub fn then(mut self, data: &str) -> Self {
        self.push_data(data);
        self
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether the variable of the dollar sign must be defined.
    pub(super) fn uses_dollar(&self) -> bool {
        self.0.contains(&DOLLAR_PART)
    }

    fn push_data(&mut self, data: &str) {
        for (number, piece) in data.split('$').enumerate() {
            if number > 0 {
                self.0.push(DOLLAR_PART);
            }
            if !piece.is_empty() {
                self.0.push(Part::Data(piece.to_owned()));
            }
        }
    }
}

const DOLLAR_PART: Part = Part::Code("${tailwright_dollar}");

impl From<&'static str> for Word {
    /// Program text; `$name` is a variable.
    fn from(code: &'static str) -> Self {
        Self(vec![Part::Code(code)])
    }
}

/// `data` as a part of a regular expression (PCRE): every character that could mean something is escaped.
pub(super) fn in_regex(data: &str) -> String {
    let mut out = String::with_capacity(data.len());
    for character in data.chars() {
        if character.is_ascii() && !character.is_ascii_alphanumeric() && !matches!(character, '/' | '_' | '~') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
