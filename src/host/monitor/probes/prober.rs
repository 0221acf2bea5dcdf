//! Asking one thing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::http::Tls;
use super::names::Names;
use super::places::Places;
use super::relay::{Attempt, Relays};
use super::trouble::Trouble;
use super::{dns, echo, http, links, ping, reach, relay, tcp};
use crate::host::tailnet::micros;
use crate::localapi::{Error, LocalApi};
use crate::monitor::watch::{Exchange, Expects, Probe, Question, Sample, Way};
use crate::net::UpstreamHost;

/// Asks what is to be asked. One for the whole program: it remembers names, the map of the relays and the trusted
/// authorities. To be used in a tokio runtime with I/O and time.
#[derive(Debug, Clone)]
pub struct Prober {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    api: Arc<LocalApi>,
    places: Places,
    names: Names,
    relays: Relays,
    tls: Tls,
}

impl Prober {
    /// One that has tailscaled ping through `api`, and reads the host's network in those places.
    pub fn new(api: Arc<LocalApi>, places: Places) -> Self {
        Self {
            shared: Arc::new(Shared {
                api,
                places,
                names: Names::default(),
                relays: Relays::default(),
                tls: Tls::default(),
            }),
        }
    }

    /// Asks, and says what came of it within [`Probe::patience`]. What is dropped before is closed.
    pub async fn run(&self, probe: Probe) -> Sample {
        let waited = probe.timeout.as_millis();
        let asked = timeout(probe.patience().into(), self.ask(probe)).await;
        let sample = asked.unwrap_or(Err(Trouble::Silence));
        sample.unwrap_or_else(|trouble| match trouble.fault(waited) {
            Ok(fault) => Sample::Failed(fault),
            Err(why) => Sample::CannotTell(why),
        })
    }

    async fn ask(&self, probe: Probe) -> Result<Sample, Trouble> {
        let patience: Duration = probe.timeout.into();
        match probe.question {
            Question::Links => {
                let links = links::read(&self.shared.places);
                let why =
                    |error: std::io::Error| Trouble::CannotTell(format!("the interfaces cannot be read: {error}"));
                Ok(Sample::Links(links.map_err(why)?))
            }
            Question::Daemon => {
                let began = Instant::now();
                match self.shared.api.prefs().await {
                    Ok(_) => Ok(Sample::Answered {
                        round_trips: vec![Some(micros(began.elapsed()))],
                        path: None,
                    }),
                    Err(Error::TimedOut { .. }) => Err(Trouble::Silence),
                    // One that is away is told by whoever follows it; one that refuses this answers.
                    Err(error) => Err(Trouble::CannotTell(error.to_string())),
                }
            }
            Question::Ping { address, kind, count } => {
                let pings = ping::ask(&self.shared.api, address, kind, count, patience).await?;
                Ok(Sample::Answered {
                    round_trips: pings.round_trips,
                    path: pings.path,
                })
            }
            Question::Reach { any_of, way } => {
                let attempts = any_of.into_iter().map(|exchange| {
                    let (shared, way) = (Arc::clone(&self.shared), way.clone());
                    async move { shared.exchange(&exchange, &way, patience).await }
                });
                let landed = reach::first(attempts, patience).await?;
                let unanswered = std::iter::repeat_n(None, landed.before);
                Ok(Sample::Answered {
                    round_trips: unanswered.chain([Some(landed.round_trip)]).collect(),
                    path: None,
                })
            }
            Question::Relay { region, is_ipv4, way } => {
                let attempts = self.shared.relays.attempts(&region, is_ipv4, &self.shared.api).await?;
                let attempts = attempts.into_iter().map(|attempt| {
                    let way = way.clone();
                    async move {
                        match attempt {
                            Attempt::Stun(to) => relay::ask(to, &way).await,
                            Attempt::Tcp(to) => tcp::connect(to, &way).await.map(drop),
                        }
                    }
                });
                // Where UDP is blocked for good, it is no loss that STUN is not answered.
                let landed = reach::first(attempts, patience).await?;
                Ok(Sample::Answered {
                    round_trips: vec![Some(landed.round_trip)],
                    path: None,
                })
            }
        }
    }
}

impl Shared {
    async fn exchange(&self, exchange: &Exchange, way: &Way, patience: Duration) -> Result<(), Trouble> {
        match exchange {
            Exchange::Echo { host, at } => echo::ask(self.address(host, *at).await?, way).await,
            Exchange::Tcp { host, at, port } => {
                let to = SocketAddr::new(self.address(host, *at).await?, port.get());
                tcp::connect(to, way).await.map(drop)
            }
            Exchange::Http { url, at, expects } => {
                let address = match expects {
                    Expects::Success => self.address(url.host(), *at).await?,
                    Expects::NoContent | Expects::Target => self.address_beside(url.host(), *at, patience).await?,
                };
                let to = SocketAddr::new(address, url.endpoint().port().get());
                let authorities = self.places.authorities.as_deref();
                let answer = http::ask(url, to, way, &self.tls, authorities).await?;
                let judged = expects.judge(url, answer.status, answer.location.as_deref());
                judged.map_err(Trouble::Says)
            }
            Exchange::Dns { server, name } => {
                // Which family is asked for does not matter: that there is none is an answer.
                dns::ask(*server, name, true, way).await.map(drop)
            }
        }
    }

    /// The same for what is asked through an exit node. A resolver that does not answer says nothing of the node: without an
    /// address it cannot be asked, and what else there is has its time, too.
    async fn address_beside(
        &self,
        host: &UpstreamHost,
        at: Option<IpAddr>,
        patience: Duration,
    ) -> Result<IpAddr, Trouble> {
        let found = timeout(patience / 3, self.address(host, at)).await;
        match found.unwrap_or(Err(Trouble::Silence)) {
            Ok(address) => Ok(address),
            Err(_) => Err(Trouble::CannotTell(format!("{host} is not resolved"))),
        }
    }

    async fn address(&self, host: &UpstreamHost, at: Option<IpAddr>) -> Result<IpAddr, Trouble> {
        match (at.or(host.address()), host.name()) {
            (Some(address), _) => Ok(address),
            (None, Some(name)) => self.names.find(name, &self.places).await,
            (None, None) => Err(Trouble::CannotTell(format!("{host} is no host"))),
        }
    }
}
