//! `network.monitoring.tailscale.alerts`: who is told of a failure, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FileRef;
use crate::net::{AbsolutePath, CredentialName, EmailAddress, Port, ReceiverName, TimeSpan, UpstreamHost, WebhookUrl};

/// Who is told of a failure. In the model a secret is a [`FileRef`]; on the host it is the name of the credential that
/// systemd hands to the unit ([`Alerts::on_host`]), and never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alerts<S> {
    /// The receivers, by the names that the profile gives them.
    pub receivers: BTreeMap<ReceiverName, Receiver<S>>,
}

impl<S> Default for Alerts<S> {
    fn default() -> Self {
        Self {
            receivers: BTreeMap::new(),
        }
    }
}

/// One receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receiver<S> {
    /// `severity`: what is less severe is not told.
    pub severity: Severity,
    /// `messagesPerHour`: at most so many, after the first ones. 1-3600.
    pub messages_per_hour: u32,
    /// `burst`: so many may follow each other at once. 1-100.
    pub burst: u32,
    /// `remindAfter`: what goes on is told again after this long; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_after: Option<TimeSpan>,
    /// `timeout`: how long one delivery may take.
    pub timeout: TimeSpan,
    /// How it is told.
    pub way: Way<S>,
}

/// How a receiver is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Way<S> {
    /// By an HTTP request.
    Webhook {
        /// What it contains.
        format: WebhookFormat,
        /// Where it goes.
        url: WebhookAddress<S>,
        /// The file with the token of its `Authorization: Bearer` header.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        token: Option<S>,
    },
    /// By mail.
    Mail {
        /// To whom.
        to: EmailAddress,
        /// From whom.
        from: EmailAddress,
        /// The server that takes it; absent: the host's `sendmail`.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        smtp: Option<Smtp<S>>,
    },
    /// By a program, which finds the message on its standard input and in its environment.
    Command {
        /// The program.
        program: AbsolutePath,
        /// Its arguments, as they are: no shell reads them.
        #[serde(default)]
        arguments: Vec<String>,
    },
}

// The derive would ask for `S: Default`.
fn none<T>() -> Option<T> {
    None
}

/// Where a webhook is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookAddress<S> {
    /// It is no secret.
    Known(WebhookUrl),
    /// It is: the file that holds it.
    File(S),
}

/// What a webhook is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookFormat {
    /// The message as JSON.
    Json,
    /// As a server of ntfy takes it: text, with a title and a priority as headers.
    Ntfy,
    /// As Slack and those who imitate it take it: `{"text": …}`.
    Slack,
}

/// A server for outgoing mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Smtp<S> {
    /// Its name or address.
    pub host: UpstreamHost,
    /// Its port.
    pub port: Port,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Who is logged in, and the file with the password.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub login: Option<SmtpLogin<S>>,
}

/// A login at a server for outgoing mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SmtpLogin<S> {
    /// The name.
    pub user: String,
    /// The file with the password.
    pub password: S,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmtpTls {
    /// TLS from the first byte (RFC 8314 §3.3; port 465).
    Implicit,
    /// `STARTTLS`, and no message without it (RFC 3207; port 587).
    Starttls,
    /// None; for a server on this machine.
    None,
}

/// How much a message matters. Ordered: the most severe is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something is wrong, and can wait until somebody looks.
    Warning,
    /// People are cut off, or soon will be.
    Critical,
}

impl Severity {
    /// `info`, `warning`, `critical`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A secret that a receiver needs: the name of its credential, and the file that it is loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSecret {
    /// Whose it is.
    pub receiver: ReceiverName,
    /// The option that names the file.
    pub option: &'static str,
    /// The name of the credential.
    pub credential: CredentialName,
    /// The file.
    pub file: FileRef,
}

impl<S> Alerts<S> {
    /// Whether nobody is told.
    pub fn is_empty(&self) -> bool {
        self.receivers.is_empty()
    }
}

