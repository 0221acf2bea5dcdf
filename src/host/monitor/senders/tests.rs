//! Messages to receivers that take them, refuse them, are slow or talk nonsense. All of them are on loopback.

mod by_command;
mod by_mail;
mod by_webhook;

use super::*;
use crate::model::{Alerts, Severity, Smtp, SmtpLogin, SmtpTls, WebhookAddress, WebhookFormat};
use crate::monitor::Moment;
use crate::monitor::alert::Outbox;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::Alarm;
use crate::net::{Port, TimeSpan};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Stopwatch};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a receiver of a hostile tailnet is told: the name of a peer tries everything.
const HOSTILE: &str = "nas\r\nBcc: thief@example.org\r\n\r\n.\r\nQUIT\r\n$(touch /tmp/x)`id`\u{202e}\u{200b}\0";

fn message(peer: &str) -> Message {
    let receiver = receiver(
        Way::Command {
            program: "/bin/true".parse().unwrap(),
            arguments: Vec::new(),
        },
        1_000,
    );
    let alerts = Alerts {
        receivers: BTreeMap::from([("a".parse().unwrap(), receiver)]),
    };
    let now = Moment::from_millis(1_795_169_730_000);
    let mut outbox = Outbox::new(&"kernelcore".parse().unwrap(), &alerts, now);
    outbox.raise(&Alarm::Layer(Layer::Peer(peer.to_owned())), "", now);
    outbox.due(now).remove(0).message
}

fn receiver(way: Way<CredentialName>, millis: u64) -> Receiver<CredentialName> {
    Receiver {
        severity: Severity::Info,
        messages_per_hour: 60,
        burst: 5,
        remind_after: None,
        timeout: TimeSpan::from_millis(millis).unwrap(),
        way,
    }
}

fn secrets(secrets: &[(&str, &str)]) -> (TempDir, Credentials) {
    let directory = tempfile::tempdir().unwrap();
    for (name, value) in secrets {
        std::fs::write(directory.path().join(name), format!("{value}\n")).unwrap();
    }
    let credentials = Credentials::below(directory.path());
    (directory, credentials)
}

/// A program of the shell in a directory of its own.
fn script(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("program");
    std::fs::write(&path, format!("#!/bin/sh\ncd \"${{0%/*}}\"\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    (directory, path)
}

async fn run(program: &Path, arguments: &[&str], message: &Message, millis: u64) -> Outcome {
    let way = Way::Command {
        program: program.to_str().unwrap().parse().unwrap(),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
    };
    let (_directory, credentials) = secrets(&[]);
    send(&receiver(way, millis), &credentials, message).await
}
