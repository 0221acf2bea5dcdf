//! `network.monitoring.tailscale.alertEmail` and `.alerts`.

use std::collections::BTreeMap;

use super::Scope;
use super::monitoring::GROUP;
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{Alerts, FileRef, Receiver, Severity, Smtp, SmtpLogin, SmtpTls, Way, WebhookAddress, WebhookFormat};
use crate::net::{AbsolutePath, EmailAddress, HostName, Port, ReceiverName, TimeSpan, WebhookUrl};
use crate::profile::written;

const MESSAGES_PER_HOUR: u32 = 20;
const BURST: u32 = 5;
const TIMEOUT: TimeSpan = TimeSpan::constant_millis(10_000);
/// What longer delays than anybody waits for.
const LONGEST_TIMEOUT: TimeSpan = TimeSpan::constant_millis(120_000);
/// The receiver that `alertEmail` alone makes.
const EMAIL: &str = "email";
/// Most receivers.
const MOST: usize = 32;
/// Most arguments of a program.
const ARGUMENTS: usize = 64;

/// What all receivers by mail share.
struct Mail {
    address: Option<EmailAddress>,
    from: Option<EmailAddress>,
    smtp: Option<Smtp<FileRef>>,
}

pub(super) fn alerts(
    scope: &mut Scope<'_>,
    host: &HostName,
    address: Option<EmailAddress>,
    group: written::Alerts,
) -> Alerts<FileRef> {
    let at = scope.field(GROUP).name("alerts");
    let written = group.receivers.unwrap_or_default();
    let has_smtp = group.smtp.is_some();
    let mail = Mail {
        from: group.from.or_else(|| format!("tailwright@{host}").parse().ok()),
        smtp: group.smtp.and_then(|written| smtp(scope, &at.name("smtp"), written)),
        address,
    };
    if written.len() > MOST {
        let message = format!("{} receivers: expected at most {MOST}", written.len());
        scope.add(Finding::new(Code::InvalidValue, at.name("receivers"), message));
    }
    // It is the address of those that name none, and otherwise a receiver of its own.
    let is_used = written
        .values()
        .any(|receiver| receiver.r#type == Some(written::ReceiverKind::Mail) && receiver.to.is_none());
    let mut receivers = BTreeMap::new();
    if let (false, Some(_), Ok(name)) = (is_used, &mail.address, EMAIL.parse::<ReceiverName>()) {
        if written.contains_key(&name) {
            let message = format!("`{EMAIL}` is the receiver that `alertEmail` makes");
            let field = at.name("receivers").name(EMAIL);
            let finding = Finding::new(Code::InvalidValue, field, message);
            let also = scope.field(GROUP).name("alertEmail");
            scope.add(finding.with(also, "made here").help("give it another name"));
        }
        let implied = written::Receiver {
            r#type: Some(written::ReceiverKind::Mail),
            ..written::Receiver::default()
        };
        let at = scope.field(GROUP).name("alertEmail");
        receivers.extend(receiver(scope, &at, implied, &mail).map(|receiver| (name, receiver)));
    }
    for (name, written) in written {
        let at = at.name("receivers").name(name.to_string());
        receivers.extend(receiver(scope, &at, written, &mail).map(|receiver| (name, receiver)));
    }
    let is_mailed = receivers
        .values()
        .any(|receiver| matches!(receiver.way, Way::Mail { .. }));
    if has_smtp && !is_mailed {
        let help = "write `alertEmail = \"you@example.org\"` beside `alerts`";
        scope.missing(&at.name("smtp"), "alertEmail", "nobody is told by mail", help);
    }
    Alerts { receivers }
}

fn receiver(
    scope: &mut Scope<'_>,
    at: &FieldPath,
    written: written::Receiver,
    mail: &Mail,
) -> Option<Receiver<FileRef>> {
    let Some(kind) = written.r#type else {
        let help = "write `type = \"webhook\"`, `\"mail\"` or `\"command\"`";
        scope.missing(at, "type", "it says how the receiver is told", help);
        return None;
    };
    misplaced(scope, at, &written, kind);
    let mut number = |option: &str, number: Option<u32>, most: u32, default: u32| match number {
        None => default,
        Some(number) if (1..=most).contains(&number) => number,
        Some(number) => {
            let message = format!("{number}: expected 1 to {most}");
            scope.add(Finding::new(Code::InvalidValue, at.name(option), message));
            default
        }
    };
    let messages_per_hour = number("messagesPerHour", written.messages_per_hour, 3_600, MESSAGES_PER_HOUR);
    let burst = number("burst", written.burst, 100, BURST);
    let timeout = written.timeout.map_or(TIMEOUT, |span| span.0);
    if timeout > LONGEST_TIMEOUT {
        let message = format!("a delivery is waited for longer ({timeout}) than {LONGEST_TIMEOUT}");
        scope.add(Finding::new(Code::InvalidValue, at.name("timeout"), message));
    }
    Some(Receiver {
        severity: match written.severity {
            None | Some(written::AlertSeverity::Info) => Severity::Info,
            Some(written::AlertSeverity::Warning) => Severity::Warning,
            Some(written::AlertSeverity::Critical) => Severity::Critical,
        },
        messages_per_hour,
        burst,
        remind_after: written.remind_after.map(|span| span.0),
        timeout: timeout.min(LONGEST_TIMEOUT),
        way: match kind {
            written::ReceiverKind::Webhook => Way::Webhook {
                format: match written.format {
                    None | Some(written::WebhookFormat::Json) => WebhookFormat::Json,
                    Some(written::WebhookFormat::Ntfy) => WebhookFormat::Ntfy,
                    Some(written::WebhookFormat::Slack) => WebhookFormat::Slack,
                },
                url: address(scope, at, written.url, written.url_file)?,
                token: loadable(scope, &at.name("tokenFile"), written.token_file),
            },
            written::ReceiverKind::Mail => {
                let Some(to) = written.to.or_else(|| mail.address.clone()) else {
                    let help = "write `to = \"you@example.org\"`, or `alertEmail` for all receivers by mail";
                    scope.missing(at, "to", "it says who is mailed", help);
                    return None;
                };
                let from = mail.from.clone().unwrap_or_else(|| to.clone());
                let smtp = mail.smtp.clone();
                Way::Mail { to, from, smtp }
            }
            written::ReceiverKind::Command => command(scope, at, written.command)?,
        },
    })
}

