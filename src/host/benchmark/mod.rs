//! `tsctl benchmark`, also called `ts-benchmark`: how much goes through the tailnet, and what it does to everything else.
//!
//! [`protocol`] is what [`client`] and [`serve`] say to each other; [`services`] asks those of the settings; [`history`] has what
//! was measured before; [`judge`] says what is wrong, [`draw`] shows what was [`seen`].

mod client;
mod draw;
mod history;
mod iperf3;
mod judge;
mod progress;
mod protocol;
mod seen;
mod serve;
mod services;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::time::Instant;

use self::client::Server;
use self::history::Measured;
use self::progress::Progress;
use self::protocol::LONGEST;
use self::seen::{Benchmarked, Last, PeerSeen, Sender};
use super::deployed;
use super::failure::Failure;
use super::monitor::CONFIG;
use super::show::{Reason, ShowArgs, State};
use super::status::Status as Ended;
use super::tailnet::{Figures, SocketArgs, Target, block_on, choose, figures_of, micros, unasked};
use super::{Streams, clock};
use crate::localapi::LocalApi;
use crate::localapi::data::{BackendState, PingKind, Status};
use crate::net::TimeSpan;

/// So many peers are measured where none is named: the exit node, those that are in use, then by name.
const MOST: usize = 3;
/// The TCP port of a server, beside the UDP port of tailscaled.
const PORT: u16 = 41_642;
/// How long round trips are measured while nothing else goes on.
const IDLE: Duration = Duration::from_secs(1);

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
        let services = match deployed::settings(&self.config) {
            Ok(Some(settings)) => services::measure(&settings).await,
            Ok(None) => Vec::new(),
            Err(why) => {
                reasons
                    .push(Reason::new(State::CannotTell, why.to_string()).command("sudo tsctl monitor --check-config"));
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
        judge::judge(reasons, peers, services, clock::wall())
    }

    async fn of_peers(&self, api: &LocalApi, status: &Status, reasons: &mut Vec<Reason>) -> Vec<PeerSeen> {
        let chosen = choose(status, &self.peers, MOST);
        reasons.extend(
            chosen
                .unknown
                .into_iter()
                .map(|why| Reason::new(State::CannotTell, why)),
        );
        let file = self.history.clone().or_else(history::usual);
        let known = file.as_deref().map(history::read).unwrap_or_default();
        let mut peers = Vec::new();
        for target in chosen.peers {
            let mut seen = self.of_peer(api, &target).await;
            seen.last = history::last(&known, &seen.name).map(|last| Last {
                taken: last.taken.clone(),
                download: last.download,
                upload: last.upload,
                idle_millis: last.idle_millis,
            });
            peers.push(seen);
        }
        let now = clock::wall().to_string();
        let new: Vec<Measured> = peers
            .iter()
            .filter(|peer| peer.download.is_some())
            .map(|peer| Measured {
                taken: now.clone(),
                peer: peer.name.clone(),
                download: peer.download,
                upload: peer.upload,
                idle_millis: peer.idle.as_ref().and_then(|idle| idle.p50_millis),
            })
            .collect();
        if let Some(file) = file.filter(|_| !new.is_empty())
            && let Err(error) = history::keep(&file, known, &new)
        {
            let text = format!("the next run will not know of this one: {}: {error}", file.display());
            reasons.push(Reason::new(State::Good, text));
        }
        peers
    }

    async fn of_peer(&self, api: &LocalApi, target: &Target) -> PeerSeen {
        let to = client::place(target.address, self.port);
        let span = Duration::from_secs(self.seconds).min(LONGEST);
        let mut seen = PeerSeen {
            name: target.name.clone(),
            address: target.address.to_string(),
            sender: None,
            idle: None,
            connect_millis: client::connecting(to).await.map(millis),
            download: None,
            during_download: None,
            upload: None,
            during_upload: None,
            last: None,
        };
        let bar = |what: &str| Progress::of(format!("{}: {what}", target.name), span);
        if let Server::Ready(greeted) = client::connect(to).await {
            drop(greeted);
            seen.sender = Some(Sender::Own);
            seen.idle = client::echoes(to, IDLE).await.ok().map(|trips| figures_of(&trips));
            if let Ok((rate, trips)) = client::download(to, span, &bar("download")).await {
                seen.download = Some(rate);
                seen.during_download = some(&trips);
            }
            if let Ok((rate, trips)) = client::upload(to, span, &bar("upload")).await {
                seen.upload = Some(rate);
                seen.during_upload = some(&trips);
            }
            return seen;
        }
        seen.idle = Some(pings(api, target).await);
        // A connection that nobody takes is not worth starting another program for.
        if tokio::net::TcpStream::connect(client::place(target.address, iperf3::PORT))
            .await
            .is_ok()
        {
            for is_download in [true, false] {
                let bar = bar(if is_download {
                    "download (iperf3)"
                } else {
                    "upload (iperf3)"
                });
                let measuring =
                    async { tokio::join!(iperf3::measure(target.address, span, is_download), pings(api, target)) };
                let (rate, trips) = bar.during(measuring).await;
                if rate.is_some() {
                    seen.sender = Some(Sender::Iperf3);
                }
                if is_download {
                    (seen.download, seen.during_download) = (rate, rate.map(|_| trips));
                } else {
                    (seen.upload, seen.during_upload) = (rate, rate.map(|_| trips));
                }
            }
        }
        seen
    }
}

/// Ten pings by tailscaled.
async fn pings(api: &LocalApi, target: &Target) -> Figures {
    let mut trips = Vec::new();
    for _ in 0..10 {
        let pong = api.ping(target.address, PingKind::Disco, Duration::from_secs(1)).await;
        let pong = pong.ok().filter(|pong| pong.err.is_empty());
        trips.push(pong.map(|pong| micros(pong.latency())));
        if trips.len() == 3 && trips.iter().all(Option::is_none) {
            // A peer that is away is not waited for ten times.
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    figures_of(&trips)
}

fn some(trips: &[Option<u64>]) -> Option<Figures> {
    (!trips.is_empty()).then(|| figures_of(trips))
}

#[allow(clippy::cast_precision_loss, reason = "microseconds of some seconds")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

#[cfg(test)]
mod tests;
