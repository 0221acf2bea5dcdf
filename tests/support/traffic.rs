//! TCP connections that go on and on between two namespaces, and new ones again and again.
//!
//! The test binary starts itself once more inside each, as [`connections_go_on`], as [`probe`](super::probe) does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::netns::Netns;

/// The variable by which a started copy is told what to do.
const TASK: &str = "TAILWRIGHT_TEST_TRAFFIC";

/// A connection on which nothing moves for so long is lost.
const STALLED: Duration = Duration::from_secs(10);
/// How long a new connection may take that is to be refused in silence.
const PATIENCE: Duration = Duration::from_millis(300);

#[derive(Debug, Serialize, Deserialize)]
enum Task {
    /// Sends back what comes, on these ports, until standard input ends.
    Serve(Vec<u16>),
    Talk(Talk),
}

/// What is kept up until it is told to stop.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Talk {
    /// Connections that stay open and transfer all the time, one to each.
    pub steady: Vec<SocketAddr>,
    /// Where new connections must always succeed.
    pub open: Vec<SocketAddr>,
    /// Where they must never.
    pub shut: Vec<SocketAddr>,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Bytes that came back on each steady connection.
    pub transferred: Vec<u64>,
    /// New connections that were made.
    pub opened: u64,
    /// New connections that were refused, as they should be.
    pub refused: u64,
    /// What should not have happened.
    pub faults: Vec<String>,
}

/// A copy that runs inside a namespace until this is dropped or [ended](Self::end).
pub struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

/// A server on these ports of all addresses.
pub fn serve(namespace: &Netns, ports: &[u16]) -> Running {
    Running::start(namespace, &Task::Serve(ports.to_vec()))
}

/// A client; when this returns, its steady connections have transferred something.
pub fn talk(namespace: &Netns, talk: &Talk) -> Running {
    Running::start(namespace, &Task::Talk(talk.clone()))
}

impl Running {
    fn start(namespace: &Netns, task: &Task) -> Self {
        let binary = std::env::current_exe().expect("a test binary has a path");
        let mut child = namespace
            .command(binary)
            .args(["--exact", "support::traffic::connections_go_on", "--nocapture"])
            .env(TASK, serde_json::to_string(task).expect("data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Self { child, output };
        running.said("ready");
        running
    }

    /// Tells a client to stop; what became of its connections.
    pub fn end(mut self) -> Outcome {
        drop(self.child.stdin.take());
        serde_json::from_str(&self.said("outcome ")).expect("as it was written")
    }

    /// The rest of the line that begins so; the test runner's own words may stand before it.
    fn said(&mut self, start: &str) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).expect("text") > 0 {
            if let Some((_, rest)) = line.split_once(start) {
                return rest.to_owned();
            }
            line.clear();
        }
        panic!("the copy inside said nothing of {start:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn connections_go_on() {
    let given = std::env::var(TASK)
        .ok()
        .map(|task| serde_json::from_str(&task).expect("as it was written"));
    match given {
        None => {
            let port = listen(0);
            let shut = {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback");
                listener.local_addr().expect("bound")
            };
            let here = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let stop = Arc::new(AtomicBool::new(false));
            let talk = Talk {
                steady: vec![here],
                open: vec![here],
                shut: vec![shut],
            };
            let ended = keep_up(&talk, &stop, || std::thread::sleep(Duration::from_millis(200)));
            assert_eq!(ended.faults, Vec::<String>::new());
            assert!(
                ended.transferred[0] > 0 && ended.opened > 0 && ended.refused > 0,
                "{ended:?}"
            );
            // What is wrong shows.
            let talk = Talk {
                steady: vec![],
                open: vec![shut],
                shut: vec![here],
            };
            let ended = keep_up(&talk, &Arc::default(), || {
                std::thread::sleep(Duration::from_millis(200));
            });
            assert!(ended.faults.len() >= 2, "{ended:?}");
        }
        Some(Task::Serve(ports)) => {
            for port in ports {
                listen(port);
            }
            say("ready");
            wait_for_end();
        }
        Some(Task::Talk(talk)) => {
            let outcome = keep_up(&talk, &Arc::default(), || {
                say("ready");
                wait_for_end();
            });
            say(&format!("outcome {}", serde_json::to_string(&outcome).expect("data")));
        }
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("a pipe");
}

fn wait_for_end() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Sends back what comes, in threads of its own; the port.
fn listen(port: u16) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut output = stream.try_clone().expect("a descriptor");
                let _ = std::io::copy(&mut BufReader::new(stream), &mut output);
            });
        }
    });
    port
}

