//! Which TCP ports of this machine somebody listens at.

/// Whether somebody listens at that TCP port of this machine; nothing where the kernel does not say.
pub(crate) fn is_taken(port: u16) -> Option<bool> {
    let read = |file| std::fs::read_to_string(file).ok();
    // A kernel without IPv6 has only the first.
    let tables = [read("/proc/net/tcp"), read("/proc/net/tcp6")];
    let known: Vec<bool> = tables.iter().flatten().map(|table| listens(table, port)).collect();
    (!known.is_empty()).then(|| known.contains(&true))
}

/// Whether a table of the kernel (proc(5), `/proc/net/tcp`) has a listener at that port.
fn listens(table: &str, port: u16) -> bool {
    const LISTEN: &str = "0A";
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next().and_then(|local| local.rsplit(':').next());
        let is_port = local.and_then(|digits| u16::from_str_radix(digits, 16).ok()) == Some(port);
        is_port && fields.nth(1) == Some(LISTEN)
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
        assert!(listens(TABLE, 22));
        assert!(!listens(TABLE, 80), "a connection is no listener");
        assert!(!listens("", 22));
    }

    #[test]
    fn a_listener_of_this_machine_is_seen() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(is_taken(port), Some(true));
    }
}