impl<S> Receiver<S> {
    /// The same with every secret turned into something else. `turn` is told the option that names it.
    fn map<T>(&self, turn: &mut impl FnMut(&'static str, &S) -> Option<T>) -> Option<Receiver<T>> {
        Some(Receiver {
            severity: self.severity,
            messages_per_hour: self.messages_per_hour,
            burst: self.burst,
            remind_after: self.remind_after,
            timeout: self.timeout,
            way: match &self.way {
                Way::Webhook { format, url, token } => Way::Webhook {
                    format: *format,
                    url: match url {
                        WebhookAddress::Known(url) => WebhookAddress::Known(url.clone()),
                        WebhookAddress::File(file) => WebhookAddress::File(turn("urlFile", file)?),
                    },
                    token: match token {
                        Some(file) => Some(turn("tokenFile", file)?),
                        None => None,
                    },
                },
                Way::Mail { to, from, smtp } => Way::Mail {
                    to: to.clone(),
                    from: from.clone(),
                    smtp: match smtp {
                        Some(smtp) => Some(Smtp {
                            host: smtp.host.clone(),
                            port: smtp.port,
                            tls: smtp.tls,
                            login: match &smtp.login {
                                Some(login) => Some(SmtpLogin {
                                    user: login.user.clone(),
                                    password: turn("passwordFile", &login.password)?,
                                }),
                                None => None,
                            },
                        }),
                        None => None,
                    },
                },
                Way::Command { program, arguments } => Way::Command {
                    program: program.clone(),
                    arguments: arguments.clone(),
                },
            },
        })
    }
}

impl Alerts<FileRef> {
    /// Every secret that a receiver needs.
    pub fn secrets(&self) -> Vec<AlertSecret> {
        self.named().1
    }

    /// As it lies on the host: credentials by their names.
    pub fn on_host(&self) -> Alerts<CredentialName> {
        self.named().0
    }

    fn named(&self) -> (Alerts<CredentialName>, Vec<AlertSecret>) {
        let mut secrets = Vec::new();
        let mut receivers = BTreeMap::new();
        for (name, receiver) in &self.receivers {
            let mut turn = |option: &'static str, file: &FileRef| {
                let short = option.strip_suffix("File").unwrap_or(option);
                let credential: CredentialName = format!("alert-{name}-{short}").parse().ok()?;
                secrets.push(AlertSecret {
                    receiver: name.clone(),
                    option,
                    credential: credential.clone(),
                    file: file.clone(),
                });
                Some(credential)
            };
            // The name always fits: 63 characters of a receiver, and the word of an option.
            if let Some(receiver) = receiver.map(&mut turn) {
                receivers.insert(name.clone(), receiver);
            }
        }
        (Alerts { receivers }, secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_become_names_of_credentials() {
        let long: ReceiverName = "a".repeat(63).parse().unwrap();
        let file = |path: &str| FileRef::Path(path.parse().unwrap());
        let alerts = Alerts {
            receivers: BTreeMap::from([(
                long.clone(),
                Receiver {
                    severity: Severity::Info,
                    messages_per_hour: 20,
                    burst: 5,
                    remind_after: None,
                    timeout: TimeSpan::constant_millis(10_000),
                    way: Way::Webhook {
                        format: WebhookFormat::Json,
                        url: WebhookAddress::File(file("/run/keys/url")),
                        token: Some(file("/run/keys/token")),
                    },
                },
            )]),
        };
        let on_host = alerts.on_host();
        let secrets = alerts.secrets();
        assert_eq!(on_host.receivers.len(), 1);
        let names: Vec<&str> = secrets.iter().map(|secret| secret.credential.as_str()).collect();
        assert_eq!(names, [format!("alert-{long}-url"), format!("alert-{long}-token")]);
        let json = serde_json::to_string(&on_host).unwrap();
        assert!(!json.contains("/run/keys"), "{json}");
        assert_eq!(serde_json::from_str::<Alerts<CredentialName>>(&json).unwrap(), on_host);
    }
}
