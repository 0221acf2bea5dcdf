//! What nginx does with the trees: live, with real clients.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use super::backend::{Backend, PAUSE, PIECES, Request, whole};
use super::host;
use crate::support::netns::Netns;
use crate::support::nginx::Nginx;
use crate::support::tool;

const NODE: &str = "kernelcore.your-tailnet.ts.net";

/// The proxy in front of one service that is offered in every way.
struct Live {
    nginx: Nginx,
    curl: PathBuf,
}

/// Options that are the same everywhere; `SOCKET` stands for the service's socket, `USERS` for nothing.
const PROFILE: &str = r#"{
  host = { name = "kernelcore"; };
  network.proxy.nginx-tailscale = {
    enable = true; tailnetDomain = "your-tailnet.ts.net"; enableHTTP3 = true; certificate = "tailscale"; OPTIONS
    services = {
      app = { expose = "path"; path = "/"; upstreamSocket = "SOCKET"; streaming = true; enableWebSocket = true; };
      notes = { expose = "path"; upstreamSocket = "SOCKET"; };
      limited = { port = 8443; upstreamSocket = "SOCKET"; rateLimit = "6r/m"; rateLimitBurst = 2; };
      known = { port = 8444; upstreamSocket = "SOCKET"; auth = "tailscale"; };
      dead = { port = 8445; upstreamSocket = "/nonexistent/service.sock"; };
      chat = { expose = "service"; upstreamSocket = "SOCKET"; };
      users = { port = 8446; upstreamSocket = "SOCKET"; authFile = "/run/users"; };
      named = { expose = "path"; path = "/by.name/"; upstreamHost = "named.lan"; upstreamPort = 8080; };
      ollama = { port = 8447; upstreamSocket = "SOCKET"; };
      echo = { port = 7; protocol = "tcp"; upstreamSocket = "SOCKET"; };
    };
  };
}"#;

impl Live {
    fn new(backend: &Backend, options: &str) -> Option<Self> {
        Self::of(backend, options, None)
    }

    /// `identity` stands for tailscale-nginx-auth.
    fn of(backend: &Backend, options: &str, identity: Option<&Backend>) -> Option<Self> {
        let socket = backend.socket().display().to_string();
        let host = host(&PROFILE.replace("SOCKET", &socket).replace("OPTIONS", options));
        let mut text = tailwright::proxy::compile(&host).expect("a proxy").to_string();
        // Nobody resolves names here. An address in the variable takes the same way through nginx.
        text = text.replace("http://named.lan:8080", &format!("http://unix:{socket}:"));
        if let Some(identity) = identity {
            let own = identity.socket().display().to_string();
            text = text.replace("/run/tailscale-nginx-auth/tailscale-nginx-auth.sock", &own);
        }
        let curl = tool::part("curl")?;
        let mut nginx = Nginx::of_text(Netns::new()?, &text)?;
        nginx.start();
        Some(Self { nginx, curl })
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let authority = self.nginx.certificate().display().to_string();
        let fixed = [
            "-sS",
            "-m",
            "10",
            "--cacert",
            &authority,
            "--connect-to",
            "::127.0.0.1:",
        ];
        // The first `--connect-to` that fits is taken.
        more.iter()
            .chain(&fixed)
            .map(|argument| (*argument).to_owned())
            .collect()
    }

