//! The places of names and values in a text that is known to be JSON.

use crate::diagnostic::place::{SourceId, Span};
use crate::profile::fault::{Fault, Faults, ReadError};
use crate::profile::limit::MAX_DEPTH;
use crate::profile::text;
use crate::profile::tree::{Node, Set, Value};

/// Walks over a text that is JSON.
pub(super) struct Scanner<'a> {
    text: &'a str,
    source: SourceId,
    offset: usize,
    depth: usize,
    /// What is wrong so far.
    pub(super) faults: Faults,
}

impl<'a> Scanner<'a> {
    /// At the start of a text that is JSON.
    pub(super) fn new(text: &'a str, source: SourceId) -> Self {
        Self {
            text,
            source,
            offset: 0,
            depth: 0,
            faults: Faults::default(),
        }
    }

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

    /// The value that stands next.
    pub(super) fn value(&mut self) -> Node {
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
