//! The way into a namespace: descriptors that were opened inside.
//!
//! A test process may not be able to enter a namespace (it has threads, and may not be root), but a program that it starts
//! inside is there already. It opens what is wanted and hands the descriptors over a socket. The program is this binary
//! itself, told by a variable to be the door: a test binary runs that one test which is it, another one asks
//! [`serve_if_asked`] before it does anything else.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, ipproto, netlink, recvmsg, sendmsg, socket_with,
};
use tappers::{Interface, Tun};

use super::super::netns::Netns;
use super::super::scratch::Scratch;
use super::super::{left_out, tool};

/// Where the door is to hand its descriptors.
const SOCKET: &str = "TAILWRIGHT_DOOR";
/// The interfaces that it is to make, with spaces between them.
const INTERFACES: &str = "TAILWRIGHT_DOOR_INTERFACES";
/// The most descriptors that fit one message (`SCM_MAX_FD` in include/net/scm.h).
const MOST: usize = 253;

/// Descriptors that belong to a namespace.
pub struct Door {
    /// One for each interface, in the order asked for: reads and writes IP packets, and never waits.
    pub interfaces: Vec<OwnedFd>,
    /// Sends IPv4 packets, header included, as the host's own.
    pub raw4: OwnedFd,
    /// Sends IPv6 packets, header included, as the host's own.
    pub raw6: OwnedFd,
    /// Speaks to netfilter.
    pub netfilter: OwnedFd,
}

impl Door {
    /// Makes the interfaces in `namespace` and opens them; they last as long as their descriptors. `None` only where the test
    /// may be left out (no `/dev/net/tun`), and noted.
    pub fn open(namespace: &Netns, interfaces: &[&str]) -> Option<Self> {
        let scratch = Scratch::new();
        let path = scratch.path().join("door");
        let listener = UnixListener::bind(&path).expect("a fresh directory");
        let mut command = namespace.command(std::env::current_exe().expect("this binary"));
        command
            .args(["--exact", THE_TEST, "--nocapture", "--test-threads=1"])
            .env(SOCKET, &path)
            .env(INTERFACES, interfaces.join(" "));
        let output = tool::run(&mut command);
        // What it hands over waits in the socket.
        listener.set_nonblocking(true).expect("a socket");
        let Ok((stream, _)) = listener.accept() else {
            panic!("the door did not open: {:?}", tool::accepted(&output));
        };
        let mut descriptors = match receive(&stream) {
            Ok(descriptors) => descriptors,
            Err(said) => {
                left_out::note_missing(&format!("no TUN devices here ({said})"));
                return None;
            }
        };
        assert_eq!(descriptors.len(), interfaces.len() + 3, "{:?}", tool::accepted(&output));
        let netfilter = descriptors.pop().expect("three more");
        let raw6 = descriptors.pop().expect("two more");
        let raw4 = descriptors.pop().expect("one more");
        for descriptor in &descriptors {
            rustix::io::ioctl_fionbio(descriptor, true).expect("a descriptor");
        }
        Some(Self {
            interfaces: descriptors,
            raw4,
            raw6,
            netfilter,
        })
    }
}

/// Whether this process was started to be the door; then it has done its work.
pub fn serve_if_asked() -> bool {
    let Some(path) = std::env::var_os(SOCKET) else {
        return false;
    };
    let stream = UnixStream::connect(path).expect("the program that started this one listens");
    let interfaces = std::env::var(INTERFACES).expect("said together with the socket");
    if let Err(said) = hand_over(&stream, &interfaces) {
        rustix::io::write(&stream, said.as_bytes()).expect("it listens");
    }
    true
}

/// What the program inside does.
fn hand_over(stream: &UnixStream, interfaces: &str) -> Result<(), String> {
    let fault = |what: &'static str| move |error| format!("{what}: {error}");
    let mut tuns = Vec::new();
    for name in interfaces.split_whitespace() {
        let interface = Interface::new(name).map_err(fault("the name of an interface"))?;
        tuns.push(Tun::new_named(interface).map_err(fault("/dev/net/tun"))?);
    }
    let raw = |family, protocol| {
        socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, Some(protocol))
            .map_err(|error| format!("a raw socket: {error}"))
    };
    let raw4 = raw(AddressFamily::INET, ipproto::RAW)?;
    let raw6 = raw(AddressFamily::INET6, ipproto::RAW)?;
    let netfilter = raw(AddressFamily::NETLINK, netlink::NETFILTER)?;
    let mut descriptors: Vec<BorrowedFd<'_>> = tuns.iter().map(AsFd::as_fd).collect();
    descriptors.extend([raw4.as_fd(), raw6.as_fd(), netfilter.as_fd()]);
    let message = SendAncillaryMessage::ScmRights(&descriptors);
    let mut space = vec![MaybeUninit::uninit(); message.size()];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(message), "there is room");
    sendmsg(stream, &[IoSlice::new(b"open")], &mut ancillary, SendFlags::empty())
        .map_err(|error| format!("the socket: {error}"))?;
    Ok(())
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
const THE_TEST: &str = "support::packets::door::descriptors_come_out_of_a_namespace";

#[test]
fn descriptors_come_out_of_a_namespace() {
    if serve_if_asked() {
        return;
    }
    let Some(namespace) = Netns::new() else { return };
    let Some(door) = Door::open(&namespace, &["tailscale0", "eth0.10"]) else {
        return;
    };
    assert_eq!(door.interfaces.len(), 2);
    let links = namespace.ip(&["-brief", "link"]);
    assert!(links.contains("tailscale0") && links.contains("eth0.10"), "{links}");
    assert!(!std::path::Path::new("/sys/class/net/eth0.10").exists(), "not ours");
    drop(door);
    assert!(!namespace.ip(&["-brief", "link"]).contains("eth0.10"));
}
