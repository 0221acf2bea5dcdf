//! Brackets that match, and a bound on the depth of the parser's tree.

use rnix::SyntaxKind;

use super::too_deep;
use crate::profile::fault::{Fault, ReadError};
use crate::profile::limit::{MAX_DEPTH, MAX_TOKENS};
use crate::profile::nix::source::Source;

/// The deepest tree that the parser may build. A bracket is one level, and so is each operator or argument beside it.
const MAX_LEVELS: usize = 1000;

/// An open bracket.
struct Frame {
    kind: SyntaxKind,
    start: usize,
    end: usize,
    /// Tokens of the expression under way that may each add a level to the tree.
    chain: usize,
    /// Keywords (`with`, `if`, a function's colon …) that nest what follows, up to the end of the binding.
    keywords: usize,
    /// `with` and `assert` whose semicolon is still to come.
    scopes: usize,
    /// The depth of what is closed in the expression under way.
    below: usize,
    /// The depth of the bindings or elements that are complete.
    done: usize,
}

impl Frame {
    fn new(kind: SyntaxKind, start: usize, end: usize) -> Self {
        Self {
            kind,
            start,
            end,
            chain: 0,
            keywords: 0,
            scopes: 0,
            below: 0,
            done: 0,
        }
    }

    fn levels(&self) -> usize {
        1 + self.chain + self.keywords
    }

    /// The end of a binding.
    fn complete(&mut self) {
        self.done = self.done.max(self.levels() + self.below);
        self.chain = 0;
        self.keywords = 0;
        self.below = 0;
    }

    /// Whether tokens beside each other nest (an application, an operator); they do not in lists and strings.
    fn nests(&self) -> bool {
        !matches!(self.kind, SyntaxKind::TOKEN_L_BRACK | SyntaxKind::TOKEN_STRING_START)
    }
}

pub(super) fn check(source: &Source<'_>) -> Result<(), ReadError> {
    let mut nesting = Nesting::new(source);
    let mut start = 0;
    let mut tokens = 0;
    for (kind, text) in rnix::tokenize(source.parsed) {
        tokens += usize::from(!kind.is_trivia());
        if tokens > MAX_TOKENS {
            return Err(ReadError::new(
                Fault::TooLarge,
                source.span_of(start, start + text.len()),
                format!("this is word {MAX_TOKENS} of the text, more than a profile has"),
            ));
        }
        nesting.token(kind, start, text)?;
        start += text.len();
    }
    let mut brackets = nesting.frames.iter().rev();
    match brackets.find(|frame| !matches!(frame.kind, FILE | SyntaxKind::TOKEN_LET)) {
        Some(open) => Err(never_closed(source, open)),
        None => Ok(()),
    }
}

/// Stands for the whole text where an opening bracket would.
const FILE: SyntaxKind = SyntaxKind::TOKEN_WHITESPACE;

/// What is open at a token.
struct Nesting<'a> {
    source: &'a Source<'a>,
    /// From the outside in; the first is the whole text and never closed.
    frames: Vec<Frame>,
    /// The sum of [`Frame::levels`].
    levels: usize,
    /// The sum of [`Frame::keywords`].
    keywords: usize,
}

impl<'a> Nesting<'a> {
    fn new(source: &'a Source<'a>) -> Self {
        Self {
            source,
            frames: vec![Frame::new(FILE, 0, 0)],
            levels: 1,
            keywords: 0,
        }
    }

    fn token(&mut self, kind: SyntaxKind, start: usize, text: &str) -> Result<(), ReadError> {
        let end = start + text.len();
        let Some(top) = self.frames.last_mut() else {
            return Ok(());
        };
        match kind {
            SyntaxKind::TOKEN_WHITESPACE => return Ok(()),
            SyntaxKind::TOKEN_COMMENT => return refuse_carriage_return(self.source, start, text),
            SyntaxKind::TOKEN_ERROR => return Err(bad_token(self.source, start, text, top)),
            // `let { … }` has no `in`.
            SyntaxKind::TOKEN_L_BRACE if top.kind == SyntaxKind::TOKEN_LET && top.chain == 0 => {
                top.kind = SyntaxKind::TOKEN_L_BRACE;
            }
            SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_STRING_START
            | SyntaxKind::TOKEN_INTERPOL_START
            | SyntaxKind::TOKEN_LET => self.open(kind, start, end),
            SyntaxKind::TOKEN_IN if top.kind == SyntaxKind::TOKEN_LET => {
                self.close();
                self.keyword();
            }
            SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_STRING_END
            | SyntaxKind::TOKEN_INTERPOL_END => self.close_with(kind, start, text)?,
            // The name of an attribute is complete.
            SyntaxKind::TOKEN_ASSIGN => {
                self.levels -= top.chain;
                top.chain = 0;
            }
            SyntaxKind::TOKEN_SEMICOLON if top.scopes > 0 => top.scopes -= 1,
            SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_COMMA => {
                self.levels -= top.chain + top.keywords;
                self.keywords -= top.keywords;
                top.complete();
            }
            SyntaxKind::TOKEN_WITH | SyntaxKind::TOKEN_ASSERT => {
                top.scopes += 1;
                self.keyword();
            }
            SyntaxKind::TOKEN_IF | SyntaxKind::TOKEN_THEN | SyntaxKind::TOKEN_ELSE | SyntaxKind::TOKEN_COLON => {
                self.keyword();
            }
            _ if top.nests() || kind == SyntaxKind::TOKEN_OR => {
                top.chain += 1;
                self.levels += 1;
            }
            _ => {}
        }
        let below = self.frames.last().map_or(0, |top| top.below);
        if self.frames.len() + self.keywords > MAX_DEPTH || self.levels + below > MAX_LEVELS {
            return Err(too_deep(self.source.span_of(start, end)));
        }
        Ok(())
    }

