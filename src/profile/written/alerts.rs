//! `network.monitoring.tailscale.alerts`.

use std::collections::BTreeMap;

use super::{FileRef, Seconds, group, words};
use crate::net::{EmailAddress, Port, ReceiverName, UpstreamHost, WebhookUrl};

group! {
    /// Who is told of a failure, and how.
    pub struct Alerts {
        /// The receivers, each with a name.
        pub receivers: Option<BTreeMap<ReceiverName, Receiver>>,
        /// From whom mail comes; `tailwright@` and the host's name by default.
        pub from: Option<EmailAddress>,
        /// The server that takes mail; without it, mail goes through the host's own `sendmail`.
        pub smtp: Option<Smtp>,
    }
}

group! {
    /// One who is told of a failure.
    pub struct Receiver {
        /// How it is told.
        pub r#type: Option<ReceiverKind>,
        /// What is less severe is not told; `info` by default, which is everything.
        pub severity: Option<AlertSeverity>,
        /// At most so many messages an hour, after the first ones; 20 by default.
        #[schemars(range(min = 1, max = 3600))]
        pub messages_per_hour: Option<u32>,
        /// So many messages may follow each other at once; 5 by default.
        #[schemars(range(min = 1, max = 100))]
        pub burst: Option<u32>,
        /// What goes on is told again after this long, in seconds or with a unit; never by default.
        pub remind_after: Option<Seconds>,
        /// How long one delivery may take, in seconds or with a unit; 10 s by default.
        pub timeout: Option<Seconds>,
        /// What a webhook is sent; `json` by default.
        pub format: Option<WebhookFormat>,
        /// Where a webhook is, if its address is no secret.
        pub url: Option<WebhookUrl>,
        /// The file with the address of a webhook, if whoever knows it may post there.
        pub url_file: Option<FileRef>,
        /// The file with the token that a webhook wants as `Authorization: Bearer`.
        pub token_file: Option<FileRef>,
        /// Who is mailed; `alertEmail` by default.
        pub to: Option<EmailAddress>,
        /// The program that is started, by its absolute path, and its arguments. No shell reads them.
        pub command: Option<Vec<String>>,
    }
}

words! {
    /// How a receiver is told.
    pub enum ReceiverKind {
        /// By an HTTP request.
        Webhook,
        /// By mail.
        Mail,
        /// By a program of this host.
        Command,
    }
}

words! {
    /// How much a message matters.
    pub enum AlertSeverity {
        /// Good to know.
        Info,
        /// Something is wrong, and can wait until somebody looks.
        Warning,
        /// People are cut off, or soon will be.
        Critical,
    }
}

words! {
    /// What a webhook is sent.
    pub enum WebhookFormat {
        /// The message as JSON.
        Json,
        /// As ntfy takes it.
        Ntfy,
        /// As Slack and those who imitate it take it.
        Slack,
    }
}

group! {
    /// A server for outgoing mail.
    pub struct Smtp {
        /// Its name or address.
        pub host: Option<UpstreamHost>,
        /// Its port; 465, 587 or 25 by default, as `tls` says.
        pub port: Option<Port>,
        /// How the connection is protected; `implicit` by default.
        pub tls: Option<SmtpTls>,
        /// Who is logged in.
        pub user: Option<String>,
        /// The file with the password.
        pub password_file: Option<FileRef>,
    }
}

words! {
    /// How a connection to a mail server is protected.
    pub enum SmtpTls {
        /// By TLS from the first byte (port 465).
        Implicit,
        /// By `STARTTLS`, and no message without it (port 587).
        Starttls,
        /// Not at all (port 25); for a server on this machine.
        None,
    }
}
