//! Each kind of question, with each kind of answer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tailwright::host::monitor::probes::Places;
use tailwright::monitor::Fault;
use tailwright::monitor::watch::{Exchange, Expects, Question, Sample, Way};
use tailwright::net::Port;

use super::servers::{ask, nobody, prober, reach, replies, speaks};
use crate::support::scratch::Scratch;
use crate::support::tool;

fn tcp(to: SocketAddr) -> Exchange {
    Exchange::Tcp {
        host: to.ip().into(),
        at: None,
        port: Port::new(to.port()).expect("a port"),
    }
}

fn http(url: &str, expects: Expects) -> Exchange {
    Exchange::Http {
        url: url.parse().expect("a URL"),
        at: None,
        expects,
    }
}

fn dns(server: SocketAddr) -> Exchange {
    Exchange::Dns {
        server,
        name: "a.root-servers.net".parse().expect("a name"),
    }
}

/// What was said, where it failed.
fn said(sample: &Sample) -> String {
    match sample {
        Sample::Failed(fault) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

fn silence() -> Sample {
    Sample::Failed(Fault::NoAnswer { waited: 400 })
}

fn is_answered(sample: &Sample) -> bool {
    matches!(sample, Sample::Answered { round_trips, .. } if matches!(round_trips[..], [Some(_)]))
}

#[test]
fn a_connection_is_made_or_refused() {
    let prober = prober(Places::default());
    let (sample, _) = ask(&prober, reach(tcp(speaks("", Duration::ZERO))));
    assert!(is_answered(&sample), "{sample:?}");
    let (sample, took) = ask(&prober, reach(tcp(nobody())));
    assert_eq!(said(&sample), "the connection was refused");
    assert!(took < Duration::from_millis(300), "{took:?}");
}

#[test]
fn a_status_is_good_or_bad() {
    let prober = prober(Places::default());
    for (answer, good) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", true),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n",
            true,
        ),
        ("HTTP/1.0 200 OK\r\n\r\nhello", true),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", false),
    ] {
        let url = format!("http://{}/health", speaks(answer, Duration::ZERO));
        let (sample, _) = ask(&prober, reach(http(&url, Expects::Success)));
        assert_eq!(is_answered(&sample), good, "{answer:?}: {sample:?}");
    }
    let url = format!("http://{}/", speaks("HTTP/1.1 503 Busy\r\n\r\n", Duration::ZERO));
    let (sample, _) = ask(&prober, reach(http(&url, Expects::Success)));
    assert_eq!(said(&sample), "it answers with status 503");
}

#[test]
fn a_captive_portal_is_not_taken_for_the_internet() {
    let prober = prober(Places::default());
    let portal = "HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/login\r\nContent-Length: 0\r\n\r\n";
    for (path, answer, good) in [
        ("/generate_204", "HTTP/1.1 204 No Content\r\n\r\n", true),
        ("/generate_204", portal, false),
        (
            "/generate_204",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlogin",
            false,
        ),
        ("/", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true),
        (
            "/",
            "HTTP/1.1 301 Moved\r\nLocation: /start\r\nContent-Length: 0\r\n\r\n",
            true,
        ),
        ("/", portal, false),
        (
            "/",
            "HTTP/1.1 302 Found\r\nLocation: \u{ff}\r\nContent-Length: 0\r\n\r\n",
            false,
        ),
        (
            "/",
            "HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n",
            false,
        ),
    ] {
        let url = format!("http://{}{path}", speaks(answer, Duration::ZERO));
        let parsed = url.parse().expect("a URL");
        let (sample, _) = ask(&prober, reach(http(&url, Expects::of_egress(&parsed))));
        assert_eq!(is_answered(&sample), good, "{path} {answer:?}: {sample:?}");
        assert!(good || said(&sample).contains("somebody on the way"), "{sample:?}");
    }
}

