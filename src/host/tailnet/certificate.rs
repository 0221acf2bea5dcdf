//! When the certificates that tailscaled keeps end.

use std::io;
use std::path::Path;

use crate::host::unknown::Unknown;

/// Where tailscaled keeps them.
const DIRECTORY: &str = "/var/lib/tailscale/certs";

/// What is known of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// It ends then, in seconds since 1970.
    Ends(u64),
    /// There is none: nobody has asked tailscaled for it.
    None,
    /// It cannot be told, and why.
    Unknown(Unknown),
}

impl Certificate {
    /// The one for that name. It is looked for in tailscaled's directory: asking tailscaled itself could have one issued.
    pub(crate) fn of(domain: &str) -> Self {
        // A name of the control plane must not lead elsewhere.
        if domain.is_empty() || domain.starts_with('.') || domain.contains('/') {
            return Self::Unknown("its name is none of a file".into());
        }
        match std::fs::read_to_string(Path::new(DIRECTORY).join(format!("{domain}.crt"))) {
            Ok(pem) => Self::read(&pem),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::None,
            Err(error) => Self::Unknown(Unknown::of(&error)),
        }
    }

    /// The one in a PEM file.
    pub(crate) fn read(pem: &str) -> Self {
        end(pem).map_or_else(|| Self::Unknown("it cannot be read".into()), Self::Ends)
    }
}

/// When the first certificate of a PEM file ends, in seconds since 1970 (RFC 7468, RFC 5280 section 4.1).
pub(crate) fn end(pem: &str) -> Option<u64> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (base64, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let der = decoded(base64)?;
    let certificate = Element::first(&der, SEQUENCE)?.0;
    let mut rest = Element::first(certificate, SEQUENCE)?.0;
    // The version has a default and may be missing.
    if let Some((_, after)) = Element::first(rest, VERSION) {
        rest = after;
    }
    for kind in [INTEGER, SEQUENCE, SEQUENCE] {
        // The serial number, the algorithm, the issuer.
        rest = Element::first(rest, kind)?.1;
    }
    let validity = Element::first(rest, SEQUENCE)?.0;
    let (_, rest) = time(validity)?;
    time(rest).map(|(end, _)| end)
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Reads DER (X.690).
struct Element;

impl Element {
    /// What is in the first element, which must be of that kind, and what follows it.
    fn first(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
        let (&found, rest) = der.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let is_small = !digits.is_empty() && digits.len() <= 4;
            let length = digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
            (is_small.then_some(length)?, rest)
        };
        (found == kind).then_some(())?;
        rest.split_at_checked(length)
    }
}

/// The time at the start of `der`, and what follows it.
fn time(der: &[u8]) -> Option<(u64, &[u8])> {
    let (text, rest, century) = if let Some((text, rest)) = Element::first(der, GENERALIZED_TIME) {
        (text, rest, None)
    } else {
        let (text, rest) = Element::first(der, UTC_TIME)?;
        (text, rest, Some(()))
    };
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let digits = match century {
        // 50 to 99 are of the last century.
        Some(()) if text >= "50" => format!("19{text}"),
        Some(()) => format!("20{text}"),
        None => text.to_owned(),
    };
    let part = |from: usize, to: usize| digits.get(from..to);
    let written = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    Some((crate::localapi::data::Time::read(&written)?, rest))
}

/// The bytes of a text in Base64 (RFC 4648 section 4).
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