    /// What curl says on stdout, or everything where it fails.
    fn curl(&self, more: &[&str]) -> Result<String, String> {
        let arguments = self.arguments(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.nginx.network().run(&self.curl, &arguments)
    }

    fn get(&self, more: &[&str]) -> String {
        self.curl(more).unwrap_or_else(|said| panic!("{more:?}: {said}"))
    }

    /// The statuses of requests by one client, one after the other.
    fn statuses(&self, client: &[&str], url: &str, times: usize) -> Vec<String> {
        let mut arguments = vec!["-w", "%{http_code}\n"];
        arguments.extend(client);
        for _ in 0..times {
            arguments.extend(["-o", "/dev/null", url]);
        }
        self.get(&arguments).lines().map(str::to_owned).collect()
    }

    /// The head of an answer.
    fn head(&self, more: &[&str]) -> String {
        let mut arguments = vec!["-D", "-", "-o", "/dev/null"];
        arguments.extend(more);
        self.get(&arguments).to_ascii_lowercase()
    }
}

fn url(port: u16, path: &str) -> String {
    if port == 443 {
        format!("https://{NODE}{path}")
    } else {
        format!("https://{NODE}:{port}{path}")
    }
}

#[test]
fn connections_to_the_service_are_kept() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    for _ in 0..8 {
        // Each is a client of its own with a connection of its own; the first also takes WebSockets.
        live.get(&[&url(443, "/a")]);
        live.get(&[&url(443, "/notes/a")]);
    }
    // One connection per upstream group.
    assert_eq!(backend.connections(), 2);
}

#[test]
fn without_pooling_each_request_has_a_connection() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "enableConnectionPooling = false;") else {
        return;
    };
    let said = live.get(&[&url(443, "/a"), &url(443, "/b"), &url(443, "/c")]);
    assert_eq!(said.matches("connection: close").count(), 3, "{said}");
    assert_eq!(backend.connections(), 3);
}

#[test]
fn http3_is_announced_and_there() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    for port in [443, 8445] {
        for version in ["--http1.1", "--http2"] {
            let head = live.head(&[version, &url(port, "/")]);
            assert!(
                head.contains(&format!("alt-svc: h3=\":{port}\"; ma=86400\r\n")),
                "{head}"
            );
        }
    }
    let head = live.head(&["--http3-only", &url(443, "/a?b")]);
    assert!(head.starts_with("http/3 200"), "{head}");
    let said = live.get(&["--http3-only", &url(443, "/a?b")]);
    assert!(
        said.contains(&format!("host: {NODE}\n")) && said.starts_with("/a?b\n"),
        "{said}"
    );
    assert!(live.head(&["--http3-only", &url(8445, "/")]).starts_with("http/3 502"));
}

#[test]
fn one_client_is_limited_and_the_others_are_not() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let limited = url(8443, "/");
    assert_eq!(live.statuses(&[], &limited, 5), ["200", "200", "200", "429", "429"]);
    assert_eq!(live.statuses(&["--interface", "127.0.0.2"], &limited, 1), ["200"]);
    assert_eq!(live.statuses(&[], &url(443, "/"), 5), ["200"; 5], "another service");
}

#[test]
fn an_ipv6_client_is_its_network() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let address = |text: &str| {
        let prefix = format!("{text}/128");
        live.nginx
            .network()
            .ip(&["-6", "addr", "add", &prefix, "dev", "lo", "nodad"]);
    };
    let to = ["--connect-to", "::[2001:db8::80]:"];
    address("2001:db8::80");
    let served = |from: &str| {
        address(from);
        let client = [to.as_slice(), &["--interface", from]].concat();
        let statuses = live.statuses(&client, &url(8443, "/"), 3);
        statuses.iter().filter(|status| *status == "200").count()
    };
    assert_eq!(served("2001:db8:1:2:a::1"), 3);
    assert_eq!(served("2001:db8:1:2:b:c:d:e"), 0, "of the same /64");
    assert_eq!(served("2001:db8:1:3:a::1"), 3, "of another");
    assert_eq!(served("2001:db8:7::1"), 3);
    assert_eq!(served("2001:db8:7::2"), 0, "zeros are shortened, the /64 is the same");
    assert_eq!(served("fd7a:115c:a1e0::1"), 3);
    assert_eq!(served("fd7a:115c:a1e0::2"), 3, "peers of a tailnet are told apart");
}

