//! HTTP requests (RFC 9112), by TLS where the URL says so.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, LOCATION, USER_AGENT};
use hyper_util::rt::TokioIo;
use rustls_native_certs::{load_certs_from_paths, load_native_certs};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::tcp;
use super::trouble::Trouble;
use crate::monitor::watch::Way;
use crate::net::HttpUrl;

/// Who asks.
const AGENT: &str = concat!("tailwright/", env!("CARGO_PKG_VERSION"));

/// The authorities that are trusted, read when they are needed for the first time. Where there are none yet they are looked for
/// again: a monitor may start before they are there.
#[derive(Debug, Default)]
pub(super) struct Tls(OnceLock<Arc<ClientConfig>>);

impl Tls {
    fn connector(&self, authorities: Option<&Path>) -> Result<TlsConnector, Trouble> {
        let none = "no certificate of an authority is trusted here (NixOS: security.pki)";
        if let Some(config) = self.0.get() {
            return Ok(TlsConnector::from(Arc::clone(config)));
        }
        let config = config(authorities).ok_or_else(|| Trouble::CannotTell(none.to_owned()))?;
        Ok(TlsConnector::from(Arc::clone(self.0.get_or_init(|| config))))
    }
}

/// TLS towards whoever has a certificate of an authority that this machine trusts, or that is in that file; nothing where there
/// is no authority.
pub(in crate::host::monitor) fn config(authorities: Option<&Path>) -> Option<Arc<ClientConfig>> {
    let loaded = match authorities {
        Some(file) => load_certs_from_paths(Some(file), None),
        None => load_native_certs(),
    };
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(loaded.certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions().ok()?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    (good > 0).then(|| Arc::new(config))
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// Where it leads, where it says so.
    pub(super) location: Option<String>,
}

/// Asks for a URL at this address. Redirections are not followed.
pub(super) async fn ask(
    url: &HttpUrl,
    to: SocketAddr,
    way: &Way,
    tls: &Tls,
    authorities: Option<&Path>,
) -> Result<Answer, Trouble> {
    let stream = tcp::connect(to, way).await?;
    if !url.is_tls() {
        return exchange(url, stream).await;
    }
    let host = match url.host().address() {
        Some(address) => ServerName::from(address),
        None => ServerName::try_from(url.host().to_string())
            .map_err(|_| Trouble::CannotTell(format!("{} is no name for a certificate", url.host())))?,
    };
    let connector = tls.connector(authorities)?;
    let stream = connector.connect(host, stream).await;
    // What rustls says is the reason: a certificate that has expired, is not trusted, or is another's.
    exchange(url, stream.map_err(|error| Trouble::says(&format!("TLS: {error}")))?).await
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(url: &HttpUrl, stream: S) -> Result<Answer, Trouble> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    let request = hyper::Request::builder()
        .uri(url.path())
        .header(HOST, url.authority())
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| Trouble::CannotTell(error.to_string()))?;
    let response = sender.send_request(request);
    tokio::pin!(response, connection);
    // The connection moves the bytes; where it ends first, the response says why.
    let answer = tokio::select! {
        answer = &mut response => answer,
        _ = &mut connection => response.await,
    };
    let answer = answer.map_err(|error| broken(&error))?;
    let location = answer.headers().get(LOCATION);
    Ok(Answer {
        status: answer.status().as_u16(),
        // One that is not text leads nobody knows where: to no host.
        location: location.map(|value| value.to_str().unwrap_or("//").to_owned()),
    })
}

fn broken(error: &hyper::Error) -> Trouble {
    use std::error::Error as _;

    if let Some(error) = error
        .source()
        .and_then(|source| source.downcast_ref::<std::io::Error>())
    {
        return Trouble::of(error);
    }
    if error.is_incomplete_message() {
        return Trouble::says("the connection was closed before an answer");
    }
    Trouble::says(&format!("what came is no HTTP ({error})"))
}
