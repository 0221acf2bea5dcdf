//! Who is told.

use crate::model::{Alerts, SmtpTls, Way, WebhookAddress, WebhookFormat};
use crate::net::CredentialName;
use crate::render::facts::Facts;

pub(super) fn collect(alerts: &Alerts<CredentialName>, facts: &mut Facts) {
    for (name, receiver) in &alerts.receivers {
        let way = match &receiver.way {
            Way::Webhook { format, url, token } => {
                let format = match format {
                    WebhookFormat::Json => "JSON",
                    WebhookFormat::Ntfy => "ntfy",
                    WebhookFormat::Slack => "Slack",
                };
                let url = match url {
                    WebhookAddress::Known(url) => url.to_string(),
                    WebhookAddress::File(_) => "a secret address".to_owned(),
                };
                let token = if token.is_some() { ", with a token" } else { "" };
                format!("webhook ({format}) at {url}{token}")
            }
            Way::Mail { to, from, smtp: None } => format!("mail to {to} from {from} by sendmail"),
            Way::Mail {
                to,
                from,
                smtp: Some(smtp),
            } => {
                let login = smtp.login.as_ref().map(|login| format!(", as {}", login.user));
                let login = login.unwrap_or_default();
                let (host, port) = (smtp.host.in_url(), smtp.port);
                let tls = match smtp.tls {
                    SmtpTls::Implicit => "TLS",
                    SmtpTls::Starttls => "STARTTLS",
                    SmtpTls::None => "no TLS",
                };
                format!("mail to {to} from {from} by {host}:{port} ({tls}{login})")
            }
            Way::Command { program, arguments } => {
                let words: Vec<String> = std::iter::once(program.to_string())
                    .chain(arguments.iter().cloned())
                    .map(|word| format!("{word:?}"))
                    .collect();
                format!("program {}", words.join(" "))
            }
        };
        facts.value(format!("how {name} is told of failures"), &way);
        facts.value(format!("least severity for {name}"), receiver.severity.as_str());
        let rate = format!("{} an hour, {} at once", receiver.messages_per_hour, receiver.burst);
        facts.value(format!("messages to {name}"), &rate);
        facts.value(format!("time for a message to {name}"), &receiver.timeout);
        if let Some(span) = receiver.remind_after {
            facts.value(format!("reminders to {name} after"), &span);
        }
    }
}
