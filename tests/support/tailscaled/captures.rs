//! What real daemons answered.

use std::path::Path;

use serde_json::Value;

use super::request::Request;

/// A captured file as text.
pub fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/localapi")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A captured file as JSON.
pub fn body(file: &str) -> Value {
    serde_json::from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A request and what came of it.
#[derive(Debug)]
pub struct Exchange {
    pub note: String,
    pub request: Request,
    /// Nothing where no byte came.
    pub status: Option<u16>,
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub body: Value,
}

/// The exchanges of a captured file, in order. What stands between them is passed over.
pub fn exchanges(file: &str) -> Vec<Exchange> {
    let whole = body(file);
    let entries = whole.as_array().unwrap_or_else(|| panic!("{file} is a list"));
    entries
        .iter()
        .filter(|entry| entry["request"].is_object() && entry["response"].is_object())
        .map(|entry| {
            let response = &entry["response"];
            let header = |name: &str| response["headers"][name].as_str().map(str::to_owned);
            Exchange {
                note: entry["note"].as_str().unwrap_or_default().to_owned(),
                request: Request::captured(&entry["request"]),
                status: response["status"]
                    .as_u64()
                    .map(|status| status.try_into().expect("small")),
                content_type: header("Content-Type"),
                etag: header("Etag"),
                body: response["body"].clone(),
            }
        })
        .collect()
}
