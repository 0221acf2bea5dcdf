//! Packets that are sent from inside a namespace, and what comes back.
//!
//! The test binary starts itself once more inside, as [`packets_travel`]: nothing else on a machine can be relied on to
//! send from any address, by any protocol, without setting anything up.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, ipproto};
use serde::{Deserialize, Serialize};

use super::netns::Netns;

/// The variable by which a started copy is told what to do.
const TASK: &str = "TAILWRIGHT_TEST_PROBES";

/// How long to wait where no answer is expected. Less than a second: then TCP would ask again.
pub const SHORT: Duration = Duration::from_millis(600);
/// How long to wait for an answer that is expected: a busy machine has its time.
pub const LONG: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A TCP connection to this port.
    Tcp(u16),
    /// A UDP datagram to this port.
    Udp(u16),
    /// An ICMP or ICMPv6 echo request.
    Echo,
}

/// A packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Its source; an address that the namespace has.
    pub from: IpAddr,
    /// Its destination.
    pub to: IpAddr,
    /// The rest.
    pub kind: Kind,
    /// How long an answer is waited for.
    pub patience: Duration,
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// A connection, or an echo.
    Open,
    /// A TCP reset or an ICMP port unreachable: it arrived, and nobody listens (or the firewall resets).
    Closed,
    /// An ICMP "administratively prohibited", or another kind of unreachable.
    Prohibited,
    /// Nothing.
    Silence,
}

#[derive(Debug, Serialize, Deserialize)]
enum Task {
    Send(Vec<Probe>),
    Listen(Vec<u16>),
}

/// Sends all of `probes` at once from inside `namespace`; their answers in the same order.
pub fn send(namespace: &Netns, probes: &[Probe]) -> Vec<Answer> {
    let mut copy = start(namespace, &Task::Send(probes.to_vec()));
    let answers = said(&mut copy, "answers ");
    assert!(copy.wait().expect("it ended").success(), "the copy inside failed");
    serde_json::from_str(&answers).expect("as it was written")
}

/// A process inside a namespace that accepts TCP connections, until it is dropped.
pub struct Listener(Child);

