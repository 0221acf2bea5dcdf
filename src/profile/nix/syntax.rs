//! Text to syntax tree, and the parser's complaints in words.

use rnix::ast;
use rnix::{ParseError, Root, SyntaxKind, TextRange};

use super::guard;
use super::source::Source;
use crate::diagnostic::place::Span;
use crate::profile::fault::{Fault, ReadError};

/// One mistake often makes the parser complain many times; this many places are enough to start from.
const MAX_ERRORS: usize = 20;

/// The expression that the text is, or what is wrong with its syntax.
pub(super) fn parse(source: &Source<'_>) -> Result<ast::Expr, Vec<ReadError>> {
    guard::check(source).map_err(|error| vec![error])?;
    let parse = Root::parse(source.parsed);
    if !parse.errors().is_empty() {
        let tokens = Tokens::new(source);
        let mut errors: Vec<_> = parse
            .errors()
            .iter()
            .take(MAX_ERRORS)
            .map(|error| explain(error, &tokens))
            .collect();
        errors.sort_by_key(|error| error.span);
        errors.dedup_by_key(|error| error.span);
        return Err(errors);
    }
    parse.tree().expr().ok_or_else(|| {
        vec![ReadError::new(
            Fault::Syntax,
            source.span_of(0, source.parsed.len()),
            "there is no expression",
        )]
    })
}

/// Whether the text is bindings without braces around them, as a guide quotes a block: it starts with `a.b =` or `inherit`.
pub(super) fn is_bare_bindings(text: &str) -> bool {
    let Some(text) = beginning(text) else { return false };
    let mut tokens = rnix::tokenize(text)
        .map(|(kind, _)| kind)
        .filter(|kind| !kind.is_trivia());
    match tokens.next() {
        Some(SyntaxKind::TOKEN_INHERIT) => return true,
        Some(SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_STRING_START) => {}
        _ => return false,
    }
    for kind in tokens {
        match kind {
            SyntaxKind::TOKEN_ASSIGN => return true,
            SyntaxKind::TOKEN_DOT
            | SyntaxKind::TOKEN_IDENT
            | SyntaxKind::TOKEN_STRING_START
            | SyntaxKind::TOKEN_STRING_CONTENT
            | SyntaxKind::TOKEN_STRING_END => {}
            _ => return false,
        }
    }
    false
}

/// Whether the beginning of a text is one that only Nix has.
pub(super) fn looks_like_nix(beginning: &str) -> bool {
    let mut tokens = rnix::tokenize(beginning)
        .map(|(kind, _)| kind)
        .filter(|kind| !kind.is_trivia());
    if tokens.next() != Some(SyntaxKind::TOKEN_L_BRACE) {
        return is_bare_bindings(beginning) && beginning.contains(';');
    }
    let behind_name = match tokens.next() {
        Some(SyntaxKind::TOKEN_ELLIPSIS) => return true,
        Some(SyntaxKind::TOKEN_IDENT) => tokens.next(),
        Some(SyntaxKind::TOKEN_STRING_START) => tokens
            .find(|kind| *kind == SyntaxKind::TOKEN_STRING_END)
            .and_then(|_| tokens.next()),
        other => other,
    };
    matches!(
        behind_name,
        Some(
            SyntaxKind::TOKEN_ASSIGN
                | SyntaxKind::TOKEN_DOT
                | SyntaxKind::TOKEN_COMMA
                | SyntaxKind::TOKEN_QUESTION
                | SyntaxKind::TOKEN_INHERIT
        )
    )
}

/// The first kilobytes of a text behind white space and comments, enough to tell what it is. `None` if nothing else is there.
pub(super) fn beginning(text: &str) -> Option<&str> {
    const LONGEST: usize = 4096;
    let mut offset = 0;
    for (kind, token) in rnix::tokenize(text) {
        if kind.is_trivia() {
            offset += token.len();
        } else {
            let end = text.floor_char_boundary(offset.saturating_add(LONGEST));
            return text.get(offset..end);
        }
    }
    None
}

/// The tokens that are not white space or comment, for complaints about what stands before and after a place.
struct Tokens<'a> {
    source: &'a Source<'a>,
    ranges: Vec<(usize, usize)>,
}

impl<'a> Tokens<'a> {
    fn new(source: &'a Source<'a>) -> Self {
        let mut offset = 0;
        let ranges = rnix::tokenize(source.parsed)
            .filter_map(|(kind, text)| {
                let start = offset;
                offset += text.len();
                (!kind.is_trivia()).then_some((start, offset))
            })
            .collect();
        Self { source, ranges }
    }

    /// The first token that ends after `offset`.
    fn at(&self, offset: usize) -> Option<(usize, usize)> {
        let position = self.ranges.partition_point(|(_, end)| *end <= offset);
        self.ranges.get(position).copied()
    }

    /// The last token that ends at or before `offset`.
    fn before(&self, offset: usize) -> Option<(usize, usize)> {
        let position = self.ranges.partition_point(|(_, end)| *end <= offset);
        self.ranges.get(position.checked_sub(1)?).copied()
    }

