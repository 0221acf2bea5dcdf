//! DNS names.

use std::fmt;

use super::text::{Text, text_type};

/// One label of a DNS name that is a host's: 1-63 letters, digits and inner hyphens (RFC 1123 §2.1, RFC 1035 §2.3.4).
/// Kept in lower case: DNS does not tell cases apart (RFC 4343).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsLabel(String);

impl DnsLabel {
    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DnsLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for DnsLabel {
    const NOUN: &'static str = "DNS label";
    const GRAMMAR: &'static str = "1 to 63 letters, digits or hyphens, no hyphen at either end, like ollama";
    const PATTERN: &'static str = "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        check_label(written)?;
        Ok(Self(written.to_ascii_lowercase()))
    }

    fn guess(refused: &str) -> Option<String> {
        Some(hyphenated(refused))
    }
}

text_type!(DnsLabel);

/// A host's own name: one [`DnsLabel`], because MagicDNS makes a label of it (hostname(7), Tailscale knowledge base 1098).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(DnsLabel);

impl HostName {
    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The name as a label of a DNS name.
    pub fn label(&self) -> &DnsLabel {
        &self.0
    }
}

impl From<DnsLabel> for HostName {
    fn from(label: DnsLabel) -> Self {
        Self(label)
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for HostName {
    const NOUN: &'static str = "host name";
    const GRAMMAR: &'static str = "1 to 63 letters, digits or hyphens, no hyphen at either end, like kernelcore";
    const PATTERN: &'static str = DnsLabel::PATTERN;

    fn read(written: &str) -> Result<Self, &'static str> {
        if written.contains('.') {
            return Err("a host name is one label, without the domain");
        }
        DnsLabel::read(written).map(Self)
    }

    fn guess(refused: &str) -> Option<String> {
        Some(hyphenated(refused.split('.').next()?))
    }
}

text_type!(HostName);

/// A DNS name of a host or domain: labels separated by dots, at most 253 characters (RFC 1035 §2.3.4, RFC 1123 §2.1).
///
/// Kept in lower case and without the final dot, which is accepted. The last label is not all digits, so that no address
/// passes for a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels, leftmost first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }

