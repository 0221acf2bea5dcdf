//! Files that replace one table and touch nothing else.
//!
//! `nft -f` would do whatever a file says: flush every ruleset, change other programs' tables, read further files. A file
//! that cannot be undone by putting one table back must not be loaded under guard, so this reader takes a small part
//! of the grammar of nft(8) and refuses all the rest. It has to see the statements that nft sees: outside quotes and comments
//! it takes no character whose meaning differs between nft's lexer and this one (backslashes, control characters, variables).

use std::fmt;

use super::table_name::TableName;

/// At most so many bytes are read: many times a large ruleset.
pub const LIMIT: u64 = 16 << 20;

/// At most so many faults are told.
const FAULTS: usize = 20;

/// Braces never go deeper in a table of nft (a set inside a rule of a chain of the table).
const DEPTH: usize = 16;

/// What nft(8) can declare in a table.
const DECLARED: [&str; 11] = [
    "chain",
    "set",
    "map",
    "flowtable",
    "counter",
    "quota",
    "limit",
    "ct",
    "secmark",
    "synproxy",
    "comment",
];

/// Words by which a file says something else than it seems to.
const INDIRECT: [&str; 4] = ["include", "define", "redefine", "undefine"];

/// The text of a file that replaces one table as a whole and touches no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    text: String,
    removes: bool,
}

/// What is wrong with a file, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl TableFile {
    /// Reads the text of a file that is to replace `inet TABLE`.
    ///
    /// # Errors
    /// Every statement that is something else, in the order of the file.
    pub fn read(text: &str, table: &TableName) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader {
            table,
            faults: Vec::new(),
            replaced: false,
            blocks: 0,
        };
        match tokens(text) {
            Ok(tokens) => reader.file(&tokens),
            Err(fault) => reader.faults.push(fault),
        }
        reader.faults.truncate(FAULTS);
        if reader.faults.is_empty() {
            Ok(Self {
                text: text.to_owned(),
                removes: reader.blocks == 0,
            })
        } else {
            Err(reader.faults)
        }
    }

    /// The file that puts the table back as nft lists it, or removes it where there was none.
    pub fn restoring(listing: Option<&str>, table: &TableName) -> Self {
        // A table must be there to be deleted.
        let mut text = format!("add table inet {table}\ndelete table inet {table}\n");
        text.push_str(listing.unwrap_or_default());
        Self {
            text,
            removes: listing.is_none(),
        }
    }

    /// The text for `nft -f`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the table is gone once this is loaded.
    pub fn removes(&self) -> bool {
        self.removes
    }
}

/// A token with the line that it starts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token<'a> {
    line: usize,
    kind: Kind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    /// What nft calls a string, or a run that begins with a digit.
    Word(&'a str),
    Quoted,
    Open,
    Close,
    /// The end of a line, or a semicolon.
    Separator,
    Other(char),
}

fn fault(line: usize, reason: impl Into<String>) -> Fault {
    Fault {
        line,
        reason: reason.into(),
    }
}

/// The tokens of a text: strings, quoted strings and comments as in nftables' `src/scanner.l`.
fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            ' ' | '\t' => (None, 1),
            '\n' | ';' => (Some(Kind::Separator), 1),
            '{' => (Some(Kind::Open), 1),
            '}' => (Some(Kind::Close), 1),
            '#' => {
                let comment = rest.find('\n').unwrap_or(rest.len());
                clean(&rest[..comment], line)?;
                (None, comment)
            }
            '"' => {
                let Some(quoted) = rest[1..].find(['"', '\n']).map(|end| &rest[1..=end]) else {
                    return Err(fault(line, "a quoted string without its end"));
                };
                if rest[1 + quoted.len()..].starts_with('\n') {
                    return Err(fault(line, "a quoted string without its end in the same line"));
                }
                clean(quoted, line)?;
                if quoted.contains('$') {
                    return Err(fault(line, "$ stands for a variable; write its value"));
                }
                (Some(Kind::Quoted), quoted.len() + 2)
            }
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => {
                let word = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || "/-_.".contains(c)))
                    .unwrap_or(rest.len());
                (Some(Kind::Word(&rest[..word])), word)
            }
            '$' => return Err(fault(line, "$ stands for a variable; write its value")),
            '\\' => return Err(fault(line, "a backslash outside quotes")),
            other if other.is_ascii_graphic() => (Some(Kind::Other(other)), 1),
            other => return Err(fault(line, format!("the character {}", other.escape_default()))),
        };
        tokens.extend(kind.map(|kind| Token { line, kind }));
        line += usize::from(first == '\n');
        rest = &rest[length..];
    }
    Ok(tokens)
}

/// Nothing in a comment or between quotes may act on a terminal that shows it, or end it for nft alone.
fn clean(text: &str, line: usize) -> Result<(), Fault> {
    match text.chars().find(|c| c.is_control() && *c != '\t') {
        Some(control) => Err(fault(line, format!("the character {}", control.escape_default()))),
        None => Ok(()),
    }
}

