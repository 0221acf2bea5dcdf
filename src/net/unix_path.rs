//! Paths of files and of unix sockets on a host.

use std::fmt;

use super::text::{Text, text_type};

/// An absolute path on a host: `/run/secrets/tailscale-authkey`.
///
/// Starts with `/`, at most 4095 bytes (`PATH_MAX` without its NUL), no control characters, and in its normal form: no
/// empty, `.` or `..` component, no slash at the end. Spaces, quotes and the like are legal; printers quote them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbsolutePath(String);

impl AbsolutePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path lies in the Nix store, which every user of the host can read: no place for a secret.
    pub fn is_in_nix_store(&self) -> bool {
        self.0 == "/nix/store" || self.0.starts_with("/nix/store/")
    }

    /// Whether the path lies in `directory` or is it.
    pub fn is_within(&self, directory: &Self) -> bool {
        self.0
            .strip_prefix(directory.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || directory.as_str() == "/")
    }
}

impl fmt::Display for AbsolutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for AbsolutePath {
    const NOUN: &'static str = "path";
    const GRAMMAR: &'static str = "an absolute path without empty, . or .. components and without control characters, \
         like /run/secrets/tailscale-authkey";
    const PATTERN: &'static str = "^/";

    fn read(written: &str) -> Result<Self, &'static str> {
        let Some(below_root) = written.strip_prefix('/') else {
            return Err("not absolute");
        };
        if written.len() > 4095 {
            return Err("longer than 4095 bytes");
        }
        if written.chars().any(char::is_control) {
            return Err("a control character");
        }
        if below_root.split('/').any(|component| component == "..") {
            return Err("a .. component");
        }
        if written != "/" && below_root.split('/').any(|component| matches!(component, "" | ".")) {
            return Err("an empty or . component");
        }
        Ok(Self(written.to_owned()))
    }

    fn guess(refused: &str) -> Option<String> {
        let below_root = refused.strip_prefix("file://").unwrap_or(refused).strip_prefix('/')?;
        let components: Vec<&str> = below_root
            .split('/')
            .filter(|component| !matches!(*component, "" | "."))
            .collect();
        Some(format!("/{}", components.join("/")))
    }
}

text_type!(AbsolutePath);

/// The path of a unix socket: an [`AbsolutePath`] of at most 107 bytes (unix(7), `sun_path` without its NUL) without a
/// colon, which ends the path in an nginx `unix:` address. A leading `unix:` is accepted and dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketPath(AbsolutePath);

impl SocketPath {
    /// The path.
    pub fn path(&self) -> &AbsolutePath {
        &self.0
    }

    /// Whether this is a usual place of Docker's or Podman's API socket: whoever can speak to it is root on the host.
    pub fn is_container_engine(&self) -> bool {
        ["docker.sock", "podman.sock", "containerd.sock"]
            .iter()
            .any(|name| self.0.as_str().rsplit('/').next() == Some(name))
    }

    /// The group that NixOS gives the socket of a container engine to (`virtualisation.docker`, `virtualisation.podman`).
    pub fn container_group(&self) -> Option<&'static str> {
        match self.0.as_str().rsplit('/').next() {
            Some("docker.sock") => Some("docker"),
            Some("podman.sock") => Some("podman"),
            _ => None,
        }
    }
}

impl fmt::Display for SocketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for SocketPath {
    const NOUN: &'static str = "path of a unix socket";
    const GRAMMAR: &'static str =
        "an absolute path of at most 107 bytes without a colon, like /run/grafana/grafana.sock";
    const PATTERN: &'static str = "^(unix:)?/[^:]*$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let path = AbsolutePath::read(written.strip_prefix("unix:").unwrap_or(written))?;
        if path.as_str().len() > 107 {
            Err("longer than 107 bytes")
        } else if path.as_str().contains(':') {
            Err("a colon")
        } else if path.as_str() == "/" {
            Err("a directory")
        } else {
            Ok(Self(path))
        }
    }

    fn guess(refused: &str) -> Option<String> {
        let path = refused.strip_prefix("unix:").unwrap_or(refused);
        AbsolutePath::guess(path.split(':').next()?)
    }
}

text_type!(SocketPath);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn paths_are_absolute_and_normal() {
        reads_back::<AbsolutePath>(r#"/|(/[a-zA-Z0-9 "'$\{\};:%@é_-]{1,9}){1,5}"#);
        let long = format!("/{}", "a".repeat(4095));
        refuses::<AbsolutePath>(&[
            "", "a", "./a", "~/a", "/a\nb", "/a\0", "/..", "/a/../b", "/a//b", "/a/", "/a/./b", "//", &long,
        ]);
        suggests::<AbsolutePath>(&[("/a//b/", "/a/b"), ("file:///a", "/a"), ("/./a", "/a")]);
    }

    #[test]
    fn places() {
        let path = |written: &str| written.parse::<AbsolutePath>().unwrap();
        assert!(path("/nix/store/x-key").is_in_nix_store() && !path("/nix/stores").is_in_nix_store());
        assert!(
            path("/a/b").is_within(&path("/a"))
                && path("/a").is_within(&path("/a"))
                && path("/a").is_within(&path("/"))
        );
        assert!(!path("/ab").is_within(&path("/a")));
    }

    #[test]
    fn socket_paths_fit_a_socket_address() {
        reads_back::<SocketPath>(r"(unix:)?(/[a-z.]{0,9}[a-z]){1,5}");
        let long = format!("/{}", "a".repeat(107));
        refuses::<SocketPath>(&[
            "",
            "unix:",
            "run/x.sock",
            "/run/x.sock:80",
            "http://unix:/run/x.sock",
            "/",
            &long,
        ]);
        suggests::<SocketPath>(&[("unix:/run/x.sock:80", "/run/x.sock"), ("/run//x.sock", "/run/x.sock")]);
        shows::<SocketPath>(&[("unix:/run/x.sock", "/run/x.sock")]);
        assert!(
            "unix:/var/run/docker.sock"
                .parse::<SocketPath>()
                .unwrap()
                .is_container_engine()
        );
        assert!(
            !"/run/grafana/grafana.sock"
                .parse::<SocketPath>()
                .unwrap()
                .is_container_engine()
        );
    }
}
