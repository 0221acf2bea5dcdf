//! TLS towards whoever has a certificate that this machine trusts.

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::told;
use crate::host::monitor::probes::trusted;

/// A connection to `host`, whose certificate has been checked. The reason where there is none.
pub(super) async fn over(stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| "its name can have no certificate".to_owned())?;
    // Reading the certificates of the machine takes some milliseconds, which nobody is to wait for.
    let config = tokio::task::spawn_blocking(|| trusted(None))
        .await
        .map_err(|error| told(&error))?;
    let config =
        config.ok_or_else(|| "no certificate of an authority is trusted here (NixOS: security.pki)".to_owned())?;
    TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(|error| format!("TLS: {}", told(&error)))
}
