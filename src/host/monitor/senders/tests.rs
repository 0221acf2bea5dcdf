//! Messages to receivers that take them, refuse them, are slow or talk nonsense. All of them are on loopback.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Stopwatch};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::model::{Alerts, Severity, Smtp, SmtpLogin, SmtpTls, WebhookAddress, WebhookFormat};
use crate::monitor::Moment;
use crate::monitor::alert::Outbox;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::Alarm;
use crate::net::{Port, TimeSpan};

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

/// A server that hears one request and answers these bytes, then closes; what it heard comes back. Without an answer it is silent
/// until the other side leaves.
async fn server(answer: Option<&'static str>) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let heard = request(&mut stream).await;
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            None => {
                let _ = stream.read(&mut [0]).await;
            }
        }
        heard
    });
    (port, heard)
}

/// A request with its body.
async fn request(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut bytes = [0; 4_096];
    loop {
        let read = stream.read(&mut bytes).await.unwrap();
        heard.extend_from_slice(&bytes[..read]);
        let text = String::from_utf8_lossy(&heard).into_owned();
        let Some((fields, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "{text}");
            continue;
        };
        let length = fields.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        });
        if read == 0 || length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap()) {
            return text;
        }
    }
}

fn webhook(port: u16, format: WebhookFormat, millis: u64) -> Receiver<CredentialName> {
    let url = format!("http://127.0.0.1:{port}/hook?a=b").parse().unwrap();
    let way = Way::Webhook {
        format,
        url: WebhookAddress::Known(url),
        token: None,
    };
    receiver(way, millis)
}

async fn told_by_webhook(answer: Option<&'static str>) -> Outcome {
    let (port, heard) = server(answer).await;
    let (_directory, credentials) = secrets(&[]);
    let outcome = send(&webhook(port, WebhookFormat::Json, 500), &credentials, &message("nas")).await;
    heard.abort();
    outcome
}

