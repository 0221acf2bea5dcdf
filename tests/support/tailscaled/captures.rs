//! What real daemons answered.

use std::path::Path;
use std::sync::OnceLock;

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

/// The map of the network as the first line of a stream had it, from 1.98 on or before.
pub fn network_map(is_new: bool) -> &'static Value {
    static MAPS: [OnceLock<Value>; 2] = [OnceLock::new(), OnceLock::new()];
    MAPS[usize::from(is_new)].get_or_init(|| {
        let file = if is_new {
            "16-bus-initial-by-mask.txt"
        } else {
            "40-v1.96.5.txt"
        };
        let lines = streams(file).into_iter().flat_map(|stream| stream.lines);
        let maps = lines.map(|line| line["NetMap"].clone());
        maps.into_iter()
            .find(|map| map["Domain"].is_string())
            .expect("a whole map")
    })
}

/// A stream of the bus, and what came over it.
#[derive(Debug)]
pub struct Stream {
    pub mask: String,
    /// What is said of it: `HTTP 200, …`.
    pub about: String,
    pub lines: Vec<Value>,
    /// What is no JSON.
    pub said: String,
}

/// The streams of a captured file, in order.
pub fn streams(file: &str) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    for line in text(file).lines() {
        if let Some((_, about)) = line.strip_prefix('#').and_then(|line| line.split_once("mask=")) {
            let (mask, about) = about.split_once([' ', '&']).unwrap_or((about, ""));
            streams.push(Stream {
                mask: mask.to_owned(),
                about: about.to_owned(),
                lines: Vec::new(),
                said: String::new(),
            });
        } else if line.starts_with("##") {
            // Something else follows.
            streams.push(Stream {
                mask: String::new(),
                about: line.to_owned(),
                lines: Vec::new(),
                said: String::new(),
            });
        } else if let Some(stream) = streams.last_mut()
            && !line.starts_with('#')
        {
            match serde_json::from_str(line) {
                Ok(value) => stream.lines.push(value),
                Err(_) if line.is_empty() => {}
                Err(_) => line.clone_into(&mut stream.said),
            }
        }
    }
    streams.retain(|stream| !stream.about.starts_with("##"));
    streams
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
    let text = text(file);
    // A list, or an exchange a line between other lines.
    let entries: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|_| {
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    });
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
