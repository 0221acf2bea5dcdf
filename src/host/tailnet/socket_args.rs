//! Which tailscaled is asked.

use std::future::Future;
use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::host::failure::Failure;
use crate::localapi::{LocalApi, Patience, SOCKET};

/// Which tailscaled is asked.
#[derive(Debug, Args)]
pub(crate) struct SocketArgs {
    /// Where tailscaled listens
    #[arg(long, value_name = "PATH", default_value = SOCKET)]
    socket: PathBuf,
}

impl SocketArgs {
    /// A client of it.
    pub(crate) fn client(&self) -> LocalApi {
        LocalApi::new(&self.socket, Patience::default())
    }
}

/// Does what waits for tailscaled, and for nothing else.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let failed = |error: io::Error| Failure::Program(format!("failed to wait for tailscaled: {error}"));
    Ok(runtime.map_err(failed)?.block_on(work))
}