#[test]
fn every_answer_has_the_security_headers_once() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    live.statuses(&[], &url(8443, "/"), 3);
    let plain = format!("http://{NODE}/");
    let spoken = format!("http://{NODE}:8443/");
    for (status, address, port) in [
        ("200", url(443, "/"), Some(443)),
        ("404", url(443, "/missing"), Some(443)),
        ("308", url(443, "/notes"), Some(443)),
        ("429", url(8443, "/"), Some(8443)),
        ("401", url(8446, "/"), Some(8446)),
        ("500", url(8444, "/"), Some(8444)),
        ("502", url(8445, "/"), Some(8445)),
        ("308", plain, None),
        ("308", spoken, Some(8443)),
    ] {
        let head = live.head(&[&address]);
        assert!(head.split(' ').nth(1) == Some(status), "{address}: {head}");
        for header in [
            "x-content-type-options: nosniff",
            "x-frame-options: sameorigin",
            "referrer-policy: strict-origin-when-cross-origin",
        ] {
            assert_eq!(head.matches(header).count(), 1, "{header} of {address}: {head}");
        }
        assert_eq!(
            head.matches("alt-svc:").count(),
            usize::from(port.is_some()),
            "{address}: {head}"
        );
        // The node has ports without TLS.
        assert!(!head.contains("strict-transport-security"), "{head}");
    }
}

#[test]
fn a_service_may_be_stricter_but_not_louder() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let head = live.head(&[&url(443, "/guarded")]);
    assert!(head.contains("x-frame-options: deny\r\n"), "{head}");
    for header in ["x-frame-options", "x-content-type-options", "alt-svc"] {
        assert_eq!(head.matches(header).count(), 1, "{header}: {head}");
    }
    assert!(head.contains("alt-svc: h3="), "{head}");
}

#[test]
fn streams_arrive_piece_by_piece() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    for version in ["--http1.1", "--http3-only"] {
        let mut command = live.nginx.network().command(&live.curl);
        command.args(live.arguments(&["-N", version, &url(443, "/stream")]));
        let mut client = command.stdout(Stdio::piped()).spawn().expect("curl");
        let mut output = client.stdout.take().expect("a pipe");
        let (mut received, mut pauses, mut last) = (0, 0, Instant::now());
        let mut buffer = [0; 64];
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            pauses += usize::from(received > 0 && last.elapsed() > PAUSE / 2);
            received += count;
            last = Instant::now();
        }
        assert!(client.wait().expect("it ended").success());
        assert_eq!((received, pauses), (5 * PIECES, PIECES - 1), "{version}");
    }
}

#[test]
fn a_websocket_is_opened_where_it_is_wanted() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let upgrade = |path: &str, protocol: &str| {
        let upgrade = format!("Upgrade: {protocol}");
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        let headers = [
            "-H",
            "Connection: Upgrade",
            "-H",
            &upgrade,
            "-H",
            key,
            "-H",
            "Sec-WebSocket-Version: 13",
        ];
        let address = url(443, path);
        let arguments = [&["--http1.1", "-i", "-m", "2"], headers.as_slice(), &[&address]].concat();
        live.curl(&arguments).unwrap_or_else(|said| said)
    };
    let opened = upgrade("/socket", "websocket");
    assert!(opened.starts_with("HTTP/1.1 101 "), "{opened}");
    assert!(opened.contains("hello"), "{opened}");
    let refused = upgrade("/notes/socket", "websocket");
    assert!(
        refused.starts_with("HTTP/1.1 200 ") && !refused.contains("upgrade: "),
        "{refused}"
    );
    let smuggled = upgrade("/a", "h2c");
    assert!(
        smuggled.starts_with("HTTP/1.1 200 ") && !smuggled.contains("upgrade: "),
        "{smuggled}"
    );
}

#[test]
fn names_that_nobody_claims_get_nothing() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    for version in ["--http2", "--http3-only"] {
        for address in [
            "https://other.your-tailnet.ts.net/",
            "https://other.your-tailnet.ts.net:8443/",
            "https://127.0.0.1/",
        ] {
            let said = live.curl(&[version, address]).expect_err(address);
            assert!(!said.contains("200"), "{said}");
        }
    }
    // The right name for TLS, another one for HTTP.
    for address in [url(443, "/"), url(8443, "/")] {
        let said = live
            .curl(&["--http1.1", "-i", "-H", "Host: rebound.example.org", &address])
            .expect_err("dropped");
        assert!(!said.contains("HTTP/"), "no reply: {said}");
    }
    let said = live.curl(&["http://rebound.example.org/"]).expect_err("dropped");
    assert!(said.contains("(52)"), "an empty reply: {said}");
    assert_eq!(backend.connections(), 0);
}

