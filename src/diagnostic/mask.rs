//! Keys that a user has written into a profile by mistake are not repeated by what we print.

use std::borrow::Cow;

/// What keys of Tailscale begin with: auth keys, API tokens, OAuth client secrets.
const PREFIX: &str = "tskey-";

/// The text with the value of each Tailscale key replaced by `*`, byte for byte, so that offsets hold.
pub fn mask(text: &str) -> Cow<'_, str> {
    if !text.contains(PREFIX) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(PREFIX) {
        let (before, key) = rest.split_at(start + PREFIX.len());
        masked.push_str(before);
        let end =
            key.find(|character: char| !character.is_ascii_alphanumeric() && character != '-' && character != '_');
        let (value, after) = key.split_at(end.unwrap_or(key.len()));
        masked.extend(std::iter::repeat_n('*', value.len()));
        rest = after;
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_key_is_masked_and_nothing_moves() {
        let text = "a = \"tskey-auth-k1-XY_z\"; b = tskey-";
        assert_eq!(mask(text), "a = \"tskey-************\"; b = tskey-");
        assert_eq!(mask(text).len(), text.len());
        assert_eq!(mask("no key"), "no key");
    }
}
