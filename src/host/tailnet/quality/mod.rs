//! `tsctl quality`, also called `ts-quality`: how good the ways to peers and relays are, measured now.
//!
//! [`targets`] finds the peers that are meant, [`pings`] and [`relays`] measure, [`judge`] says what is wrong, [`draw`] shows
//! what was [`seen`].

mod draw;
mod judge;
mod nat;
mod pings;
mod relays;
mod seen;
mod targets;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::ValueParser;

pub(crate) use self::draw::span_text as millis_text;
use self::judge::Measured;
pub(crate) use self::judge::figures_of;
pub(crate) use self::nat::{Nat, nat};
#[cfg(test)]
pub(crate) use self::relays::RegionAnswers;
pub(crate) use self::relays::{RelayAnswers, measure as measure_relays};
pub(crate) use self::seen::Figures;
pub(crate) use self::targets::{Target, choose};
use super::socket_args::{SocketArgs, block_on};
use crate::host::failure::Failure;
use crate::host::show::{Reason, ShowArgs, State};
use crate::host::status::Status as Ended;
use crate::host::{Streams, clock};
use crate::localapi::data::BackendState;
use crate::monitor::probe::Limits;
use crate::net::{Percent, TimeSpan};

/// So many peers are measured where none is named: the exit node, those that are in use, then by name.
const MOST: usize = 32;

/// Measure how good the ways to peers and relays are
///
/// Also called as ts-quality. Pings each peer through tailscaled, as any user may, and asks the relays over STUN from this
/// process: latency, jitter, loss, which way packets take, and what kind of NAT is in between. The first pings of each peer
/// are not counted: a path begins at a relay until a direct one is found.
///
/// PEER is a name, an address or an identity; without one, the exit node and all that are online are measured, at most 32.
///
/// The exit status is 0 where all is good, 1 where something is slow, lossy or not reached, 2 where the exit node or all
/// peers are not reached, 3 where nothing could be measured.
#[derive(Debug, Args)]
pub(crate) struct Quality {
    /// Whom to measure
    #[arg(value_name = "PEER")]
    peers: Vec<String>,
    /// How many pings are counted, from 1 to 1000
    #[arg(long, value_name = "NUMBER", default_value = "10", value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
    /// Between two pings
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = between("50ms", "1m"))]
    interval: TimeSpan,
    /// How long an answer is waited for
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = between("10ms", "1m"))]
    timeout: TimeSpan,
    /// More is slow
    #[arg(long, value_name = "TIME", default_value = "200ms")]
    max_latency: TimeSpan,
    /// More is lossy, in percent
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = percent)]
    max_loss: Percent,
    /// Leave the relays out
    #[arg(long)]
    no_relays: bool,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    socket: SocketArgs,
}

fn between(least: &'static str, most: &'static str) -> ValueParser {
    let parse = move |written: &str| -> Result<TimeSpan, String> {
        let read = |text: &str| text.parse::<TimeSpan>().map_err(|error| error.to_string());
        let span = read(written)?;
        if (read(least)?..=read(most)?).contains(&span) {
            Ok(span)
        } else {
            Err(format!("from {least} to {most}"))
        }
    };
    ValueParser::from(parse)
}

fn percent(written: &str) -> Result<Percent, String> {
    let number: i64 = written.parse().map_err(|_| "a whole number of percent".to_owned())?;
    Percent::try_from(number).map_err(|error| error.to_string())
}

/// How something is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// How many pings are counted.
    pub(crate) count: NonZeroU32,
    /// Between two of them.
    pub(crate) interval: Duration,
    /// How long an answer is waited for.
    pub(crate) timeout: Duration,
}

impl Quality {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Ended, Failure> {
        self.show.show(streams, || {
            let measured = block_on(self.measure())?;
            Ok(judge::judge(measured, &self.limits(), clock::wall()))
        })
    }

    fn limits(&self) -> Limits {
        Limits {
            latency: self.max_latency,
            loss: self.max_loss,
            timeout: self.timeout,
        }
    }

    async fn measure(&self) -> Measured {
        let api = Arc::new(self.socket.client());
        let status = match api.status().await {
            Ok(status) => status,
            Err(error) => return Measured::unasked(error),
        };
        if status.backend_state != BackendState::Running {
            return Measured::not_running(status.backend_state);
        }
        let chosen = targets::choose(&status, &self.peers, MOST);
        let plan = Plan {
            count: NonZeroU32::new(self.count).unwrap_or(NonZeroU32::MIN),
            interval: self.interval.into(),
            timeout: self.timeout.into(),
        };
        let (relays, trouble) = if self.no_relays {
            (None, None)
        } else {
            match api.derp_map().await {
                Ok(map) if map.regions.is_empty() => (None, Some(untold("tailscaled knows of none"))),
                Ok(map) => (Some(tokio::spawn(relays::measure(map, plan))), None),
                Err(error) => (None, Some(untold(&error.to_string()))),
            }
        };
        let peers = pings::measure(&api, &chosen.peers, plan).await;
        let relays = match relays {
            Some(measuring) => measuring.await.ok(),
            None => None,
        };
        Measured {
            trouble,
            uses_exit_node: status.exit_node_status.is_some(),
            home_region: status.this_node.relay.clone(),
            unknown: chosen.unknown,
            left_out: chosen.left_out,
            peers,
            relays,
        }
    }
}

/// Why there are no relays to ask.
fn untold(why: &str) -> Reason {
    let text = format!("the relays cannot be measured: {why}");
    Reason::new(State::CannotTell, text).command("tsctl status")
}

#[cfg(test)]
mod tests;
