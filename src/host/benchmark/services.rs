//! How fast the services of the settings answer.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time::{Instant, timeout};

use super::seen::ServiceSeen;
use crate::host::monitor::probes::Trouble;
use crate::host::tailnet::micros;
use crate::model::{ExpectedService, MonitorSettings, ServicePlace};

/// How long one has for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// What shows the ways to other hosts.
const WAY: &str = "tsctl quality";
/// How often each is asked.
const TIMES: usize = 3;

/// Asks the services behind nginx, where nginx reaches them, and those of other hosts, by the tailnet.
pub(super) async fn measure(settings: &MonitorSettings) -> Vec<ServiceSeen> {
    let mut seen = Vec::new();
    for (name, service) in &settings.expected.services {
        let at = place(&service.at);
        let mut service_seen = timed(name.to_string(), at, || answer(service)).await;
        service_seen.command = look(&service.at);
        seen.push(service_seen);
    }
    for (name, service) in &settings.failover.lan_services {
        let at = format!("{}:{}", service.tailnet_address.in_url(), service.port);
        seen.push(timed(name.to_string(), at.clone(), || connect(at.clone())).await);
    }
    seen
}

/// Asks several times; the median of the answers.
async fn timed<F: Future<Output = Result<Option<u16>, String>>>(
    name: String,
    at: String,
    mut ask: impl FnMut() -> F,
) -> ServiceSeen {
    let mut times = Vec::new();
    let (mut status, mut trouble) = (None, None);
    for _ in 0..TIMES {
        let began = Instant::now();
        match timeout(PATIENCE, ask()).await {
            Err(_) => trouble = Some(format!("no answer within {} s", PATIENCE.as_secs())),
            Ok(Err(why)) => trouble = Some(why),
            Ok(Ok(answered)) => {
                status = answered;
                times.push(micros(began.elapsed()));
                continue;
            }
        }
        // Waiting for it again would take as long.
        break;
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2);
    #[allow(clippy::cast_precision_loss, reason = "microseconds of some seconds")]
    let millis = median.map(|micros| *micros as f64 / 1_000.0);
    ServiceSeen {
        name,
        at,
        answer_millis: millis.filter(|_| trouble.is_none()),
        status,
        trouble,
        last: None,
        command: WAY.to_owned(),
    }
}

/// What shows which program listens there, where that is this host. A service has a name of its own: that of its unit is
/// not known.
pub(in crate::host) fn look(place: &ServicePlace) -> String {
    match place {
        ServicePlace::Tcp { host, port } if host.is_loopback() => format!("sudo ss -ltnp 'sport = :{port}'"),
        ServicePlace::Tcp { .. } => WAY.to_owned(),
        ServicePlace::Unix { socket } => format!("sudo ls -l {}", socket.path()),
    }
}

/// Where it is, in words.
pub(in crate::host) fn place(place: &ServicePlace) -> String {
    match place {
        ServicePlace::Tcp { host, port } => format!("{}:{port}", host.in_url()),
        ServicePlace::Unix { socket } => socket.to_string(),
    }
}

/// Asks once: the status of its answer, where it speaks HTTP; else why there is none.
pub(in crate::host) async fn answer(service: &ExpectedService) -> Result<Option<u16>, String> {
    let said = |error: std::io::Error| Trouble::of(&error).words();
    match &service.at {
        ServicePlace::Tcp { host, port } => {
            let stream = stream(&format!("{}:{port}", host.in_url())).await?;
            http(stream, service.path.as_deref()).await.map_err(said)
        }
        ServicePlace::Unix { socket } => {
            let stream = UnixStream::connect(socket.path().as_str()).await.map_err(said)?;
            http(stream, service.path.as_deref()).await.map_err(said)
        }
    }
}

async fn connect(at: String) -> Result<Option<u16>, String> {
    stream(&at).await.map(|_| None)
}

async fn stream(at: &str) -> Result<TcpStream, String> {
    let mut found = lookup_host(at).await.map_err(|error| error.to_string())?;
    let address: SocketAddr = found.next().ok_or_else(|| "it has no address".to_owned())?;
    TcpStream::connect(address)
        .await
        .map_err(|error| Trouble::of(&error).words())
}

/// Asks for a path and waits for the first line of the answer: its status. Without a path the connection is all.
async fn http(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: Option<&str>) -> std::io::Result<Option<u16>> {
    let Some(path) = path else { return Ok(None) };
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: tsctl\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while head.len() < 64 && !head.contains(&b'\n') {
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    let head = String::from_utf8_lossy(&head);
    let status = head
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5)?.parse().ok());
    status
        .map(Some)
        .ok_or_else(|| std::io::Error::other("what it answers is no HTTP"))
}
