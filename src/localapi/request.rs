//! What is asked.

use std::fmt::Write;

use hyper::Method;
use hyper::body::Bytes;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    /// With the query.
    pub(super) path: String,
    pub(super) body: Bytes,
    /// The value of `If-Match`.
    pub(super) if_match: Option<String>,
}

impl Request {
    /// `GET /localapi/v0/…`.
    pub(super) fn get(endpoint: &str) -> Self {
        Self::new(Method::GET, endpoint)
    }

    /// `POST /localapi/v0/…` without a body.
    pub(super) fn post(endpoint: &str) -> Self {
        Self::new(Method::POST, endpoint)
    }

    /// `PATCH /localapi/v0/…` without a body.
    pub(super) fn patch(endpoint: &str) -> Self {
        Self::new(Method::PATCH, endpoint)
    }

    fn new(method: Method, endpoint: &str) -> Self {
        Self {
            method,
            path: format!("/localapi/v0/{endpoint}"),
            body: Bytes::new(),
            if_match: None,
        }
    }

    /// One parameter of the query more.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(name);
        self.path.push('=');
        escape(value, &mut self.path);
        self
    }

    /// One part of the path more, whatever its characters.
    #[must_use]
    pub(super) fn below(mut self, part: &str) -> Self {
        self.path.push('/');
        escape(part, &mut self.path);
        self
    }

    /// The body: JSON.
    #[must_use]
    pub(super) fn body(self, json: &serde_json::Value) -> Self {
        Self {
            body: json.to_string().into(),
            ..self
        }
    }

    /// Only if the value is still the one with this tag.
    #[must_use]
    pub(super) fn if_match(self, tag: &str) -> Self {
        Self {
            if_match: Some(tag.to_owned()),
            ..self
        }
    }
}

/// Percent-encoding of everything but the unreserved characters (RFC 3986 section 2).
fn escape(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_become_other_parameters() {
        let request = Request::post("ping").with("ip", "fd7a::1").with("type", "a&b=c d\né");
        assert_eq!(
            request.path,
            "/localapi/v0/ping?ip=fd7a%3A%3A1&type=a%26b%3Dc%20d%0A%C3%A9"
        );
        let request = Request::get("cert").below("../x?y").with("type", "pair");
        assert_eq!(request.path, "/localapi/v0/cert/..%2Fx%3Fy?type=pair");
    }
}
