//! JSON with the place of every name and value.
//!
//! `serde_json` says whether a text is JSON and decodes its strings. It gives no places, and raw values read level by level
//! would take time by depth times length, so the places come from one pass over the text that is known to be JSON by then.

use serde::de::IgnoredAny;

use super::fault::{Fault, Faults, ReadError};
use super::limit::MAX_DEPTH;
use super::notation::{self, Notation};
use super::tree::{Node, Set, Value};
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
    let mut scanner = Scanner {
        text,
        source,
        offset: 0,
        depth: 0,
        faults: Faults::default(),
    };
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

/// Walks over a text that is JSON.
struct Scanner<'a> {
    text: &'a str,
    source: SourceId,
    offset: usize,
    depth: usize,
    faults: Faults,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    /// Passes white space and separators; where they may stand has been checked.
    fn skip(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.offset += 1;
        }
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.source, start, self.offset)
    }

    fn written(&self, start: usize) -> &'a str {
        self.text.get(start..self.offset).unwrap_or_default()
    }

    fn value(&mut self) -> Node {
        self.skip();
        let start = self.offset;
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => match self.string() {
                Some(text) => Node::new(self.span_from(start), Value::String(text)),
                None => Node::removed(self.span_from(start)),
            },
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Value) -> Node {
        let start = self.offset;
        self.offset += 1;
        if self.depth >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels, which no profile needs");
            self.faults
                .push(ReadError::new(Fault::TooDeep, self.span_from(start), message));
            // Nothing behind this place is read.
            self.offset = self.text.len();
            return Node::removed(self.span_from(start));
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        Node::new(self.span_from(start), value)
    }

    fn list(&mut self) -> Value {
        let mut items = Vec::new();
        loop {
            self.skip();
            match self.peek() {
                Some(b']') => self.offset += 1,
                Some(_) => {
                    items.push(self.value());
                    continue;
                }
                None => {}
            }
            return Value::List(items);
        }
    }

    fn object(&mut self) -> Value {
        let mut entries = Set::new();
        loop {
            self.skip();
            match self.peek() {
                Some(b'"') => {
                    let start = self.offset;
                    let key = self.string();
                    let key_span = self.span_from(start);
                    let node = self.value();
                    if let Some(key) = key {
                        self.insert(&mut entries, key, key_span, node);
                    }
                    continue;
                }
                Some(_) => self.offset += 1,
                None => {}
            }
            return Value::Set(entries);
        }
    }

    fn insert(&mut self, entries: &mut Set, key: String, key_span: Span, node: Node) {
        if let Some(present) = entries.entry(&key) {
            let error = ReadError::new(Fault::DuplicateKey, key_span, format!("name `{key}` is given twice"))
                .other(present.key_span)
                .help("keep one of the two");
            self.faults.push(error);
        } else {
            entries.insert(key, key_span, node);
        }
    }

    /// A string; `None`, with a complaint, if it stands for no text.
    fn string(&mut self) -> Option<String> {
        let start = self.offset;
        self.offset += 1;
        while let Some(byte) = self.peek() {
            self.offset += 1;
            match byte {
                b'\\' => self.offset += 1,
                b'"' => break,
                _ => {}
            }
        }
        let span = self.span_from(start);
        match serde_json::from_str::<String>(self.written(start)) {
            Ok(text) if text.contains('\0') => {
                self.faults.push(text::nul(span));
                None
            }
            Ok(text) => Some(text),
            Err(error) => {
                let message = error.to_string();
                let message = message.split(" at line").next().unwrap_or_default();
                self.faults.push(ReadError::new(Fault::Syntax, span, message));
                None
            }
        }
    }

    /// `null`, a boolean or a number.
    fn word(&mut self) -> Node {
        let start = self.offset;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            self.offset += 1;
        }
        let written = self.written(start);
        let span = self.span_from(start);
        let value = match written {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ if written.contains(['.', 'e', 'E']) => written
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Value::Float),
            _ => written.parse().ok().map(Value::Integer),
        };
        if let Some(value) = value {
            return Node::new(span, value);
        }
        let message = format!("a number is at most {} here", i64::MAX);
        self.faults.push(ReadError::new(Fault::NumberOutOfRange, span, message));
        Node::removed(span)
    }
}

#[cfg(test)]
mod tests;