    /// Whether this name is `domain` or lies below it.
    pub fn is_within(&self, domain: &Self) -> bool {
        self.0
            .strip_suffix(domain.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// `label` below this name; refused if the result is too long.
    pub fn child(&self, label: &DnsLabel) -> Result<Self, super::Invalid> {
        format!("{label}.{self}").parse()
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Text for DnsName {
    const NOUN: &'static str = "DNS name";
    const GRAMMAR: &'static str = "labels of letters, digits and inner hyphens (1 to 63 each) separated by dots, at most \
         253 characters, like www.example.org";
    const PATTERN: &'static str =
        r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$";

    fn read(written: &str) -> Result<Self, &'static str> {
        let name = written.strip_suffix('.').unwrap_or(written);
        if name.len() > 253 {
            return Err("longer than 253 characters");
        }
        name.split('.').try_for_each(check_label)?;
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("the last label is a number, as in an address");
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The host of a URL, and a name with underscores.
    fn guess(refused: &str) -> Option<String> {
        let host = refused.split_once("://").map_or(refused, |(_, rest)| rest);
        let host = host.split(['/', ':']).next()?;
        Some(hyphenated(host))
    }
}

text_type!(DnsName);

/// The DNS domain of a tailnet: `your-tailnet.ts.net`, or the base domain of a headscale server (`tail.example.org`).
///
/// A [`DnsName`] of at least two labels; below `ts.net` exactly three, since host names stand in front of it
/// (Tailscale knowledge base 1217).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TailnetDomain(DnsName);

impl TailnetDomain {
    /// The domain.
    pub fn name(&self) -> &DnsName {
        &self.0
    }

    /// Whether the domain is Tailscale's own (`*.ts.net`), where only names of nodes and services resolve and
    /// `tailscale cert` issues certificates.
    pub fn is_hosted(&self) -> bool {
        self.0.as_str().ends_with(".ts.net")
    }

    /// The full name of a node.
    pub fn node(&self, host: &HostName) -> Result<DnsName, super::Invalid> {
        self.0.child(host.label())
    }
}

impl fmt::Display for TailnetDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Text for TailnetDomain {
    const NOUN: &'static str = "tailnet domain";
    const GRAMMAR: &'static str =
        "the tailnet's DNS name, like your-tailnet.ts.net, or the base domain of a headscale server";
    const PATTERN: &'static str = DnsName::PATTERN;

    fn read(written: &str) -> Result<Self, &'static str> {
        let name = DnsName::read(written)?;
        let labels = name.labels().count();
        if labels < 2 {
            return Err("a single label");
        }
        if name.as_str() == "ts.net" {
            return Err("the tailnet's own name before ts.net is missing");
        }
        if name.as_str().ends_with(".ts.net") && labels > 3 {
            return Err("more than the tailnet's own name before ts.net");
        }
        Ok(Self(name))
    }

    fn guess(refused: &str) -> Option<String> {
        let name = DnsName::read(refused)
            .or_else(|_| DnsName::read(&DnsName::guess(refused).unwrap_or_default()))
            .ok()?;
        let labels: Vec<&str> = name.labels().collect();
        match labels.as_slice() {
            [.., tailnet, "ts", "net"] | [tailnet] => Some(format!("{tailnet}.ts.net")),
            _ => Some(name.to_string()),
        }
    }
}

text_type!(TailnetDomain);

fn check_label(label: &str) -> Result<(), &'static str> {
    if label.is_empty() {
        Err("an empty label")
    } else if label.len() > 63 {
        Err("a label longer than 63 characters")
    } else if !label.is_ascii() {
        Err("characters beyond ASCII must be written in punycode (xn--)")
    } else if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        Err("a character that is not allowed")
    } else if label.starts_with('-') || label.ends_with('-') {
        Err("a hyphen at the end of a label")
    } else {
        Ok(())
    }
}

/// With hyphens where people write underscores and spaces.
fn hyphenated(written: &str) -> String {
    written.trim().replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{reads_back, refuses, shows, suggests};

    #[test]
    fn labels() {
        reads_back::<DnsLabel>("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
        let long = "a".repeat(64);
        refuses::<DnsLabel>(&["", "-a", "a-", "a.b", "a_b", "a b", "a;", "é", "${x}", "a\n", &long]);
        suggests::<DnsLabel>(&[("open_webui", "open-webui")]);
        shows::<DnsLabel>(&[("Ollama", "ollama")]);
    }

    #[test]
    fn host_names_carry_no_domain() {
        reads_back::<HostName>("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
        refuses::<HostName>(&["", "kernelcore.example.org", "kernel_core", "kernel core"]);
        suggests::<HostName>(&[("kernelcore.example.org", "kernelcore"), ("kernel_core", "kernel-core")]);
    }

    #[test]
    fn names() {
        reads_back::<DnsName>(r"([a-z0-9]([A-Za-z0-9-]{0,20}[a-z0-9])?\.){0,4}[a-z]([a-z0-9-]{0,9}[a-z])?\.?");
        let long = format!("{}a", "a.".repeat(127));
        refuses::<DnsName>(&[
            "",
            ".",
            "a..b",
            ".a",
            "a..",
            "192.168.1.1",
            "*.a",
            "a b",
            "a/b",
            "a:80",
            "ü.de",
            "<tailnet>.ts.net",
            &long,
        ]);
        suggests::<DnsName>(&[
            ("https://www.example.org/x", "www.example.org"),
            ("www.example.org:443", "www.example.org"),
        ]);
        shows::<DnsName>(&[("WWW.Example.ORG.", "www.example.org"), ("localhost", "localhost")]);
    }

    #[test]
    fn a_name_within_a_domain() {
        let name = |written: &str| written.parse::<DnsName>().unwrap();
        assert!(
            name("a.example.org").is_within(&name("example.org"))
                && name("example.org").is_within(&name("example.org"))
        );
        assert!(
            !name("badexample.org").is_within(&name("example.org")) && !name("org").is_within(&name("example.org"))
        );
        let label = "a".repeat(63).parse::<DnsLabel>().unwrap();
        let deep = (0..3).fold(name("example.org"), |name, _| name.child(&label).unwrap());
        assert!(deep.child(&label).is_err());
    }

    #[test]
    fn tailnet_domains() {
        reads_back::<TailnetDomain>(r"[a-z0-9]{1,9}-[a-z0-9]{1,9}\.ts\.net|tail\.[a-z]{3,9}\.org");
        refuses::<TailnetDomain>(&["", "ts.net", "tailnet", "kernelcore.your-tailnet.ts.net", "a..ts.net"]);
        suggests::<TailnetDomain>(&[
            ("kernelcore.your-tailnet.ts.net", "your-tailnet.ts.net"),
            ("your-tailnet", "your-tailnet.ts.net"),
            ("https://your-tailnet.ts.net/", "your-tailnet.ts.net"),
        ]);
        let domain = "Your-Tailnet.ts.net".parse::<TailnetDomain>().unwrap();
        assert!(domain.is_hosted() && !"tail.example.org".parse::<TailnetDomain>().unwrap().is_hosted());
        assert_eq!(
            domain.node(&"kernelcore".parse().unwrap()).unwrap().as_str(),
            "kernelcore.your-tailnet.ts.net"
        );
    }
}
