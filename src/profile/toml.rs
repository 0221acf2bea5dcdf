//! TOML with the place of every key and value, read through the crate `toml`.

mod duplicate;
mod guard;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Faults, ReadError};
use super::notation::{self, Notation};
use super::tree::{Node, Set, Value};
use super::{secret, text};
use crate::diagnostic::place::{SourceId, Span};

/// Reads a profile in TOML. The errors are in the order of the text; there is no tree if its syntax is wrong.
pub fn read(text: &str, source: SourceId) -> (Option<Node>, Vec<ReadError>) {
    if let Err(error) = text::refuse(text, source) {
        return (None, vec![error]);
    }
    if let Err(errors) = guard::check(text, source) {
        return (
            None,
            notation::mistaken(text, Notation::Toml, source).map_or(errors, |error| vec![error]),
        );
    }
    let (table, errors) = parse(text);
    let mut faults = Faults::default();
    if errors.iter().any(guard::is_duplicate) {
        let places = duplicate::first_places(text);
        for error in &errors {
            let mut fault = guard::explain(text, source, error.span().unwrap_or_default(), error.message());
            fault.other = error
                .span()
                .and_then(|span| places.get(&(span.start, span.end)))
                .map(|first| Span::new(source, first.start, first.end))
                .filter(|first| *first != fault.span);
            faults.push(fault);
        }
    } else {
        for error in &errors {
            faults.push(guard::explain(
                text,
                source,
                error.span().unwrap_or_default(),
                error.message(),
            ));
        }
    }
    if table.is_empty() && errors.is_empty() {
        faults.push(text::empty(source));
    }
    let mut reader = Reader { source, faults };
    let whole = Span::new(source, 0, text.len());
    let mut root = Node::new(whole, reader.table(table));
    secret::recognise(&mut root);
    let errors = reader.faults.sorted();
    let readable = |error: &ReadError| !matches!(error.code, Fault::Syntax | Fault::Empty);
    (errors.iter().all(readable).then_some(root), errors)
}

/// Whether a text is TOML that says something, without building its tree. No large text is, for this is asked about text
/// that is junk to another reader.
pub(super) fn is_sound(text: &str) -> bool {
    const LARGE: usize = 64 * 1024;
    text.len() <= LARGE && text.contains('=') && guard::check(text, SourceId(0)).is_ok()
}

/// The text as tables, with all that is wrong with it; of a large text only the first fault.
fn parse(text: &str) -> (DeTable<'_>, Vec<toml::de::Error>) {
    // The crate keeps every fault of a text, each with a message of its own.
    const LARGE: usize = 256 * 1024;
    if text.len() <= LARGE {
        let (table, errors) = DeTable::parse_recoverable(text);
        return (table.into_inner(), errors);
    }
    match DeTable::parse(text) {
        Ok(table) => (table.into_inner(), Vec::new()),
        Err(error) => (DeTable::new(), vec![error]),
    }
}

struct Reader {
    source: SourceId,
    faults: Faults,
}

impl Reader {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.source, range.start, range.end)
    }

    fn refuse(&mut self, error: ReadError) -> Value {
        self.faults.push(error);
        Value::Removed
    }

    fn table(&mut self, table: DeTable<'_>) -> Value {
        let mut entries = Set::new();
        for (key, value) in table {
            let key_span = self.span(key.span());
            let node = self.value(value);
            let key = key.into_inner().into_owned();
            if key.contains('\0') {
                self.faults.push(text::nul(key_span));
            } else {
                entries.insert(key, key_span, node);
            }
        }
        Value::Set(entries)
    }

    fn value(&mut self, value: Spanned<DeValue<'_>>) -> Node {
        let span = self.span(value.span());
        let value = match value.into_inner() {
            DeValue::String(text) if text.contains('\0') => self.refuse(text::nul(span)),
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_or_else(
                |_| {
                    let message = format!("a number is at most {} here", i64::MAX);
                    self.refuse(ReadError::new(Fault::NumberOutOfRange, span, message))
                },
                Value::Integer,
            ),
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Float(number),
                _ => self.refuse(ReadError::new(
                    Fault::NumberOutOfRange,
                    span,
                    "the number is not finite, or too large for a floating-point number",
                )),
            },
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Datetime(_) => self.refuse(
                ReadError::new(Fault::UnknownValue, span, "a profile has no dates or times as such")
                    .help("write it as a string, in quotes"),
            ),
            DeValue::Array(items) => Value::List(items.into_iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => self.table(table),
        };
        Node::new(span, value)
    }
}

#[cfg(test)]
mod tests;
