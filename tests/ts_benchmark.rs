//! `tsctl benchmark` as a process: over a cable whose rate is known, without help, and against those it must not help.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::netns::Netns;
use crate::support::run::{Ended, Place, TSCTL};
use crate::support::scratch::Scratch;
use crate::support::tailscaled::{Tailscaled, World};
use crate::support::tool;

/// alpha and beta, a cable between them, and beta helping.
struct Cable {
    alpha: Netns,
    line: Netns,
    _beta: Netns,
    scratch: Scratch,
    own: Tailscaled,
    helper: Child,
    _far: Tailscaled,
}

impl Cable {
    fn new() -> Option<Self> {
        Self::with_help_at(41_642)
    }

    /// With beta helping at that port.
    fn with_help_at(port: u16) -> Option<Self> {
        let alpha = Netns::new()?;
        let (line, beta) = (alpha.peer()?, alpha.peer()?);
        // A queue in the middle: the kernel lets no sender fill its own.
        alpha.connect("tailscale0", &line, "alpha");
        beta.connect("tailscale0", &line, "beta");
        line.must("/bin/sh", &["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
        // Without the guess by which the usual one leaves its slow start early, it fills a queue within seconds.
        let reno = "echo reno > /proc/sys/net/ipv4/tcp_congestion_control";
        beta.must("/bin/sh", &["-c", reno]);
        line.ip(&["addr", "add", "192.0.2.1/25", "dev", "alpha"]);
        line.ip(&["addr", "add", "192.0.2.129/25", "dev", "beta"]);
        alpha.ip(&["addr", "add", "192.0.2.2/25", "dev", "tailscale0"]);
        beta.ip(&["addr", "add", "192.0.2.130/25", "dev", "tailscale0"]);
        for (own, end, to, gate) in [
            (&alpha, "100.64.0.4", "192.0.2.2", "192.0.2.1"),
            (&beta, "100.64.0.1", "192.0.2.130", "192.0.2.129"),
        ] {
            own.ip(&["addr", "add", end, "dev", "tailscale0"]);
            own.ip(&["route", "add", "default", "via", gate, "src", end]);
            line.ip(&["route", "add", end, "via", to]);
        }
        let far = Tailscaled::start(World::running());
        far.change(|world| world.status["TailscaleIPs"] = json!(["100.64.0.1"]));
        let mut helper = beta.command(TSCTL);
        helper
            .args([
                "benchmark",
                "--serve",
                "--for=5m",
                "--port",
                &port.to_string(),
                "--socket",
            ])
            .arg(far.socket());
        let mut helper = helper
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = String::new();
        BufReader::new(helper.stderr.as_mut().expect("a pipe"))
            .read_line(&mut said)
            .expect("text");
        assert_eq!(said, format!("serves at 100.64.0.1:{port} for 5m\n"));
        Some(Self {
            alpha,
            line,
            _beta: beta,
            scratch: Scratch::new(),
            own: Tailscaled::start(World::running()),
            helper,
            _far: far,
        })
    }

    /// Has nothing come from beta faster.
    fn shape(&self, rate: &str) -> Option<()> {
        let tc = tool::part("tc")?;
        let qdisc = [
            "qdisc", "replace", "dev", "alpha", "root", "tbf", "rate", rate, "burst", "32kb", "latency", "400ms",
        ];
        self.line.must(tc, &qdisc);
        Some(())
    }

    fn measure(&self, seconds: &str) -> Ended {
        Ended::of(&mut self.measuring(seconds))
    }

    fn measuring(&self, seconds: &str) -> Command {
        let mut command = self.alpha.command(TSCTL);
        command.args([
            "benchmark",
            "--json",
            "--config",
            "/no/such/file",
            "--seconds",
            seconds,
            "beta",
        ]);
        command.arg("--socket").arg(self.own.socket());
        command.arg("--history").arg(self.scratch.path().join("history.jsonl"));
        command
    }

    /// What alpha hears who connects there, sends that, and waits for the end; nothing where nobody listens.
    fn hears(&self, place: &str, sent: &str) -> Option<String> {
        // Whoever is turned away may have no time to send anything.
        let script = format!(
            "trap '' PIPE; exec 3<>/dev/tcp/{place} || exit 9; printf '%b' '{sent}' >&3; timeout 20 cat <&3 || true"
        );
        self.alpha.run("/bin/bash", &["-c", &script]).ok()
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        let _ = self.helper.kill();
        let _ = self.helper.wait();
    }
}

#[test]
fn a_rate_that_is_known_is_measured_and_the_queue_before_it() {
    let Some(cable) = Cable::new() else { return };
    let Some(()) = cable.shape("20mbit") else { return };
    let ended = cable.measure("3");
    ended.err("").status(1);
    let seen = ended.json("ts-benchmark.json");
    let beta = &seen["peers"][0];
    let rate = beta["download"].as_u64().expect("it was measured");
    assert!((15_000_000..=21_000_000).contains(&rate), "{seen:#}");
    assert_eq!(beta["sender"], "own");
    // The other direction has no limit.
    assert!(beta["upload"].as_u64().expect("it was measured") > 2 * rate, "{seen:#}");
    let median = |part: &str| beta[part]["p50Millis"].as_f64().expect("round trips");
    assert!(
        median("idle") < 50.0 && median("duringDownload") > median("idle") + 100.0,
        "{seen:#}"
    );
    let text = seen["reasons"][0]["text"].as_str().expect("text");
    assert!(
        text.contains("bufferbloat") && text.contains("during a download"),
        "{text}"
    );
    // The next time it is compared.
    cable.shape("5mbit");
    let seen = cable.measure("2").json("ts-benchmark.json");
    let (now, last) = (&seen["peers"][0]["download"], &seen["peers"][0]["last"]["download"]);
    assert!(
        (3_500_000..=5_300_000).contains(&now.as_u64().expect("a rate")),
        "{seen:#}"
    );
    assert_eq!(last.as_u64(), Some(rate));
    let told = seen["reasons"].to_string();
    assert!(told.contains("less than half of the"), "{told}");
}

#[test]
fn where_nobody_of_us_helps_iperf3_measures() {
    // Somebody listens where a server of iperf3 would.
    let Some(cable) = Cable::with_help_at(5_201) else {
        return;
    };
    let (bin, asked) = (cable.scratch.path().join("bin"), cable.scratch.path().join("asked"));
    let script = format!(
        "#!/bin/sh\necho \"$*\" >> {}\ncase \"$*\" in *--reverse*) rate=19400000.5;; *) rate=7000000;; esac\n\
         echo \"{{\\\"end\\\": {{\\\"sum_received\\\": {{\\\"bits_per_second\\\": $rate}}}}}}\"\n",
        asked.display()
    );
    let iperf3 = cable.scratch.write("bin/iperf3", script);
    std::fs::set_permissions(iperf3, PermissionsExt::from_mode(0o755)).expect("it is ours");
    let with_path = |path: &str| {
        let mut command = cable.measuring("2");
        command.env("PATH", path);
        Ended::of(&mut command)
    };
    let ended = with_path(&format!("{}:/usr/bin:/bin", bin.display()));
    ended.err("").status(0);
    let beta = &ended.json("ts-benchmark.json")["peers"][0];
    assert_eq!(
        (&beta["sender"], &beta["download"], &beta["upload"]),
        (&json!("iperf3"), &json!(19_400_000), &json!(7_000_000)),
        "{beta:#}"
    );
    assert_eq!(beta["duringDownload"]["sent"], 10, "{beta:#}");
    let asked = std::fs::read_to_string(asked).expect("it was started");
    assert_eq!(
        asked,
        "--json --time 2 --reverse --client 100.64.0.1\n--json --time 2 --client 100.64.0.1\n"
    );
    // One that fails has measured nothing, and that is said.
    cable
        .scratch
        .write("bin/iperf3", "#!/bin/sh\necho '{\"error\": \"busy\"}'\nexit 1\n");
    let ended = with_path(&format!("{}:/usr/bin:/bin", bin.display()));
    ended.status(3);
    let beta = &ended.json("ts-benchmark.json")["peers"][0];
    assert_eq!(
        (&beta["sender"], &beta["unmeasured"]),
        (&Value::Null, &json!("iperf3 says: busy"))
    );
}

#[test]
fn who_helps_helps_nodes_of_the_tailnet_alone() {
    let Some(cable) = Cable::new() else { return };
    let served = "100.64.0.1/41642";
    assert_eq!(
        cable.hears(served, "echo\\n12345678").as_deref(),
        Some("tailwright-benchmark 1 ready\n12345678")
    );
    // What it does not know, and what is too much, ends it.
    for sent in ["GET / HTTP/1.1\\n", "download 999999\\n"] {
        assert_eq!(
            cable.hears(served, sent).as_deref(),
            Some("tailwright-benchmark 1 ready\n"),
            "{sent}"
        );
    }
    // So does what is too long; that more was under way may take the greeting along.
    let heard = cable.hears(served, &"x".repeat(200)).expect("somebody listens");
    assert!(heard.is_empty() || heard == "tailwright-benchmark 1 ready\n", "{heard}");
    // Elsewhere nobody listens.
    assert_eq!(cable.hears("192.0.2.130/41642", ""), None);
    let as_itself = ["route", "replace", "default", "via", "192.0.2.1", "src", "192.0.2.2"];
    cable.alpha.ip(&as_itself);
    assert_eq!(
        cable.hears(served, "echo\\n12345678").as_deref(),
        Some(""),
        "a stranger"
    );
}

fn benchmark(fake: &Tailscaled, place: &Place, arguments: &[&str]) -> Ended {
    let mut command = place.command(TSCTL);
    command.arg("benchmark").arg("--socket").arg(fake.socket());
    command.arg("--history").arg(place.path("history.jsonl"));
    command.arg("--config").arg(place.path("tsctl.json"));
    Ended::of(command.args(arguments))
}

#[test]
fn without_help_what_can_be_measured_is() {
    let fake = Tailscaled::play("dead delta");
    // Peers whose addresses lead to this machine itself, where nobody helps.
    fake.change(|world| world.peer("beta")["TailscaleIPs"] = json!(["127.0.0.77"]));
    let place = Place::new();
    let ended = benchmark(&fake, &place, &["--json", "--port=9", "beta"]);
    ended.status(3).err("");
    let seen = ended.json("ts-benchmark.json");
    let beta = &seen["peers"][0];
    assert_eq!(
        (&beta["idle"]["p50Millis"], &beta["download"]),
        (&json!(0.234), &Value::Null)
    );
    assert!(beta["connectMillis"].as_f64().is_some(), "{seen:#}");
    assert_eq!(seen["reasons"][0]["command"], "ssh beta tsctl benchmark --serve");
    // What was not measured is nothing to compare with.
    assert!(!place.path("history.jsonl").exists());
    let ended = benchmark(&fake, &place, &["--json", "nobody"]);
    ended.status(3);
    assert_eq!(
        ended.json("ts-benchmark.json")["reasons"][0]["text"],
        "there is no peer nobody in this tailnet"
    );
}

/// A peer at an address of this machine, where somebody answers at a port.
fn peer_at(address: &str) -> Tailscaled {
    let fake = Tailscaled::start(World::running());
    let address = json!([address]);
    fake.change(|world| world.peer("beta")["TailscaleIPs"] = address);
    fake
}

#[test]
fn who_helps_others_just_now_is_not_nobody() {
    let listener = TcpListener::bind("127.0.0.77:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream
                .expect("a connection")
                .write_all(b"tailwright-benchmark 1 busy\n");
        }
    });
    let (fake, place) = (peer_at("127.0.0.77"), Place::new());
    let ended = benchmark(&fake, &place, &["--json", &format!("--port={port}"), "beta"]);
    ended.status(3).err("");
    let why = &ended.json("ts-benchmark.json")["peers"][0]["unmeasured"];
    assert_eq!(why, "it serves the measurements of others just now");
}