#[tokio::test]
async fn a_webhook_is_posted_to() {
    for (format, expected) in [
        (WebhookFormat::Json, "content-type: application/json"),
        (WebhookFormat::Ntfy, "title: kernelcore: warning"),
        (
            WebhookFormat::Slack,
            "{\"text\":\"[warning] kernelcore: the peer nas does not answer\\n",
        ),
    ] {
        let (port, heard) = server(Some("HTTP/1.1 204 No Content\r\n\r\n")).await;
        let (_directory, credentials) = secrets(&[]);
        let outcome = send(&webhook(port, format, 5_000), &credentials, &message("nas")).await;
        assert_eq!(outcome, Outcome::Delivered);
        let heard = heard.await.unwrap();
        assert!(heard.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{heard}");
        assert!(heard.contains(&format!("host: 127.0.0.1:{port}\r\n")), "{heard}");
        assert!(heard.contains(expected), "{heard}");
    }
}

#[tokio::test]
async fn what_a_webhook_answers_is_understood() {
    let wish = |seconds| TimeSpan::from_secs(seconds).ok();
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", Outcome::Delivered),
        (
            "HTTP/1.1 202 Accepted\r\n\r\nsomething without an end",
            Outcome::Delivered,
        ),
        (
            "HTTP/1.1 500 Internal Server Error\r\n\r\n",
            Outcome::Later("it answers 500 Internal Server Error".to_owned(), None),
        ),
        (
            "HTTP/1.1 429 Too Many Requests\r\nretry-after: 120\r\n\r\n",
            Outcome::Later("it answers 429 Too Many Requests".to_owned(), wish(120)),
        ),
        (
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: tomorrow\r\n\r\n",
            Outcome::Later("it answers 503 Service Unavailable".to_owned(), None),
        ),
        (
            "HTTP/1.1 404 Not Found\r\n\r\n",
            Outcome::Refused("it answers 404 Not Found".to_owned()),
        ),
    ] {
        assert_eq!(told_by_webhook(Some(answer)).await, expected, "{answer}");
    }
    let moved = told_by_webhook(Some("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/x\r\n\r\n")).await;
    assert!(
        matches!(&moved, Outcome::Refused(reason) if reason.contains("no redirect is followed")),
        "{moved:?}"
    );
    // It may have the message: nobody knows.
    for answer in [
        None,
        Some(""),
        Some("SSH-2.0-OpenSSH_9.9\r\n"),
        Some("HTTP/1.1 200"),
        Some("\0\0\0\0\0\0\0\0\0\0"),
    ] {
        let outcome = told_by_webhook(answer).await;
        assert!(matches!(outcome, Outcome::Unanswered(_)), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_it_is_tried_later() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (_directory, credentials) = secrets(&[]);
    let outcome = send(
        &webhook(port, WebhookFormat::Json, 2_000),
        &credentials,
        &message("nas"),
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::Later(reason, None) if reason.contains("refused")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_secret_address_and_a_token_are_used_and_never_repeated() {
    let (port, heard) = server(Some("HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    let url = format!("http://127.0.0.1:{port}/SeCrEt");
    let (directory, credentials) = secrets(&[("alert-a-url", &url), ("alert-a-token", "tk_SeCrEt")]);
    let name = |name: &str| name.parse::<CredentialName>().unwrap();
    let way = Way::Webhook {
        format: WebhookFormat::Ntfy,
        url: WebhookAddress::File(name("alert-a-url")),
        token: Some(name("alert-a-token")),
    };
    let receiver = receiver(way, 2_000);
    let outcome = send(&receiver, &credentials, &message("nas")).await;
    let heard = heard.await.unwrap();
    assert!(
        heard.starts_with("POST /SeCrEt ") && heard.contains("authorization: Bearer tk_SeCrEt\r\n"),
        "{heard}"
    );
    assert!(!format!("{outcome:?}").contains("SeCrEt"), "{outcome:?}");
    // Nobody listens any longer; and what is no address is not repeated either.
    for url in [url.as_str(), "http://example.org/SeCrEt", "SeCrEt"] {
        std::fs::write(directory.path().join("alert-a-url"), url).unwrap();
        let outcome = send(&receiver, &credentials, &message("nas")).await;
        assert!(matches!(&outcome, Outcome::Later(..)), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("SeCrEt"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_without_tls_where_tls_is_wanted_is_an_error() {
    let (port, heard) = server(Some("HTTP/1.1 200 OK\r\n\r\n")).await;
    let url = format!("https://127.0.0.1:{port}/").parse().unwrap();
    let way = Way::Webhook {
        format: WebhookFormat::Json,
        url: WebhookAddress::Known(url),
        token: None,
    };
    let (_directory, credentials) = secrets(&[]);
    let outcome = send(&receiver(way, 1_000), &credentials, &message("nas")).await;
    heard.abort();
    assert!(matches!(outcome, Outcome::Later(..)), "{outcome:?}");
}

/// A mail server that answers each command as the table says, else with 250, and hands back what it heard.
async fn mail_server(answers: &'static [(&'static str, &'static str)]) -> (Port, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let greeting = answers.iter().find(|(command, _)| command.is_empty());
        let greeting = greeting.map_or("220 mail.example.org ready", |(_, answer)| answer);
        stream.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
        let mut heard = String::new();
        let mut is_data = false;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                return heard;
            }
            heard.push_str(&line);
            if is_data && line != ".\r\n" {
                continue;
            }
            let command = line.trim_end();
            let told = answers
                .iter()
                .find(|(prefix, _)| !prefix.is_empty() && command.starts_with(prefix));
            let answer = match told {
                Some((_, "silence")) => continue,
                Some((_, answer)) => answer,
                None if command.starts_with("EHLO") => "250-mail.example.org\r\n250 AUTH PLAIN",
                None if command == "DATA" => "354 go on",
                None => "250 good",
            };
            is_data = command == "DATA" && answer.starts_with('3');
            let _ = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
        }
    });
    (Port::new(port).unwrap(), heard)
}

fn mail(port: Port, login: Option<&str>, tls: SmtpTls) -> Receiver<CredentialName> {
    let way = Way::Mail {
        to: "ops@example.org".parse().unwrap(),
        from: "tailwright@kernelcore".parse().unwrap(),
        smtp: Some(Smtp {
            host: "127.0.0.1".parse().unwrap(),
            port,
            tls,
            login: login.map(|user| SmtpLogin {
                user: user.to_owned(),
                password: "alert-a-password".parse().unwrap(),
            }),
        }),
    };
    receiver(way, 1_000)
}

#[tokio::test]
async fn mail_goes_to_a_server_and_nothing_can_be_smuggled_into_it() {
    let (port, heard) = mail_server(&[]).await;
    let (_directory, credentials) = secrets(&[("alert-a-password", "SeCrEt")]);
    let outcome = send(&mail(port, Some("me"), SmtpTls::None), &credentials, &message(HOSTILE)).await;
    assert_eq!(outcome, Outcome::Delivered);
    let heard = heard.await.unwrap();
    // "\0me\0SeCrEt" in base64.
    assert!(
        heard.starts_with("EHLO kernelcore\r\nAUTH PLAIN AG1lAFNlQ3JFdA==\r\n"),
        "{heard}"
    );
    let (commands, mail) = heard.split_once("DATA\r\n").unwrap();
    assert_eq!(commands.matches("RCPT TO:").count(), 1, "{heard}");
    assert!(commands.contains("RCPT TO:<ops@example.org>"), "{heard}");
    let (fields, body) = mail.split_once("\r\n\r\n").unwrap();
    assert!(
        fields.contains("From: tailwright@kernelcore\r\nTo: ops@example.org\r\nSubject: "),
        "{fields}"
    );
    assert!(
        fields.contains("Message-ID: <") && fields.contains("Auto-Submitted: auto-generated"),
        "{fields}"
    );
    let is_field =
        |line: &str| line.starts_with(' ') || line.split_once(": ").is_some_and(|(name, _)| !name.contains(' '));
    for line in fields.split("\r\n") {
        assert!(is_field(line) && !line.starts_with("Bcc"), "{line:?}");
    }
    assert_eq!(body.matches("\r\n.\r\n").count(), 1, "{body}");
    assert!(body.contains("type next  tsctl quality"), "{body}");
}

#[tokio::test]
async fn what_a_mail_server_answers_is_understood() {
    type Answers = &'static [(&'static str, &'static str)];
    let refused: [Answers; 3] = [
        &[("RCPT", "550 no such user")],
        &[("AUTH", "535 who are you?")],
        &[("", "554 not to you")],
    ];
    let later: [Answers; 4] = [
        &[("RCPT", "450 greylisted")],
        &[("", "421 too many of you")],
        &[("EHLO", "silence")],
        &[("", "SSH-2.0-OpenSSH_9.9")],
    ];
    let unknown: [Answers; 1] = [&[(".", "silence")]];
    let ask = async |answers: Answers| {
        let (port, heard) = mail_server(answers).await;
        let (_directory, credentials) = secrets(&[("alert-a-password", "SeCrEt")]);
        let outcome = send(&mail(port, Some("me"), SmtpTls::None), &credentials, &message("nas")).await;
        heard.abort();
        assert!(!format!("{outcome:?}").contains("SeCrEt"), "{outcome:?}");
        outcome
    };
    for answers in refused {
        let outcome = ask(answers).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{answers:?}: {outcome:?}");
    }
    for answers in later {
        let outcome = ask(answers).await;
        assert!(matches!(outcome, Outcome::Later(..)), "{answers:?}: {outcome:?}");
    }
    for answers in unknown {
        let outcome = ask(answers).await;
        assert!(matches!(outcome, Outcome::Unanswered(_)), "{answers:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn no_mail_and_no_password_without_the_tls_that_was_asked_for() {
    let (port, heard) = mail_server(&[]).await;
    let (_directory, credentials) = secrets(&[("alert-a-password", "SeCrEt")]);
    let outcome = send(
        &mail(port, Some("me"), SmtpTls::Starttls),
        &credentials,
        &message("nas"),
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::Later(reason, _) if reason.contains("STARTTLS")),
        "{outcome:?}"
    );
    let heard = heard.await.unwrap();
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
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

#[tokio::test]
async fn a_program_gets_the_message_and_no_shell_sees_it() {
    let (directory, program) = script("cat > input; env > environment; printf '%s|' \"$@\" > arguments");
    let outcome = run(&program, &["--to", "$HOME `id`; x"], &message(HOSTILE), 5_000).await;
    assert_eq!(outcome, Outcome::Delivered);
    let read = |file: &str| std::fs::read_to_string(directory.path().join(file)).unwrap();
    assert_eq!(read("arguments"), "--to|$HOME `id`; x|");
    let input: serde_json::Value = serde_json::from_str(&read("input")).unwrap();
    assert_eq!((&input["event"], &input["alarm"]), (&"began".into(), &"peer".into()));
    let environment = read("environment");
    // The same name in both, and harmless.
    let about = input["about"].as_str().unwrap();
    assert!(environment.contains(&format!("TSCTL_ABOUT={about}\n")), "{environment}");
    assert!(
        !environment.contains('\u{202e}') && !environment.contains('\u{200b}'),
        "{environment}"
    );
    for expected in [
        "TSCTL_HOST=kernelcore\n",
        "TSCTL_EVENT=began\n",
        "TSCTL_SEVERITY=warning\n",
        "TSCTL_ALARM=peer\n",
    ] {
        assert!(environment.contains(expected), "{environment}");
    }
    assert!(
        !environment
            .lines()
            .any(|line| line.starts_with("Bcc") || line.starts_with("QUIT")),
        "{environment}"
    );
}

#[tokio::test]
async fn how_a_program_ended_is_understood() {
    let told = async |text: &str| {
        let (_directory, program) = script(text);
        run(&program, &[], &message("nas"), 5_000).await
    };
    let failed = told("echo no network >&2; exit 1").await;
    assert!(
        matches!(&failed, Outcome::Later(reason, None) if reason.ends_with("no network")),
        "{failed:?}"
    );
    assert!(matches!(told("exit 75").await, Outcome::Later(..)));
    assert!(matches!(told("exit 64").await, Outcome::Refused(_)));
    assert!(matches!(told("kill -9 $$").await, Outcome::Later(..)));
    assert!(matches!(
        run(Path::new("/nowhere/at/all"), &[], &message("nas"), 5_000).await,
        Outcome::Later(..)
    ));
    // It reads nothing, says a lot, and leaves something running that holds its standard error.
    let begun = Stopwatch::now();
    assert_eq!(
        told("sleep 30 & head -c 300000 /dev/zero >&2; exit 0").await,
        Outcome::Delivered
    );
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_program_that_does_not_end_is_killed_with_all_that_it_started() {
    let (directory, program) = script("sleep 60 & echo $! > child; echo $$ > own; wait");
    let begun = Stopwatch::now();
    let outcome = run(&program, &[], &message("nas"), 400).await;
    assert!(
        matches!(&outcome, Outcome::Unanswered(reason) if reason.contains("killed")),
        "{outcome:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    for file in ["child", "own"] {
        let id = std::fs::read_to_string(directory.path().join(file)).unwrap();
        let about = format!("/proc/{}/stat", id.trim());
        let is_gone = || match std::fs::read_to_string(&about) {
            Err(_) => true,
            // Nobody may have collected it yet.
            Ok(stat) => stat.contains(") Z "),
        };
        for _ in 0..100 {
            if is_gone() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(is_gone(), "{file}");
    }
}

#[tokio::test]
async fn sendmail_gets_a_mail_and_plain_addresses() {
    let (directory, program) = script("cat > mail; printf '%s|' \"$@\" > arguments");
    let (to, from) = (
        "ops@example.org".parse().unwrap(),
        "tailwright@kernelcore".parse().unwrap(),
    );
    let written = mail::write(&to, &from, &message(HOSTILE)).unwrap().formatted();
    let deadline = Instant::now() + Duration::from_secs(5);
    mail::sendmail(&program, &to, &from, &written, deadline).await.unwrap();
    let read = |file: &str| std::fs::read_to_string(directory.path().join(file)).unwrap();
    assert_eq!(read("arguments"), "-i|-f|tailwright@kernelcore|--|ops@example.org|");
    assert_eq!(read("mail").as_bytes(), written);
    let (_directory, program) = script("echo 'no account' >&2; exit 78");
    let failed = mail::sendmail(&program, &to, &from, &written, deadline).await;
    assert!(
        matches!(&failed, Err(Outcome::Refused(reason)) if reason.starts_with("sendmail: ") && reason.ends_with("no account")),
        "{failed:?}"
    );
}
