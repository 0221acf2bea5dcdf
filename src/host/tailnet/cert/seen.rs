//! What is shown.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::firewall::moment::WallTime;
use crate::host::show::{Reason, Screen, State, Tone, View, fact, sort, worst};
use crate::host::status::Status;
use crate::host::tailnet::certificate::Certificate;
use crate::host::tailnet::certificate_seen::CertificateSeen;
use crate::host::tailnet::unasked::unasked;
use crate::localapi::Error;

/// What was asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Why tailscaled could not be asked.
    pub(super) trouble: Option<Error>,
    /// Names that were asked for, and that this node cannot have certificates of.
    pub(super) unknown: Vec<String>,
    /// The names that it can, with what is known; `Err` with what tailscaled says where it could not renew one.
    pub(super) certificates: Vec<(String, Result<Certificate, String>)>,
}

impl Asked {
    pub(super) fn unasked(error: Error) -> Self {
        Self {
            trouble: Some(error),
            ..Self::default()
        }
    }
}

/// What `tsctl cert --json` prints. Times are in UTC (RFC 3339); what is not known is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl cert")]
pub(super) struct CertificatesSeen {
    /// When it was asked.
    taken: String,
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(super) reasons: Vec<Reason>,
    /// The certificates that this node can have.
    pub(super) certificates: Vec<CertificateSeen>,
    /// When it was asked, in seconds since 1970.
    #[serde(skip)]
    now: u64,
}

impl CertificatesSeen {
    /// What is wrong, and what to type about it.
    pub(super) fn judge(asked: Asked, now: WallTime) -> Self {
        let unix = now.unix();
        let mut reasons: Vec<Reason> = asked.trouble.iter().map(unasked).collect();
        let has_none = asked.certificates.is_empty() && asked.unknown.is_empty();
        if asked.trouble.is_none() && has_none {
            let text = "this node can have no certificates: HTTPS is off in the tailnet (admin console, DNS), or nobody is \
                        logged in";
            reasons.push(Reason::new(State::Degraded, text).command("tsctl auth"));
        }
        for name in &asked.unknown {
            let text = format!("this node cannot have a certificate of {name}");
            reasons.push(Reason::new(State::Degraded, text).command("tsctl cert"));
        }
        let mut certificates = Vec::new();
        for (domain, known) in asked.certificates {
            let certificate = known.unwrap_or_else(|said| {
                let text = format!("{domain} was not renewed: {said}");
                reasons.push(Reason::new(State::Down, text).command("journalctl -u tailscaled -n 50"));
                Certificate::of(&domain)
            });
            let seen = CertificateSeen::of(&domain, &certificate);
            reasons.extend(about(&seen, &certificate, unix));
            certificates.push(seen);
        }
        sort(&mut reasons);
        Self {
            taken: now.to_string(),
            state: worst(&reasons),
            reasons,
            certificates,
            now: unix,
        }
    }
}

fn about(seen: &CertificateSeen, certificate: &Certificate, now: u64) -> Option<Reason> {
    let domain = &seen.domain;
    match certificate {
        Certificate::Ends(_) => seen.about_end_alone(now),
        Certificate::None => {
            let text = format!("nobody has asked for the certificate of {domain} yet");
            Some(Reason::new(State::Good, text).command(format!("sudo tsctl cert --renew {domain}")))
        }
        Certificate::Unknown(why) => {
            let text = format!("when the certificate of {domain} ends is not known: {why}");
            Some(Reason::new(State::CannotTell, text).command("sudo tsctl cert"))
        }
    }
}

impl View for CertificatesSeen {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        writeln!(out, "{}: {state}", screen.paint(Tone::Strong, "certificates"))?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        if !self.certificates.is_empty() {
            writeln!(out)?;
        }
        for certificate in &self.certificates {
            let text = format!("{}: {}", certificate.domain, certificate.words(self.now));
            fact("certificate", &text, screen, out)?;
        }
        Ok(())
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}
