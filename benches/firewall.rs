//! What the rules cost: a packet that begins a connection crosses a cable into a host whose rules admit it at the end of the
//! last zone's list. Side by side: a ruleset of three rules; the zones as compiled, with the check of the way back
//! that is the default and that the three rules do not make; the same where a range is among the ports, for which the kernel
//! has another kind of map; and the same zones as chains of one rule per service. In these every zone admits as many services
//! as the row says. None has a limit of new connections, for the three rules have none.
//!
//! And the packets of connections that were answered: by three rules, as compiled, and with `accounting`.
//!
//! Then how long a ruleset takes to load, and how long to say what it lets in: with the most services of the rows spread over
//! the most zones, and with all of them in each.
//!
//! Packets are timed in bursts that are shorter than a slice of the scheduler's; the sides take turns with every burst, and what
//! counts is the middle of the ratios of bursts that follow each other. So the ratios of two runs differ by 0.01, also on a
//! busy machine.
//!
//! The figures in nanoseconds are of this machine, the ratios travel; a ratio or time over its budget is marked, and the exit
//! status is then 1.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark runs programs and the clock"
)]
#![allow(unreachable_pub, reason = "nothing outside this binary can reach it anyway")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::ops::Range;
use std::process::{Child, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto};
use serde_json::{Map, Value, json};
use support::netns::Netns;
use support::probe::said;
use tailwright::firewall::{self, Ruleset};
use tailwright::model::Host;
use tailwright::profile::{self, Notation};

const ZONES: [usize; 3] = [2, 20, 200];
const SERVICES: [usize; 3] = [10, 100, 1000];
/// The ports that the packets of a burst come from, and from how many addresses.
const SOURCE_PORTS: Range<u16> = 30_000..30_200;
const BURST: usize = 2;
/// Packets of one burst. Connection tracking remembers those that begin a connection: those of all bursts are under the usual
/// `nf_conntrack_max` of 262,144.
const BURST_FLOWS: u32 = 400;
const BURSTS: usize = 110;
/// How often all sides are set up anew: where in memory the kernel puts the tables of one counts, too, by up to a hundredth.
const WORLDS: usize = 5;
/// What is admitted beside the services of a row: no range of ports, or one.
const NO_RANGE: &[&str] = &[];
/// See [`NO_RANGE`].
const A_RANGE: &[&str] = &["30000-31000"];

/// What the packet of a compiled ruleset may cost, as a ratio to that of three rules.
const DEAREST: f64 = 1.10;
/// How long the largest ruleset may take to load.
const SLOWEST_LOAD: Duration = Duration::from_secs(1);
/// How long the exposure of the largest ruleset may take.
const SLOWEST_EXPOSURE: Duration = Duration::from_millis(100);

/// The address of the host, and that of the one who is answered.
const HOST: &str = "10.99.0.1";
const CLIENT: [u8; 4] = [10, 99, 255, 1];

/// Tells a copy of this program, started inside a namespace, what to do.
const TASK: &str = "TAILWRIGHT_BENCH_TASK";

