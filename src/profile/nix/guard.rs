//! What is refused before `rnix` parses a text: nesting that would take the stack, and text that would take its time.
//!
//! The parser recurses without a limit in lists and operators, and its tree is as deep as an expression is long
//! (`1 + 1 + 1 …`), so the depth of that tree is bounded here from the tokens. Brackets are matched here too, because the
//! parser takes any bracket for a closing one.

mod nesting;
mod words;

use super::source::Source;
use crate::profile::fault::{Fault, ReadError};
use crate::profile::limit::MAX_DEPTH;

/// Refuses what the parser should not see.
pub(super) fn check(source: &Source<'_>) -> Result<(), ReadError> {
    words::check(source)?;
    nesting::check(source)
}

/// The complaint about nesting.
pub(super) fn too_deep(span: crate::diagnostic::place::Span) -> ReadError {
    ReadError::new(
        Fault::TooDeep,
        span,
        format!("nested deeper than {MAX_DEPTH} levels, which no profile needs"),
    )
}
