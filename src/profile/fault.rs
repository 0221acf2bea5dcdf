//! What a reader refuses: a fault of the text itself, before any meaning.

use crate::diagnostic::place::Span;

/// One complaint of a reader, at the place that caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong there.
    pub span: Span,
    /// A second place that makes the first one wrong (the earlier definition of a duplicate).
    pub other: Option<Span>,
    /// What is wrong, in a sentence fragment without a final stop.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// The kind of fault.
    pub code: Fault,
}

/// The kinds of fault that a reader knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The text does not follow the notation's grammar.
    Syntax,
    /// Sets and lists are nested deeper than [`MAX_DEPTH`](super::limit::MAX_DEPTH) levels.
    TooDeep,
    /// The text is longer than [`MAX_BYTES`](super::limit::MAX_BYTES).
    TooLarge,
    /// The bytes are no UTF-8.
    NotUtf8,
    /// The same attribute is given twice.
    DuplicateKey,
    /// An expression whose value only an evaluator of Nix could know.
    NeedsEvaluation,
    /// A `config.…` reference that means nothing to a profile.
    UnknownReference,
    /// A number that does not fit 64 bits, or is not finite.
    NumberOutOfRange,
    /// There is nothing in the text.
    Empty,
    /// The text is written in another of the three notations.
    WrongNotation,
    /// A kind of value that profiles do not have (a TOML date, a document that is no set).
    UnknownValue,
    /// There are more faults than anyone reads; the rest is not shown.
    TooMany,
    /// A NUL character, which no program that is configured here can carry.
    Nul,
}

impl ReadError {
    /// A complaint at `span`.
    pub fn new(code: Fault, span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            other: None,
            message: message.into(),
            help: None,
            code,
        }
    }

    /// The same with a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the second place that makes the first one wrong.
    #[must_use]
    pub fn other(mut self, other: Span) -> Self {
        self.other = Some(other);
        self
    }
}

/// The faults of one text, as many as anyone reads.
#[derive(Debug, Default)]
pub(super) struct Faults {
    list: Vec<ReadError>,
}

/// A text with more faults than this is not a profile with mistakes in it.
const MAX_FAULTS: usize = 500;

impl Faults {
    /// Adds a complaint, or drops it if there are too many already.
    pub(super) fn push(&mut self, error: ReadError) {
        match self.list.len() {
            ..MAX_FAULTS => self.list.push(error),
            MAX_FAULTS => self.list.push(ReadError::new(
                Fault::TooMany,
                error.span,
                format!("there are more than {MAX_FAULTS} faults before this; the rest is not shown"),
            )),
            _ => {}
        }
    }

    /// The complaints in the order of the text.
    pub(super) fn sorted(mut self) -> Vec<ReadError> {
        self.list.sort_by_key(|error| error.span);
        self.list
    }
}