struct Reader<'a> {
    table: &'a TableName,
    faults: Vec<Fault>,
    /// Whether the table that was there is deleted by here.
    replaced: bool,
    blocks: usize,
}

impl Reader<'_> {
    fn file(&mut self, tokens: &[Token<'_>]) {
        for token in tokens {
            if let Kind::Word(word) = token.kind
                && is_indirect(word)
            {
                self.refuse(token.line, format!("{word:?}: the file must say everything itself"));
            }
        }
        let mut rest = tokens;
        while let Some(token) = rest.first() {
            rest = match token.kind {
                Kind::Separator => &rest[1..],
                _ => self.statement(rest),
            };
        }
        let last = tokens.last().map_or(1, |token| token.line);
        if !self.replaced && self.faults.is_empty() {
            self.refuse(last, format!("nothing here replaces the table; {}", self.advice()));
        }
    }

    /// One statement of the file; what follows it.
    fn statement<'t, 'a>(&mut self, tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
        let line = tokens[0].line;
        let end = tokens
            .iter()
            .position(|token| matches!(token.kind, Kind::Separator | Kind::Open | Kind::Close))
            .unwrap_or(tokens.len());
        let (head, rest) = tokens.split_at(end);
        let words: Vec<&str> = head
            .iter()
            .map(|token| match token.kind {
                Kind::Word(word) => word,
                _ => "",
            })
            .collect();
        let opens = rest.first().is_some_and(|token| token.kind == Kind::Open);
        let own = |family: &str, name: &str| family == "inet" && name == self.table.as_str();
        match words[..] {
            ["table", family, name] if own(family, name) && opens => {
                if !self.replaced {
                    let advice = self.advice();
                    self.refuse(line, format!("this would add to the table that is there; {advice}"));
                }
                self.blocks += 1;
                return self.block(rest);
            }
            ["table", family, name] | ["add", "table", family, name] if own(family, name) && !opens => {}
            ["delete" | "destroy", "table", family, name] if own(family, name) && !opens => {
                if std::mem::replace(&mut self.replaced, true) {
                    self.refuse(line, "the table is deleted twice");
                }
            }
            _ => {
                let said = words.join(" ");
                let table = self.table;
                self.refuse(
                    line,
                    format!("{said:?} is not about the table inet {table} alone; only `add table`, `delete table` and `table inet {table} {{ … }}` are taken"),
                );
            }
        }
        if opens { self.block(rest) } else { self.ended(rest) }
    }

    /// What stands between the braces of a table; `tokens` begin with the opening one. What follows the closing one.
    fn block<'t, 'a>(&mut self, tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
        let mut depth = 0_usize;
        let mut starts = false;
        for (place, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Open => {
                    depth += 1;
                    starts = depth == 1;
                    if depth > DEPTH {
                        self.refuse(token.line, "braces go too deep");
                        return &[];
                    }
                }
                Kind::Close => {
                    depth -= 1;
                    if depth == 0 {
                        return self.ended(&tokens[place + 1..]);
                    }
                }
                Kind::Separator => starts |= depth == 1,
                _ if std::mem::take(&mut starts) => self.declaration(token),
                _ => {}
            }
        }
        let line = tokens.last().map_or(1, |token| token.line);
        self.refuse(line, "a brace is not closed");
        &[]
    }

    /// The first token of what stands in the table itself.
    fn declaration(&mut self, token: &Token<'_>) {
        match token.kind {
            Kind::Word(word) if DECLARED.contains(&word) => {}
            Kind::Word("flags") => self.refuse(
                token.line,
                "a table with flags: one that its loader owns cannot be put back, one that is dormant guards nothing",
            ),
            Kind::Word(word) => self.refuse(token.line, format!("{word:?} declares nothing in a table")),
            _ => self.refuse(token.line, "a declaration begins with a word"),
        }
    }

    /// A statement has ended here: a separator follows, or nothing.
    fn ended<'t, 'a>(&mut self, rest: &'t [Token<'a>]) -> &'t [Token<'a>] {
        match rest.first() {
            None => rest,
            Some(token) if token.kind == Kind::Separator => &rest[1..],
            Some(token) => {
                self.refuse(token.line, "one statement a line");
                let next = rest.iter().position(|token| token.kind == Kind::Separator);
                next.map_or(&[], |next| &rest[next..])
            }
        }
    }

    fn refuse(&mut self, line: usize, reason: impl Into<String>) {
        if self.faults.len() < FAULTS {
            self.faults.push(fault(line, reason));
        }
    }

    fn advice(&self) -> String {
        let table = self.table;
        format!("begin with `add table inet {table}` and `delete table inet {table}`")
    }
}

/// Whether nft may read one of the [`INDIRECT`] words here. It cuts what begins with a digit into pieces by rules of its own.
fn is_indirect(word: &str) -> bool {
    INDIRECT.contains(&word)
        || (word.starts_with(|c: char| c.is_ascii_digit()) && INDIRECT.iter().any(|indirect| word.contains(indirect)))
}

#[cfg(test)]
mod tests;
