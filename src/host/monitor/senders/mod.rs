//! How messages reach people: webhooks, mail, programs.
//!
//! Each way takes one [`Delivery`](crate::monitor::alert::Delivery) and says what became of it within its receiver's time. Nothing
//! is kept between two of them: messages are rare, and what they need (certificates, connections, secrets) is not held in
//! memory meanwhile. Secrets are read from the unit's credentials (`LoadCredential=`, systemd.exec(5)) when they are needed; no
//! error repeats them.

mod command;
mod courier;
mod credentials;
mod mail;
mod smtp;
mod tls;
mod webhook;

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Receiver, Way};
use crate::monitor::alert::{Message, Outcome};
use crate::net::CredentialName;

pub(super) use self::courier::{Courier, Note};
use self::credentials::Credentials;

/// Tells one receiver, and says what became of it.
async fn send(receiver: &Receiver<CredentialName>, credentials: &Credentials, message: &Message) -> Outcome {
    let deadline = Instant::now() + Duration::from(receiver.timeout);
    let sent = match &receiver.way {
        Way::Webhook { format, url, token } => {
            webhook::post(*format, url, token.as_ref(), credentials, message, deadline).await
        }
        Way::Mail { to, from, smtp } => mail::send(to, from, smtp.as_ref(), credentials, message, deadline).await,
        Way::Command { program, arguments } => command::tell(program, arguments, message, deadline).await,
    };
    match sent {
        Ok(()) => Outcome::Delivered,
        Err(failed) => failed,
    }
}

/// It surely does not have the message.
fn later(reason: impl Into<String>) -> Outcome {
    Outcome::Later(reason.into(), None)
}

/// An error with what caused it, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    // The number of the kernel's error says nothing to people.
    let text = text.split(" (os error ").next().unwrap_or_default();
    crate::host::program::said(text.as_bytes()).replace('\n', " ")
}

#[cfg(test)]
mod tests;
