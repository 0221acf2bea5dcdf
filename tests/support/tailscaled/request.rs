//! What the fake was asked.

use std::collections::BTreeMap;

use serde_json::Value;

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// Who asks.
    pub uid: u32,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (unescape(name), unescape(value))
                })
                .collect(),
            headers: BTreeMap::from([("host".to_owned(), "local-tailscaled.sock".to_owned())]),
            body: String::new(),
            uid: 0,
        }
    }

    /// As the captures have it.
    pub fn captured(request: &Value) -> Self {
        let text = |name: &str| request[name].as_str().expect("a text");
        let mut read = Self::new(text("method"), text("path"));
        if let Some(host) = request.get("host") {
            match host.as_str() {
                Some(host) => read.headers.insert("host".to_owned(), host.to_owned()),
                None => read.headers.remove("host"),
            };
        }
        if let Some(headers) = request["headers"].as_object() {
            for (name, value) in headers {
                let value = value.as_str().expect("a text").to_owned();
                read.headers.insert(name.to_ascii_lowercase(), value);
            }
        }
        read.body = match &request["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        read.uid = request["uid"].as_u64().map_or(0, |uid| uid.try_into().expect("a user"));
        read
    }

    /// The endpoint below `/localapi/v0/`.
    pub fn endpoint(&self) -> Option<&str> {
        self.path.strip_prefix("/localapi/v0/")
    }

    pub fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|digit| digit.map_or('0', char::from));
                u8::from_str_radix(&digits.iter().collect::<String>(), 16).expect("two digits behind %")
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).expect("text")
}