/// Packets that nobody answers, not even with a refusal: TCP alone would wait for minutes.
#[test]
fn a_port_that_is_silent_is_not_waited_for_long() {
    let Some(cable) = Cable::new() else { return };
    let silent = "table ip t { chain c { type filter hook forward priority 0; tcp dport { 5201, 41642 } drop; }; }";
    cable.line.load(silent).expect("legal");
    let began = Instant::now();
    let ended = cable.measure("1");
    ended.err("").status(3);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(ended.json("ts-benchmark.json")["peers"][0]["connectMillis"].is_null());
}

/// Measures against a helper on this machine, on a terminal.
#[test]
fn each_measurement_has_a_bar_that_fills_on_a_terminal() {
    let Some(script) = tool::part("script") else { return };
    let fake = peer_at("127.0.0.78");
    // Whoever asks from this machine is a node, too.
    fake.change(|world| {
        world.status["TailscaleIPs"] = json!(["127.0.0.78"]);
        world.peer("gamma")["TailscaleIPs"] = json!(["127.0.0.1"]);
    });
    let place = Place::new();
    let free = TcpListener::bind("127.0.0.78:0").expect("a port");
    let port = free.local_addr().expect("it has one").port();
    drop(free);
    let mut helper = place.command(TSCTL);
    helper.args([
        "benchmark",
        "--serve",
        "--for=1m",
        "--port",
        &port.to_string(),
        "--socket",
    ]);
    let mut helper = helper
        .arg(fake.socket())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = String::new();
    let mut lines = BufReader::new(helper.stderr.take().expect("a pipe"));
    lines.read_line(&mut said).expect("text");
    let line = format!(
        "{TSCTL} benchmark --seconds 1 --port {port} --config none --history h --socket {} beta",
        fake.socket().display()
    );
    let mut command = place.command(script);
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let ended = Ended::of(command.env("TERM", "xterm"));
    let _ = helper.kill();
    let _ = helper.wait();
    let shown = ended.stdout();
    assert!(said.starts_with("serves at 127.0.0.78:"), "{said}");
    for what in ["round trips", "download", "upload"] {
        let bars: Vec<usize> = shown
            .split("\u{1b}[K")
            .filter(|frame| frame.contains(&format!("beta: {what}")))
            .map(|frame| frame.matches('█').count())
            .collect();
        assert!(bars.len() >= 4 && bars.is_sorted(), "{what}: {bars:?}");
        assert!(bars.iter().any(|done| (5..=15).contains(done)), "{what}: {bars:?}");
    }
    // It is gone when the result is shown.
    let (_, result) = shown.rsplit_once("\r\u{1b}[K").expect("bars");
    assert!(!result.contains('█') && result.contains("by tsctl"), "{result}");
}

