//! Those who are told: a webhook on loopback, and programs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::run::Place;

/// What arrived, the oldest first.
#[derive(Clone, Default)]
pub struct Arrived(Arc<Mutex<Vec<(String, String)>>>);

impl Arrived {
    /// The bodies of what was posted, as JSON, of the alarms of that kind. What else a machine of the tests complains of (it has
    /// no internet) is passed over.
    pub fn about(&self, alarm: &str) -> Vec<Value> {
        let posted = self.0.lock().expect("nobody panicked");
        let bodies = posted
            .iter()
            .map(|(_, body)| serde_json::from_str::<Value>(body).expect("JSON"));
        bodies.filter(|message| message["alarm"] == alarm).collect()
    }

    /// The heads of what was posted.
    pub fn heads(&self) -> Vec<String> {
        let posted = self.0.lock().expect("nobody panicked");
        posted.iter().map(|(head, _)| head.clone()).collect()
    }

    /// Hears one request on a connection and answers it.
    pub fn hear(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = number.trim().parse().expect("a number");
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).expect("a body");
        self.0
            .lock()
            .expect("nobody panicked")
            .push((head, String::from_utf8(body).expect("text")));
        let _ = stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
        let _ = stream.get_mut().flush();
    }
}

/// A webhook that takes everything, at that port or at a free one. It ends with the test.
pub fn webhook(port: u16) -> (u16, Arrived) {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    let arrived = Arrived::default();
    let hears = arrived.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            hears.hear(stream.expect("a connection"));
        }
    });
    (port, arrived)
}

/// A port on which nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("it has one").port()
}

/// Settings with those who are told.
pub fn settings(receivers: &[(&str, Value)]) -> Value {
    let mut settings = hasty_settings();
    let receivers = receivers.iter().map(|(name, way)| {
        let receiver = json!({
            "severity": "info", "messagesPerHour": 3600, "burst": 100, "timeout": "5s", "way": way,
        });
        ((*name).to_owned(), receiver)
    });
    settings["alerts"] = json!({ "receivers": receivers.collect::<serde_json::Map<_, _>>() });
    settings
}

/// A webhook that takes JSON.
pub fn json_at(url: &str) -> Value {
    json!({ "webhook": { "format": "json", "url": { "known": url } } })
}

/// A program of the shell.
pub fn script(place: &Place, name: &str, text: &str) -> PathBuf {
    let path = place.write(name, format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    path
}

/// So many messages have been delivered since it runs.
pub fn wait_for_sent(monitor: &Monitor, count: u64) {
    monitor.wait_for(|report| report["counts"]["alertsSent"].as_u64() >= Some(count));
}

#[test]
fn a_webhook_of_the_tests_hears_what_is_posted() {
    let (port, arrived) = webhook(0);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let body = "{\"alarm\":\"x\"}";
    let length = body.len();
    write!(stream, "POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}").expect("it hears");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert_eq!((arrived.about("x").len(), arrived.about("y").len()), (1, 0));
}
