//! Servers on the loopback that answer as they are told. They end with the test process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use tailwright::host::monitor::probes::{Places, Prober};
use tailwright::localapi::{LocalApi, Patience};
use tailwright::monitor::watch::{Exchange, Probe, Question, Sample, Way};
use tailwright::net::TimeSpan;

/// How long an answer is waited for.
pub const TIMEOUT: TimeSpan = TimeSpan::constant_millis(400);

/// A prober that knows these places, and a tailscaled that is not there.
pub fn prober(places: Places) -> Prober {
    let api = LocalApi::new("/nonexistent/tailscaled.sock", Patience::default());
    Prober::new(api.into(), places)
}

/// What came of a question, and how long that took.
pub fn ask(prober: &Prober, question: Question) -> (Sample, Duration) {
    let probe = Probe {
        number: 1,
        question,
        timeout: TIMEOUT,
    };
    let began = Instant::now();
    let sample = runtime().block_on(prober.run(probe));
    (sample, began.elapsed())
}

pub fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// One thing to reach by the routes of the host.
pub fn reach(exchange: Exchange) -> Question {
    Question::Reach {
        any_of: vec![exchange],
        way: Way::Routed,
    }
}

/// Answers each connection with these bytes, after so long, once it has been asked something.
pub fn speaks(answer: &'static str, after: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 2_000]);
                std::thread::sleep(after);
                let _ = stream.write_all(answer.as_bytes());
            });
        }
    });
    address
}

/// Answers each datagram with what becomes of it, from the socket or from another one.
pub fn replies(from_elsewhere: bool, reply: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    replies_at("127.0.0.1:0", from_elsewhere, reply)
}

/// The same at an address.
pub fn replies_at(
    address: &str,
    from_elsewhere: bool,
    reply: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static,
) -> SocketAddr {
    let socket = UdpSocket::bind(address).expect("a port");
    let other = UdpSocket::bind(address).expect("a port");
    let address = socket.local_addr().expect("bound");
    std::thread::spawn(move || {
        let mut packet = [0; 1_500];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let answering = if from_elsewhere { &other } else { &socket };
            for answer in reply(&packet[..length]) {
                let _ = answering.send_to(&answer, from);
            }
        }
    });
    address
}

/// Nobody listens there: it was free a moment ago.
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound")
}
