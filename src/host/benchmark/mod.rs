//! `tsctl benchmark`, also called `ts-benchmark`: how much goes through the tailnet, and what it does to everything else.
//!
//! [`peer`] measures one, by [`client`], who says to [`serve`] what stands in [`protocol`]; [`services`] asks those of the
//! settings; [`history`] has what was measured before; [`judge`] says what is wrong, [`draw`] shows what was [`seen`].

mod client;
mod draw;
mod history;
mod iperf3;
mod judge;
mod peer;
mod progress;
mod protocol;
mod seen;
mod serve;
pub(super) mod services;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::time::Instant;

use self::protocol::LONGEST;
use self::seen::{Benchmarked, PeerSeen};
use super::deployed;
use super::failure::Failure;
use super::monitor::CONFIG;
use super::show::{Reason, ShowArgs, State};
use super::status::Status as Ended;
use super::tailnet::{SocketArgs, block_on, choose, unasked};
use super::{Streams, clock};
use crate::localapi::LocalApi;
use crate::localapi::data::{BackendState, Status};
use crate::net::TimeSpan;

/// So many peers are measured where none is named: the exit node, those that are in use, then by name.
const MOST: usize = 3;
/// The TCP port of a server, beside the UDP port of tailscaled.
const PORT: u16 = 41_642;

/// Measure how much goes through the tailnet, and what that does to everything else
///
/// Also called as ts-benchmark. For each PEER: round trips while nothing else goes on, throughput in both directions, and
/// round trips meanwhile. The peer has to help: with `tsctl benchmark --serve`, or where both have iperf3, with `iperf3
/// --server`. Where nobody helps, what can be measured without is. The services of the settings are timed. What was measured
/// the last time stands beside it.
///
/// The exit status is 0 where all is good, 1 where something got much worse, queues too long or does not answer, 2 where a
/// peer does not answer, 3 where not everything could be measured.
#[derive(Debug, Args)]
pub(crate) struct Benchmark {
    /// Whom to measure, by name, address or identity; without any, the exit node and peers in use, at most 3
    #[arg(value_name = "PEER")]
    peers: Vec<String>,
    /// How long each direction is measured, from 1 to 30
    #[arg(long, value_name = "NUMBER", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=30))]
    seconds: u64,
    /// The settings with the services to time
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
    /// Help others to measure, on the tailnet's addresses alone
    #[arg(long, conflicts_with_all = ["peers", "seconds", "json", "watch"])]
    serve: bool,
    /// How long to help
    #[arg(long = "for", value_name = "TIME", default_value = "1h", requires = "serve")]
    time: TimeSpan,
    /// The TCP port of the one who helps
    #[arg(long, value_name = "PORT", default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Where the measurements are kept that the next ones are compared with
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    socket: SocketArgs,
}

impl Benchmark {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Ended, Failure> {
        if self.serve {
            return block_on(self.help(streams))?;
        }
        self.show.show(streams, || block_on(self.measure()))
    }

    /// Serves until its time is over.
    async fn help(&self, streams: &mut Streams<'_>) -> Result<Ended, Failure> {
        let api = self.socket.client();
        let status = api
            .status_without_peers()
            .await
            .map_err(|error| Failure::Program(error.to_string()))?;
        let mut listeners = Vec::new();
        for address in &status.tailscale_ips {
            let place = SocketAddr::new(*address, self.port);
            match TcpListener::bind(place).await {
                Ok(listener) => {
                    writeln!(streams.err, "serves at {place} for {}", self.time)?;
                    listeners.push(listener);
                }
                Err(error) => writeln!(streams.err, "cannot serve at {place}: {error}")?,
            }
        }
        if listeners.is_empty() {
            return Err(Failure::Program(
                "there is no address of the tailnet to serve at: tsctl status".to_owned(),
            ));
        }
        serve::serve(api, listeners, Instant::now() + Duration::from(self.time)).await;
        Ok(Ended::Success)
    }

    async fn measure(&self) -> Benchmarked {
        let api = self.socket.client();
        let mut reasons = Vec::new();
        let file = self.history.clone().or_else(history::usual);
        let known = file.as_deref().map(history::read).unwrap_or_default();
        let mut services = match deployed::settings(&self.config) {
            Ok(Some(settings)) => services::measure(&settings).await,
            Ok(None) => Vec::new(),
            Err(why) => {
                let check = format!("sudo tsctl monitor --check-config {}", self.config.display());
                reasons.push(Reason::new(State::CannotTell, why.to_string()).command(check));
                Vec::new()
            }
        };
        let mut peers = Vec::new();
        match api.status().await {
            Err(error) => reasons.push(unasked(&error)),
            Ok(status) if status.backend_state != BackendState::Running => {
                let text = format!("this node is not connected ({})", status.backend_state);
                reasons.push(Reason::new(State::Down, text).command("tsctl status"));
            }
            Ok(status) => peers = self.of_peers(&api, &status, &mut reasons).await,
        }
        for peer in &mut peers {
            peer.last = history::last_of_peer(&known, &peer.name);
        }
        for service in &mut services {
            service.last = history::last_of_service(&known, &service.name);
        }
        let now = clock::wall();
        let new = history::of(&peers, &services, &now.to_string());
        if let Some(file) = file.filter(|_| !new.is_empty())
            && let Err(error) = history::keep(&file, known, &new)
        {
            let text = format!("the next run will not know of this one: {}: {error}", file.display());
            reasons.push(Reason::new(State::Good, text));
        }
        judge::judge(reasons, peers, services, now)
    }

    async fn of_peers(&self, api: &LocalApi, status: &Status, reasons: &mut Vec<Reason>) -> Vec<PeerSeen> {
        let chosen = choose(status, &self.peers, MOST);
        reasons.extend(
            chosen
                .unknown
                .into_iter()
                .map(|why| Reason::new(State::CannotTell, why)),
        );
        let span = Duration::from_secs(self.seconds).min(LONGEST);
        let mut peers = Vec::new();
        for target in &chosen.peers {
            peers.push(peer::measure(api, target, self.port, span).await);
        }
        peers
    }
}

#[cfg(test)]
mod tests;
