//! One connection.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::Context;

use http_body_util::Full;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, IF_MATCH};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use super::error::Error;
use super::request::Request;

/// What tailscaled wants to be called: any other name is refused with 403, in defence against browsers that were led
/// astray.
const NAME: &str = "local-tailscaled.sock";

/// So many bytes are read ahead at most; the head of a response must fit in, too.
const BUFFER: usize = 32 << 10;

/// A connection, for one request. Dropping it closes the socket, which is how a question is taken back. Its bytes move while
/// it is waited for: there is no task of its own.
#[derive(Debug)]
pub(super) struct Connection {
    response: hyper::Response<Incoming>,
    mover: Mover,
}

/// What moves the bytes of a connection; `None` when it has come to its end.
type Mover = Option<Pin<Box<http1::Connection<TokioIo<UnixStream>, Full<Bytes>>>>>;

impl Connection {
    /// Connects, asks, and waits for the head of the response.
    pub(super) async fn ask(socket: &Path, request: &Request) -> Result<Self, Error> {
        let stream = UnixStream::connect(socket)
            .await
            .map_err(|error| Error::connecting(socket, &error))?;
        let mut http = http1::Builder::new();
        http.max_buf_size(BUFFER);
        let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(broken_off)?;
        let mut mover: Mover = Some(Box::pin(connection));
        let mut head = hyper::Request::builder()
            .method(&request.method)
            .uri(&request.path)
            .header(HOST, NAME)
            .header(CONNECTION, "close");
        if !request.body.is_empty() {
            head = head.header(CONTENT_TYPE, "application/json");
        }
        if let Some(tag) = &request.if_match {
            head = head.header(IF_MATCH, tag);
        }
        let whole = head
            .body(Full::new(request.body.clone()))
            .map_err(|error| Error::BrokenOff(error.to_string()))?;
        let mut asking = pin!(sender.send_request(whole));
        let response = poll_fn(|context| {
            move_bytes(&mut mover, context);
            asking.as_mut().poll(context)
        });
        let response = response.await.map_err(broken_off)?;
        Ok(Self { response, mover })
    }

    /// The head of the response.
    pub(super) fn head(&self) -> &hyper::Response<Incoming> {
        &self.response
    }

    /// The next bytes of the body; none at its end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let Self { response, mover } = self;
            let frame = poll_fn(|context| {
                move_bytes(mover, context);
                Pin::new(response.body_mut()).poll_frame(context)
            });
            let Some(frame) = frame.await else {
                return Ok(None);
            };
            // Anything else are trailers.
            if let Ok(bytes) = frame.map_err(broken_off)?.into_data() {
                return Ok(Some(bytes));
            }
        }
    }

    /// The whole body, or nothing where it has more than `limit` bytes.
    pub(super) async fn body(&mut self, limit: usize) -> Result<Option<Bytes>, Error> {
        let Some(first) = self.next().await? else {
            return Ok(Some(Bytes::new()));
        };
        let mut body = Vec::from(first);
        while let Some(bytes) = self.next().await? {
            if body.len() + bytes.len() > limit {
                return Ok(None);
            }
            body.extend_from_slice(&bytes);
        }
        Ok((body.len() <= limit).then(|| body.into()))
    }
}

/// Moves bytes as far as that can be done now. What goes wrong is told to whoever waits for the response.
fn move_bytes(mover: &mut Mover, context: &mut Context<'_>) {
    if let Some(connection) = mover
        && connection.as_mut().poll(context).is_ready()
    {
        *mover = None;
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn broken_off(error: hyper::Error) -> Error {
    use std::error::Error as _;
    let mut said = error.to_string();
    if let Some(source) = error.source() {
        said = format!("{said}: {source}");
    }
    Error::BrokenOff(said)
}
