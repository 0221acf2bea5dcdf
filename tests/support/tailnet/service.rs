//! What is reached: a web server, a mail server, a resolver, two relays, and a service on the local network.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};

use super::address::WEB;
use super::mail::{Mail, Mails};

/// How something is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// It answers nothing.
    Silent,
    /// It answers with an error.
    Refusing,
}

/// What answers in the internet and on the local network. It ends when the value is dropped.
pub struct Services {
    shared: Arc<Shared>,
    mails: Mails,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    wake: OwnedFd,
}

#[derive(Default)]
struct State {
    web: Option<Broken>,
    resolver: Option<Broken>,
    relays: Option<Broken>,
    service: Option<Broken>,
    visits: Vec<(Instant, Ipv4Addr)>,
    ends: bool,
}

/// The sockets.
pub struct Sockets {
    pub web: OwnedFd,
    pub mail: OwnedFd,
    pub resolver: OwnedFd,
    pub public: OwnedFd,
    pub relays: Vec<OwnedFd>,
    pub service: OwnedFd,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }
}

impl Services {
    /// At these sockets.
    pub fn new(sockets: Sockets) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            wake: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).expect("a descriptor"),
        });
        let mails = Mails::default();
        let work = Work {
            shared: Arc::clone(&shared),
            mails: mails.clone(),
            web: sockets.web.into(),
            mail: sockets.mail.into(),
            service: sockets.service.into(),
            resolver: sockets.resolver.into(),
            public: sockets.public.into(),
            relays: sockets.relays.into_iter().map(UdpSocket::from).collect(),
        };
        let thread = std::thread::spawn(move || work.run());
        Self {
            shared,
            mails,
            thread: Some(thread),
        }
    }

    /// Breaks the web server, or mends it.
    pub fn web(&self, how: Option<Broken>) {
        self.shared.state().web = how;
    }

    /// Breaks the resolver, or mends it.
    pub fn resolver(&self, how: Option<Broken>) {
        self.shared.state().resolver = how;
    }

    /// Breaks the relays, or mends them.
    pub fn relays(&self, how: Option<Broken>) {
        self.shared.state().relays = how;
    }

    /// Breaks the service of `desk`, or mends it.
    pub fn service(&self, how: Option<Broken>) {
        self.shared.state().service = how;
    }

    /// Who has asked the web server for a page, and when.
    pub fn visits(&self) -> Vec<(Instant, Ipv4Addr)> {
        self.shared.state().visits.clone()
    }

    /// The mails that have arrived, the oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.all()
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.shared.state().ends = true;
        let _ = rustix::io::write(&self.shared.wake, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    shared: Arc<Shared>,
    mails: Mails,
    web: TcpListener,
    mail: TcpListener,
    service: TcpListener,
    resolver: UdpSocket,
    /// It answers everybody, whatever else is broken.
    public: UdpSocket,
    relays: Vec<UdpSocket>,
}

impl Work {
    fn run(&self) {
        loop {
            let mut all = vec![PollFd::new(&self.shared.wake, PollFlags::IN)];
            let sockets = [&self.web, &self.mail, &self.service].map(AsFd::as_fd);
            let sockets = sockets.into_iter().chain([self.resolver.as_fd(), self.public.as_fd()]);
            let relays = self.relays.iter().map(AsFd::as_fd);
            let sockets = sockets.chain(relays);
            all.extend(sockets.map(|socket| PollFd::from_borrowed_fd(socket, PollFlags::IN)));
            let _ = poll(&mut all, None);
            if self.shared.state().ends {
                return;
            }
            self.serve_web();
            self.mails.accept(&self.mail);
            self.serve_service();
            let how = self.shared.state().resolver;
            answer(&self.resolver, how, |question, _| resolved(question, how.is_some()));
            answer(&self.public, None, |question, _| resolved(question, false));
            let how = self.shared.state().relays;
            for relay in &self.relays {
                answer(relay, how, mapped);
            }
        }
    }

    fn serve_web(&self) {
        while let Ok((stream, from)) = self.web.accept() {
            let SocketAddr::V4(from) = from else { continue };
            let shared = Arc::clone(&self.shared);
            // A client that leaves is no fault of the server.
            std::thread::spawn(move || visited(&stream, *from.ip(), &shared));
        }
    }

    fn serve_service(&self) {
        while let Ok((stream, _)) = self.service.accept() {
            let shared = Arc::clone(&self.shared);
            std::thread::spawn(move || respond(&stream, || shared.state().service));
        }
    }
}

fn visited(stream: &TcpStream, from: Ipv4Addr, shared: &Shared) -> std::io::Result<()> {
    shared.state().visits.push((Instant::now(), from));
    respond(stream, || shared.state().web)
}

/// Reads the head of a request and answers it.
fn respond(mut stream: &TcpStream, how: impl Fn() -> Option<Broken>) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut head = Vec::new();
    let mut bytes = [0; 1_024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut bytes)? {
            0 => return Ok(()),
            length => head.extend_from_slice(&bytes[..length]),
        }
    }
    let status = match how() {
        None => "200 OK",
        Some(Broken::Refusing) => "503 Service Unavailable",
        Some(Broken::Silent) => {
            let _ = stream.read(&mut bytes);
            return Ok(());
        }
    };
    let body = if head.starts_with(b"HEAD") { "" } else { "ok\n" };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{body}"
    )
}

/// Answers what has come.
fn answer(socket: &UdpSocket, how: Option<Broken>, reply: impl Fn(&[u8], SocketAddr) -> Option<Vec<u8>>) {
    let mut bytes = [0; 1_500];
    while let Ok((length, from)) = socket.recv_from(&mut bytes) {
        if how != Some(Broken::Silent)
            && let Some(reply) = reply(&bytes[..length], from)
        {
            let _ = socket.send_to(&reply, from);
        }
    }
}

/// The answer to a DNS question (RFC 1035 §4.1): the web server has every name. `None` where it is no question.
fn resolved(question: &[u8], refuses: bool) -> Option<Vec<u8>> {
    let mut end = 12;
    while *question.get(end)? != 0 {
        end += usize::from(question[end]) + 1;
    }
    let asked = question.get(..end + 5)?;
    let is_for_address = asked[end + 1..end + 3] == [0, 1];
    let mut reply = asked.to_vec();
    // A response, recursion available; SERVFAIL is 2.
    reply[2] = 0x80 | (asked[2] & 0x01);
    reply[3] = if refuses { 0x82 } else { 0x80 };
    reply[4..12].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
    if is_for_address && !refuses {
        reply[7] = 1;
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
        reply.extend(WEB.octets());
    }
    Some(reply)
}

/// The answer to a STUN question (RFC 8489 §6.3.3); nothing where it is none.
fn mapped(question: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    let SocketAddr::V4(from) = from else { return None };
    let transaction = question.get(4..20)?;
    if question[..2] != [0, 1] {
        return None;
    }
    let mut reply = vec![1, 1, 0, 12];
    reply.extend(transaction);
    // XOR-MAPPED-ADDRESS.
    reply.extend([0, 0x20, 0, 8, 0, 1]);
    let port = from.port().to_be_bytes().into_iter();
    let masked = port
        .zip(&transaction[..2])
        .chain(from.ip().octets().into_iter().zip(&transaction[..4]));
    reply.extend(masked.map(|(byte, mask)| byte ^ mask));
    Some(reply)
}
