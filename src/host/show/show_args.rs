//! The options of every command that shows something.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::Duration;

use clap::Args;

use super::cell::Cell;
use super::screen::Screen;
use super::tone::Tone;
use super::view::View;
use crate::host::failure::Failure;
use crate::host::status::Status;
use crate::host::{Streams, clock};
use crate::net::TimeSpan;

/// How something is shown.
#[derive(Debug, Default, Args)]
pub(crate) struct ShowArgs {
    /// Print it as JSON; with --watch, one object a line
    #[arg(long)]
    json: bool,
    /// Show it again and again, each time after so much time; without TIME after 2s
    #[arg(
        long,
        value_name = "TIME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2s",
        value_parser = interval,
    )]
    watch: Option<Duration>,
}

/// The time between two frames, as it is typed.
pub(crate) fn interval(written: &str) -> Result<Duration, String> {
    let span: TimeSpan = written.parse().map_err(|error| format!("{error}"))?;
    let span = Duration::from(span);
    if (Duration::from_millis(100)..=Duration::from_hours(1)).contains(&span) {
        Ok(span)
    } else {
        Err("from 100ms to 1h".to_owned())
    }
}

impl ShowArgs {
    /// The same, for commands that have these options under other conditions.
    pub(crate) fn of(json: bool, watch: Option<Duration>) -> Self {
        Self { json, watch }
    }

    /// Whether it is shown as data.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether it is neither shown as data nor again and again.
    pub(crate) fn is_plain(&self) -> bool {
        !self.json && self.watch.is_none()
    }

