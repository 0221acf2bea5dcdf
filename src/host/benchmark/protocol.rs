//! What `tsctl benchmark` and `tsctl benchmark --serve` say to each other.
//!
//! TCP, one task a connection. Lines are ASCII, end with LF and have at most 64 bytes.
//!
//! ```text
//! server: tailwright-benchmark 1 ready        or: tailwright-benchmark 1 busy, and the end
//! client: download MILLIS                     the server sends for so long, then ends
//! client: upload MILLIS                       the client sends for so long, then ends its half;
//! server: received BYTES MICROS               then the server says what came, and in what time
//! client: echo                                the server sends back each 8 bytes, until the client ends
//! ```
//!
//! Nothing is forwarded, nothing is stored, and nobody is answered more than he sent but by a download, for which the way
//! back has been shown by the connection itself.

use std::time::Duration;

/// The first line of a server that has room.
pub(super) const READY: &str = "tailwright-benchmark 1 ready";
/// The first line of one that has not.
pub(super) const BUSY: &str = "tailwright-benchmark 1 busy";
/// The longest line in bytes, its end included.
pub(super) const LINE: usize = 64;
/// So many bytes are echoed at a time.
pub(super) const ECHO: usize = 8;
/// The longest download or upload.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Bytes from the server for so long.
    Download(Duration),
    /// Bytes to the server for so long.
    Upload(Duration),
    /// What is sent comes back.
    Echo,
}

impl Task {
    /// The line that asks for it.
    pub(super) fn line(self) -> String {
        match self {
            Self::Download(span) => format!("download {}\n", span.as_millis()),
            Self::Upload(span) => format!("upload {}\n", span.as_millis()),
            Self::Echo => "echo\n".to_owned(),
        }
    }

    /// What a line asks for, without its end; nothing where it asks for nothing that there is, or for too long.
    pub(super) fn read(line: &str) -> Option<Self> {
        let span = |millis: &str| {
            let is_plain = !millis.is_empty() && millis.bytes().all(|byte| byte.is_ascii_digit());
            let span = Duration::from_millis(millis.parse().ok().filter(|_| is_plain)?);
            (!span.is_zero() && span <= LONGEST).then_some(span)
        };
        match line.split_once(' ') {
            Some(("download", millis)) => span(millis).map(Self::Download),
            Some(("upload", millis)) => span(millis).map(Self::Upload),
            None if line == "echo" => Some(Self::Echo),
            _ => None,
        }
    }
}

/// What came of an upload, as the server says it.
pub(super) fn received(bytes: u64, span: Duration) -> String {
    format!("received {bytes} {}\n", span.as_micros())
}

/// Reads that: bytes, and the time that they took.
pub(super) fn read_received(line: &str) -> Option<(u64, Duration)> {
    let (bytes, micros) = line.strip_prefix("received ")?.split_once(' ')?;
    Some((bytes.parse().ok()?, Duration::from_micros(micros.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_asked_for_is_understood_and_nothing_else() {
        for bad in [
            "",
            "download",
            "download 0",
            "download 30001",
            "download -1",
            "upload 1 ",
            "echo 1",
            "GET / HTTP/1.1",
        ] {
            assert_eq!(Task::read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(millis in 1_u64..=30_000, bytes: u64, micros in 0_u64..1 << 40) {
            let span = Duration::from_millis(millis);
            for task in [Task::Download(span), Task::Upload(span), Task::Echo] {
                let line = task.line();
                prop_assert!(line.len() <= LINE);
                prop_assert_eq!(Task::read(line.trim_end_matches('\n')), Some(task));
            }
            let line = received(bytes, Duration::from_micros(micros));
            prop_assert!(line.len() <= LINE);
            prop_assert_eq!(read_received(line.trim_end()), Some((bytes, Duration::from_micros(micros))));
        }

        #[test]
        fn no_line_breaks_the_reader(line in ".{0,80}") {
            let _ = (Task::read(&line), read_received(&line));
        }
    }
}
