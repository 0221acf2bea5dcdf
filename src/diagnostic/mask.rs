//! Keys and secret addresses that a user has written into a profile by mistake are not repeated by what we print.

use std::borrow::Cow;

/// What a secret begins with, and the characters besides letters and digits that it may have.
const SECRETS: [(&str, &str); 11] = [
    // Auth keys, API tokens, OAuth client secrets of Tailscale.
    ("tskey-", "-_"),
    // Webhooks whose address is the secret.
    ("hooks.slack.com/", ADDRESS),
    ("discord.com/api/webhooks/", ADDRESS),
    ("discordapp.com/api/webhooks/", ADDRESS),
    ("webhook.office.com/", ADDRESS),
    ("api.telegram.org/bot", ADDRESS),
    // Parameters of other addresses.
    ("token=", "-_.~%+"),
    ("secret=", "-_.~%+"),
    ("password=", "-_.~%+"),
    ("key=", "-_.~%+"),
    ("auth=", "-_.~%+"),
];

/// Of the path and the parameters of a URL.
const ADDRESS: &str = "-_.~%+/?&=@:";

/// The text with the value of each secret replaced by `*`, byte for byte, so that offsets hold.
pub fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    for (prefix, others) in SECRETS {
        if masked.contains(prefix) {
            masked = Cow::Owned(without(&masked, prefix, others));
        }
    }
    masked
}

fn without(text: &str, prefix: &str, others: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(prefix) {
        let (before, secret) = rest.split_at(start + prefix.len());
        masked.push_str(before);
        let end = secret.find(|character: char| !character.is_ascii_alphanumeric() && !others.contains(character));
        let (value, after) = secret.split_at(end.unwrap_or(secret.len()));
        masked.extend(std::iter::repeat_n('*', value.len()));
        rest = after;
    }
    masked.push_str(rest);
    masked
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
        assert_eq!(
            mask("url = \"https://hooks.slack.com/services/T0/B1\";"),
            "url = \"https://hooks.slack.com/**************\";"
        );
        assert_eq!(
            mask("https://a.example/x?token=abc&b=c"),
            "https://a.example/x?token=***&b=c"
        );
    }
}