/// Options of another kind of receiver.
fn misplaced(scope: &mut Scope<'_>, at: &FieldPath, written: &written::Receiver, kind: written::ReceiverKind) {
    use written::ReceiverKind::{Command, Mail, Webhook};
    let word = |kind| match kind {
        Webhook => "webhook",
        Mail => "mail",
        Command => "command",
    };
    for (option, is_written, of) in [
        ("format", written.format.is_some(), Webhook),
        ("url", written.url.is_some(), Webhook),
        ("urlFile", written.url_file.is_some(), Webhook),
        ("tokenFile", written.token_file.is_some(), Webhook),
        ("to", written.to.is_some(), Mail),
        ("command", written.command.is_some(), Command),
    ] {
        if is_written && of != kind {
            let message = format!("`{option}` is an option of a receiver of type `{}`", word(of));
            let finding = Finding::new(Code::InvalidValue, at.name(option), message);
            scope.add(finding.with(at.name("type"), format!("this one is of type `{}`", word(kind))));
        }
    }
}

fn address(
    scope: &mut Scope<'_>,
    at: &FieldPath,
    url: Option<WebhookUrl>,
    file: Option<FileRef>,
) -> Option<WebhookAddress<FileRef>> {
    const KEEP: &str = "keep it in a sops file and write `urlFile = config.sops.secrets.\"NAME\".path`";
    match (url, file) {
        (None, None) => {
            let help = "write `url = \"https://…\"`; if whoever knows the address may post there, `urlFile` instead";
            scope.missing(at, "url", "it says where the webhook is", help);
            None
        }
        (Some(_), Some(_)) => {
            let finding = Finding::new(Code::InvalidValue, at.name("urlFile"), "the webhook has two addresses");
            scope.add(finding.with(at.name("url"), "the other").help("leave one of them out"));
            None
        }
        (Some(url), None) if url.holds_secret() => {
            let message = "the address of this webhook contains its secret: whoever knows it may post there";
            scope.add(Finding::new(Code::SecretInProfile, at.name("url"), message).help(KEEP));
            None
        }
        (Some(url), None) => Some(WebhookAddress::Known(url)),
        (None, Some(file)) => loadable(scope, &at.name("urlFile"), Some(file)).map(WebhookAddress::File),
    }
}