#[test]
fn a_name_that_is_not_resolved_says_nothing_of_an_exit_node() {
    let scratch = Scratch::new();
    let places = Places {
        hosts: scratch.write("hosts", ""),
        resolvers: scratch.write("resolv.conf", "nameserver 127.0.0.1\n"),
        ..Places::default()
    };
    let prober = prober(places);
    let (sample, _) = ask(
        &prober,
        reach(http("http://away.invalid/generate_204", Expects::NoContent)),
    );
    assert_eq!(sample, Sample::CannotTell("away.invalid is not resolved".to_owned()));
}

#[test]
fn what_is_no_http_is_said_to_be_none() {
    let prober = prober(Places::default());
    for (answer, why) in [
        ("SSH-2.0-OpenSSH_9.9\r\n", "what came is no HTTP"),
        ("", "the connection was closed before an answer"),
    ] {
        let url = format!("http://{}/", speaks(answer, Duration::ZERO));
        let (sample, _) = ask(&prober, reach(http(&url, Expects::Success)));
        assert!(said(&sample).starts_with(why), "{sample:?}");
    }
}

#[test]
fn an_answer_is_waited_for_and_no_longer() {
    let prober = prober(Places::default());
    let late = Duration::from_secs(30);
    let url = format!("http://{}/", speaks("HTTP/1.1 204 No Content\r\n\r\n", late));
    let (sample, took) = ask(&prober, reach(http(&url, Expects::Success)));
    assert_eq!(sample, silence());
    assert!(
        (Duration::from_millis(390)..Duration::from_secs(2)).contains(&took),
        "{took:?}"
    );
    let (sample, took) = ask(&prober, reach(dns(replies(false, |_| Vec::new()))));
    assert_eq!(sample, silence());
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// The question as its answer: with another id where there is a difference, and this code.
fn answer(question: &[u8], difference: u8, code: u8) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[0] ^= difference;
    answer[2] |= 0x80;
    answer[3] = 0x80 | code;
    answer
}

#[test]
fn a_name_is_answered_by_who_was_asked_or_not_at_all() {
    let prober = prober(Places::default());
    let sample = |server| ask(&prober, reach(dns(server))).0;
    let good = |question: &[u8]| vec![answer(question, 0, 0)];
    assert!(is_answered(&sample(replies(false, good))));
    assert!(
        is_answered(&sample(replies(false, |question| vec![answer(question, 0, 3)]))),
        "NXDOMAIN"
    );
    assert_eq!(sample(replies(true, good)), silence(), "from another socket");
    assert_eq!(
        sample(replies(false, |question| vec![answer(question, 1, 0)])),
        silence(),
        "another id"
    );
    assert_eq!(
        sample(replies(false, |question| vec![question.to_vec()])),
        silence(),
        "the question itself"
    );
    assert_eq!(sample(replies(false, |_| vec![b"x".to_vec(), Vec::new()])), silence());
    let both = |question: &[u8]| vec![answer(question, 1, 2), b"noise".to_vec(), answer(question, 0, 0)];
    assert!(
        is_answered(&sample(replies(false, both))),
        "what is not meant is passed over"
    );
    let failed = sample(replies(false, |question| vec![answer(question, 0, 2)]));
    assert_eq!(said(&failed), "the resolver says that it failed (SERVFAIL)");
    assert_eq!(said(&sample(nobody())), "the connection was refused", "ICMP says so");
}

#[test]
fn one_of_several_is_enough_and_the_slow_ones_do_not_hold_it_up() {
    let prober = prober(Places::default());
    let any_of = vec![
        dns(replies(false, |_| Vec::new())),
        tcp(nobody()),
        dns(replies(false, |question| vec![answer(question, 0, 0)])),
    ];
    let way = Way::Routed;
    let (sample, took) = ask(&prober, Question::Reach { any_of, way });
    let Sample::Answered { round_trips, .. } = &sample else {
        panic!("{sample:?}")
    };
    assert!(
        matches!(round_trips[..], [None, None, Some(_)]),
        "those before it have not: {sample:?}"
    );
    assert!(
        took >= Duration::from_millis(100),
        "the first has a quarter of the time: {took:?}"
    );
    assert!(took < Duration::from_millis(380), "{took:?}");
}