impl Listener {
    /// Listens on `ports` of all addresses.
    pub fn new(namespace: &Netns, ports: &[u16]) -> Self {
        let mut copy = start(namespace, &Task::Listen(ports.to_vec()));
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

fn start(namespace: &Netns, task: &Task) -> Child {
    let binary = std::env::current_exe().expect("a test binary has a path");
    let mut command: Command = namespace.command(binary);
    command
        .args(["--exact", "support::probe::packets_travel", "--nocapture"])
        .env(TASK, serde_json::to_string(task).expect("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// The rest of the line of the copy that begins with `start`. The test runner's own words stand before it, also on the
/// same line.
pub fn said(copy: &mut Child, start: &str) -> String {
    let output = copy.stdout.as_mut().expect("a pipe");
    for line in BufReader::new(output).lines() {
        let line = line.expect("text");
        if let Some((_, rest)) = line.split_once(start) {
            return rest.to_owned();
        }
    }
    panic!("the copy inside said nothing of {start:?}");
}

#[test]
fn packets_travel() {
    travel();
}

/// Does what the variable says; without it, sends to itself.
fn travel() {
    let mut out = std::io::stdout();
    match std::env::var(TASK).ok().map(|task| serde_json::from_str(&task)) {
        None => {
            let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
            let port = listener.local_addr().expect("bound").port();
            let to = IpAddr::from(Ipv4Addr::LOCALHOST);
            let expected = [Answer::Open, Answer::Closed, Answer::Closed, Answer::Closed];
            let kinds = [Kind::Tcp(port), Kind::Udp(port), Kind::Tcp(1), Kind::Udp(1)];
            let probes = kinds.map(|kind| Probe {
                from: to,
                to,
                kind,
                patience: LONG,
            });
            assert_eq!(answers(probes.to_vec()), expected);
        }
        Some(task) => match task.expect("as it was written") {
            Task::Send(probes) => {
                let answers = serde_json::to_string(&answers(probes)).expect("data");
                writeln!(out, "answers {answers}").expect("a pipe");
            }
            Task::Listen(ports) => {
                let listeners: Vec<_> = ports
                    .iter()
                    .map(|port| TcpListener::bind(("::", *port)).expect("a free port"))
                    .collect();
                writeln!(out, "listening").expect("a pipe");
                out.flush().expect("a pipe");
                // The kernel accepts by itself; wait until the test is over.
                let _ = std::io::stdin().read_to_end(&mut Vec::new());
                drop(listeners);
            }
        },
    }
}

fn answers(probes: Vec<Probe>) -> Vec<Answer> {
    let threads: Vec<_> = probes
        .into_iter()
        .map(|probe| std::thread::spawn(move || answer(probe)))
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().expect("no panic"))
        .collect()
}

fn answer(probe: Probe) -> Answer {
    let outcome = match probe.kind {
        Kind::Tcp(port) => tcp(probe, port),
        Kind::Udp(port) => udp(probe, port),
        Kind::Echo => echo(probe),
    };
    match outcome {
        Ok(()) => Answer::Open,
        Err(Errno::CONNREFUSED) => Answer::Closed,
        Err(Errno::HOSTUNREACH | Errno::NETUNREACH | Errno::ACCESS) => Answer::Prohibited,
        // Not permitted: the host's own rules keep it in.
        Err(Errno::PERM | Errno::INPROGRESS | Errno::AGAIN | Errno::TIMEDOUT) => Answer::Silence,
        Err(error) => panic!("{probe:?}: {error}"),
    }
}

fn family(probe: Probe) -> AddressFamily {
    if probe.to.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    }
}

fn tcp(probe: Probe, port: u16) -> Result<(), Errno> {
    let socket = rustix::net::socket(family(probe), SocketType::STREAM, None)?;
    set_socket_timeout(&socket, Timeout::Send, Some(probe.patience))?;
    rustix::net::bind(&socket, &SocketAddr::new(probe.from, 0))?;
    rustix::net::connect(&socket, &SocketAddr::new(probe.to, port))
}

fn udp(probe: Probe, port: u16) -> Result<(), Errno> {
    let errno = |error: std::io::Error| Errno::from_io_error(&error).expect("from the kernel");
    let socket = UdpSocket::bind((probe.from, 0)).map_err(errno)?;
    socket.connect((probe.to, port)).map_err(errno)?;
    socket.set_read_timeout(Some(probe.patience)).map_err(errno)?;
    socket.send(b"probe").map_err(errno)?;
    socket.recv(&mut [0; 64]).map(|_| ()).map_err(errno)
}

fn echo(probe: Probe) -> Result<(), Errno> {
    // Types of echo request and echo reply; the kernel fills in the checksum of ICMPv6 alone.
    let (protocol, request, reply) = match probe.to {
        IpAddr::V4(_) => (ipproto::ICMP, 8, 0),
        IpAddr::V6(_) => (ipproto::ICMPV6, 128, 129),
    };
    let socket: OwnedFd = rustix::net::socket(family(probe), SocketType::RAW, Some(protocol))?;
    set_socket_timeout(&socket, Timeout::Recv, Some(probe.patience))?;
    rustix::net::bind(&socket, &SocketAddr::new(probe.from, 0))?;
    rustix::net::connect(&socket, &SocketAddr::new(probe.to, 0))?;
    let checksum = !(u16::from(request) << 8);
    let [high, low] = checksum.to_be_bytes();
    rustix::net::send(&socket, &[request, 0, high, low, 0, 0, 0, 0], SendFlags::empty())?;
    loop {
        let mut buffer = [0; 256];
        let (length, _) = rustix::net::recv(&socket, &mut buffer, RecvFlags::empty())?;
        // A raw IPv4 socket gets the header too, whose length is in words.
        let header = match probe.to {
            IpAddr::V4(_) => usize::from(buffer[0] & 0x0f) * 4,
            IpAddr::V6(_) => 0,
        };
        if length > header && buffer[header] == reply {
            return Ok(());
        }
    }
}
