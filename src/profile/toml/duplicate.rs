//! Where a key that is given twice was given first. The crate `toml` names only the second place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{self, EventReceiver};
use toml_parser::{ErrorSink, Source, Span};

/// For each key of `text`, by the range of its name, where the same key of the same table was given first.
pub(super) fn first_places(text: &str) -> BTreeMap<(usize, usize), Range<usize>> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut walk = Walk {
        source,
        count: 0,
        keys: BTreeMap::new(),
        first: BTreeMap::new(),
        header: ROOT,
        table: ROOT,
        in_array_header: false,
        last: None,
        around: Vec::new(),
    };
    parser::parse_document(&tokens, &mut walk, &mut ());
    walk.first
}

/// A table, by the order in which tables are met.
type Table = usize;

const ROOT: Table = 0;

struct Walk<'a> {
    source: Source<'a>,
    /// How many tables were met beside the root.
    count: usize,
    /// The table that a name in a table leads to, and where that name was first.
    keys: BTreeMap<(Table, Cow<'a, str>), (Table, Range<usize>)>,
    first: BTreeMap<(usize, usize), Range<usize>>,
    /// The table of the last header.
    header: Table,
    /// The table that the next name is looked up in.
    table: Table,
    /// Whether the header of an array of tables is being read.
    in_array_header: bool,
    /// The last name of a header, and the table that holds it.
    last: Option<(Table, Cow<'a, str>)>,
    /// The inline tables and arrays around the key.
    around: Vec<Table>,
}

impl Walk<'_> {
    fn fresh(&mut self) -> Table {
        self.count += 1;
        self.count
    }

    /// The next name starts a key.
    fn start_key(&mut self) {
        self.table = self.around.last().copied().unwrap_or(self.header);
    }

    fn open(&mut self) -> bool {
        let table = self.fresh();
        self.around.push(table);
        self.start_key();
        true
    }

    fn close(&mut self) {
        self.around.pop();
    }

    fn end_header(&mut self) {
        let last = self.last.take();
        if std::mem::take(&mut self.in_array_header)
            && let Some(name) = last
        {
            // Each element of an array of tables is a table of its own.
            let element = self.fresh();
            if let Some((table, _)) = self.keys.get_mut(&name) {
                *table = element;
            }
            self.table = element;
        }
        self.header = self.table;
    }
}

impl EventReceiver for Walk<'_> {
    fn std_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.table = ROOT;
    }

    fn std_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.end_header();
    }

    fn array_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.table = ROOT;
        self.in_array_header = true;
    }

    fn array_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.end_header();
    }

    fn inline_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        self.open()
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn array_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        self.open()
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn simple_key(&mut self, span: Span, encoding: Option<Encoding>, _: &mut dyn ErrorSink) {
        let mut name = Cow::Borrowed("");
        let Some(raw) = self.source.get(span) else { return };
        let raw = toml_parser::Raw::new_unchecked(raw.as_str(), encoding, span);
        raw.decode_key(&mut name, &mut ());
        let place = (self.table, name);
        self.last = Some(place.clone());
        let fresh = self.count + 1;
        let (table, first) = self
            .keys
            .entry(place)
            .or_insert_with(|| (fresh, span.start()..span.end()));
        self.table = *table;
        self.count = self.count.max(*table);
        self.first.insert((span.start(), span.end()), first.clone());
    }

    fn value_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.start_key();
    }

    fn newline(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.start_key();
    }
}
