//! What is refused before the crate `toml` builds its tree: keys so long that the tree would be too deep to walk, and text
//! with so many faults that it is no TOML at all.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{self, EventReceiver};
use toml_parser::{ErrorSink, Expected, ParseError, Source};

use crate::diagnostic::place::{SourceId, Span};
use crate::profile::fault::{Fault, ReadError};

/// The longest path of keys, and the deepest nesting of arrays and inline tables, that the crate `toml` reads.
const MAX_DEPTH: usize = 79;

/// One mistake often makes the parser complain many times; this many places are enough to start from.
const MAX_ERRORS: usize = 20;

/// Refuses a text whose grammar is wrong or whose nesting is too deep.
pub(super) fn check(text: &str, source: SourceId) -> Result<(), Vec<ReadError>> {
    let tokens = Source::new(text).lex().into_vec();
    let mut keys = Keys::default();
    let mut errors = FirstErrors::default();
    parser::parse_document(&tokens, &mut keys, &mut errors);
    if let Some(span) = keys.too_deep {
        let span = Span::new(source, span.start(), span.end());
        let message = format!("nested deeper than {MAX_DEPTH} levels, which no profile needs");
        return Err(vec![ReadError::new(Fault::TooDeep, span, message)]);
    }
    if errors.0.is_empty() {
        return Ok(());
    }
    let mut errors: Vec<_> = errors
        .0
        .iter()
        .map(|error| {
            let span = error.unexpected().or(error.context());
            let range = span.map_or(0..0, |span| span.start()..span.end());
            explain(text, source, range, &message(error))
        })
        .collect();
    errors.sort_by_key(|error| error.span);
    errors.dedup_by_key(|error| error.span);
    Err(errors)
}

/// What the crate `toml` says of a key that is given twice.
const DUPLICATE: &str = "duplicate key";

/// Whether a complaint is about a key that is given twice.
pub(super) fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message() == DUPLICATE
}

/// A complaint of the parser at its place.
pub(super) fn explain(text: &str, source: SourceId, range: std::ops::Range<usize>, message: &str) -> ReadError {
    let start = text.floor_char_boundary(range.start);
    // An empty range means what stands behind it.
    let behind = text.get(start..).and_then(|rest| rest.chars().next());
    let end = match behind.filter(|character| !character.is_whitespace()) {
        Some(character) if range.end <= start => start + character.len_utf8(),
        _ => text.ceil_char_boundary(range.end.max(start)),
    };
    let span = Span::new(source, start, end);
    match message {
        DUPLICATE => {
            let key = text.get(start..end).unwrap_or_default();
            ReadError::new(Fault::DuplicateKey, span, format!("key `{key}` is given twice")).help("keep one of the two")
        }
        _ => ReadError::new(Fault::Syntax, span, message),
    }
}

fn message(error: &ParseError) -> String {
    let expected: Vec<_> = error
        .expected()
        .unwrap_or_default()
        .iter()
        .map(|expected| match expected {
            Expected::Literal("\n") => "a new line".to_owned(),
            Expected::Literal(literal) => format!("`{literal}`"),
            Expected::Description(description) => (*description).to_owned(),
            _ => "something else".to_owned(),
        })
        .collect();
    if expected.is_empty() {
        error.description().to_owned()
    } else {
        format!("{}, expected {}", error.description(), expected.join(" or "))
    }
}

#[derive(Default)]
struct FirstErrors(Vec<ParseError>);

impl ErrorSink for FirstErrors {
    fn report_error(&mut self, error: ParseError) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(error);
        }
    }
}

/// Counts how deep each key leads.
#[derive(Default)]
struct Keys {
    /// Names in the header of the table under way.
    header: usize,
    /// Whether a header is being read.
    in_header: bool,
    /// Names in the key under way, inside the innermost bracket.
    key: usize,
    /// As `key`, for each bracket around it, with one for the bracket itself.
    around: Vec<usize>,
    /// The sum of `around`.
    depth: usize,
    /// The first place that is too deep.
    too_deep: Option<toml_parser::Span>,
}

impl Keys {
    fn header(&mut self) {
        self.header = 0;
        self.in_header = true;
    }

    fn open(&mut self, span: toml_parser::Span) -> bool {
        self.around.push(self.key + 1);
        self.depth += self.key + 1;
        self.key = 0;
        self.measure(span);
        self.too_deep.is_none()
    }

    fn measure(&mut self, span: toml_parser::Span) {
        if self.header + self.depth + self.key > MAX_DEPTH {
            self.too_deep.get_or_insert(span);
        }
    }

    fn close(&mut self) {
        self.key = self.around.pop().map_or(0, |around| {
            self.depth -= around;
            around - 1
        });
    }
}

impl EventReceiver for Keys {
    fn std_table_open(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.header();
    }

    fn std_table_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.in_header = false;
    }

    fn array_table_open(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.header();
    }

    fn array_table_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.in_header = false;
    }

    fn inline_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.open(span)
    }

    fn inline_table_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn array_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.open(span)
    }

    fn array_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn simple_key(&mut self, span: toml_parser::Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        if self.in_header {
            self.header += 1;
        } else {
            self.key += 1;
        }
        self.measure(span);
    }

    fn value_sep(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.key = 0;
    }

    fn newline(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.in_header = false;
        if self.around.is_empty() {
            self.key = 0;
        }
    }
}
