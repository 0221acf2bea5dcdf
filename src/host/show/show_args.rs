//! The options of every command that shows something.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::Args;

use super::screen::Screen;
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

fn interval(written: &str) -> Result<Duration, String> {
    let span: TimeSpan = written.parse().map_err(|error| format!("{error}"))?;
    let span = Duration::from(span);
    if (Duration::from_millis(100)..=Duration::from_hours(1)).contains(&span) {
        Ok(span)
    } else {
        Err("from 100ms to 1h".to_owned())
    }
}

impl ShowArgs {
    /// Once, as JSON or for people: for commands that have these options under other conditions.
    pub(crate) fn once(json: bool) -> Self {
        Self { json, watch: None }
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
            let frame = self.frame(&view, is_terminal, &Screen::of_stdout())?;
            let written = streams.out.write_all(&frame).and_then(|()| streams.out.flush());
            match (written, self.watch) {
                (Ok(()), Some(interval)) => clock::sleep(interval),
                // A reader that has left (`| head`) has seen what it wanted.
                (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
                _ => return Ok(view.status()),
            }
        }
    }

    fn frame<V: View>(&self, view: &V, is_terminal: bool, screen: &Screen) -> io::Result<Vec<u8>> {
        let mut frame = Vec::new();
        match (self.json, self.watch) {
            (true, None) => {
                serde_json::to_writer_pretty(&mut frame, view)?;
                writeln!(frame)?;
            }
            (true, Some(_)) => {
                serde_json::to_writer(&mut frame, view)?;
                writeln!(frame)?;
            }
            (false, None) => view.draw(screen, &mut frame)?,
            (false, Some(_)) => {
                let mut drawn = Vec::new();
                view.draw(screen, &mut drawn)?;
                if is_terminal {
                    // Over what was drawn before, line by line, so that nothing flickers; then what is left of it.
                    write!(frame, "\u{1b}[H")?;
                    for line in drawn.split_inclusive(|byte| *byte == b'\n') {
                        frame.write_all(line.strip_suffix(b"\n").unwrap_or(line))?;
                        write!(frame, "\u{1b}[K\r\n")?;
                    }
                    write!(frame, "\u{1b}[J")?;
                } else {
                    writeln!(frame, "-- {}", clock::wall())?;
                    frame.write_all(&drawn)?;
                }
            }
        }
        Ok(frame)
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
        let frame = args
            .frame(&Seen { peer_count: 3 }, is_terminal, &Screen::plain(80))
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
