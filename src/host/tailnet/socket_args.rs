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

/// Does what waits for tailscaled, and for nothing else: not for names that are still being resolved when it is done.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let failed = |error: io::Error| Failure::Program(format!("failed to wait for tailscaled: {error}"));
    let runtime = runtime.map_err(failed)?;
    let done = runtime.block_on(work);
    // Dropped, it would wait for threads that wait for a resolver.
    runtime.shutdown_background();
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn who_is_done_does_not_wait_for_a_thread_that_hangs() {
        let start = Instant::now();
        let done = block_on(async {
            let (begins, began) = tokio::sync::oneshot::channel();
            let _hangs = tokio::task::spawn_blocking(move || {
                begins.send(()).ok();
                std::thread::sleep(Duration::from_secs(5));
            });
            began.await.is_ok()
        });
        assert!(done.is_ok_and(|began| began));
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}
