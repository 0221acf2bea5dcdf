//! URLs that are asked.

use std::fmt;

use super::text::{Text, text_type};
use super::{Endpoint, Port, UpstreamHost};

/// The URL of something that is asked by HTTP: `http://nas.lan:8080/health`, `https://db.example.org/`.
///
/// The scheme is `http` or `https`. Without user, password and fragment, at most 2,000 characters: a user or a password
/// would be a secret, and a fragment is not sent. The path and the query consist of visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl {
    is_tls: bool,
    host: UpstreamHost,
    /// Where it is not that of the scheme.
    port: Option<Port>,
    path: String,
}

impl HttpUrl {
    /// Whether it is asked by TLS (`https`).
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The host.
    pub fn host(&self) -> &UpstreamHost {
        &self.host
    }

    /// The host and the port to connect to.
    pub fn endpoint(&self) -> Endpoint {
        let usual = if self.is_tls { Port::HTTPS } else { Port::HTTP };
        Endpoint::new(self.host.clone(), self.port.unwrap_or(usual))
    }

    /// The host, and the port where it is not that of the scheme: the value of `Host` (RFC 9110 section 7.2).
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host.in_url()),
            None => self.host.in_url(),
        }
    }

    /// The path and the query, with the slash that they begin with.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

impl Text for HttpUrl {
    const NOUN: &'static str = "URL";
    const GRAMMAR: &'static str =
        "http:// or https://, a host, perhaps a port and a path, like https://nas.lan:8443/health";
    const PATTERN: &'static str =
        r"^[hH][tT][tT][pP][sS]?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?([/?][!-~]*)?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        if written.len() > 2_000 {
            return Err("longer than 2,000 characters");
        }
        let (scheme, rest) = written
            .split_once("://")
            .ok_or("it does not begin with http:// or https://")?;
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err("only http and https are asked"),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("a user or a password does not belong here: it would be readable by everybody");
        }
        if path.contains('#') {
            return Err("a fragment (#) is not sent");
        }
        if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the path has spaces or other characters that have to be percent-encoded");
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((_, inner)) if inner.ends_with(']') => (authority, None),
            Some((host, port)) => {
                let port = Port::read(port).ok_or("the port is no number from 1 to 65535")?;
                (host, Some(port))
            }
            None => (authority, None),
        };
        if host.contains(':') && !host.starts_with('[') {
            return Err("an IPv6 address stands in brackets");
        }
        let usual = if is_tls { Port::HTTPS } else { Port::HTTP };
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            is_tls,
            host: UpstreamHost::read(host)?,
            port: port.filter(|port| *port != usual),
            path: format!("{slash}{path}"),
        })
    }

    fn guess(refused: &str) -> Option<String> {
        (!refused.contains("://")).then(|| format!("http://{refused}"))
    }
}

text_type!(HttpUrl);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn what_can_be_asked() {
        reads_back::<HttpUrl>(
            r"https?://([a-z]{1,9}\.lan|\[fd00::[1-9a-f]\]|10\.1\.1\.[1-9])(:[1-9][0-9]{0,3})?(/[!-\x22$-~]{0,9})?",
        );
        refuses::<HttpUrl>(&[
            "",
            "nas.lan",
            "ftp://nas.lan/",
            "http://",
            "http:///x",
            "http://user:secret@nas.lan/",
            "http://nas.lan/#x",
            "http://nas.lan/a b",
            "http://nas.lan/\r\nHost: evil",
            "http://nas.lan:0/",
            "http://nas.lan:99999/",
            "http://::1/",
            "http://[::1/",
            "http://nas.lan:/",
            "http://0.0.0.0/",
            "file:///etc/passwd",
            "http://n\u{e4}s.lan/",
        ]);
        shows::<HttpUrl>(&[
            ("HTTP://NAS.lan", "http://nas.lan/"),
            ("https://nas.lan:443/x?y=1", "https://nas.lan/x?y=1"),
            ("http://nas.lan?x", "http://nas.lan/?x"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
        ]);
        suggests::<HttpUrl>(&[("nas.lan/health", "http://nas.lan/health")]);
        let url: HttpUrl = "https://[::1]:8443/x".parse().unwrap();
        assert_eq!(
            (url.authority().as_str(), url.path(), url.is_tls()),
            ("[::1]:8443", "/x", true)
        );
        assert_eq!(url.endpoint().to_string(), "[::1]:8443");
        assert_eq!(
            "http://nas/".parse::<HttpUrl>().unwrap().endpoint().to_string(),
            "nas:80"
        );
    }
}