    /// Takes what there is to see and shows it, once or until its reader leaves. The run ends with the status of what was
    /// seen last.
    pub(crate) fn show<V: View>(
        &self,
        streams: &mut Streams<'_>,
        mut take: impl FnMut() -> Result<V, Failure>,
    ) -> Result<Status, Failure> {
        let is_terminal = io::stdout().is_terminal();
        loop {
            let view = take()?;
            let written = self.frame(&view, is_terminal, &Screen::of_stdout(), streams.out);
            match (written, self.watch) {
                (Ok(()), Some(interval)) => clock::sleep(interval),
                // A reader that has left (`| head`) has seen what it wanted.
                (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
                _ => return Ok(view.status()),
            }
        }
    }

    /// Draws the view as it is made: what is long is never held whole, but for a terminal where it is drawn over the last one.
    fn frame<V: View>(&self, view: &V, is_terminal: bool, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(16 << 10, out);
        match (self.json, self.watch) {
            (true, None) => {
                serde_json::to_writer_pretty(&mut out, view)?;
                writeln!(out)?;
            }
            (true, Some(_)) => {
                serde_json::to_writer(&mut out, view)?;
                writeln!(out)?;
            }
            (false, None) => view.draw(screen, &mut out)?,
            (false, Some(_)) if is_terminal => {
                let mut drawn = Vec::new();
                view.draw(screen, &mut drawn)?;
                // Over what was drawn before, line by line, so that nothing flickers; then what is left of it.
                write!(out, "\u{1b}[H")?;
                let count = drawn.split_inclusive(|byte| *byte == b'\n').count();
                // What is wrong stands at the top. Below the last line the cursor takes one of its own.
                let room = screen.height().map_or(usize::MAX, |height| height.saturating_sub(1));
                let shown = if count > room { room.saturating_sub(1) } else { count };
                for line in drawn.split_inclusive(|byte| *byte == b'\n').take(shown) {
                    out.write_all(line.strip_suffix(b"\n").unwrap_or(line))?;
                    write!(out, "\u{1b}[K\r\n")?;
                }
                if shown < count {
                    let more = format!("… {} more lines; without --watch all of them are shown", count - shown);
                    let more = Cell::new(more).within(screen.width());
                    write!(out, "{}\u{1b}[K\r\n", screen.paint(Tone::Faint, &more))?;
                }
                write!(out, "\u{1b}[J")?;
            }
            (false, Some(_)) => {
                writeln!(out, "-- {}", clock::wall())?;
                view.draw(screen, &mut out)?;
            }
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Seen {
        peer_count: u32,
    }

    impl View for Seen {
        fn draw(&self, _: &Screen, out: &mut dyn Write) -> io::Result<()> {
            writeln!(out, "{} peers\nnone of them down", self.peer_count)
        }

        fn status(&self) -> Status {
            Status::Degraded
        }
    }

    fn frame(json: bool, watch: bool, is_terminal: bool) -> String {
        let args = ShowArgs {
            json,
            watch: watch.then_some(Duration::from_secs(1)),
        };
        let mut frame = Vec::new();
        args.frame(&Seen { peer_count: 3 }, is_terminal, &Screen::plain(80), &mut frame)
            .unwrap();
        String::from_utf8(frame).unwrap()
    }

    #[test]
    fn once_it_is_shown_as_it_is() {
        assert_eq!(frame(false, false, true), "3 peers\nnone of them down\n");
        assert_eq!(frame(true, false, true), "{\n  \"peerCount\": 3\n}\n");
    }

    #[test]
    fn again_and_again_it_is_drawn_over_the_last_or_below_it() {
        assert_eq!(frame(true, true, true), "{\"peerCount\":3}\n");
        assert_eq!(
            frame(false, true, true),
            "\u{1b}[H3 peers\u{1b}[K\r\nnone of them down\u{1b}[K\r\n\u{1b}[J"
        );
        let below = frame(false, true, false);
        assert!(below.starts_with("-- 2") && below.ends_with("Z\n3 peers\nnone of them down\n"));
    }

    #[test]
    fn what_is_longer_than_the_terminal_is_cut_and_says_so() {
        let args = ShowArgs {
            json: false,
            watch: Some(Duration::from_secs(1)),
        };
        let frame = |height: usize| {
            let mut frame = Vec::new();
            let screen = Screen::plain(80).of_height(height);
            args.frame(&Seen { peer_count: 3 }, true, &screen, &mut frame).unwrap();
            String::from_utf8(frame).unwrap().matches("\r\n").count()
        };
        // Two lines fit where there are three: the cursor stands in the last.
        assert_eq!((frame(24), frame(3)), (2, 2));
        let long = Long;
        let mut drawn = Vec::new();
        args.frame(&long, true, &Screen::plain(80).of_height(10), &mut drawn)
            .unwrap();
        let text = String::from_utf8(drawn).unwrap();
        let lines: Vec<&str> = text.split("\u{1b}[K\r\n").collect();
        assert_eq!(lines.len(), 10, "nine lines and the end: {text:?}");
        assert_eq!(lines[7], "line 7");
        assert_eq!(lines[8], "… 92 more lines; without --watch all of them are shown");
    }

    #[derive(Serialize)]
    struct Long;

    impl View for Long {
        fn draw(&self, _: &Screen, out: &mut dyn Write) -> io::Result<()> {
            (0..100).try_for_each(|number| writeln!(out, "line {number}"))
        }

        fn status(&self) -> Status {
            Status::Success
        }
    }

    /// Takes so many frames, then leaves.
    struct Reader(usize);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_goes_on_until_its_reader_leaves() {
        let args = ShowArgs {
            json: true,
            watch: Some(Duration::from_millis(1)),
        };
        let mut taken = 0;
        let status = args.show(
            &mut Streams {
                out: &mut Reader(3),
                err: &mut io::sink(),
            },
            || {
                taken += 1;
                Ok(Seen { peer_count: taken })
            },
        );
        assert!(matches!(status, Ok(Status::Degraded)));
        assert_eq!(taken, 4);
    }

    #[test]
    fn an_interval_is_no_busy_loop_and_not_for_ever() {
        assert_eq!(interval("100ms"), Ok(Duration::from_millis(100)));
        for bad in ["", "2", "99ms", "61m", "-1s"] {
            assert!(interval(bad).is_err(), "{bad}");
        }
    }
}
