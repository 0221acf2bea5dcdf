//! Messages by mail.

use std::path::{Path, PathBuf};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use tokio::process::Command;
use tokio::time::Instant;

use super::credentials::Credentials;
use super::{command, later, smtp, told};
use crate::host::program;
use crate::model::Smtp;
use crate::monitor::alert::{Message, Outcome};
use crate::net::{CredentialName, EmailAddress};

/// Where NixOS has it.
const SENDMAIL: &str = "/run/wrappers/bin/sendmail";

/// Mails the message; fails with what became of it instead.
pub(super) async fn send(
    to: &EmailAddress,
    from: &EmailAddress,
    server: Option<&Smtp<CredentialName>>,
    credentials: &Credentials,
    message: &Message,
    deadline: Instant,
) -> Result<(), Outcome> {
    let mail = write(to, from, message).map_err(later)?;
    if let Some(server) = server {
        return smtp::send(server, &mail, message.host.as_str(), credentials, deadline).await;
    }
    let reason = "this host has no sendmail: set alerts.smtp, or install a mail program (programs.msmtp)";
    let program = find().ok_or_else(|| later(reason))?;
    sendmail(&program, to, from, &mail.formatted(), deadline).await
}

/// The host's mail program.
fn find() -> Option<PathBuf> {
    let usual = Path::new(SENDMAIL);
    if usual.is_file() {
        return Some(usual.to_owned());
    }
    program::find("sendmail")
}

/// The mail as it is sent (RFC 5322). Header fields are made by `lettre`, which encodes what is no plain text.
pub(super) fn write(to: &EmailAddress, from: &EmailAddress, message: &Message) -> Result<Mail, String> {
    let mailbox = |address: &EmailAddress| {
        let address = address
            .to_string()
            .parse()
            .map_err(|_| format!("no mail address: {address}"))?;
        Ok::<_, String>(Mailbox::new(None, address))
    };
    Mail::builder()
        .from(mailbox(from)?)
        .to(mailbox(to)?)
        .subject(message.title())
        // The same where it is sent again, so that it can be recognised.
        .message_id(Some(format!("<{}@{}>", message.id, message.host)))
        // Nothing answers to it (RFC 3834 §5).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(message.to_string())
        .map_err(|error| told(&error))
}

/// Hands it to the host's mail program. Its arguments are addresses, which begin with no dash.
pub(super) async fn sendmail(
    program: &Path,
    to: &EmailAddress,
    from: &EmailAddress,
    mail: &[u8],
    deadline: Instant,
) -> Result<(), Outcome> {
    let mut command = Command::new(program);
    // A line with a single dot is not the end (`-i`).
    command.args(["-i", "-f", &from.to_string(), "--", &to.to_string()]);
    let sent = command::run(command, mail, deadline).await;
    sent.map_err(|outcome| match outcome {
        Outcome::Later(reason, wish) => Outcome::Later(format!("sendmail: {reason}"), wish),
        Outcome::Refused(reason) => Outcome::Refused(format!("sendmail: {reason}")),
        Outcome::Unanswered(reason) => Outcome::Unanswered(format!("sendmail: {reason}")),
        Outcome::Delivered => Outcome::Delivered,
    })
}