    fn text(&self, (start, end): (usize, usize)) -> &'a str {
        self.source.parsed.get(start..end).unwrap_or_default()
    }

    fn span(&self, (start, end): (usize, usize)) -> Span {
        self.source.span_of(start, end)
    }

    fn end(&self) -> Span {
        let end = self.ranges.last().map_or(0, |(_, end)| *end);
        self.source.span_of(end, end)
    }

    /// The token that follows a value after which a semicolon is missing, if `offset` is in a line of its own: the last
    /// token of an earlier line.
    fn end_of_earlier_line(&self, offset: usize) -> Option<(usize, usize)> {
        let line = self.source.parsed.get(..offset)?.rfind('\n')?;
        self.before(line)
    }
}

fn explain(error: &ParseError, tokens: &Tokens<'_>) -> ReadError {
    match error {
        ParseError::UnexpectedWanted(got, range, wanted) => unexpected(*got, *range, wanted, tokens),
        ParseError::Unexpected(range) | ParseError::UnexpectedExtra(range) => {
            let token = tokens.at(range.start().into());
            let message = match token {
                Some(token) => format!(
                    "unexpected `{}` after the end of the expression",
                    shown(tokens.text(token))
                ),
                None => "unexpected text after the end of the expression".to_owned(),
            };
            syntax(token.map_or(tokens.end(), |token| tokens.span(token)), message)
        }
        ParseError::UnexpectedDoubleBind(range) => {
            syntax(tokens.source.span(*range), "the arguments are given a name twice")
        }
        ParseError::DuplicatedArgs(range, name) => {
            syntax(tokens.source.span(*range), format!("argument `{name}` is given twice"))
        }
        ParseError::UnexpectedEOFWanted(wanted) => syntax(
            tokens.end(),
            format!("the text ends where {} should be", any_of(wanted)),
        ),
        ParseError::RecursionLimitExceeded => guard::too_deep(tokens.end()),
        _ => syntax(tokens.end(), "the text ends in the middle of an expression"),
    }
}

fn unexpected(got: SyntaxKind, range: TextRange, wanted: &[SyntaxKind], tokens: &Tokens<'_>) -> ReadError {
    let start = usize::from(range.start());
    let Some(token) = tokens.at(start) else {
        return syntax(tokens.end(), "the text ends in the middle of an expression");
    };
    if wanted == [SyntaxKind::TOKEN_SEMICOLON] && got != SyntaxKind::TOKEN_COMMA {
        let value = match got {
            SyntaxKind::TOKEN_ASSIGN => tokens.end_of_earlier_line(start),
            _ => tokens.before(start),
        };
        if let Some(value) = value {
            return syntax(tokens.span(value), "`;` is missing after this");
        }
    }
    let error = syntax(
        tokens.span(token),
        format!(
            "unexpected `{}`, expected {}",
            shown(tokens.text(token)),
            any_of(wanted)
        ),
    );
    match got {
        SyntaxKind::TOKEN_COMMA if wanted == [SyntaxKind::TOKEN_SEMICOLON] => error.help("bindings end with `;`"),
        SyntaxKind::TOKEN_COMMA => error.help("the elements of a list are separated by spaces"),
        SyntaxKind::TOKEN_SUB => error.help("in a list, a negative number stands in parentheses: `(-1)`"),
        SyntaxKind::TOKEN_COLON => error.help("a name and its value are joined by `=`"),
        _ => error,
    }
}

fn syntax(span: Span, message: impl Into<String>) -> ReadError {
    ReadError::new(Fault::Syntax, span, message)
}

fn any_of(kinds: &[SyntaxKind]) -> String {
    // The parser lists what it could go on with; for a value that is no help.
    if kinds.contains(&SyntaxKind::TOKEN_L_PAREN) {
        return "a value".to_owned();
    }
    let mut words: Vec<_> = kinds.iter().map(|kind| word(*kind)).collect();
    words.dedup();
    match words.split_last() {
        None => "something else".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn word(kind: SyntaxKind) -> &'static str {
    match kind {
        SyntaxKind::TOKEN_SEMICOLON => "`;`",
        SyntaxKind::TOKEN_ASSIGN => "`=`",
        SyntaxKind::TOKEN_COLON => "`:`",
        SyntaxKind::TOKEN_COMMA => "`,`",
        SyntaxKind::TOKEN_L_BRACE => "`{`",
        SyntaxKind::TOKEN_R_BRACE | SyntaxKind::TOKEN_INTERPOL_END => "`}`",
        SyntaxKind::TOKEN_R_PAREN => "`)`",
        SyntaxKind::TOKEN_R_BRACK => "`]`",
        SyntaxKind::TOKEN_ELLIPSIS => "`...`",
        SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_OR | SyntaxKind::TOKEN_CUR_POS => "a name",
        SyntaxKind::TOKEN_STRING_END => "the end of the string",
        SyntaxKind::TOKEN_STRING_CONTENT | SyntaxKind::TOKEN_STRING_START => "a string",
        SyntaxKind::TOKEN_INTERPOL_START => "`${`",
        SyntaxKind::TOKEN_AT => "`@`",
        SyntaxKind::TOKEN_THEN => "`then`",
        SyntaxKind::TOKEN_ELSE => "`else`",
        SyntaxKind::TOKEN_IN => "`in`",
        _ => "something else",
    }
}

/// A token for a message: its start, without control characters.
fn shown(token: &str) -> String {
    const LONGEST: usize = 40;
    let mut text: String = token
        .chars()
        .take(LONGEST)
        .collect::<String>()
        .escape_debug()
        .to_string();
    if token.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text
}