fn main() -> ExitCode {
    if let Ok(task) = std::env::var(TASK) {
        inside(&task);
        return ExitCode::SUCCESS;
    }
    let mut kept = true;
    println!(
        "{:>16}{:^53}{:^35}",
        "", "a packet that begins a connection", "one of a known connection"
    );
    println!(
        "{:>8} {:>6} {:>12} {:>9} {:>13} {:>14} {:>12} {:>9} {:>11}",
        "services",
        "zones",
        "three rules",
        "compiled",
        "with a range",
        "linear chains",
        "three rules",
        "compiled",
        "accounting"
    );
    for services in SERVICES {
        for zones in ZONES {
            match row(services, zones) {
                Some(keeps) => kept &= keeps,
                None => return ExitCode::FAILURE,
            }
        }
    }
    kept &= largest();
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures and prints one row; whether the compiled zones keep their budget, `None` where namespaces cannot be had.
fn row(services: usize, zones: usize) -> Option<bool> {
    let texts = [
        three_rules(services),
        ruleset(services, zones, NO_RANGE, false).to_string(),
        ruleset(services, zones, A_RANGE, false).to_string(),
        linear(services, zones),
        ruleset(services, zones, NO_RANGE, true).to_string(),
    ];
    let (mut new, mut known) = (vec![Vec::new(); texts.len()], vec![Vec::new(); texts.len()]);
    for _ in 0..WORLDS {
        let mut sides = texts
            .iter()
            .map(|text| Side::new(zones, last_port(services), text))
            .collect::<Option<Vec<_>>>()?;
        for burst in 0..BURSTS {
            for turn in 0..sides.len() {
                // Each comes first, in its turn.
                let side = (burst + turn) % sides.len();
                new[side].push(sides[side].send(Packets::New(burst)));
                known[side].push(sides[side].send(Packets::Known));
            }
        }
    }
    let [compiled, with_range, one_by_one] = [1, 2, 3].map(|side| ratio(&new[side], &new[0]));
    let keeps = compiled.max(with_range) <= DEAREST;
    println!(
        "{services:>8} {zones:>6} {:>9.0} ns {compiled:>9.3} {with_range:>13.3} {one_by_one:>14.2} {:>9.0} ns {:>9.3} {:>11.3}{}",
        quick(&new[0]),
        quick(&known[0]),
        ratio(&known[1], &known[0]),
        ratio(&known[4], &known[0]),
        if keeps { "" } else { "  OVER ITS BUDGET" }
    );
    Some(keeps)
}

/// Loads and reads the largest rulesets. The budgets are for the profile that has the most services and zones in all.
fn largest() -> bool {
    let (services, zones) = (SERVICES[2], ZONES[2]);
    let spread = services / zones;
    timed(&format!("{services} services in {zones} zones"), spread, zones, true)
        & timed(
            &format!("{services} services in each of {zones} zones"),
            services,
            zones,
            false,
        )
}

/// Loads and reads one ruleset; whether it kept the budgets, where they hold.
fn timed(what: &str, each: usize, zones: usize, has_budget: bool) -> bool {
    let ruleset = ruleset(each, zones, A_RANGE, false);
    let text = ruleset.to_string();
    let Some(namespace) = Netns::new() else { return false };
    let load = middle(|| namespace.load(&text).expect("legal"));
    let exposure = middle(|| {
        assert!(
            ruleset.exposure().admitted.len() >= zones,
            "every zone admits something"
        );
    });
    let mut kept = true;
    for (verb, took, budget) in [("load", load, SLOWEST_LOAD), ("exposure", exposure, SLOWEST_EXPOSURE)] {
        let keeps = !has_budget || took <= budget;
        kept &= keeps;
        println!(
            "{verb:<8} of {what} ({} kB): {:.0} ms{}",
            text.len() / 1000,
            took.as_secs_f64() * 1e3,
            if keeps { "" } else { "  OVER ITS BUDGET" }
        );
    }
    kept
}

/// The median time of a few runs.
fn middle(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..7)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// How many times as long the bursts of one side take: the middle of the ratios of bursts that follow each other closely, for
/// whatever else the machine does then, it does to both.
fn ratio(bursts: &[f64], of: &[f64]) -> f64 {
    let mut ratios: Vec<f64> = bursts.iter().zip(of).map(|(one, other)| one / other).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The tenth that was quickest: what else the machine does only makes a burst slower.
fn quick(bursts: &[f64]) -> f64 {
    let mut bursts = bursts.to_vec();
    bursts.sort_by(f64::total_cmp);
    bursts[bursts.len() / 10]
}

/// The interface of a zone.
fn interface(zone: usize) -> String {
    format!("if{zone}")
}

/// The ports of the services; none beside another, so that no two make a range.
fn ports(services: usize) -> impl Iterator<Item = usize> {
    (0..services).map(|number| 2001 + 2 * number)
}

fn last_port(services: usize) -> u16 {
    ports(services)
        .last()
        .and_then(|port| port.try_into().ok())
        .expect("a port")
}

/// The least that one would write by hand.
fn three_rules(services: usize) -> String {
    let port = last_port(services);
    format!(
        "table inet three {{\n chain input {{\n type filter hook input priority filter; policy drop;\n \
         ct state vmap {{ established : accept, related : accept, invalid : drop }}\n iifname \"lo\" accept\n \
         udp dport {port} accept\n }}\n}}\n"
    )
}

/// A chain for each zone, a rule for each service.
fn linear(services: usize, zones: usize) -> String {
    let mut text = String::from("table inet linear {\n");
    let mut jumps = String::new();
    for zone in 0..zones {
        let _ = writeln!(text, " chain zone{zone} {{");
        for port in ports(services) {
            let _ = writeln!(text, "  udp dport {port} accept");
        }
        text.push_str(" }\n");
        let _ = writeln!(jumps, "  iifname \"{}\" jump zone{zone}", interface(zone));
    }
    let _ = write!(
        text,
        " chain input {{\n  type filter hook input priority filter; policy drop;\n  \
         ct state vmap {{ established : accept, related : accept, invalid : drop }}\n  iifname \"lo\" accept\n{jumps} }}\n}}\n"
    );
    text
}

/// The same, as tailwright compiles it.
fn ruleset(services: usize, zones: usize, ranges: &[&str], accounting: bool) -> Ruleset {
    let ports = ports(services).map(Value::from);
    let ports: Vec<Value> = ports.chain(ranges.iter().copied().map(Value::from)).collect();
    let zones: Map<String, Value> = (0..zones)
        .map(|zone| {
            let value = json!({ "enable": true, "interfaces": [interface(zone)], "allowedUDPPorts": ports });
            (format!("z{zone}"), value)
        })
        .collect();
    let profile = json!({
        "host": { "name": "bench" },
        "network": { "security": { "firewall-zones": {
            "enable": true, "enableRateLimiting": false, "accounting": accounting, "zones": zones,
        } } },
    });
    firewall::compile(&host(&profile)).expect("it has zones")
}

fn host(profile: &Value) -> Host {
    let read = profile::load(
        "bench.json",
        profile.to_string().as_bytes(),
        Some(Notation::Json),
        &mut |_| Err(String::new()),
    );
    let fleet = read.fleet.unwrap_or_else(|| panic!("{:?}", read.findings));
    fleet.hosts.into_values().next().expect("one host")
}

/// A host behind a cable, with one of the rulesets.
struct Side {
    sender: Child,
    // The order in which they end.
    _listener: Listener,
    _far: Netns,
    _host: Netns,
}

/// What a burst is made of.
#[derive(Debug, Clone, Copy)]
enum Packets {
    /// Each begins a connection; the number of the burst.
    New(usize),
    /// Each belongs to a connection that was answered.
    Known,
}

impl Side {
    fn new(zones: usize, port: u16, rules: &str) -> Option<Self> {
        let host = Netns::new()?;
        let far = host.peer()?;
        let near = interface(zones - 1);
        host.connect(&near, &far, "far");
        host.ip(&["addr", "add", &format!("{HOST}/16"), "dev", &near]);
        far.ip(&["addr", "add", &format!("{}/16", Ipv4Addr::from(CLIENT)), "dev", "far"]);
        host.load(rules).unwrap_or_else(|said| panic!("{said}"));
        let listener = Listener::new(&host, port);
        let mut sender = copy_of_this(&far, &format!("send {port}"));
        said(&mut sender, "ready");
        Some(Self {
            sender,
            _listener: listener,
            _far: far,
            _host: host,
        })
    }

    /// Sends one burst; nanoseconds for each packet.
    fn send(&mut self, packets: Packets) -> f64 {
        let orders = self.sender.stdin.as_mut().expect("a pipe");
        match packets {
            Packets::New(burst) => writeln!(orders, "{burst}"),
            Packets::Known => writeln!(orders, "known"),
        }
        .expect("the sender lives");
        let took: f64 = said(&mut self.sender, "took ").parse().expect("a number");
        took / f64::from(BURST_FLOWS)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It ends by itself: who kills nsenter leaves its child to nobody, and the namespace waits for that for ever.
        drop(self.sender.stdin.take());
        let _ = self.sender.wait();
    }
}

/// A socket that takes what arrives and keeps almost nothing of it.
struct Listener(Child);

impl Listener {
    fn new(namespace: &Netns, port: u16) -> Self {
        let mut copy = copy_of_this(namespace, &format!("listen {port}"));
        said(&mut copy, "listening");
        Self(copy)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn copy_of_this(namespace: &Netns, task: &str) -> Child {
    namespace
        .command(std::env::current_exe().expect("this program has a path"))
        .env(TASK, task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// What the copy does.
fn inside(task: &str) {
    let (verb, port) = task.split_once(' ').expect("a task");
    let port: u16 = port.parse().expect("a port");
    if verb == "listen" {
        listen(port);
    } else {
        send(port);
    }
}

/// Answers the first packet of the known connections; what comes later fills a small buffer and is dropped behind the rules.
fn listen(port: u16) {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).expect("a free port");
    rustix::net::sockopt::set_socket_recv_buffer_size(&socket, 1).expect("a small buffer");
    println!("listening");
    for _ in SOURCE_PORTS {
        let (_, from) = socket.recv_from(&mut [0; 16]).expect("a packet");
        socket.send_to(&[0; 4], from).expect("sent");
    }
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Sends a burst for every line that says which, and says how many nanoseconds it took.
fn send(port: u16) {
    let host: Ipv4Addr = HOST.parse().expect("an address");
    for source in SOURCE_PORTS {
        let socket = UdpSocket::bind((Ipv4Addr::from(CLIENT), source)).expect("a free port");
        socket.send_to(&[0; 4], (host, port)).expect("sent");
        socket.recv_from(&mut [0; 16]).expect("an answer");
    }
    let socket =
        rustix::net::socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::RAW)).expect("root in its namespace");
    rustix::net::connect(&socket, &SocketAddr::from((host, 0))).expect("a way");
    // RFC 791 §3.1 and RFC 768; the kernel fills in length and checksum.
    let mut packet = [0_u8; 32];
    packet[0] = 0x45;
    packet[8] = 64;
    packet[9] = 17;
    packet[16..20].copy_from_slice(&host.octets());
    packet[22..24].copy_from_slice(&port.to_be_bytes());
    packet[25] = 12;
    println!("ready");
    for order in BufReader::new(std::io::stdin()).lines() {
        let order = order.expect("text");
        let sources = match order.parse::<usize>() {
            // No two bursts from the same addresses.
            Ok(burst) => std::array::from_fn(|number| nth_source(burst * BURST + number)),
            Err(_) => [CLIENT; BURST],
        };
        let start = Instant::now();
        for source in sources {
            packet[12..16].copy_from_slice(&source);
            for port in SOURCE_PORTS {
                packet[20..22].copy_from_slice(&port.to_be_bytes());
                rustix::net::send(&socket, &packet, SendFlags::empty()).expect("sent");
            }
        }
        println!("took {}", start.elapsed().as_nanos());
    }
}

/// An address that packets come from.
fn nth_source(number: usize) -> [u8; 4] {
    let [.., third, fourth] = u16::try_from(number + 256).expect("few").to_be_bytes();
    [CLIENT[0], CLIENT[1], third, fourth]
}
