//! What tailscaled says that is wrong.

use serde_json::Value;

/// So much of a complaint is shown.
const LIMIT: usize = 500;

/// What a reply says that is wrong. There are four shapes: plain text, `{"error": …}`, `{"Error": …}` (preferences) and
/// `{"Err": …}` (pings, reloading the configuration), and none of them can be told by the content type.
pub(super) fn complaint(body: &[u8]) -> String {
    let said = in_json(body).unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned());
    let mut line: String = said
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if let Some((end, _)) = line.char_indices().nth(LIMIT) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// What the JSON object `body` says that is wrong; nothing where it is another value, or says nothing.
pub(super) fn in_json(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    ["error", "Error", "Err"]
        .iter()
        .filter_map(|key| value.get(key)?.as_str())
        .find(|said| !said.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_of_the_four_shapes_is_read() {
        for (body, said) in [
            ("prefs write access denied\n", "prefs write access denied"),
            (
                r#"{"error":"no preferred DERP, try again later"}"#,
                "no preferred DERP, try again later",
            ),
            (
                r#"{"Error":"route 192.168.10.5/24 has non-address bits set"}"#,
                "route 192.168.10.5/24 has non-address bits set",
            ),
            (r#"{"Reloaded":false,"Err":"no config file"}"#, "no config file"),
            ("", ""),
            (r#"{"Reloaded":true,"Err":""}"#, r#"{"Reloaded":true,"Err":""}"#),
            ("[]", "[]"),
        ] {
            assert_eq!(complaint(body.as_bytes()), said);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_one_short_line(body in prop::collection::vec(any::<u8>(), 0..3_000)) {
            let said = complaint(&body);
            prop_assert!(said.chars().count() <= LIMIT + 1);
            prop_assert!(!said.chars().any(char::is_control));
        }
    }
}
