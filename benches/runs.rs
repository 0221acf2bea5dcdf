//! Runs of whole processes: how long, and with how much memory.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one row may take at most, on the machine that CI runs on.
pub struct Budget {
    pub time: Duration,
    pub megabytes: f64,
}

/// Runs of one command.
pub struct Runs {
    times: Vec<Duration>,
    megabytes: f64,
}

impl Runs {
    /// Times `count` runs, and watches the memory of a few more.
    pub fn of(count: usize, command: impl FnMut() -> Command) -> Self {
        Self::ending_with(0, count, command)
    }

    /// The same of a command that ends with that status.
    pub fn ending_with(code: i32, count: usize, mut command: impl FnMut() -> Command) -> Self {
        let mut start = || {
            let mut command = command();
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().expect("the program starts")
        };
        let mut times: Vec<Duration> = (0..count)
            .map(|_| {
                let begin = Instant::now();
                let status = start().wait().expect("it ends");
                let time = begin.elapsed();
                assert_eq!(status.code(), Some(code), "it ended with {status}");
                time
            })
            .collect();
        times.sort();
        let megabytes = (0..9).map(|_| peak(start())).fold(0.0, f64::max);
        Self { times, megabytes }
    }

    /// The time that half of them took no longer than.
    pub fn median(&self) -> Duration {
        self.times[self.times.len() / 2]
    }

    /// Prints the row; whether it kept its budget.
    pub fn print(&self, what: &str, budget: Option<&Budget>) -> bool {
        let kept = budget.is_none_or(|budget| self.median() <= budget.time && self.megabytes <= budget.megabytes);
        let slowest = self.times[self.times.len() - 1];
        println!(
            "{what:<44} {:>9.2} ms {:>9.2} ms {:>8.1} MB{}",
            milliseconds(self.median()),
            milliseconds(slowest),
            self.megabytes,
            if kept { "" } else { "  OVER ITS BUDGET" },
        );
        kept
    }
}

/// The most memory that the process had resident, in megabytes, from `/proc/PID/status`. (The figure of wait4(2) would be
/// ours: it counts what the process was before it became the program.)
fn peak(mut process: Child) -> f64 {
    let status = format!("/proc/{}/status", process.id());
    let mut kilobytes = 0.0;
    while process.try_wait().expect("it is our child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes = now.unwrap_or(kilobytes);
    }
    kilobytes * 1024.0 / 1e6
}

/// In milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
