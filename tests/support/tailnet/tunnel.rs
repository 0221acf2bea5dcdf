//! The data plane: what enters `tailscale0` is carried to another node in UDP datagrams, and back.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::address::{CLIENT, NODES, TUNNEL_PORT, at, node_at};
use super::packet;
use super::routes::Routes;

/// What a datagram is, by its first byte: an IP packet, a ping with its number, or its answer.
const PACKET: u8 = 0;
const PING: u8 = 1;
const PONG: u8 = 2;

/// Nobody waits longer for a ping.
const GIVEN_UP: Duration = Duration::from_secs(10);

/// The two ends of one node's tunnel.
pub struct Ends {
    /// `tailscale0`.
    pub tun: OwnedFd,
    /// Where its datagrams come and go.
    pub udp: OwnedFd,
}

/// The data plane. It ends when the value is dropped.
pub struct Tunnel {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    wake: OwnedFd,
    /// The client's socket.
    udp: UdpSocket,
}

#[derive(Default)]
struct State {
    routes: Routes,
    /// How long datagrams take to a node, and back from it.
    delays: [[Duration; 2]; NODES.len()],
    late: BinaryHeap<Reverse<Late>>,
    pings: BTreeMap<u64, Sender<Instant>>,
    pinged: u64,
    ends: bool,
}

/// A datagram on its way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Late {
    at: Instant,
    to: Way,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    There(usize),
    Back,
}

struct End {
    tun: OwnedFd,
    udp: UdpSocket,
    /// Where the client's datagrams came from last.
    client: Option<SocketAddr>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    fn wake(&self) {
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    /// Sends a datagram to a node, now or later.
    fn send(&self, node: usize, bytes: Vec<u8>) {
        let mut state = self.state();
        let delay = state.delays[node][0];
        if delay.is_zero() {
            drop(state);
            // What cannot be sent is lost, as on any network.
            let _ = self.udp.send_to(&bytes, at(NODES[node].outside, TUNNEL_PORT));
        } else {
            let at = Instant::now() + delay;
            let to = Way::There(node);
            state.late.push(Reverse(Late { at, to, bytes }));
            drop(state);
            self.wake();
        }
    }
}

impl Tunnel {
    /// Between the client and the nodes, in the order of [`NODES`].
    pub fn new(client: Ends, nodes: Vec<Ends>) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            wake: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).expect("a descriptor"),
            udp: UdpSocket::from(client.udp),
        });
        let nodes = nodes.into_iter().map(|ends| End {
            tun: ends.tun,
            udp: UdpSocket::from(ends.udp),
            client: None,
        });
        let mut work = Work {
            shared: Arc::clone(&shared),
            tun: client.tun,
            nodes: nodes.collect(),
        };
        let thread = std::thread::spawn(move || work.run());
        Self {
            shared,
            thread: Some(thread),
        }
    }

    /// Where packets go from now on.
    pub fn route(&self, routes: &Routes) {
        self.shared.state().routes = routes.clone();
    }

    /// How long datagrams take to a node, and back from it.
    pub fn delay(&self, node: usize, there: Duration, back: Duration) {
        self.shared.state().delays[node] = [there, back];
    }

    /// How long a datagram to the node and its answer take; `None` where no answer comes.
    pub fn ping(&self, address: Ipv4Addr) -> Option<Duration> {
        let node = node_at(address)?;
        let (sender, answer) = channel();
        let number = {
            let mut state = self.shared.state();
            if !state.routes.is_up {
                return None;
            }
            state.pinged += 1;
            let number = state.pinged;
            state.pings.insert(number, sender);
            number
        };
        let sent = Instant::now();
        let mut bytes = vec![PING];
        bytes.extend(number.to_be_bytes());
        self.shared.send(node, bytes);
        let came = answer.recv_timeout(GIVEN_UP).ok();
        self.shared.state().pings.remove(&number);
        came.map(|came| came.duration_since(sent))
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state();
            state.ends = true;
            // Whoever waits for a ping is told that none comes.
            state.pings.clear();
        }
        self.shared.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    shared: Arc<Shared>,
    tun: OwnedFd,
    nodes: Vec<End>,
}

