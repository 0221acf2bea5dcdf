//! What the rules cost: a packet that begins a connection crosses a cable into a host whose rules admit it at the end of the
//! last zone's list. Side by side, in turns: a ruleset of three rules; the zones as compiled, with the check of the way back
//! that is the default and that the three rules do not make; the same where a range is among the ports, for which the kernel
//! has another kind of map; and the same zones as chains of one rule per service. In these every zone admits as many services
//! as the row says.
//!
//! Then how long a ruleset takes to load, and how long to say what it lets in: with the most services of the rows spread over
//! the most zones, and with all of them in each.
//!
//! Packets are timed in bursts that are shorter than a slice of the scheduler's, and of all bursts of a side the tenth that was
//! quickest counts: what else the machine does only makes a burst slower.
//!
//! The figures are of this machine, the ratios travel; a ratio or time over its budget is marked, and the exit status is
//! then 1.

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
use std::io::Read;
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
/// The addresses and ports that the packets of one turn come from.
const ADDRESSES: u8 = 100;
const SOURCE_PORTS: Range<u16> = 30_000..30_200;
/// How many of the addresses send in one burst.
const BURST: usize = 2;
/// Connections that one burst begins. Connection tracking remembers them all: those of all turns, 20,000 in each, are under
/// the usual `nf_conntrack_max` of 262,144.
const BURST_FLOWS: u32 = 400;
const TURNS: usize = 11;
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

/// The address of the host, and the first of those that packets come from.
const HOST: &str = "10.99.0.1";
const SOURCES: [u8; 2] = [10, 99];

/// Tells a copy of this program, started inside a namespace, what to do.
const TASK: &str = "TAILWRIGHT_BENCH_TASK";

fn main() -> ExitCode {
    if let Ok(task) = std::env::var(TASK) {
        inside(&task);
        return ExitCode::SUCCESS;
    }
    let mut kept = true;
    println!(
        "{:>8} {:>6} {:>12} {:>12} {:>6} {:>15} {:>6} {:>14} {:>6}",
        "services", "zones", "three rules", "compiled", "ratio", "with a range", "ratio", "linear chains", "ratio"
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
        ruleset(services, zones, NO_RANGE).to_string(),
        ruleset(services, zones, A_RANGE).to_string(),
        linear(services, zones),
    ];
    let sides = texts
        .iter()
        .map(|text| Side::new(zones, last_port(services), text))
        .collect::<Option<Vec<_>>>()?;
    let mut times: [Vec<f64>; 4] = Default::default();
    for turn in 0..TURNS {
        for (side, times) in sides.iter().zip(&mut times) {
            times.extend(side.begin_flows(turn));
        }
    }
    let packet = times.map(quick);
    let [compiled, with_range, one_by_one] = [1, 2, 3].map(|side| packet[side] / packet[0]);
    let keeps = compiled.max(with_range) <= DEAREST;
    println!(
        "{services:>8} {zones:>6} {:>9.0} ns {:>9.0} ns {compiled:>6.2} {:>12.0} ns {with_range:>6.2} {:>11.0} ns {one_by_one:>6.2}{}",
        packet[0],
        packet[1],
        packet[2],
        packet[3],
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
    let ruleset = ruleset(each, zones, A_RANGE);
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

/// The quickest tenth.
fn quick(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 10]
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
fn ruleset(services: usize, zones: usize, ranges: &[&str]) -> Ruleset {
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
            "enable": true, "enableRateLimiting": false, "zones": zones,
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
    far: Netns,
    port: u16,
    // The order in which they end.
    _listener: Listener,
    _host: Netns,
}

impl Side {
    fn new(zones: usize, port: u16, rules: &str) -> Option<Self> {
        let host = Netns::new()?;
        let far = host.peer()?;
        let near = interface(zones - 1);
        host.connect(&near, &far, "far");
        host.ip(&["addr", "add", &format!("{HOST}/16"), "dev", &near]);
        far.ip(&[
            "addr",
            "add",
            &format!("{}.{}.255.1/16", SOURCES[0], SOURCES[1]),
            "dev",
            "far",
        ]);
        host.load(rules).unwrap_or_else(|said| panic!("{said}"));
        let listener = Listener::new(&host, port);
        Some(Self {
            far,
            port,
            _listener: listener,
            _host: host,
        })
    }

    /// Begins the connections of a turn; nanoseconds for each of them, by burst.
    fn begin_flows(&self, turn: usize) -> Vec<f64> {
        let mut copy = copy_of_this(&self.far, &format!("{turn} {}", self.port));
        let nanoseconds = said(&mut copy, "took ");
        assert!(copy.wait().expect("it ended").success(), "the copy inside failed");
        let bursts = nanoseconds.split_whitespace();
        bursts
            .map(|burst| burst.parse::<f64>().expect("a number") / f64::from(BURST_FLOWS))
            .collect()
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
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).expect("a free port");
        rustix::net::sockopt::set_socket_recv_buffer_size(&socket, 1).expect("a small buffer");
        println!("listening");
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    } else {
        let bursts = send(verb.parse().expect("a turn"), port);
        let bursts: Vec<String> = bursts.iter().map(|took| took.as_nanos().to_string()).collect();
        println!("took {}", bursts.join(" "));
    }
}

/// Sends the datagrams of a turn, no two of all turns from the same address and port; how long each burst took.
fn send(turn: u8, port: u16) -> Vec<Duration> {
    let socket =
        rustix::net::socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::RAW)).expect("root in its namespace");
    let host: Ipv4Addr = HOST.parse().expect("an address");
    rustix::net::connect(&socket, &SocketAddr::from((host, 0))).expect("a way");
    // RFC 791 §3.1 and RFC 768; the kernel fills in length and checksum.
    let mut packet = [0_u8; 32];
    packet[0] = 0x45;
    packet[8] = 64;
    packet[9] = 17;
    packet[12..14].copy_from_slice(&SOURCES);
    packet[14] = turn + 1;
    packet[16..20].copy_from_slice(&host.octets());
    packet[22..24].copy_from_slice(&port.to_be_bytes());
    packet[25] = 12;
    let addresses: Vec<u8> = (0..ADDRESSES).collect();
    let burst = |addresses: &[u8]| {
        let start = Instant::now();
        for address in addresses {
            packet[15] = *address;
            for source in SOURCE_PORTS {
                packet[20..22].copy_from_slice(&source.to_be_bytes());
                rustix::net::send(&socket, &packet, SendFlags::empty()).expect("sent");
            }
        }
        start.elapsed()
    };
    addresses.chunks(BURST).map(burst).collect()
}
