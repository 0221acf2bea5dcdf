//! A monitor as a process.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long something may take that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that runs, and what it says. It is killed when the value is dropped.
pub struct Process {
    /// What was started: the program, or what entered a namespace for it and ends with it.
    child: Child,
    /// The program itself.
    pid: Pid,
    log: PathBuf,
}

impl Process {
    /// Starts it; what it says is added to the file `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::options().append(true).create(true).open(log).expect("it is ours");
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a descriptor"))
            .stderr(file)
            .spawn()
            .expect("the program was built");
        let pid = Pid::from_child(&child);
        Self {
            child,
            pid,
            log: log.to_owned(),
        }
    }

    /// Starts it by a command that enters another process namespace and waits there for the program.
    pub fn start_inside(command: &mut Command, log: &Path) -> Self {
        let mut entered = Self::start(command, log);
        let children = format!("/proc/{0}/task/{0}/children", entered.child.id());
        let until = Instant::now() + PATIENCE;
        loop {
            let text = std::fs::read_to_string(&children).unwrap_or_default();
            if let Some(pid) = text.trim().parse().ok().and_then(Pid::from_raw) {
                entered.pid = pid;
                return entered;
            }
            assert!(Instant::now() < until, "it never started:\n{}", entered.log());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The number of the program.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("it is ours");
    }

    /// How it ended, where it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is ours")
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn ended(mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.has_ended() {
                return status;
            }
            assert!(Instant::now() < until, "it does not end, and said:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Everything that was said into its file.
    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(self.pid, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// The status and the body of the answer to an HTTP request by a unix socket; nothing where nobody answers.
pub fn ask(socket: &Path, request: &str) -> Option<(u16, String)> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    stream.write_all(request.as_bytes()).ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// What the monitor with that control socket says of itself, as JSON; nothing where it does not answer.
pub fn report(socket: &Path) -> Option<String> {
    let (status, body) = ask(
        socket,
        "GET /report HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n",
    )?;
    assert_eq!(status, 200, "{body}");
    Some(body)
}
