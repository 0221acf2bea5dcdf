//! The side of the monitor.

use std::convert::Infallible;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::SOCKET;
use super::places::Places;
use crate::host::failure::Failure;
use crate::monitor::failover::{Answer, Command};

/// So long a connection may last.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest command, in bytes.
const COMMAND: usize = 16 << 10;

/// What the monitor is asked.
#[derive(Debug)]
pub(in crate::host::monitor) enum Question {
    /// What it knows and does, as JSON.
    Report(oneshot::Sender<String>),
    /// The same, as Prometheus reads it.
    Metrics(oneshot::Sender<String>),
    /// To do something; answered by the machine, or why it cannot even be asked.
    Command(Command, oneshot::Sender<Result<Answer, String>>),
}

/// The socket, as long as there is this value.
#[derive(Debug)]
pub(in crate::host::monitor) struct Server {
    socket: PathBuf,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens below that directory, made where it is missing, and hands on what is asked. A socket that a former run has left is
    /// replaced: who calls this holds the lock of the state.
    pub(in crate::host::monitor) fn listen(directory: &Path, asked: mpsc::Sender<Question>) -> Result<Self, Failure> {
        std::fs::create_dir_all(directory).map_err(Failure::file("make", directory))?;
        let socket = directory.join(SOCKET);
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::file("remove", &socket)(error));
            }
            _ => {}
        }
        let listener = UnixListener::bind(&socket).map_err(Failure::file("listen at", &socket))?;
        // Everybody may ask; what only some may do is looked at with each request.
        let everybody = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(&socket, everybody).map_err(Failure::file("open up", &socket))?;
        Ok(Self {
            socket,
            task: tokio::spawn(accept(listener, asked, peer)),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Answers whoever connects. `who` says which user that is, where the kernel does.
async fn accept(listener: UnixListener, asked: mpsc::Sender<Question>, who: impl Fn(&UnixStream) -> Option<u32>) {
    let places = Places::default();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open; it gets better or not, and must not take the processor meanwhile.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Some(uid) = who(&stream) else { continue };
        let may_command = may_command(uid);
        let Some(place) = places.take(uid, may_command) else {
            // It fits into the buffer of the socket, or is not worth waiting for.
            let _ = stream.try_write(FULL.as_bytes());
            continue;
        };
        let asked = asked.clone();
        tokio::spawn(async move {
            serve(stream, may_command, asked).await;
            drop(place);
        });
    }
}

/// What somebody is told who holds too many connections.
const FULL: &str = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\
                    Content-Length: 58\r\n\r\nthis user asks too much at the same time: try again later\n";

fn peer(stream: &UnixStream) -> Option<u32> {
    stream.peer_cred().ok().map(|peer| peer.uid())
}

async fn serve(stream: UnixStream, may_command: bool, asked: mpsc::Sender<Question>) {
    let service = service_fn(|request| {
        let asked = asked.clone();
        async move { Ok::<_, Infallible>(answer(request, may_command, &asked).await) }
    });
    let mut http = http1::Builder::new();
    http.keep_alive(false).max_buf_size(16 << 10);
    // Whoever leaves, or says nothing, is no concern of the monitor.
    let _ = timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), service)).await;
}

/// Root, and the user that this process runs as.
fn may_command(uid: u32) -> bool {
    uid == 0 || uid == rustix::process::geteuid().as_raw()
}

async fn answer(
    request: Request<Incoming>,
    may_command: bool,
    asked: &mpsc::Sender<Question>,
) -> Response<Full<Bytes>> {
    let is_get = request.method() == Method::GET;
    match (request.uri().path(), request.method() == Method::POST) {
        ("/report", _) if is_get => hand_on(asked, Question::Report)
            .await
            .map_or_else(busy, |report| reply(StatusCode::OK, "application/json", report)),
        ("/metrics", _) if is_get => {
            let metrics = hand_on(asked, Question::Metrics).await;
            metrics.map_or_else(busy, |text| reply(StatusCode::OK, METRICS, text))
        }
        ("/failover", true) if !may_command => {
            let said = "only root and the user that the monitor runs as may change what it does";
            reply(StatusCode::FORBIDDEN, TEXT, said)
        }
        ("/failover", true) => command(request, asked).await,
        ("/report" | "/metrics", _) => method(GET),
        ("/failover", _) => method(POST),
        _ => reply(StatusCode::NOT_FOUND, TEXT, "there is no such thing here"),
    }
}

