//! The journal, in its own words.
//!
//! A record is one datagram (systemd.io, "Native Journal Protocol"): a line `NAME=value` for each field, or, where a value has more
//! than one line, its name, a line end, its length as 64 bits in little-endian order, the value and a line end. What a program
//! writes to standard error has no fields but its text and its priority.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Where the journal listens (systemd-journald.service(8)).
pub(super) const SOCKET: &str = "/run/systemd/journal/socket";

/// A field of a record: its name, in capitals, and its value.
pub(super) type Field = (&'static str, String);

/// The journal of this machine.
#[derive(Debug)]
pub(super) struct Journal(UnixDatagram);

impl Journal {
    /// The one that listens there; an error where none does.
    pub(super) fn at(socket: &Path) -> io::Result<Self> {
        let datagrams = UnixDatagram::unbound()?;
        // The monitor never waits for whoever reads what it says.
        datagrams.set_nonblocking(true)?;
        datagrams.connect(socket)?;
        Ok(Self(datagrams))
    }

    /// Hands it a record.
    pub(super) fn tell(&self, fields: &[Field]) -> io::Result<()> {
        self.0.send(&record(fields)).map(drop)
    }
}

/// A record as it is sent.
fn record(fields: &[Field]) -> Vec<u8> {
    let mut record = Vec::new();
    for (name, value) in fields {
        record.extend_from_slice(name.as_bytes());
        if value.contains('\n') {
            record.push(b'\n');
            record.extend_from_slice(&(value.len() as u64).to_le_bytes());
        } else {
            record.push(b'=');
        }
        record.extend_from_slice(value.as_bytes());
        record.push(b'\n');
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_becomes_another_field() {
        let fields = [("MESSAGE", "one\nPRIORITY=0".to_owned()), ("PRIORITY", "5".to_owned())];
        assert_eq!(
            record(&fields),
            b"MESSAGE\n\x0e\0\0\0\0\0\0\0one\nPRIORITY=0\nPRIORITY=5\n"
        );
    }

    #[test]
    fn a_record_is_one_datagram() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        assert!(Journal::at(&path).is_err(), "there is none");
        let journald = UnixDatagram::bind(&path).unwrap();
        let journal = Journal::at(&path).unwrap();
        journal.tell(&[("MESSAGE", "it is well".to_owned())]).unwrap();
        let mut bytes = [0; 100];
        let length = journald.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..length], b"MESSAGE=it is well\n");
    }
}
