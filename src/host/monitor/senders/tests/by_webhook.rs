//! Webhooks.

use super::*;

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