    fn keyword(&mut self) {
        if let Some(top) = self.frames.last_mut() {
            top.keywords += 1;
            self.levels += 1;
            self.keywords += 1;
        }
    }

    fn open(&mut self, kind: SyntaxKind, start: usize, end: usize) {
        if let Some(top) = self.frames.last_mut()
            && top.nests()
        {
            top.chain += 1;
            self.levels += 1;
        }
        self.frames.push(Frame::new(kind, start, end));
        self.levels += 1;
    }

    /// Closes the innermost frame and counts its depth for the expression around it.
    fn close(&mut self) {
        let Some(mut closed) = self.frames.pop() else { return };
        self.levels -= closed.levels();
        self.keywords -= closed.keywords;
        closed.complete();
        if let Some(outer) = self.frames.last_mut() {
            outer.below = outer.below.max(closed.done);
        }
    }

    /// Closes the bracket that `kind` closes, or says why it closes none.
    fn close_with(&mut self, kind: SyntaxKind, start: usize, text: &str) -> Result<(), ReadError> {
        // A `let` without its `in`: the parser says so.
        while self
            .frames
            .last()
            .is_some_and(|frame| frame.kind == SyntaxKind::TOKEN_LET)
        {
            self.close();
        }
        let here = self.source.span_of(start, start + text.len());
        match self.frames.last() {
            Some(open) if closes(open.kind, kind) => {
                self.close();
                Ok(())
            }
            Some(open) if open.kind != FILE => {
                let opening = self.source.parsed.get(open.start..open.end).unwrap_or_default();
                let message = format!("`{text}` does not close the `{opening}` that is open here");
                let other = self.source.span_of(open.start, open.end);
                Err(ReadError::new(Fault::Syntax, here, message).other(other))
            }
            _ => Err(ReadError::new(Fault::Syntax, here, format!("`{text}` closes nothing"))),
        }
    }
}

fn closes(open: SyntaxKind, close: SyntaxKind) -> bool {
    matches!(
        (open, close),
        (SyntaxKind::TOKEN_L_BRACE, SyntaxKind::TOKEN_R_BRACE)
            | (SyntaxKind::TOKEN_L_BRACK, SyntaxKind::TOKEN_R_BRACK)
            | (SyntaxKind::TOKEN_L_PAREN, SyntaxKind::TOKEN_R_PAREN)
            | (SyntaxKind::TOKEN_STRING_START, SyntaxKind::TOKEN_STRING_END)
            | (SyntaxKind::TOKEN_INTERPOL_START, SyntaxKind::TOKEN_INTERPOL_END)
    )
}

/// For Nix a comment ends at a carriage return, for most editors it does not.
fn refuse_carriage_return(source: &Source<'_>, start: usize, text: &str) -> Result<(), ReadError> {
    let text = text.strip_suffix('\r').unwrap_or(text);
    match text.find('\r') {
        Some(at) if text.starts_with('#') => Err(ReadError::new(
            Fault::Syntax,
            source.span_of(start + at, start + at + 1),
            "a lone carriage return ends the comment, so Nix reads what follows as code",
        )
        .help("end lines with a line feed")),
        _ => Ok(()),
    }
}

fn never_closed(source: &Source<'_>, open: &Frame) -> ReadError {
    let message = match open.kind {
        SyntaxKind::TOKEN_STRING_START => "this string is never closed".to_owned(),
        SyntaxKind::TOKEN_INTERPOL_START => "this interpolation is never closed".to_owned(),
        _ => format!(
            "this `{}` is never closed",
            source.parsed.get(open.start..open.end).unwrap_or_default()
        ),
    };
    ReadError::new(Fault::Syntax, source.span_of(open.start, open.end), message)
}

fn bad_token(source: &Source<'_>, start: usize, text: &str, top: &Frame) -> ReadError {
    if top.kind == SyntaxKind::TOKEN_STRING_START {
        return never_closed(source, top);
    }
    let message = if text.starts_with("/*") {
        return ReadError::new(
            Fault::Syntax,
            source.span_of(start, start + 2),
            "this comment is never closed",
        );
    } else if text.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.contains(['e', 'E']) {
        "the exponent of this number has no digits".to_owned()
    } else if text.contains('/') {
        "a path cannot end in a slash or hold two in a row".to_owned()
    } else {
        format!("unexpected `{}`", text.escape_debug())
    };
    ReadError::new(Fault::Syntax, source.span_of(start, start + text.len()), message)
}
