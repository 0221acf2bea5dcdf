//! Standard output and standard error.

use std::io::{self, BufWriter, StderrLock, StdoutLock, Write};

use anstream::ColorChoice;

/// The two streams, and whether they show colour: on a terminal, unless `NO_COLOR` is set.
pub(crate) struct Console {
    /// For results.
    pub(crate) out: Patient<BufWriter<StdoutLock<'static>>>,
    /// For everything that is said about the work.
    pub(crate) err: Patient<StderrLock<'static>>,
    /// Whether results are in colour.
    pub(crate) out_colour: bool,
    /// Whether messages are in colour.
    pub(crate) err_colour: bool,
}

impl Console {
    /// The streams of this process.
    pub(crate) fn new() -> Self {
        let has_colour = |choice| choice != ColorChoice::Never;
        Self {
            out_colour: has_colour(anstream::AutoStream::choice(&io::stdout())),
            err_colour: has_colour(anstream::AutoStream::choice(&io::stderr())),
            out: Patient::new(BufWriter::new(io::stdout().lock())),
            err: Patient::new(io::stderr().lock()),
        }
    }
}

/// A stream whose reader may leave (`| head`): what he does not want to read is dropped, and the run goes on.
pub(crate) struct Patient<W> {
    inner: W,
    has_reader: bool,
}

impl<W: Write> Patient<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            has_reader: true,
        }
    }

    fn unless_closed<T>(&mut self, otherwise: T, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if !self.has_reader {
            return Ok(otherwise);
        }
        match write(&mut self.inner) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.has_reader = false;
                Ok(otherwise)
            }
            outcome => outcome,
        }
    }
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails as often as it is asked.
    struct Failing(io::ErrorKind, usize);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.1 += 1;
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_no_error_and_is_not_asked_again() {
        let mut stream = Patient::new(Failing(io::ErrorKind::BrokenPipe, 0));
        stream.write_all(b"one").unwrap();
        stream.write_all(b"two").unwrap();
        assert_eq!(stream.inner.1, 1);
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut stream = Patient::new(Failing(io::ErrorKind::StorageFull, 0));
        assert!(stream.write_all(b"one").is_err());
    }
}
