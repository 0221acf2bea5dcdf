//! How far it is, on a terminal.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use tokio::time::{Instant, interval};

use crate::host::tailnet::bits;

/// A bar on standard error, where that is a terminal.
pub(super) struct Progress {
    is_shown: bool,
    what: String,
    whole: Duration,
    drawn: Cell<usize>,
}

/// How many parts the bar has.
const PARTS: usize = 20;

impl Progress {
    /// That of something that takes so long.
    pub(super) fn of(what: String, whole: Duration) -> Self {
        Self {
            is_shown: io::stderr().is_terminal(),
            what,
            whole,
            drawn: Cell::new(usize::MAX),
        }
    }

    /// It has gone on for so long, at so many bits per second.
    pub(super) fn at(&self, spent: Duration, rate: u64) {
        let done = parts(spent, self.whole);
        if self.drawn.replace(done) != done && self.is_shown {
            // That it cannot be shown harms nothing.
            let _ = write!(io::stderr(), "\r\u{1b}[K{}", line(&self.what, done, rate));
            let _ = io::stderr().flush();
        }
    }
}

impl Progress {
    /// Does that, and fills with the time meanwhile: of work that does not say how far it is.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let mut ticks = interval((self.whole / 20).max(Duration::from_millis(1)));
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = ticks.tick() => self.at(began.elapsed(), 0),
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown && self.drawn.get() != usize::MAX {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn parts(spent: Duration, whole: Duration) -> usize {
    let share = (spent.as_millis() * PARTS as u128).checked_div(whole.as_millis());
    usize::try_from(share.unwrap_or_default()).map_or(PARTS, |done| done.min(PARTS))
}

fn line(what: &str, done: usize, rate: u64) -> String {
    let bar: String = (0..PARTS).map(|part| if part < done { '█' } else { '·' }).collect();
    let rate = if rate == 0 {
        String::new()
    } else {
        format!("  {}", bits(rate))
    };
    format!("  {bar}  {what}{rate}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_while_it_is_waited_for() {
        let bar = Progress::of("beta: download (iperf3)".to_owned(), Duration::from_millis(100));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let waited = runtime.block_on(bar.during(async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            assert!((8..PARTS).contains(&bar.drawn.get()), "{}", bar.drawn.get());
            tokio::time::sleep(Duration::from_millis(80)).await;
            7
        }));
        assert_eq!((waited, bar.drawn.get()), (7, PARTS));
    }

    #[test]
    fn a_bar_fills_and_never_flows_over() {
        let second = Duration::from_secs(1);
        assert_eq!(parts(second / 2, second), 10);
        assert_eq!(parts(second * 9, second), PARTS);
        assert_eq!(parts(second, Duration::ZERO), 0);
        assert_eq!(
            line("beta: download", 2, 20_000_000),
            "  ██··················  beta: download  20 Mbit/s"
        );
    }
}
