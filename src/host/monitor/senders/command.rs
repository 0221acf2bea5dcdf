//! Messages to programs of this host.

use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout, timeout_at};

use super::{later, told};
use crate::host::program::said;
use crate::model::WebhookFormat;
use crate::monitor::alert::{Message, Outcome, Posting};
use crate::net::AbsolutePath;

/// Most bytes of what a program says that are kept.
const SAID: u64 = 1_000;
/// How long the last of it is waited for.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Starts the program with the message on its standard input, as JSON on one line, and in its environment.
pub(super) async fn tell(
    program: &AbsolutePath,
    arguments: &[String],
    message: &Message,
    deadline: Instant,
) -> Result<(), Outcome> {
    let mut command = Command::new(program.as_str());
    command.args(arguments);
    for (name, value) in environment(message) {
        command.env(name, value);
    }
    let mut input = Posting::of(message, WebhookFormat::Json).body.into_bytes();
    input.push(b'\n');
    run(command, &input, deadline).await
}

/// What the message says, a variable each.
fn environment(message: &Message) -> [(&'static str, String); 12] {
    [
        ("TSCTL_ID", message.id.clone()),
        ("TSCTL_HOST", message.host.to_string()),
        ("TSCTL_EVENT", message.event.as_str().to_owned()),
        ("TSCTL_ALARM", message.alarm.kind().to_owned()),
        ("TSCTL_ABOUT", message.about().unwrap_or_default()),
        ("TSCTL_SEVERITY", message.severity.as_str().to_owned()),
        ("TSCTL_AT", message.at().to_string()),
        ("TSCTL_SINCE", message.since().to_string()),
        ("TSCTL_TEXT", message.sentence()),
        ("TSCTL_COMMAND", message.command().to_owned()),
        ("TSCTL_WAITING", message.waiting.to_string()),
        ("TSCTL_LEFT_OUT", message.left_out.to_string()),
    ]
}

/// Runs a program with this on its standard input until the deadline; then it and what it started are killed.
///
/// Status 0: it has the message. `EX_USAGE`, `EX_DATAERR`, `EX_NOUSER`, `EX_NOPERM`, `EX_CONFIG` (sysexits.h): it does not want
/// it. Everything else: it is tried again.
pub(super) async fn run(mut command: Command, input: &[u8], deadline: Instant) -> Result<(), Outcome> {
    command
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .env_remove("CREDENTIALS_DIRECTORY")
        .env_remove("NOTIFY_SOCKET")
        .env_remove("WATCHDOG_USEC")
        .env_remove("WATCHDOG_PID")
        .process_group(0)
        .kill_on_drop(true);
    let child = command
        .spawn()
        .map_err(|error| later(format!("it cannot be started: {}", told(&error))))?;
    let mut running = Running::new(child);
    match timeout_at(deadline, running.end(input)).await {
        Ok(Ok((status, complaint))) => judge(status, &complaint),
        Ok(Err(error)) => Err(Outcome::Unanswered(told(&error))),
        Err(_) => Err(Outcome::Unanswered("it did not end in time, and was killed".to_owned())),
    }
}

fn judge(status: ExitStatus, complaint: &[u8]) -> Result<(), Outcome> {
    if status.success() {
        return Ok(());
    }
    let complaint = said(complaint).replace('\n', " ");
    let reason = match complaint.as_str() {
        "" => format!("it ended with {status}"),
        complaint => format!("it ended with {status}: {complaint}"),
    };
    Err(match status.code() {
        Some(64 | 65 | 67 | 77 | 78) => Outcome::Refused(reason),
        _ => later(reason),
    })
}

/// A program that runs, and everything that it started: both end with this value.
struct Running {
    child: Child,
    group: Option<Pid>,
}

impl Running {
    fn new(child: Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            group: id.and_then(Pid::from_raw),
            child,
        }
    }

    async fn end(&mut self, input: &[u8]) -> std::io::Result<(ExitStatus, Vec<u8>)> {
        let (stdin, stderr) = (self.child.stdin.take(), self.child.stderr.take());
        let give = async {
            if let Some(mut stdin) = stdin {
                // A program need not read it.
                let _ = stdin.write_all(input).await;
                let _ = stdin.shutdown().await;
            }
        };
        let mut complaint = Vec::new();
        let listen = async {
            if let Some(mut stderr) = stderr {
                let mut rest = [0; 1_024];
                let _ = (&mut stderr).take(SAID).read_to_end(&mut complaint).await;
                // The rest is read so that the program does not wait for its reader.
                while stderr.read(&mut rest).await.is_ok_and(|read| read > 0) {}
            }
        };
        let ended = async {
            let mut listen = pin!(listen);
            tokio::select! {
                status = self.child.wait() => {
                    // Something that it started may hold its standard error open: that is not waited for.
                    let _ = timeout(LAST_WORDS, listen).await;
                    status
                }
                () = &mut listen => self.child.wait().await,
            }
        };
        let ((), status) = tokio::join!(give, ended);
        let status = status?;
        // What it leaves running, it leaves on purpose.
        self.group = None;
        Ok((status, complaint))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // It may have ended, with everybody in it.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
