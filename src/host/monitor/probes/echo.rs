//! ICMP echoes (RFC 792, RFC 4443 section 4).

use std::net::{IpAddr, SocketAddr};

use super::bound;
use super::trouble::Trouble;
use crate::monitor::watch::Way;

/// Echo request and reply of ICMP, and of ICMPv6.
const V4: [u8; 2] = [8, 0];
const V6: [u8; 2] = [128, 129];

/// Asks once and waits for the answer.
pub(super) async fn ask(to: IpAddr, way: &Way) -> Result<(), Trouble> {
    let socket = bound::echo(SocketAddr::new(to, 0), way).await?;
    let [request, reply] = if to.is_ipv4() { V4 } else { V6 };
    // Type, code, checksum, identifier; then a sequence number and what is to come back.
    let secret = bound::random().to_be_bytes();
    let mut packet = vec![request, 0, 0, 0, 0, 0, 0, 1];
    packet.extend(secret);
    socket.send(&packet).await.map_err(|error| Trouble::of(&error))?;
    let mut answer = [0; 64];
    loop {
        let length = socket.recv(&mut answer).await.map_err(|error| Trouble::of(&error))?;
        let answer = answer.get(..length).unwrap_or_default();
        if answer.first() == Some(&reply) && answer.get(8..) == Some(&secret[..]) {
            return Ok(());
        }
    }
}
