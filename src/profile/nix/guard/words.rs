//! Words that would take the tokenizer's time.

use crate::profile::fault::{Fault, ReadError};
use crate::profile::nix::source::Source;

/// The tokenizer looks ahead to the end of a word at each token of it; this bounds the characters that it looks at.
const MAX_LOOKAHEAD: usize = 1 << 30;

/// Words whose tokens are looked ahead from again and again: `a.a.a.a…`, `<<<<…`.
pub(super) fn check(source: &Source<'_>) -> Result<(), ReadError> {
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-');
    let in_search_path = |byte: u8| in_word(byte) || matches!(byte, b'<' | b'/');
    let mut cost = 0;
    lookahead(source, &mut cost, in_word, |byte| matches!(byte, b'.' | b'+' | b'-'))?;
    lookahead(source, &mut cost, in_search_path, |byte| byte == b'<')
}

fn lookahead(
    source: &Source<'_>,
    cost: &mut usize,
    class: impl Fn(u8) -> bool,
    restart: impl Fn(u8) -> bool,
) -> Result<(), ReadError> {
    let mut start = 0;
    let mut restarts = 0;
    for (offset, byte) in source.parsed.bytes().chain([b' ']).enumerate() {
        if class(byte) {
            restarts += usize::from(restart(byte));
            continue;
        }
        let length = offset - start;
        *cost = cost.saturating_add(length.saturating_mul(3 * restarts + usize::from(length > 0)));
        if *cost > MAX_LOOKAHEAD {
            return Err(ReadError::new(
                Fault::Syntax,
                source.span_of(start, offset),
                format!("this word of {length} characters is not Nix data"),
            ));
        }
        start = offset + 1;
        restarts = 0;
    }
    Ok(())
}
