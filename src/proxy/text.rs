//! nginx's syntax. The only place where words become text.

use std::fmt;

use super::directive::{Block, Directive, Item};
use super::word::{Part, Word};
use crate::model::FieldPath;
use crate::net::{NginxDirectives, SecretName};

/// Text of a configuration; where it names the file of a secret, a printer may put a reference.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(Vec<Piece>);

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// The path of the file that holds a secret, inside double quotes.
    Secret(SecretName),
}

impl Text {
    /// The lines of a context's body.
    pub fn of(items: &[Item]) -> Self {
        let mut printer = Self::default();
        printer.items(items, 0);
        printer
    }

    /// One argument.
    pub fn of_word(word: &Word) -> Self {
        let mut printer = Self::default();
        printer.word(word);
        printer
    }

    /// Arguments with a space between.
    pub fn of_words(words: &[Word]) -> Self {
        let mut printer = Self::default();
        for (number, word) in words.iter().enumerate() {
            printer.push(if number > 0 { " " } else { "" });
            printer.word(word);
        }
        printer
    }

    /// The pieces; no two texts are neighbours.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn items(&mut self, items: &[Item], depth: usize) {
        let mut after_block = false;
        for (number, item) in items.iter().enumerate() {
            let block = matches!(item, Item::Block(_));
            if number > 0 && (block || after_block) {
                self.push("\n");
            }
            after_block = block;
            match item {
                Item::Directive(directive) => self.directive(directive, depth),
                Item::Block(block) => self.block(block, depth),
                Item::Entry(key, value) => {
                    self.indent(depth);
                    self.word(key);
                    self.push(" ");
                    self.word(value);
                    self.push(";\n");
                }
                Item::Own(own) => self.own(own, depth),
            }
        }
    }

    fn directive(&mut self, directive: &Directive, depth: usize) {
        self.indent(depth);
        self.push(directive.name);
        self.arguments(&directive.arguments);
        self.push(";\n");
    }

    fn block(&mut self, block: &Block, depth: usize) {
        if let Some(origin) = &block.origin {
            self.comment(origin, depth);
        }
        self.indent(depth);
        self.push(block.name);
        self.arguments(&block.arguments);
        self.push(" {\n");
        self.items(&block.items, depth + 1);
        self.indent(depth);
        self.push("}\n");
    }

    /// The user's lines, moved to their depth where none can lie inside of a string.
    fn own(&mut self, own: &NginxDirectives, depth: usize) {
        let movable = !own.as_str().contains(['"', '\'']);
        for line in own.as_str().split('\n') {
            if movable && !line.trim().is_empty() {
                self.indent(depth);
            }
            self.push(if movable { line.trim_end() } else { line });
            self.push("\n");
        }
    }

    fn comment(&mut self, origin: &FieldPath, depth: usize) {
        self.indent(depth);
        self.push("# ");
        // A name within a path is shown as a literal where it is no plain identifier: it has no line end.
        self.push(&origin.to_string());
        self.push("\n");
    }

    fn arguments(&mut self, words: &[Word]) {
        for word in words {
            self.push(" ");
            self.word(word);
        }
    }

    /// A word as one token of nginx's reader (`ngx_conf_read_token`): in double quotes where a character could end it, with
    /// `"` and `\` escaped there, and bare otherwise.
    fn word(&mut self, word: &Word) {
        let bare = !word.parts().is_empty()
            && word.parts().iter().all(|part| match part {
                Part::Code(text) => is_bare(text),
                Part::Data(text) => is_bare(text) && !text.contains('$'),
                Part::Secret(_) => false,
            });
        if !bare {
            self.push("\"");
        }
        for part in word.parts() {
            match part {
                Part::Code(text) => self.inside(text, bare),
                Part::Data(text) => self.inside(text, bare),
                Part::Secret(name) => self.0.push(Piece::Secret(name.clone())),
            }
        }
        if !bare {
            self.push("\"");
        }
    }

    fn inside(&mut self, text: &str, bare: bool) {
        if bare || !text.contains(['"', '\\']) {
            self.push(text);
        } else {
            self.push(&text.replace('\\', "\\\\").replace('"', "\\\""));
        }
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.push("    ");
        }
    }

    fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }
}

/// Whether nginx reads `text` as it is without quotes. (Less than the truth: a brace after `$` would pass too.)
fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\' | b';' | b'{' | b'}' | b'#'))
}

impl fmt::Display for Text {
    /// With secrets at the place where sops-nix puts them unless told otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Secret(name) => write!(f, "/run/secrets/{name}"),
        })
    }
}
