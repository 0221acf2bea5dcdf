//! TCP connections.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use super::bound;
use super::trouble::Trouble;
use crate::monitor::watch::Way;

/// A connection by that way.
pub(super) async fn connect(to: SocketAddr, way: &Way) -> Result<TcpStream, Trouble> {
    let socket = bound::tcp(to.is_ipv4(), way)?;
    socket.connect(to).await.map_err(|error| Trouble::of(&error))
}