/// systemd reads the file for the unit. Its `LoadCredential=` knows neither quotes nor escapes (systemd.exec(5)).
fn loadable(scope: &mut Scope<'_>, field: &FieldPath, file: Option<FileRef>) -> Option<FileRef> {
    let file = file?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+@=,:".contains(&byte);
    if let FileRef::Path(path) = &file
        && !path.as_str().bytes().all(is_plain)
    {
        let message = "systemd cannot be told of a credential in a file with such a name";
        let help = "use letters, digits and `-_./+@=,:` in the path";
        scope.add(Finding::new(Code::InvalidValue, field.clone(), message).help(help));
        return None;
    }
    Some(file)
}

fn command(scope: &mut Scope<'_>, at: &FieldPath, words: Option<Vec<String>>) -> Option<Way<FileRef>> {
    let field = at.name("command");
    let mut words = words.unwrap_or_default().into_iter();
    let Some(program) = words.next() else {
        let help = "write `command = [ \"/run/current-system/sw/bin/…\" ]`; the message is on its standard input";
        scope.missing(at, "command", "it says which program is started", help);
        return None;
    };
    let program = scope.accept(program.parse::<AbsolutePath>(), &field.index(0));
    let arguments: Vec<String> = words.collect();
    if arguments.len() > ARGUMENTS {
        let message = format!("{} arguments: expected at most {ARGUMENTS}", arguments.len());
        scope.add(Finding::new(Code::InvalidValue, field.clone(), message));
        return None;
    }
    for (index, argument) in arguments.iter().enumerate() {
        if argument.contains('\0') || argument.len() > 4_096 {
            let message = "an argument is at most 4096 bytes long and contains no NUL";
            scope.add(Finding::new(Code::InvalidValue, field.index(index + 1), message));
            return None;
        }
    }
    Some(Way::Command {
        program: program?,
        arguments,
    })
}

fn smtp(scope: &mut Scope<'_>, at: &FieldPath, written: written::Smtp) -> Option<Smtp<FileRef>> {
    let (tls, port) = match written.tls {
        None | Some(written::SmtpTls::Implicit) => (SmtpTls::Implicit, Port::constant(465)),
        Some(written::SmtpTls::Starttls) => (SmtpTls::Starttls, Port::constant(587)),
        Some(written::SmtpTls::None) => (SmtpTls::None, Port::constant(25)),
    };
    let login = match (written.user, written.password_file) {
        (None, None) => None,
        (Some(user), Some(password)) => {
            if user.is_empty() || user.len() > 256 || user.chars().any(char::is_control) {
                let message = "a name of 1 to 256 characters, none of them a control character, was expected";
                scope.add(Finding::new(Code::InvalidValue, at.name("user"), message));
            }
            loadable(scope, &at.name("passwordFile"), Some(password)).map(|password| SmtpLogin { user, password })
        }
        (Some(_), None) => {
            let help = "write `passwordFile = config.sops.secrets.\"NAME\".path`";
            scope.missing(at, "passwordFile", "a login needs a password", help);
            None
        }
        (None, Some(_)) => {
            scope.missing(at, "user", "a login needs a name", "write `user = \"…\"`");
            None
        }
    };
    let Some(host) = written.host else {
        scope.missing(
            at,
            "host",
            "it says who takes the mail",
            "write `host = \"mail.example.org\"`",
        );
        return None;
    };
    if tls == SmtpTls::None && login.is_some() && !host.is_loopback() {
        let message = "the password would be sent in the clear to another machine";
        let finding = Finding::new(Code::InvalidValue, at.name("tls"), message);
        scope.add(finding.help("write `tls = \"starttls\"`, or leave it out for TLS from the first byte"));
    }
    Some(Smtp {
        host,
        port: written.port.unwrap_or(port),
        tls,
        login,
    })
}