#[test]
fn a_node_that_is_not_connected_is_told() {
    let place = Place::new();
    let fake = Tailscaled::start(World::needs_login());
    benchmark(&fake, &place, &[]).status(2);
    fake.now("stop");
    let ended = benchmark(&fake, &place, &[]);
    ended.status(2);
    assert!(
        ended.stdout().contains("sudo systemctl start tailscaled"),
        "{}",
        ended.stdout()
    );
    benchmark(&fake, &place, &["--serve"]).status(74);
    benchmark(&fake, &place, &["--seconds=0"]).status(64);
}

#[test]
fn the_services_of_the_settings_are_timed() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 512];
            let length = stream.read(&mut request).expect("a question");
            let is_health = request[..length].starts_with(b"GET /health HTTP/1.1\r\n");
            let status = if is_health { "200 OK" } else { "404 Not Found" };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed_port = closed.local_addr().expect("it has one").port();
    drop(closed);
    let mut settings = crate::ts_doctor::settings();
    settings["expected"]["services"] = json!({
        "llama": {"at": {"host": "127.0.0.1", "port": port}, "path": "/health"},
        "db": {"at": {"host": "127.0.0.1", "port": closed_port}},
    });
    let place = Place::new().with("tsctl.json", settings.to_string());
    let fake = Tailscaled::start(World::running());
    let ended = benchmark(&fake, &place, &["--json", "nobody"]);
    ended.status(1);
    let seen = ended.json("ts-benchmark.json");
    let services = seen["services"].as_array().expect("services");
    assert!(
        services[0]["trouble"].as_str().expect("why").contains("refused"),
        "{seen:#}"
    );
    assert_eq!(
        (&services[1]["status"], &services[1]["trouble"]),
        (&json!(200), &Value::Null)
    );
    let answer = &services[1]["answerMillis"];
    assert!(answer.as_f64().expect("a time") < 2_000.0 && services[1]["last"].is_null());
    // The next run knows of it.
    let again = benchmark(&fake, &place, &["--json", "nobody"]);
    let seen = again.json("ts-benchmark.json");
    let last = seen["services"]
        .as_array()
        .expect("services")
        .iter()
        .map(|service| &service["last"]);
    let last: Vec<&Value> = last.collect();
    assert_eq!((last[0], &last[1]["answerMillis"]), (&Value::Null, answer));
}