impl Work {
    fn run(&mut self) {
        loop {
            self.deliver();
            let wait = {
                let state = self.shared.state();
                if state.ends {
                    return;
                }
                state.late.peek().map(|Reverse(late)| late.at)
            };
            self.wait(wait);
            let _ = rustix::io::read(&self.shared.wake, &mut [0; 8]);
            self.read_client();
            for node in 0..self.nodes.len() {
                self.read_node(node);
            }
        }
    }

    fn wait(&self, until: Option<Instant>) {
        let span = until.map(|until| until.saturating_duration_since(Instant::now()));
        let span = span.map(|span| Timespec::try_from(span).expect("not for ever"));
        let mut all = vec![
            PollFd::new(&self.shared.wake, PollFlags::IN),
            PollFd::new(&self.tun, PollFlags::IN),
            PollFd::from_borrowed_fd(self.shared.udp.as_fd(), PollFlags::IN),
        ];
        for node in &self.nodes {
            all.push(PollFd::new(&node.tun, PollFlags::IN));
            all.push(PollFd::from_borrowed_fd(node.udp.as_fd(), PollFlags::IN));
        }
        let _ = poll(&mut all, span.as_ref());
    }

    /// What was late has arrived.
    fn deliver(&self) {
        loop {
            let late = {
                let mut state = self.shared.state();
                let is_due = state.late.peek().is_some_and(|Reverse(late)| late.at <= Instant::now());
                if !is_due {
                    return;
                }
                state.late.pop()
            };
            match late {
                Some(Reverse(Late {
                    to: Way::There(node),
                    bytes,
                    ..
                })) => {
                    let _ = self.shared.udp.send_to(&bytes, at(NODES[node].outside, TUNNEL_PORT));
                }
                Some(Reverse(late)) => self.arrive(&late.bytes),
                None => return,
            }
        }
    }

    fn read_client(&self) {
        let mut bytes = [0; 2_048];
        while let Ok(length @ 1..) = rustix::io::read(&self.tun, &mut bytes[..]) {
            let packet = &bytes[..length];
            let node = packet::destination(packet).and_then(|to| self.shared.state().routes.node(to));
            if let Some(node) = node {
                self.shared.send(node, [&[PACKET], packet].concat());
            }
        }
        // A socket tells an ICMP error once; what came after it is read as well.
        for _ in 0..1_000 {
            match self.shared.udp.recv_from(&mut bytes) {
                Ok((length, SocketAddr::V4(from))) => {
                    let Some(node) = node_at(*from.ip()) else { continue };
                    self.take_back(node, bytes[..length].to_vec());
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                _ => {}
            }
        }
    }

    /// A datagram has come from a node.
    fn take_back(&self, node: usize, bytes: Vec<u8>) {
        let delay = self.shared.state().delays[node][1];
        if delay.is_zero() {
            return self.arrive(&bytes);
        }
        let at = Instant::now() + delay;
        let to = Way::Back;
        self.shared.state().late.push(Reverse(Late { at, to, bytes }));
    }

    fn arrive(&self, bytes: &[u8]) {
        match bytes {
            [PACKET, packet @ ..] if self.shared.state().routes.is_up => {
                let _ = rustix::io::write(&self.tun, packet);
            }
            [PONG, number @ ..] => {
                let number = number.try_into().map(u64::from_be_bytes);
                let waiting = number.ok().and_then(|number| self.shared.state().pings.remove(&number));
                if let Some(waiting) = waiting {
                    let _ = waiting.send(Instant::now());
                }
            }
            _ => {}
        }
    }

    fn read_node(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let mut bytes = [0; 2_048];
        for _ in 0..1_000 {
            let (length, from) = match node.udp.recv_from(&mut bytes) {
                Ok(received) => received,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => continue,
            };
            node.client = Some(from);
            match &bytes[..length] {
                [PACKET, packet @ ..] => {
                    let _ = rustix::io::write(&node.tun, packet);
                }
                [PING, number @ ..] => {
                    let _ = node.udp.send_to(&[&[PONG], number].concat(), from);
                }
                _ => {}
            }
        }
        while let Ok(length @ 1..) = rustix::io::read(&node.tun, &mut bytes[..]) {
            let packet = &bytes[..length];
            if packet::destination(packet) == Some(CLIENT)
                && let Some(client) = node.client
            {
                let _ = node.udp.send_to(&[&[PACKET], packet].concat(), client);
            }
        }
    }
}