#[test]
fn a_path_is_taken_off_and_put_before_redirects() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let said = live.get(&[&url(443, "/notes/a%20b?c=d")]);
    assert!(said.starts_with("/a%20b?c=d\n"), "{said}");
    assert!(said.contains("x-forwarded-prefix: /notes\n"), "{said}");
    let head = live.head(&[&url(443, "/notes?c=d")]);
    assert!(
        head.contains(&format!("location: https://{NODE}/notes/?c=d\r\n")),
        "{head}"
    );
    let head = live.head(&[&url(443, "/notes/redirect")]);
    assert!(
        head.contains(&format!("location: https://{NODE}/notes/login\r\n")),
        "{head}"
    );
    let head = live.head(&[&url(443, "/redirect")]);
    assert!(
        head.contains("location: /login\r\n") || head.contains(&format!("location: https://{NODE}/login\r\n")),
        "{head}"
    );
}

#[test]
fn a_path_is_taken_off_for_an_upstream_with_a_name() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let said = live.get(&[&url(443, "/by.name/a%20b?c=d")]);
    assert!(said.starts_with("/a%20b?c=d\n"), "{said}");
    let said = live.get(&[&url(443, "/byxname/a")]);
    assert!(said.starts_with("/byxname/a\n"), "the path is no pattern: {said}");
}

#[test]
fn what_a_client_says_of_itself_is_not_passed_on() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let mut arguments = Vec::new();
    for header in [
        "X-Forwarded-For: 1.2.3.4",
        "X-Real-IP: 1.2.3.4",
        "X-Forwarded-Proto: gopher",
        "X-Forwarded-Host: evil.example.org",
        "X-Forwarded-Prefix: /evil",
        "Forwarded: for=1.2.3.4",
        "X-Webauth-User: root",
        "Tailscale-User-Login: root",
    ] {
        arguments.extend(["-H", header]);
    }
    let address = url(443, "/a");
    arguments.push(&address);
    let said = live.get(&arguments);
    for wrong in ["1.2.3.4", "gopher", "evil", "root"] {
        assert!(!said.contains(wrong), "{said}");
    }
    assert!(
        said.contains("x-forwarded-for: 127.0.0.1\n") && said.contains("x-forwarded-proto: https\n"),
        "{said}"
    );
}

/// Ollama on loopback answers 403 to every other name (`server/routes.go`, `allowedHostsMiddleware`).
#[test]
fn a_service_that_wants_localhost_is_told_so() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let said = live.get(&[&url(8447, "/api/tags")]);
    assert!(
        said.contains("\nhost: localhost\n") && said.contains(&format!("\nx-forwarded-host: {NODE}:8447\n")),
        "{said}"
    );
    let head = live.head(&[&url(8447, "/redirect-by-name")]);
    assert!(
        head.contains(&format!("\nlocation: https://{NODE}:8447/login\r\n")),
        "{head}"
    );
    let said = live.get(&[&url(443, "/a")]);
    assert!(said.contains(&format!("\nhost: {NODE}\n")), "{said}");
}

/// tailscale-nginx-auth, which knows one address.
fn identity(request: &Request, stream: &mut UnixStream) -> bool {
    if request.header("remote-addr") == Some("127.0.0.1") && request.header("remote-port").is_some() {
        let user = "Tailscale-User: alice@example.org\r\nTailscale-Name: Alice\r\n";
        return whole(stream, "204 No Content", user, "");
    }
    whole(stream, "401 Unauthorized", "", "")
}

