//! How Prometheus gets at the metrics.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{phase, tailnet};
use crate::metrics::check;
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::scratch::Scratch;
use crate::support::tool;

fn with_metrics(metrics: Value) -> Value {
    let mut settings = hasty_settings();
    settings["metrics"] = metrics;
    settings
}

fn ask(mut stream: impl Read + Write, request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    Some(reply)
}

const GET: &str = "GET /metrics HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n";

fn at_port(port: u16, request: &str) -> Option<String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    ask(stream, request)
}

fn at_path(path: &Path, request: &str) -> Option<String> {
    ask(UnixStream::connect(path).ok()?, request)
}

/// A port of 127.0.0.1 that was free just now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn prometheus_scrapes_a_loopback_address() {
    let fake = tailnet();
    let port = free_port();
    let metrics = json!({"listen": format!("127.0.0.1:{port}")});
    let monitor = Monitor::start(fake.socket(), &with_metrics(metrics));
    monitor.wait_for(|report| phase(report) == "home");
    let reply = at_port(port, GET).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(
        head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
        "{head}"
    );
    // A person sees the same.
    let printed = monitor.tsctl(&["metrics"]);
    assert!(printed.status(0).err("").stdout().contains("tailwright_build_info"));
    let home = "tailwright_failover_phase{subject=\"exit node\",phase=\"home\"} 1";
    assert!(body.lines().any(|line| line == home), "{body}");
    if let Some(promtool) = tool::part("promtool") {
        check(&promtool, body).unwrap();
    }
    for (request, status) in [
        (
            "HEAD /metrics HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n",
            "200",
        ),
        ("GET / HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n", "404"),
        (
            "POST /metrics HTTP/1.1\r\nHost: monitor\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "405",
        ),
        // Nothing is done by this socket.
        (
            "POST /failover HTTP/1.1\r\nHost: monitor\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "404",
        ),
        ("garbage\r\n\r\n", "400"),
    ] {
        let reply = at_port(port, request).unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {reply}");
    }
}

#[test]
fn scrapers_that_say_nothing_keep_nobody_out_for_long() {
    let fake = tailnet();
    let port = free_port();
    let metrics = json!({"listen": format!("127.0.0.1:{port}")});
    let monitor = Monitor::start(fake.socket(), &with_metrics(metrics));
    let silent: Vec<TcpStream> = (0..3)
        .map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap())
        .collect();
    assert!(at_port(port, GET).unwrap().contains("tailwright_build_info"));
    assert!(monitor.report().is_some());
    drop(silent);
}

#[test]
fn other_settings_move_the_socket_and_the_end_removes_it() {
    let fake = tailnet();
    let scratch = Scratch::new();
    let (first, second) = (scratch.path().join("first.sock"), scratch.path().join("second.sock"));
    let listen = |path: &Path| with_metrics(json!({"listen": path}));
    // Left behind by a run that was killed.
    drop(std::os::unix::net::UnixListener::bind(&first).unwrap());
    let mut monitor = Monitor::start(fake.socket(), &listen(&first));
    assert!(at_path(&first, GET).unwrap().contains("tailwright_build_info"));
    let mode = std::fs::metadata(&first).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o666, "everybody may read");
    monitor.write_settings(&listen(&second));
    monitor.signal(Signal::HUP);
    monitor.wait_until(|| at_path(&second, GET).is_some());
    assert!(!first.exists());
    monitor.write_settings(&hasty_settings());
    monitor.signal(Signal::HUP);
    monitor.wait_until(|| !second.exists());
    monitor.stop();
}

#[test]
fn a_port_that_is_taken_does_not_stop_the_monitor() {
    let fake = tailnet();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let monitor = Monitor::start(fake.socket(), &with_metrics(json!({"listen": address})));
    monitor.wait_for(|report| phase(report) == "home");
    let said = monitor.said();
    assert!(
        said.contains(&format!(
            "the metrics are not served at {address}: Address already in use"
        )),
        "{said}"
    );
    // It is tried again with the next settings.
    drop(taken);
    monitor.signal(Signal::HUP);
    monitor.wait_until(|| at_path_or_port(&address));
}

fn at_path_or_port(address: &str) -> bool {
    TcpStream::connect(address)
        .ok()
        .and_then(|stream| ask(stream, GET))
        .is_some()
}

#[test]
fn the_text_file_is_written_and_goes_with_the_monitor() {
    let fake = tailnet();
    let scratch = Scratch::new();
    let file = scratch.path().join("tailwright.prom");
    let mut monitor = Monitor::start(fake.socket(), &with_metrics(json!({"textfile": file})));
    monitor.wait_until(|| file.exists());
    let text = std::fs::read_to_string(&file).unwrap();
    if let Some(promtool) = tool::part("promtool") {
        check(&promtool, &text).unwrap();
    }
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    monitor.stop();
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    // A monitor that cannot write it says so once and goes on.
    let nowhere = json!({"textfile": scratch.path().join("missing/a.prom")});
    let monitor = Monitor::start(fake.socket(), &with_metrics(nowhere));
    monitor.wait_until(|| monitor.said().contains("missing/a.prom"));
    assert_eq!(monitor.said().matches("missing/a.prom").count(), 1);
}
