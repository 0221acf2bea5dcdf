//! Bounds on a profile's text, so that no input can take the reader's stack, memory or time.

/// The longest text that is read: 8 MiB. A fleet of a thousand hosts, written out, is about 4 MiB.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The deepest nesting of sets, lists, parentheses and strings that is read. Profiles need about a dozen levels.
pub const MAX_DEPTH: usize = 256;

/// The most words, marks and brackets that a text in Nix is read up to. A fleet of a thousand hosts has about 750,000.
pub(super) const MAX_TOKENS: usize = 2_000_000;
