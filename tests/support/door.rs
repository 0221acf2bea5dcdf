//! The way into namespaces: descriptors that were opened inside.
//!
//! A test process may not be able to enter a namespace (it may not be root), but a program that it starts there can. It opens
//! what is wanted and hands the descriptors over a socket. The program is this binary itself, told by a variable to be the
//! door: a test binary runs that one test which is it, another one asks [`serve_if_asked`] before it does anything else.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, ipproto, netlink, recvmsg, sendmsg, socket_with,
};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde::{Deserialize, Serialize};
use tappers::{Interface, Tun};

use super::netns::Netns;
use super::scratch::Scratch;
use super::{left_out, tool};

/// Where the door is to hand its descriptors.
const SOCKET: &str = "TAILWRIGHT_DOOR";
/// What it is to open, in JSON.
const WANTED: &str = "TAILWRIGHT_DOOR_WANTED";
/// The most descriptors that fit one message (`SCM_MAX_FD` in include/net/scm.h).
const MOST: usize = 253;

/// What is to be opened in a namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Wanted {
    /// A new interface of that name, which lasts as long as its descriptor: reads and writes IP packets, and never waits.
    Tun(String),
    /// Sends IPv4 packets, header included, as the namespace's own.
    Raw4,
    /// Sends IPv6 packets, header included, as the namespace's own.
    Raw6,
    /// Speaks to netfilter.
    Netfilter,
    /// A UDP socket at this address. It never waits.
    Udp(SocketAddr),
    /// A TCP socket that listens at this address. It never waits.
    Tcp(SocketAddr),
}

/// Opens in each namespace what is wanted there: the descriptors, in the same order. `None` only where the test may be left
/// out (no `/dev/net/tun`), and noted. All namespaces are of one family ([`Netns::peer`]).
pub fn open(rooms: &[(&Netns, &[Wanted])]) -> Option<Vec<Vec<OwnedFd>>> {
    let scratch = Scratch::new();
    let path = scratch.path().join("door");
    let listener = UnixListener::bind(&path).expect("a fresh directory");
    let first = rooms.first().expect("a namespace").0;
    let wanted: Vec<(&str, &[Wanted])> = rooms.iter().map(|(room, wanted)| (room.pid(), *wanted)).collect();
    let mut command = first.command_beside(std::env::current_exe().expect("this binary"));
    command
        .args(["--exact", THE_TEST, "--nocapture", "--test-threads=1"])
        .env(SOCKET, &path)
        .env(WANTED, serde_json::to_string(&wanted).expect("data"));
    let output = tool::run(&mut command);
    // What it hands over waits in the socket.
    listener.set_nonblocking(true).expect("a socket");
    let Ok((stream, _)) = listener.accept() else {
        panic!("the door did not open: {:?}", tool::accepted(&output));
    };
    let mut descriptors = match receive(&stream) {
        Ok(descriptors) => descriptors.into_iter(),
        Err(said) if said.starts_with(TUN) => {
            left_out::note_missing(&format!("no TUN devices here ({said})"));
            return None;
        }
        Err(said) => panic!("the door: {said}"),
    };
    let opened = wanted
        .iter()
        .map(|(_, wanted)| descriptors.by_ref().take(wanted.len()).collect())
        .collect();
    assert_eq!(descriptors.len(), 0, "{:?}", tool::accepted(&output));
    Some(opened)
}

/// Whether this process was started to be the door; then it has done its work.
pub fn serve_if_asked() -> bool {
    let Some(path) = std::env::var_os(SOCKET) else {
        return false;
    };
    let stream = UnixStream::connect(path).expect("the program that started this one listens");
    let wanted = std::env::var(WANTED).expect("said together with the socket");
    if let Err(said) = hand_over(&stream, &serde_json::from_str::<Vec<_>>(&wanted).expect("as written")) {
        rustix::io::write(&stream, said.as_bytes()).expect("it listens");
    }
    true
}

/// What a fault begins with that a machine without TUN devices has.
const TUN: &str = "/dev/net/tun";