#[test]
fn names_are_found_in_hosts() {
    let scratch = Scratch::new();
    let hosts = scratch.write("hosts", "127.0.0.1 web.lan\n");
    let places = Places {
        hosts,
        resolvers: scratch.write("resolv.conf", ""),
        ..Places::default()
    };
    let prober = prober(places);
    let server = speaks("HTTP/1.1 200 OK\r\n\r\n", Duration::ZERO);
    let (sample, _) = ask(
        &prober,
        reach(http(&format!("http://web.lan:{}/", server.port()), Expects::Success)),
    );
    assert!(is_answered(&sample), "{sample:?}");
    let (sample, _) = ask(&prober, reach(http("http://other.lan/", Expects::Success)));
    assert_eq!(sample, Sample::CannotTell("the host has no resolver".to_owned()));
}

/// A server that speaks TLS with a certificate for `web.lan`; its port, and the authority that signed it.
fn tls_server(scratch: &Scratch) -> Option<(u16, PathBuf, Server)> {
    let openssl = tool::part("openssl")?;
    let at = |name: &str| scratch.path().join(name);
    let (authority, certificate, key) = (at("authority.crt"), at("own.crt"), at("own.key"));
    let make = |subject: &str, key: &Path, to: &Path, more: &[&str]| {
        let mut make = std::process::Command::new(&openssl);
        make.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]);
        make.args(["-days", "2", "-subj", subject])
            .arg("-keyout")
            .arg(key)
            .arg("-out")
            .arg(to)
            .args(more);
        tool::accepted(&tool::run(&mut make)).expect("openssl makes a certificate");
    };
    make("/CN=authority", &at("authority.key"), &authority, &[]);
    let (signed_by, signing_key) = (authority.to_string_lossy(), at("authority.key"));
    let signing_key = signing_key.to_string_lossy();
    let names = [
        "-addext",
        "subjectAltName=DNS:web.lan",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    let signing = ["-CA", &*signed_by, "-CAkey", &*signing_key];
    make("/CN=web.lan", &key, &certificate, &[&names[..], &signing[..]].concat());
    let port = nobody().port();
    let server = std::process::Command::new(&openssl)
        .args([
            "s_server",
            "-quiet",
            "-www",
            "-accept",
            &format!("127.0.0.1:{port}"),
            "-cert",
        ])
        .arg(&certificate)
        .arg("-key")
        .arg(&key)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("openssl starts");
    let server = Server(server);
    for _ in 0..500 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((port, authority, server));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("openssl does not listen");
}

struct Server(std::process::Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_certificate_has_to_be_trusted_and_to_be_of_the_name() {
    let scratch = Scratch::new();
    let Some((port, authority, _server)) = tls_server(&scratch) else {
        return;
    };
    let places = |authorities| Places {
        hosts: scratch.write("hosts", "127.0.0.1 web.lan other.lan\n"),
        authorities: Some(authorities),
        ..Places::default()
    };
    let trusting = prober(places(authority));
    let sample = |prober, name: &str| {
        ask(
            prober,
            reach(http(&format!("https://{name}:{port}/"), Expects::Success)),
        )
        .0
    };
    let good = sample(&trusting, "web.lan");
    assert!(is_answered(&good), "{good:?}");
    let other = said(&sample(&trusting, "other.lan"));
    assert!(other.starts_with("TLS: ") && other.contains("other.lan"), "{other}");
    // Nobody is trusted, until somebody is.
    let nobody = prober(places(scratch.write("none.pem", "")));
    assert!(matches!(sample(&nobody, "web.lan"), Sample::CannotTell(_)));
    let pem = std::fs::read(scratch.path().join("authority.crt")).expect("the authority");
    scratch.write("none.pem", pem);
    let later = sample(&nobody, "web.lan");
    assert!(is_answered(&later), "{later:?}");
    let plain = speaks("HTTP/1.1 400 Bad Request\r\n\r\n", Duration::ZERO);
    let (sample, _) = ask(
        &trusting,
        reach(http(&format!("https://web.lan:{}/", plain.port()), Expects::Success)),
    );
    assert!(said(&sample).starts_with("TLS: "), "{sample:?}");
}
