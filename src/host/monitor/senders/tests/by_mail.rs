//! Mail, by SMTP and by sendmail.

use super::*;

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