/// What the program inside does.
fn hand_over(stream: &UnixStream, rooms: &[(String, Vec<Wanted>)]) -> Result<(), String> {
    let mut descriptors: Vec<OwnedFd> = Vec::new();
    for (room, wanted) in rooms {
        let namespace = File::open(format!("/proc/{room}/ns/net")).map_err(|error| format!("{room}: {error}"))?;
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(|error| format!("{room}: {error}"))?;
        for one in wanted {
            let descriptor = open_here(one).map_err(|said| match one {
                Wanted::Tun(name) => format!("{TUN}, {name}: {said}"),
                other => format!("{other:?}: {said}"),
            })?;
            descriptors.push(descriptor);
        }
    }
    let handles: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
    let message = SendAncillaryMessage::ScmRights(&handles);
    let mut space = vec![MaybeUninit::uninit(); message.size()];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(message), "there is room");
    sendmsg(stream, &[IoSlice::new(b"open")], &mut ancillary, SendFlags::empty())
        .map_err(|error| format!("the socket: {error}"))?;
    Ok(())
}

fn open_here(wanted: &Wanted) -> Result<OwnedFd, String> {
    let said = |error: std::io::Error| error.to_string();
    let raw = |family, protocol| {
        socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, Some(protocol)).map_err(|error| error.to_string())
    };
    match wanted {
        Wanted::Tun(name) => {
            let interface = Interface::new(name).map_err(said)?;
            let tun = Tun::new_named(interface).map_err(said)?;
            rustix::io::ioctl_fionbio(&tun, true).map_err(|error| error.to_string())?;
            tun.as_fd().try_clone_to_owned().map_err(said)
        }
        Wanted::Raw4 => raw(AddressFamily::INET, ipproto::RAW),
        Wanted::Raw6 => raw(AddressFamily::INET6, ipproto::RAW),
        Wanted::Netfilter => raw(AddressFamily::NETLINK, netlink::NETFILTER),
        Wanted::Udp(at) => {
            let socket = UdpSocket::bind(at).map_err(said)?;
            socket.set_nonblocking(true).map_err(said)?;
            Ok(socket.into())
        }
        Wanted::Tcp(at) => {
            let socket = TcpListener::bind(at).map_err(said)?;
            socket.set_nonblocking(true).map_err(said)?;
            Ok(socket.into())
        }
    }
}

/// The descriptors, or what was wrong.
fn receive(stream: &UnixStream) -> Result<Vec<OwnedFd>, String> {
    let mut text = [0; 1024];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        stream,
        &mut [IoSliceMut::new(&mut text)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )
    .map_err(|error| error.to_string())?;
    let descriptors: Vec<OwnedFd> = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    if descriptors.is_empty() {
        return Err(String::from_utf8_lossy(&text[..received.bytes]).into_owned());
    }
    Ok(descriptors)
}

/// The test below.
const THE_TEST: &str = "support::door::descriptors_come_out_of_namespaces";

#[test]
fn descriptors_come_out_of_namespaces() {
    if serve_if_asked() {
        return;
    }
    let Some(near) = Netns::new() else { return };
    let Some(far) = near.peer() else { return };
    let tuns = [Wanted::Tun("tailscale0".to_owned()), Wanted::Tun("eth0.10".to_owned())];
    let address: SocketAddr = "192.0.2.1:81".parse().expect("an address");
    let listeners = [Wanted::Tcp(address), Wanted::Udp(address)];
    let Some(mut opened) = open(&[(&near, &tuns), (&far, &listeners)]) else {
        return;
    };
    let links = near.ip(&["-brief", "link"]);
    assert!(links.contains("tailscale0") && links.contains("eth0.10"), "{links}");
    assert!(!std::path::Path::new("/sys/class/net/eth0.10").exists(), "not ours");
    assert!(!far.ip(&["-brief", "link"]).contains("eth0.10"), "nor that one's");
    let listener = TcpListener::from(opened[1].remove(0));
    assert_eq!(listener.local_addr().expect("it is bound"), address);
    drop(opened);
    assert!(!near.ip(&["-brief", "link"]).contains("eth0.10"));
}
