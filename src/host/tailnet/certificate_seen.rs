//! A certificate, as it is shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::certificate::Certificate;
use super::when::{DAY, ends, written};
use crate::host::show::{Reason, State};

/// tailscaled renews a certificate after two thirds of its 90 days: what has less time left is not renewed any more.
pub(crate) const SOON: u64 = 14 * DAY;

/// A certificate that can be had.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateSeen {
    /// The name in it.
    pub(crate) domain: String,
    /// When it ends.
    pub(crate) ends: Option<String>,
    /// Why it is not known when.
    pub(crate) unknown: Option<String>,
    /// In seconds since 1970.
    #[serde(skip)]
    pub(crate) ends_unix: Option<u64>,
}

impl CertificateSeen {
    /// What is known of the one for that name.
    pub(crate) fn of(domain: &str, certificate: &Certificate) -> Self {
        let (ends, unknown) = match certificate {
            Certificate::Ends(unix) => (Some(*unix), None),
            Certificate::None => (None, Some("none was asked for yet".to_owned())),
            Certificate::Unknown(why) => (None, Some(why.to_string())),
        };
        Self {
            domain: domain.to_owned(),
            ends: ends.map(written),
            unknown,
            ends_unix: ends,
        }
    }

    /// When it ends, in words.
    pub(crate) fn words(&self, now: u64) -> String {
        match (self.ends_unix, &self.unknown) {
            (Some(unix), _) => ends(unix, now),
            (None, why) => why.clone().unwrap_or_default(),
        }
    }

    /// That it ends soon, or has.
    pub(crate) fn about_end(&self, now: u64) -> Option<Reason> {
        let end = self.ends_unix.filter(|end| end.saturating_sub(now) < SOON)?;
        let domain = &self.domain;
        let text = format!("the certificate of {domain} {} and was not renewed", ends(end, now));
        Some(Reason::new(State::Degraded, text).command(format!("sudo tsctl cert --renew {domain}")))
    }

    /// The same where certificates are what is looked at: with one that has ended, nobody gets in by HTTPS.
    pub(crate) fn about_end_alone(&self, now: u64) -> Option<Reason> {
        let reason = self.about_end(now)?;
        let has_ended = self.ends_unix.is_some_and(|end| end <= now);
        let state = if has_ended { State::Down } else { reason.state };
        Some(Reason { state, ..reason })
    }
}