#[test]
fn only_those_whom_tailscaled_knows_come_in() {
    let backend = Backend::new();
    let helper = Backend::with(identity);
    let Some(live) = Live::of(&backend, "", Some(&helper)) else {
        return;
    };
    let known = url(8444, "/a");
    let said = live.get(&["-H", "X-Webauth-User: root", &known]);
    assert!(said.contains("x-webauth-user: alice@example.org\n"), "{said}");
    assert!(!said.contains("root"), "{said}");
    assert_eq!(live.statuses(&["--interface", "127.0.0.2"], &known, 1), ["401"]);
    let said = live.get(&[
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        &url(8444, "/_tailwright/identity"),
    ]);
    assert_eq!(said, "404", "not for clients");
}

#[test]
fn without_the_one_who_knows_nobody_comes_in() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    assert_eq!(live.statuses(&[], &url(8444, "/a"), 1), ["500"]);
    assert_eq!(live.statuses(&[], &url(8446, "/a"), 1), ["401"]);
    assert_eq!(live.statuses(&["-u", "a:b"], &url(8446, "/a"), 1), ["401"]);
    assert_eq!(backend.connections(), 0);
}

#[test]
fn a_password_lets_in_and_goes_no_further() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let openssl = tool::part("openssl").expect("nginx has one");
    let hash = tool::run(std::process::Command::new(openssl).args(["passwd", "-apr1", "-salt", "saltsalt", "secret"]));
    let hash = tool::accepted(&hash).expect("a hash");
    let users = live.nginx.certificate().with_file_name("passwords");
    std::fs::write(users, format!("alice:{hash}")).expect("our own file");
    let said = live.get(&["-u", "alice:secret", &url(8446, "/a")]);
    assert!(
        said.contains("x-webauth-user: alice\n") && !said.contains("authorization"),
        "{said}"
    );
    assert_eq!(live.statuses(&["-u", "alice:guess"], &url(8446, "/a"), 1), ["401"]);
}

#[test]
fn tailscaled_says_who_called() {
    let backend = Backend::new();
    let Some(live) = Live::new(&backend, "") else { return };
    let socket = backend.socket().display().to_string();
    let host = host(&PROFILE.replace("SOCKET", &socket).replace("OPTIONS", ""));
    let served = tailwright::proxy::served(&host);
    assert_eq!(served.len(), 1);
    let address = format!("http://127.0.0.1:{}/a", served[0].backend);
    let name = "Host: chat.your-tailnet.ts.net";
    let said = live.get(&[
        "-H",
        name,
        "-H",
        "X-Forwarded-For: 100.64.0.7",
        "-H",
        "Tailscale-User-Login: alice",
        &address,
    ]);
    for header in [
        "x-real-ip: 100.64.0.7\n",
        "x-forwarded-for: 100.64.0.7\n",
        "x-forwarded-proto: https\n",
        "host: chat.your-tailnet.ts.net\n",
        "tailscale-user-login: alice\n",
    ] {
        assert!(said.contains(header), "{header}: {said}");
    }
    let said = live
        .curl(&["-H", "Host: other.your-tailnet.ts.net", &address])
        .expect_err("dropped");
    assert!(said.contains("(52)"), "{said}");
}

#[test]
fn bytes_pass_as_they_are() {
    let backend = Backend::raw(|mut stream| {
        let mut request = [0; 5];
        if stream.read_exact(&mut request).is_ok() {
            request.reverse();
            let _ = std::io::Write::write_all(&mut stream, &request);
        }
    });
    let Some(live) = Live::new(&backend, "") else { return };
    let mut command = live.nginx.network().command(&live.curl);
    command.args(live.arguments(&["-N", "telnet://127.0.0.1:7"]));
    let mut client = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("curl");
    let mut input = client.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, b"12345").expect("a pipe");
    let mut answer = [0; 5];
    let output = client.stdout.as_mut().expect("a pipe");
    output.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"54321");
    drop(input);
    client.kill().expect("our own child");
    client.wait().expect("it ended");
}
