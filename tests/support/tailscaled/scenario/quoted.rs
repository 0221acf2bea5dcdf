//! Bytes in quotes.

use serde_json::Value;

/// Bytes in quotes, with the escapes of JSON: one character each.
pub fn quote(bytes: &[u8]) -> String {
    let text: String = bytes.iter().copied().map(char::from).collect();
    Value::from(text).to_string()
}

/// The bytes that a text stands for; what is wrong where a character is none.
pub fn bytes(text: &str) -> Result<Vec<u8>, String> {
    text.chars()
        .map(|c| u8::try_from(c).map_err(|_| format!("{c:?} is no byte: \\u00ff is the last")))
        .collect()
}
