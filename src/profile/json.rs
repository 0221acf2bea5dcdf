//! JSON with the place of every name and value.
//!
//! `serde_json` says whether a text is JSON and decodes its strings. It gives no places, and raw values read level by level
//! would take time by depth times length, so the places come from one pass over the text that is known to be JSON by then.

mod scanner;

use serde::de::IgnoredAny;

use scanner::Scanner;

use super::fault::{Fault, ReadError};
use super::notation::{self, Notation};
use super::tree::{Node, Value};
use super::{secret, text};
use crate::diagnostic::place::{SourceId, Span};

/// Reads a profile in JSON. The errors are in the order of the text; there is no tree if the text is no JSON object.
pub fn read(text: &str, source: SourceId) -> (Option<Node>, Vec<ReadError>) {
    if let Err(error) = text::refuse(text, source) {
        return (None, vec![error]);
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let error = notation::mistaken(text, Notation::Json, source).unwrap_or_else(|| syntax(text, &error, source));
        return (None, vec![error]);
    }
    let mut scanner = Scanner::new(text, source);
    let mut root = scanner.value();
    let tree = match root.value {
        Value::Set(_) => {
            secret::recognise(&mut root);
            Some(root)
        }
        Value::Removed => None,
        other => {
            let message = format!("a profile is an object, not {}", other.kind());
            scanner
                .faults
                .push(ReadError::new(Fault::UnknownValue, root.span, message));
            None
        }
    };
    (tree, scanner.faults.sorted())
}

/// The complaint of `serde_json` at its place.
fn syntax(text: &str, error: &serde_json::Error, source: SourceId) -> ReadError {
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    // The column counts bytes up to and including the one complained about.
    let start = text.floor_char_boundary(line_start + error.column().saturating_sub(1));
    let end = text.ceil_char_boundary(start + usize::from(start < text.len()));
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let error = ReadError::new(Fault::Syntax, Span::new(source, start, end), message);
    let before = text.get(..start).unwrap_or_default().trim_end();
    if before.ends_with(',') && text.get(start..end).is_some_and(|found| matches!(found, "]" | "}")) {
        return error.help("take out the comma behind the last element");
    }
    error
}

#[cfg(test)]
mod tests;
