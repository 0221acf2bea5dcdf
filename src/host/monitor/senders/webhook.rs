//! Messages by HTTP.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::rt::{Read, Write};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::credentials::Credentials;
use super::{later, tls, told};
use crate::model::{WebhookAddress, WebhookFormat};
use crate::monitor::alert::{Message, Outcome, Posting};
use crate::net::{CredentialName, HttpUrl, TimeSpan, WebhookUrl};

/// Posts the message; fails with what became of it instead.
pub(super) async fn post(
    format: WebhookFormat,
    address: &WebhookAddress<CredentialName>,
    token: Option<&CredentialName>,
    credentials: &Credentials,
    message: &Message,
    deadline: Instant,
) -> Result<(), Outcome> {
    let url = match address {
        WebhookAddress::Known(url) => url.clone(),
        WebhookAddress::File(name) => {
            let secret = credentials.read(name).map_err(later)?;
            // The refusal would repeat it.
            let parsed = secret.value().parse::<WebhookUrl>();
            parsed.map_err(|_| later(format!("the secret {name} is no https URL")))?
        }
    };
    let token = token.map(|name| bearer(name, credentials)).transpose()?;
    let url = url.url();
    let request = request(url, token, Posting::of(message, format))?;
    let (host, port) = (url.host().to_string(), url.endpoint().port().get());
    let connect = async {
        let stream = TcpStream::connect((host.as_str(), port))
            .await
            .map_err(|error| told(&error))?;
        Ok::<_, String>(stream)
    };
    let stream = timeout_at(deadline, connect)
        .await
        .map_err(|_| later("no connection in time"))?
        .map_err(later)?;
    let response = if url.is_tls() {
        let stream = timeout_at(deadline, tls::over(stream, &host))
            .await
            .map_err(|_| later("no TLS connection in time"))?
            .map_err(later)?;
        exchange(TokioIo::new(stream), request, deadline).await?
    } else {
        exchange(TokioIo::new(stream), request, deadline).await?
    };
    judge(&response)
}

fn bearer(name: &CredentialName, credentials: &Credentials) -> Result<HeaderValue, Outcome> {
    let secret = credentials.read(name).map_err(later)?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", secret.value()))
        .map_err(|_| later(format!("the secret {name} is no token: it has letters outside ASCII")))?;
    value.set_sensitive(true);
    Ok(value)
}

fn request(url: &HttpUrl, token: Option<HeaderValue>, posting: Posting) -> Result<Request<Full<Bytes>>, Outcome> {
    let mut request = Request::post(url.path())
        .header(HOST, url.authority())
        .header(USER_AGENT, concat!("tsctl/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, posting.content_type);
    for (name, value) in posting.headers {
        request = request.header(name, value);
    }
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, token);
    }
    request
        .body(Full::new(posting.body.into()))
        .map_err(|_| later("no request can be made for this address"))
}

/// Sends the request and waits for the head of the answer; its body says nothing that is needed.
async fn exchange<S>(stream: S, request: Request<Full<Bytes>>, deadline: Instant) -> Result<Response<()>, Outcome>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(stream).await.map_err(|error| later(told(&error)))?;
    let talk = async {
        tokio::select! {
            answer = sender.send_request(request) => answer.map(|answer| answer.map(|_| ())),
            // It ends before the answer only where something is wrong, which the answer says as well.
            Err(error) = connection => Err(error),
        }
    };
    match timeout_at(deadline, talk).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(Outcome::Unanswered(format!("no answer: {}", told(&error)))),
        Err(_) => Err(Outcome::Unanswered("no answer in time".to_owned())),
    }
}

fn judge(response: &Response<()>) -> Result<(), Outcome> {
    let status = response.status();
    let said = format!("it answers {status}");
    if status.is_success() {
        return Ok(());
    }
    let is_busy = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    if is_busy {
        let wish = response.headers().get(RETRY_AFTER).and_then(retry_after);
        return Err(Outcome::Later(said, wish));
    }
    Err(Outcome::Refused(if status.is_redirection() {
        format!("{said}, and no redirect is followed: write the address that it leads to")
    } else {
        said
    }))
}

/// Seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(value: &HeaderValue) -> Option<TimeSpan> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return TimeSpan::from_secs(seconds).ok();
    }
    let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = then.as_millisecond().checked_sub(now_millis())?;
    TimeSpan::from_millis(u64::try_from(wait).ok()?).ok()
}

fn now_millis() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_seconds_or_a_date() {
        let read = |text: &str| retry_after(&HeaderValue::from_str(text).unwrap());
        assert_eq!(read("120"), TimeSpan::from_secs(120).ok());
        let wait = read("Wed, 01 Jan 2098 00:00:00 GMT");
        assert_eq!(wait, None, "more than a year is no wish");
        for bad in [
            "",
            "0",
            "-1",
            "soon",
            "Fri, 20 Nov 2020 00:00:00 GMT",
            "99999999999999999999",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
