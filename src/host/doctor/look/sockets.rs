//! Who answers here.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::host::doctor::facts::Known;
use crate::host::tailnet::listeners;

/// The first line that a server at port 22 of this machine says (RFC 4253 section 4.2), empty where it says nothing; none
/// where nobody listens, or not at loopback.
pub(super) async fn ssh(patience: Duration) -> Known<Option<String>> {
    let Some(taken) = listeners::is_taken(22) else {
        return Err("the kernel does not list who listens".into());
    };
    if !taken {
        return Ok(None);
    }
    for address in [
        SocketAddr::from((Ipv4Addr::LOCALHOST, 22)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 22)),
    ] {
        let Ok(Ok(mut stream)) = timeout(patience, TcpStream::connect(address)).await else {
            continue;
        };
        let mut said = [0; 255];
        let read = timeout(patience, stream.read(&mut said)).await;
        let length = read.map_or(0, |read| read.unwrap_or(0));
        let said = String::from_utf8_lossy(said.get(..length).unwrap_or_default()).into_owned();
        return Ok(Some(said.lines().next().unwrap_or_default().trim().to_owned()));
    }
    // It listens at another address of this machine.
    Ok(Some("a server".to_owned()))
}
