//! A service to stand behind the proxy: HTTP/1.1 on a unix socket, counting the connections that it is spoken to by.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::scratch::Scratch;

/// A running service. It ends with the test process.
pub struct Backend {
    folder: Scratch,
    connections: Arc<AtomicUsize>,
}

/// What a request said.
pub struct Request {
    pub path: String,
    /// `name: value`, names in lower case.
    pub headers: Vec<String>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|header| header.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// How many pieces a streamed answer has, and the pause before each but the first.
pub const PIECES: usize = 4;
pub const PAUSE: Duration = Duration::from_millis(150);

impl Backend {
    /// The service of the tests: see [`answer`].
    pub fn new() -> Self {
        Self::with(answer)
    }

    /// A service that writes its own answers; `false` ends the connection.
    pub fn with(answer: fn(&Request, &mut UnixStream) -> bool) -> Self {
        Self::raw(move |stream| {
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            let mut stream = stream;
            while let Some(request) = read(&mut reader) {
                if !answer(&request, &mut stream) {
                    return;
                }
            }
        })
    }

    /// A service that is no HTTP.
    pub fn raw(serve: impl Fn(UnixStream) + Send + Sync + Copy + 'static) -> Self {
        let folder = Scratch::new();
        let listener = UnixListener::bind(folder.path().join("service.sock")).expect("a socket");
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || serve(stream));
            }
        });
        // The workers of nginx may run as another user.
        open(folder.path());
        open(&folder.path().join("service.sock"));
        Self { folder, connections }
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("service.sock")
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn open(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).expect("our own file");
}

fn read(reader: &mut BufReader<UnixStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push(format!("{}: {value}", name.to_ascii_lowercase()));
    }
    let request = Request { path, headers };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(request)
}

/// A whole answer with a length.
pub fn whole(stream: &mut UnixStream, status: &str, headers: &str, body: &str) -> bool {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .is_ok()
}

/// `/stream` in pieces, `/guarded` with security headers of its own, `/redirect`, `/redirect-by-name`, `/socket` as a WebSocket, `/missing`; the
/// rest shows the request.
fn answer(request: &Request, stream: &mut UnixStream) -> bool {
    match request.path.split('?').next().unwrap_or_default() {
        "/stream" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: yes\r\nTransfer-Encoding: chunked\r\n\r\n";
            let mut sent = stream.write_all(head.as_bytes()).is_ok();
            for piece in 0..PIECES {
                if piece > 0 {
                    std::thread::sleep(PAUSE);
                }
                sent = sent && write!(stream, "5\r\npart{piece}\r\n").is_ok();
            }
            sent && write!(stream, "0\r\n\r\n").is_ok()
        }
        "/guarded" => whole(
            stream,
            "200 OK",
            "X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\nStrict-Transport-Security: max-age=1\r\nAlt-Svc: h2=\":1\"\r\n",
            "",
        ),
        "/redirect" => whole(stream, "302 Found", "Location: /login\r\n", ""),
        "/redirect-by-name" => {
            let host = request.header("host").unwrap_or_default();
            whole(stream, "302 Found", &format!("Location: http://{host}/login\r\n"), "")
        }
        "/socket" if request.header("upgrade") == Some("websocket") => {
            // The key and its answer are the example of RFC 6455 §1.3; then a text frame and the closing one (§5.2, §5.5.1).
            let accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            let _ = stream.write_all(accepted.as_bytes());
            let _ = stream.write_all(b"\x81\x05hello\x88\x02\x03\xe8");
            std::thread::sleep(Duration::from_millis(200));
            false
        }
        "/missing" => whole(stream, "404 Not Found", "", ""),
        _ => {
            let shown = format!("{}\n{}\n", request.path, request.headers.join("\n"));
            whole(stream, "200 OK", "", &shown)
        }
    }
}
