//! Sockets that take a certain way.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, socket_with};
use tokio::net::{TcpSocket, UdpSocket};

use super::trouble::Trouble;
use crate::monitor::watch::Way;

/// A UDP socket that speaks to this address alone: the kernel passes over what comes from others, and hands on what ICMP
/// says about it.
pub(super) async fn udp(to: SocketAddr, way: &Way) -> Result<UdpSocket, Trouble> {
    let any: SocketAddr = if to.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let bound = async {
        let socket = UdpSocket::bind(any).await?;
        socket.bind_device(device(way))?;
        socket.connect(to).await?;
        Ok(socket)
    };
    bound.await.map_err(|error: io::Error| Trouble::of(&error))
}

/// A TCP socket for this family of addresses.
pub(super) fn tcp(is_ipv4: bool, way: &Way) -> Result<TcpSocket, Trouble> {
    let bound = || {
        let socket = if is_ipv4 {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.bind_device(device(way))?;
        Ok(socket)
    };
    bound().map_err(|error: io::Error| Trouble::of(&error))
}

/// A socket for echoes to this address (`IPPROTO_ICMP` with `SOCK_DGRAM`, icmp(7)): the kernel writes the identifier and the
/// checksum, and hands over only the answers to it. To the program it is like a UDP socket.
pub(super) async fn echo(to: SocketAddr, way: &Way) -> Result<UdpSocket, Trouble> {
    let (family, protocol) = if to.is_ipv4() {
        (AddressFamily::INET, ipproto::ICMP)
    } else {
        (AddressFamily::INET6, ipproto::ICMPV6)
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let fd = socket_with(family, SocketType::DGRAM, flags, Some(protocol)).map_err(|errno| match errno {
        rustix::io::Errno::ACCESS | rustix::io::Errno::PERM => Trouble::CannotTell(
            "the host does not let the monitor send pings: net.ipv4.ping_group_range leaves its group out".to_owned(),
        ),
        errno => Trouble::of(&errno.into()),
    })?;
    let bound = async {
        let socket = UdpSocket::from_std(fd.into())?;
        socket.bind_device(device(way))?;
        socket.connect(to).await?;
        Ok(socket)
    };
    bound.await.map_err(|error: io::Error| Trouble::of(&error))
}

fn device(way: &Way) -> Option<&[u8]> {
    match way {
        Way::Routed => None,
        Way::By(interface) => Some(interface.as_str().as_bytes()),
    }
}

/// A number that those who do not see the packets cannot guess: the standard library keys its hashes by the kernel's random
/// numbers.
pub(crate) fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8)
}
