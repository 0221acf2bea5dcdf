//! Addresses of webhooks.

use std::fmt;

use super::HttpUrl;
use super::text::{Text, text_type};

/// Where a message is posted to: `https://ntfy.sh/my-alerts`; without TLS on this machine alone: `http://127.0.0.1:8080/`.
///
/// At most 2,000 characters, without a name and password (they would be a secret in a profile) and without a fragment
/// (which never leaves the client, RFC 3986 §3.5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookUrl(HttpUrl);

/// Services whose address is itself the secret: whoever knows it can post. Host, and the start of the path.
const SECRET: [(&str, &str); 5] = [
    ("hooks.slack.com", "/"),
    ("discord.com", "/api/webhooks/"),
    ("discordapp.com", "/api/webhooks/"),
    ("webhook.office.com", "/"),
    ("api.telegram.org", "/bot"),
];

impl WebhookUrl {
    /// The parts of it.
    pub fn url(&self) -> &HttpUrl {
        &self.0
    }

    /// Whether it is known to contain a token: it then belongs into a file of its own.
    pub fn holds_secret(&self) -> bool {
        let host = self.0.host().to_string();
        let of_service = |name: &str| {
            host.strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let (path, query) = self.0.path().split_once('?').unwrap_or((self.0.path(), ""));
        let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
        SECRET
            .iter()
            .any(|(name, start)| of_service(name) && path.starts_with(start))
            || names.any(|name| {
                ["token", "secret", "password", "auth", "key"]
                    .iter()
                    .any(|word| name.to_ascii_lowercase().ends_with(word))
            })
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for WebhookUrl {
    const NOUN: &'static str = "webhook URL";
    const GRAMMAR: &'static str =
        "an https URL without a password or a fragment (http on this machine alone), like https://ntfy.sh/my-alerts";
    const PATTERN: &'static str = "^https?://[!-~]+$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let url = HttpUrl::read(written)?;
        if !url.is_tls() && !url.host().is_loopback() {
            return Err("not https: everybody on the way could read the messages, and their token");
        }
        Ok(Self(url))
    }

    fn guess(refused: &str) -> Option<String> {
        let trimmed = refused.trim();
        match trimmed.split_once("://") {
            Some(("http", rest)) => Some(format!("https://{rest}")),
            Some(_) => Some(trimmed.to_owned()),
            None => Some(format!("https://{trimmed}")),
        }
    }
}

text_type!(WebhookUrl);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn tls_or_this_machine() {
        reads_back::<WebhookUrl>(r"https://([a-z0-9]{1,9}\.){1,2}[a-z]{2,9}(:[1-9][0-9]{0,3})?/[A-Za-z0-9/_-]{0,20}");
        shows::<WebhookUrl>(&[
            ("https://ntfy.sh/a", "https://ntfy.sh/a"),
            ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
            ("http://[::1]/", "http://[::1]/"),
            ("http://localhost/x?a=b", "http://localhost/x?a=b"),
        ]);
        refuses::<WebhookUrl>(&[
            "",
            "ntfy.sh/a",
            "http://ntfy.sh/a",
            "http://127.0.0.1.example.org/",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "https://",
            "https://user@example.org/",
            "https://user:pass@example.org/",
            "https://example.org/#a",
            "https://example.org/a b",
            "https://example.org/\r\nHost: x",
            "https://exämple.org/",
            &format!("https://example.org/{}", "a".repeat(2_000)),
        ]);
        suggests::<WebhookUrl>(&[
            ("http://ntfy.sh/a", "https://ntfy.sh/a"),
            ("ntfy.sh/a", "https://ntfy.sh/a"),
        ]);
    }

    #[test]
    fn some_addresses_are_secrets() {
        let holds = |text: &str| text.parse::<WebhookUrl>().unwrap().holds_secret();
        for text in [
            "https://hooks.slack.com/services/T0/B0/xyz",
            "https://discord.com/api/webhooks/1/xyz",
            "https://acme.webhook.office.com/webhookb2/x",
            "https://example.org/hook?access_token=xyz",
            "https://HOOKS.slack.com/services/T0/B0/xyz",
            "https://example.org/hook?a=b&Token=xyz",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "https://ntfy.sh/a",
            "https://myhooks.slack.computer/x",
            "https://discord.com/",
        ] {
            assert!(!holds(text), "{text}");
        }
    }
}
