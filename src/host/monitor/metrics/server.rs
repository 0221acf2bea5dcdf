//! `GET /metrics`, by HTTP/1.1.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, UnixListener};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Scrape;
use crate::monitor::metrics;
use crate::net::LocalSocket;

/// So many may ask at the same time; others wait.
const AT_ONCE: usize = 4;
/// So many may wait to be let in.
const BACKLOG: u32 = 16;
/// So long a connection may last.
const PATIENCE: Duration = Duration::from_secs(10);

/// What listens, as long as there is this value.
#[derive(Debug)]
pub(super) struct Server {
    socket: Option<PathBuf>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens there, and hands on what is asked. A unix socket that a former run has left is replaced.
    pub(super) fn listen(at: &LocalSocket, asks: mpsc::Sender<Scrape>) -> io::Result<Self> {
        match at {
            LocalSocket::Loopback(address) => {
                let listener = tcp(*address)?;
                let task = tokio::spawn(accept(asks, move || {
                    let listener = Arc::clone(&listener);
                    async move { listener.accept().await.map(|(stream, _)| stream) }
                }));
                Ok(Self { socket: None, task })
            }
            LocalSocket::Unix(path) => {
                let socket = PathBuf::from(path.path().as_str());
                let listener = unix(&socket)?;
                let task = tokio::spawn(accept(asks, move || {
                    let listener = Arc::clone(&listener);
                    async move { listener.accept().await.map(|(stream, _)| stream) }
                }));
                let socket = Some(socket);
                Ok(Self { socket, task })
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(socket) = &self.socket {
            let _ = std::fs::remove_file(socket);
        }
    }
}

fn tcp(address: SocketAddr) -> io::Result<Arc<TcpListener>> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Connections of a former run may still be waiting for their end.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG).map(Arc::new)
}

fn unix(path: &Path) -> io::Result<Arc<UnixListener>> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    // Everybody may read them.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
    Ok(Arc::new(listener))
}

async fn accept<S, F>(asks: mpsc::Sender<Scrape>, next: impl Fn() -> F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = io::Result<S>>,
{
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok(stream) = next().await else {
            // Too many files are open; it gets better or not, and must not take the processor meanwhile.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let asks = asks.clone();
        tokio::spawn(async move {
            serve(stream, asks).await;
            drop(place);
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, asks: mpsc::Sender<Scrape>) {
    let service = service_fn(|request| {
        let asks = asks.clone();
        async move { Ok::<_, Infallible>(answer(&request, &asks).await) }
    });
    let mut http = http1::Builder::new();
    http.keep_alive(false).max_buf_size(16 << 10);
    // Whoever leaves, or says nothing, is no concern of the monitor.
    let _ = timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), service)).await;
}

async fn answer(request: &Request<Incoming>, asks: &mpsc::Sender<Scrape>) -> Response<Full<Bytes>> {
    if request.uri().path() != "/metrics" {
        return reply(StatusCode::NOT_FOUND, TEXT, "the metrics are at /metrics");
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refused = reply(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET");
        refused
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let (back, text) = oneshot::channel();
    let asked = asks.send(back).await.is_ok();
    match text.await {
        Ok(text) if asked => reply(StatusCode::OK, metrics::CONTENT_TYPE, text),
        _ => reply(StatusCode::SERVICE_UNAVAILABLE, TEXT, "the monitor is about to end"),
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn reply(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}