/// Keeps all of it up while `until` runs, which begins when every steady connection has transferred something.
fn keep_up(talk: &Talk, stop: &Arc<AtomicBool>, until: impl FnOnce()) -> Outcome {
    let mut outcome = Outcome::default();
    let streams: Vec<Result<TcpStream, String>> = talk.steady.iter().map(|to| begin(*to)).collect();
    let steady: Vec<_> = streams
        .into_iter()
        .map(|stream| spawn(stop, move |stop| transfer(stream?, stop)))
        .collect();
    let open: Vec<_> = talk
        .open
        .iter()
        .copied()
        .map(|to| spawn(stop, move |stop| connect_again(to, true, stop)))
        .collect();
    let shut: Vec<_> = talk
        .shut
        .iter()
        .copied()
        .map(|to| spawn(stop, move |stop| connect_again(to, false, stop)))
        .collect();
    until();
    stop.store(true, Ordering::SeqCst);
    let mut add = |counted: Result<u64, String>| match counted {
        Ok(count) => count,
        Err(fault) => {
            outcome.faults.push(fault);
            0
        }
    };
    let transferred = steady
        .into_iter()
        .map(|thread| add(thread.join().expect("no panic")))
        .collect();
    let opened = open
        .into_iter()
        .map(|thread| add(thread.join().expect("no panic")))
        .sum();
    let refused = shut
        .into_iter()
        .map(|thread| add(thread.join().expect("no panic")))
        .sum();
    Outcome {
        transferred,
        opened,
        refused,
        ..outcome
    }
}

type Counting = std::thread::JoinHandle<Result<u64, String>>;

fn spawn(stop: &Arc<AtomicBool>, work: impl FnOnce(&AtomicBool) -> Result<u64, String> + Send + 'static) -> Counting {
    let stop = Arc::clone(stop);
    std::thread::spawn(move || work(&stop))
}

/// A connection on which a first block has gone there and back.
fn begin(to: SocketAddr) -> Result<TcpStream, String> {
    let fault = |error: std::io::Error| format!("no connection to {to}: {error}");
    let mut stream = TcpStream::connect_timeout(&to, STALLED).map_err(fault)?;
    stream.set_read_timeout(Some(STALLED)).map_err(fault)?;
    stream.set_write_timeout(Some(STALLED)).map_err(fault)?;
    exchange(&mut stream, 0).map_err(fault)?;
    Ok(stream)
}

fn exchange(stream: &mut TcpStream, round: u64) -> std::io::Result<()> {
    let block = round.to_be_bytes().repeat(512);
    stream.write_all(&block)?;
    let mut back = vec![0; block.len()];
    stream.read_exact(&mut back)?;
    assert_eq!(back, block, "what comes back is what was sent");
    Ok(())
}

fn transfer(mut stream: TcpStream, stop: &AtomicBool) -> Result<u64, String> {
    let mut round = 1;
    while !stop.load(Ordering::SeqCst) {
        exchange(&mut stream, round).map_err(|error| format!("a connection was lost after {round} blocks: {error}"))?;
        round += 1;
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(round * 4096)
}

fn connect_again(to: SocketAddr, should_succeed: bool, stop: &AtomicBool) -> Result<u64, String> {
    let mut count = 0;
    while !stop.load(Ordering::SeqCst) {
        let patience = if should_succeed { STALLED } else { PATIENCE };
        match (TcpStream::connect_timeout(&to, patience), should_succeed) {
            (Ok(_), true) | (Err(_), false) => count += 1,
            (Ok(_), false) => return Err(format!("connected to {to} after {count} refusals")),
            (Err(error), true) => return Err(format!("not connected to {to} after {count} times: {error}")),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(count)
}
