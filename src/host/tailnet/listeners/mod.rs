//! Which TCP ports of this machine somebody listens at: by [`sock_diag`], or where the kernel was built without it, in its tables
//! in `/proc/net`.

mod sock_diag;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};

/// The kernel hands its tables out a page at a time.
const PAGE: usize = 4_096;
/// No line of them is longer (`tcp6_sock_seq_show`: 170 characters).
const LINE: usize = 512;

/// Whether somebody listens at that TCP port of this machine; nothing where the kernel does not say.
pub(crate) fn is_taken(port: u16) -> Option<bool> {
    all().map(|ports| ports.contains(&port))
}

/// The TCP ports of this machine that somebody listens at; nothing where the kernel does not say.
pub(crate) fn all() -> Option<BTreeSet<u16>> {
    sock_diag::ports().ok().or_else(in_tables)
}

fn in_tables() -> Option<BTreeSet<u16>> {
    // A kernel without IPv6 has only the first.
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| {
        #[allow(clippy::disallowed_methods, reason = "only the kernel knows who listens")]
        File::open(file).and_then(table).ok()
    });
    let known: Vec<&String> = tables.iter().flatten().collect();
    let ports = || known.iter().flat_map(|table| ports(table)).collect();
    (!known.is_empty()).then(ports)
}

/// A table of the kernel. Each read(2) has it walk all sockets that there could be, which takes milliseconds on a machine with
/// much memory. Therefore a page that another line would have fitted in is taken for the last.
fn table(mut file: impl Read) -> io::Result<String> {
    let mut table = Vec::new();
    let mut page = [0; PAGE];
    loop {
        let length = file.read(&mut page)?;
        table.extend_from_slice(page.get(..length).unwrap_or_default());
        if length + LINE < PAGE {
            return String::from_utf8(table).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
        }
    }
}

/// The ports of the listeners in a table of the kernel (proc(5), `/proc/net/tcp`).
fn ports(table: &str) -> impl Iterator<Item = u16> {
    const LISTEN: &str = "0A";
    table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next()?.rsplit(':').next()?;
        let port = u16::from_str_radix(local, 16).ok()?;
        (fields.nth(1) == Some(LISTEN)).then_some(port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
";

    #[test]
    fn only_listeners_count() {
        assert_eq!(ports(TABLE).collect::<Vec<u16>>(), [22], "a connection is no listener");
        assert_eq!(ports("").count(), 0);
    }

    #[test]
    fn a_table_of_many_pages_is_read_whole() {
        let line =
            "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100\n";
        for lines in [0, 1, 38, 39, 40, 41, 42, 43, 400] {
            let long = line.repeat(lines);
            assert_eq!(table(long.as_bytes()).unwrap(), long);
        }
        assert!(table(&[0xff][..]).is_err());
    }

    #[test]
    fn a_listener_of_this_machine_is_seen() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(is_taken(port), Some(true));
        assert!(in_tables().unwrap().contains(&port), "the tables say the same");
    }
}
