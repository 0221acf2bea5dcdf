//! nginx's syntax as a tree: directives, blocks of them, and what profile field each comes from.

use super::word::Word;
use crate::model::FieldPath;
use crate::net::NginxDirectives;

/// One element of a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `name argument …;`
    Directive(Directive),
    /// `name argument … { … }`
    Block(Block),
    /// An entry of a `map` or `geo`: `key value;`
    Entry(Word, Word),
    /// Directives that the user wrote himself, complete and closed.
    Own(NginxDirectives),
}

/// `name argument …;`
#[derive(Debug, Clone, PartialEq)]
pub struct Directive {
    /// The name.
    pub name: &'static str,
    /// The arguments.
    pub arguments: Vec<Word>,
    /// The field that is answerable for it; `None` where every proxy has it.
    pub origin: Option<FieldPath>,
}

/// `name argument … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The name.
    pub name: &'static str,
    /// The arguments.
    pub arguments: Vec<Word>,
    /// What is in it.
    pub items: Vec<Item>,
    /// The field that is answerable for it.
    pub origin: Option<FieldPath>,
}

impl Directive {
    /// A directive of which no single field is the cause.
    pub fn new<W: Into<Word>>(name: &'static str, arguments: impl IntoIterator<Item = W>) -> Self {
        Self {
            name,
            arguments: arguments.into_iter().map(Into::into).collect(),
            origin: None,
        }
    }

    /// This directive with one more argument.
    #[must_use]
    pub fn with(mut self, argument: impl Into<Word>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// This directive, for which `field` is answerable.
    #[must_use]
    pub fn from(mut self, field: FieldPath) -> Self {
        self.origin = Some(field);
        self
    }
}

impl Block {
    /// A block with `items` in it.
    pub fn new<W: Into<Word>>(name: &'static str, arguments: impl IntoIterator<Item = W>, items: Vec<Item>) -> Self {
        Self {
            name,
            arguments: arguments.into_iter().map(Into::into).collect(),
            items,
            origin: None,
        }
    }
}

impl From<Directive> for Item {
    fn from(directive: Directive) -> Self {
        Self::Directive(directive)
    }
}

impl From<Block> for Item {
    fn from(block: Block) -> Self {
        Self::Block(block)
    }
}

impl Item {
    /// Every word of it, at any depth of the trees that this program builds.
    pub(super) fn words<'a>(&'a self, found: &mut Vec<&'a Word>) {
        match self {
            Self::Directive(directive) => found.extend(&directive.arguments),
            Self::Block(block) => {
                found.extend(&block.arguments);
                block.items.iter().for_each(|item| item.words(found));
            }
            Self::Entry(key, value) => found.extend([key, value]),
            Self::Own(_) => {}
        }
    }
}
