//! The kernel's listeners, asked for over netlink (`sock_diag(7)`).
//!
//! The kernel goes through its listeners alone, which takes microseconds; for the tables in `/proc/net` it walks all sockets
//! that there could be.

use std::collections::BTreeSet;
use std::io;

use rustix::net::netlink::SOCK_DIAG;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};

/// `SOCK_DIAG_BY_FAMILY` (`linux/sock_diag.h`).
const BY_FAMILY: u16 = 20;
/// `NLM_F_REQUEST | NLM_F_DUMP` (`linux/netlink.h`).
const DUMP: u16 = 0x301;
/// `NLMSG_ERROR`, `NLMSG_DONE`.
const ERROR: u16 = 2;
const DONE: u16 = 3;
/// `struct nlmsghdr`.
const HEADER: usize = 16;
/// `struct nlmsghdr` with a `struct inet_diag_req_v2` (`linux/inet_diag.h`).
const REQUEST: usize = HEADER + 56;
/// `IPPROTO_TCP`, and the bit of `TCP_LISTEN`.
const TCP: u8 = 6;
const LISTEN: u32 = 1 << 10;
/// Where the port of a listener is in its message: behind the header, four bytes, and so in `struct inet_diag_sockid`.
const PORT: usize = HEADER + 4;

/// The TCP ports that somebody listens at, over IPv4 or IPv6.
pub(super) fn ports() -> io::Result<BTreeSet<u16>> {
    let mut found = BTreeSet::new();
    let mut answered = Err(io::ErrorKind::Unsupported.into());
    for family in [AddressFamily::INET, AddressFamily::INET6] {
        // A kernel without IPv6 answers for the other.
        let family = family_ports(family, &mut found);
        answered = answered.or(family);
    }
    answered.map(|()| found)
}

fn family_ports(family: AddressFamily, found: &mut BTreeSet<u16>) -> io::Result<()> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        Some(SOCK_DIAG),
    )?;
    let family = u8::try_from(family.as_raw()).map_err(io::Error::other)?;
    // Without an address it goes to the kernel, which has begun to answer when this returns.
    send(&socket, &request(family), SendFlags::empty())?;
    let mut page = vec![0; 32 << 10];
    loop {
        let (length, _) = recv(&socket, page.as_mut_slice(), RecvFlags::empty())?;
        if read(page.get(..length).unwrap_or_default(), found)? {
            return Ok(());
        }
    }
}

fn request(family: u8) -> [u8; REQUEST] {
    let mut request = [0; REQUEST];
    let mut put = |at: usize, bytes: &[u8]| {
        for (into, byte) in request.iter_mut().skip(at).zip(bytes) {
            *into = *byte;
        }
    };
    put(0, &u32::try_from(REQUEST).unwrap_or_default().to_ne_bytes());
    put(4, &BY_FAMILY.to_ne_bytes());
    put(6, &DUMP.to_ne_bytes());
    put(HEADER, &[family, TCP]);
    put(HEADER + 4, &LISTEN.to_ne_bytes());
    request
}

/// Reads the messages of one answer; whether the last of them was there.
fn read(mut answer: &[u8], found: &mut BTreeSet<u16>) -> io::Result<bool> {
    let short = || io::Error::new(io::ErrorKind::InvalidData, "a message of netlink that ends early");
    while !answer.is_empty() {
        let length = number(answer, 0)
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(short)?;
        let kind = bytes(answer, 4).map(u16::from_ne_bytes).ok_or_else(short)?;
        let message = answer.get(..length).filter(|_| length >= HEADER).ok_or_else(short)?;
        match kind {
            DONE => return Ok(true),
            ERROR => {
                let code = number(message, HEADER).ok_or_else(short)?;
                return Err(io::Error::from_raw_os_error(code.cast_signed().saturating_neg()));
            }
            BY_FAMILY => {
                found.insert(bytes(message, PORT).map(u16::from_be_bytes).ok_or_else(short)?);
            }
            _ => {}
        }
        // Each begins at a multiple of four (NLMSG_ALIGN).
        answer = answer.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

fn number(message: &[u8], at: usize) -> Option<u32> {
    bytes(message, at).map(u32::from_ne_bytes)
}

fn bytes<const COUNT: usize>(message: &[u8], at: usize) -> Option<[u8; COUNT]> {
    message.get(at..at.checked_add(COUNT)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut message = Vec::from(length.to_ne_bytes());
        message.extend(kind.to_ne_bytes());
        message.extend([0; 10]);
        message.extend(body);
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    #[test]
    fn listeners_are_read_to_the_end_of_the_answer() {
        let mut found = BTreeSet::new();
        let mut answer = message(BY_FAMILY, &[2, 10, 0, 0, 0, 22, 0, 0, 9]);
        answer.extend(message(BY_FAMILY, &[2, 10, 0, 0, 0x1f, 0x90, 0, 0]));
        assert!(!read(&answer, &mut found).unwrap());
        assert_eq!(found, BTreeSet::from([22, 8_080]));
        assert!(read(&message(DONE, &[0; 4]), &mut found).unwrap());
        let refused = message(ERROR, &(-13_i32).to_ne_bytes());
        assert_eq!(
            read(&refused, &mut found).unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
        assert!(read(&answer[..30], &mut found).is_err());
    }

    #[test]
    fn the_kernel_knows_a_listener_of_this_machine() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = std::net::TcpListener::bind(address) else {
                continue;
            };
            let port = listener.local_addr().unwrap().port();
            assert!(ports().unwrap().contains(&port), "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_harm(answer in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&answer, &mut BTreeSet::new());
        }
    }
}