async fn command(request: Request<Incoming>, asked: &mpsc::Sender<Question>) -> Response<Full<Bytes>> {
    let Ok(body) = Limited::new(request.into_body(), COMMAND).collect().await else {
        return reply(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "the command is too long");
    };
    let command: Command = match serde_json::from_slice(&body.to_bytes()) {
        Ok(command) => command,
        Err(error) => return reply(StatusCode::BAD_REQUEST, TEXT, format!("no command: {error}")),
    };
    match hand_on(asked, |back| Question::Command(command, back)).await {
        None => busy(),
        Some(Err(why)) => reply(StatusCode::CONFLICT, TEXT, why),
        Some(Ok(answer)) => serde_json::to_string(&answer)
            .map_or_else(|_| busy(), |answer| reply(StatusCode::OK, "application/json", answer)),
    }
}

/// Asks the monitor; nothing where it ends before it answers.
async fn hand_on<T>(
    asked: &mpsc::Sender<Question>,
    question: impl FnOnce(oneshot::Sender<T>) -> Question,
) -> Option<T> {
    let (back, answer) = oneshot::channel();
    asked.send(question(back)).await.ok()?;
    answer.await.ok()
}

/// The text format of Prometheus.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const GET: &str = "GET";
const POST: &str = "POST";

fn busy() -> Response<Full<Bytes>> {
    reply(StatusCode::SERVICE_UNAVAILABLE, TEXT, "the monitor is about to end")
}

fn method(allowed: &'static str) -> Response<Full<Bytes>> {
    let mut reply = reply(StatusCode::METHOD_NOT_ALLOWED, TEXT, format!("only {allowed}"));
    reply
        .headers_mut()
        .insert(ALLOW, hyper::header::HeaderValue::from_static(allowed));
    reply
}

fn reply(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    reply
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Those who connect are these users, one after the other; the last one asks for the report.
    async fn last_is_told(users: Vec<u32>) -> String {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join(SOCKET);
        let (asked, mut questions) = mpsc::channel(1);
        let next = AtomicU32::new(0);
        let count = users.len();
        let who = move |_: &UnixStream| users.get(next.fetch_add(1, Ordering::SeqCst) as usize).copied();
        let accepting = tokio::spawn(accept(UnixListener::bind(&socket).unwrap(), asked, who));
        let answering = tokio::spawn(async move {
            while let Some(question) = questions.recv().await {
                if let Question::Report(back) = question {
                    let _ = back.send("here it is".to_owned());
                }
            }
        });
        let mut idle = Vec::new();
        for _ in 1..count {
            idle.push(UnixStream::connect(&socket).await.unwrap());
        }
        let mut stream = UnixStream::connect(&socket).await.unwrap();
        let asks = b"GET /report HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n";
        // Whoever is kept out may be told so before it has asked.
        let _ = stream.write_all(asks).await;
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told).await;
        accepting.abort();
        answering.abort();
        String::from_utf8(told).unwrap()
    }

    #[tokio::test]
    async fn root_is_answered_whoever_else_holds_connections() {
        let mut users = vec![1_000; 40];
        users.extend(2_000..2_100);
        users.push(0);
        let told = last_is_told(users).await;
        assert!(
            told.starts_with("HTTP/1.1 200") && told.ends_with("here it is"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn whoever_holds_too_many_is_told_to_try_again() {
        let told = last_is_told(vec![1_000; 9]).await;
        assert!(told.starts_with("HTTP/1.1 503"), "{told}");
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{told}");
    }
}
