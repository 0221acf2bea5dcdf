//! Why a written value was refused.

use std::fmt;

use super::text::Text;

/// Longest part of a refused value that a message repeats, in characters; the rest is replaced by an ellipsis.
const SHOWN: usize = 60;

/// Longest suggestion in bytes; a longer one helps nobody.
const LONGEST_SUGGESTION: usize = 255;

/// A written value that its type refuses: what was written, why it is wrong, what would be right.
///
/// Shown as one lower-case sentence: `invalid prefix "10.0.0.1/8": host bits are set (accepted: …); write "10.0.0.0/8"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    noun: &'static str,
    grammar: &'static str,
    written: String,
    reason: &'static str,
    suggestion: Option<String>,
}

impl Invalid {
    /// A refusal of `written` as a value of the text type `T`, with a suggestion if `T` has a guess that it accepts.
    pub(super) fn text<T: Text>(written: &str, reason: &'static str) -> Self {
        Self {
            suggestion: T::guess(written)
                .filter(|better| better.len() <= LONGEST_SUGGESTION && T::read(better).is_ok()),
            ..Self::of(T::NOUN, T::GRAMMAR, quoted(written), reason)
        }
    }

    /// A refusal of `written` (shown as it is) as the thing called `noun`, which follows `grammar`.
    pub(super) fn of(noun: &'static str, grammar: &'static str, written: String, reason: &'static str) -> Self {
        Self {
            noun,
            grammar,
            written,
            reason,
            suggestion: None,
        }
    }

    /// A value that would be accepted, where one can be guessed.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// What is wrong, without the value and without the grammar.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            noun,
            grammar,
            written,
            reason,
            suggestion,
        } = self;
        write!(f, "invalid {noun} {written}: {reason} (accepted: {grammar})")?;
        match suggestion {
            Some(better) => write!(f, "; write {better:?}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Invalid {}

/// A written text as messages show it: quoted, escaped, shortened.
pub(super) fn quoted(written: &str) -> String {
    match written.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{:?}", format!("{}…", written.get(..cut).unwrap_or_default())),
        None => format!("{written:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Prefix;

    #[test]
    fn a_message_names_the_value_the_reason_the_grammar_and_the_way_out() {
        let message = "10.0.0.1/8".parse::<Prefix>().unwrap_err().to_string();
        assert_eq!(
            message,
            format!(
                r#"invalid prefix "10.0.0.1/8": host bits are set (accepted: {}); write "10.0.0.0/8""#,
                Prefix::GRAMMAR
            )
        );
    }

    #[test]
    fn a_long_suggestion_is_left_out() {
        let junk = format!("a{}", "_".repeat(10_000_000));
        let refusal = junk.parse::<crate::net::Tag>().unwrap_err();
        assert_eq!(refusal.suggestion(), None);
    }

    #[test]
    fn a_long_or_hostile_value_is_shortened_and_escaped() {
        let junk = format!("\u{1b}[31m\"{}", "x".repeat(10_000_000));
        let message = junk.parse::<Prefix>().unwrap_err().to_string();
        assert!(message.len() < 500, "{} bytes", message.len());
        assert!(!message.contains('\u{1b}'));
    }
}
