//! Webhooks and mail servers behind TLS, with certificates that openssl made.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::receivers::{Arrived, json_at, settings};
use crate::monitor::{phase, tailnet, use_exit_node};
use crate::support::monitor::Monitor;
use crate::support::run::Place;
use crate::support::tool::{accepted, part, run};

/// An authority, and a certificate of it for `localhost`.
struct Authority {
    place: Place,
}

impl Authority {
    fn new() -> Option<Self> {
        let openssl = part("openssl")?;
        let place = Place::new();
        place.write("names", "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n");
        let make = |arguments: &str| {
            let mut command: Command = place.command(&openssl);
            accepted(&run(command.args(arguments.split(' ')))).expect("openssl makes it");
        };
        make(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=tests -keyout ca.key -out ca.crt",
        );
        make(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout own.key -out own.csr",
        );
        make("x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out own.crt");
        Some(Self { place })
    }

    fn file(&self) -> PathBuf {
        self.place.path("ca.crt")
    }

    fn config(&self) -> Arc<ServerConfig> {
        let certificates = CertificateDer::pem_file_iter(self.place.path("own.crt")).expect("a file");
        let certificates = certificates.map(|found| found.expect("a certificate")).collect();
        let key = PrivateKeyDer::from_pem_file(self.place.path("own.key")).expect("a key");
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let config = builder.with_no_client_auth().with_single_cert(certificates, key);
        Arc::new(config.expect("they belong together"))
    }

    /// A server that does this with each connection. It ends with the test.
    fn serve(&self, mut with: impl FnMut(Box<dyn Stream>) + Send + 'static) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it has one").port();
        let config = self.config();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                with(Box::new(StreamOwned::new(connection, stream.expect("a stream"))));
            }
        });
        port
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn start(way: serde_json::Value, trusts: &Path) -> (crate::support::tailscaled::Tailscaled, Monitor) {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &settings(&[("desk", way)]));
    monitor.set_variable("SSL_CERT_FILE", trusts);
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home");
    use_exit_node(&fake, "delta");
    (fake, monitor)
}

#[test]
fn a_webhook_by_https_is_told_if_its_certificate_is_trusted() {
    let (Some(authority), Some(stranger)) = (Authority::new(), Authority::new()) else {
        return;
    };
    let arrived = Arrived::default();
    let hears = arrived.clone();
    let port = authority.serve(move |stream| hears.hear(stream));
    let url = format!("https://localhost:{port}/hook");
    let (_fake, monitor) = start(json_at(&url), &authority.file());
    monitor.wait_until(|| !arrived.about("changed-by-hand").is_empty());
    drop(monitor);
    let before = arrived.heads().len();
    // Trusted by somebody else; and for another name.
    let (_fake, monitor) = start(json_at(&url), &stranger.file());
    monitor.wait_until(|| {
        monitor
            .said()
            .contains("desk could not be told: TLS: invalid peer certificate")
    });
    drop(monitor);
    let (_fake, monitor) = start(json_at(&format!("https://127.0.0.1:{port}/hook")), &authority.file());
    monitor.wait_until(|| {
        monitor
            .said()
            .contains("desk could not be told: TLS: invalid peer certificate")
    });
    assert_eq!(arrived.heads().len(), before);
}

/// Takes the mails of a connection, and writes down what is said. It ends with the connection, or before TLS where that is asked
/// for.
fn take_mails(stream: &mut dyn Stream, offers_tls: bool, heard: &Mutex<String>) -> bool {
    let mut stream = BufReader::new(stream);
    let answer = |stream: &mut BufReader<&mut dyn Stream>, text: &str| {
        let _ = stream.get_mut().write_all(text.as_bytes());
        let _ = stream.get_mut().flush();
    };
    let (mut line, mut is_data) = (String::new(), false);
    while stream.read_line(&mut line).is_ok_and(|read| read > 0) {
        heard.lock().expect("nobody panicked").push_str(&line);
        let command = std::mem::take(&mut line);
        if is_data && command != ".\r\n" {
            continue;
        }
        is_data = command == "DATA\r\n";
        if offers_tls && command == "STARTTLS\r\n" {
            answer(&mut stream, "220 go on\r\n");
            return true;
        }
        let said = match command.split(' ').next() {
            Some("EHLO") if offers_tls => "250-localhost\r\n250 STARTTLS\r\n",
            _ if is_data => "354 go on\r\n",
            _ => "250 good\r\n",
        };
        answer(&mut stream, said);
    }
    false
}

fn mail_to(port: u16, tls: &str) -> serde_json::Value {
    json!({ "mail": {
        "to": "ops@example.org", "from": "tailwright@alpha",
        "smtp": { "host": "localhost", "port": port, "tls": tls },
    } })
}

fn has_mail(heard: &str) -> bool {
    heard.contains("RCPT TO:<ops@example.org>") && heard.contains("Subject: [info] alpha: exit node: changed by hand")
}

#[test]
fn mail_by_tls_from_the_first_byte() {
    let Some(authority) = Authority::new() else { return };
    let mails = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&mails);
    let port = authority.serve(move |mut stream| {
        let _ = stream.write_all(b"220 localhost\r\n");
        take_mails(&mut *stream, false, &heard);
    });
    let (_fake, monitor) = start(mail_to(port, "implicit"), &authority.file());
    monitor.wait_until(|| has_mail(&mails.lock().expect("nobody panicked")));
}

#[test]
fn mail_by_tls_that_is_begun_on_the_way() {
    let (Some(authority), Some(stranger)) = (Authority::new(), Authority::new()) else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    let (plain, secret) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
    let (config, heard) = (authority.config(), (Arc::clone(&plain), Arc::clone(&secret)));
    // It ends with the test.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a stream");
            let _ = stream.write_all(b"220 localhost\r\n");
            if take_mails(&mut stream, true, &heard.0) {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                take_mails(&mut StreamOwned::new(connection, stream), false, &heard.1);
            }
        }
    });
    let way = mail_to(port, "starttls");
    let (_fake, monitor) = start(way.clone(), &authority.file());
    monitor.wait_until(|| has_mail(&secret.lock().expect("nobody panicked")));
    drop(monitor);
    secret.lock().expect("nobody panicked").clear();
    // Whoever has another certificate is not told.
    let (_fake, monitor) = start(way, &stranger.file());
    monitor.wait_until(|| monitor.said().contains("invalid peer certificate"));
    assert_eq!(*secret.lock().expect("nobody panicked"), "");
    let open = plain.lock().expect("nobody panicked");
    assert!(
        open.contains("STARTTLS") && !open.contains("example.org"),
        "nothing went before TLS: {open}"
    );
}
