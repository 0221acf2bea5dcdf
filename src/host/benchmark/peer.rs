//! What is measured of one peer.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

use super::client::{self, Server};
use super::iperf3;
use super::progress::Progress;
use super::seen::{PeerSeen, Sender};
use crate::host::tailnet::{Figures, Target, figures_of, micros};
use crate::localapi::LocalApi;
use crate::localapi::data::PingKind;

/// How long round trips are measured while nothing else goes on.
const IDLE: Duration = Duration::from_secs(1);

/// Measures a peer, each direction for so long: by our own server at that port, else by iperf3, else without help.
pub(super) async fn measure(api: &LocalApi, target: &Target, port: u16, span: Duration) -> PeerSeen {
    let to = client::place(target.address, port);
    let mut seen = PeerSeen {
        name: target.name.clone(),
        address: target.address.to_string(),
        sender: None,
        unmeasured: None,
        idle: None,
        connect_millis: client::connecting(to).await.map(millis),
        download: None,
        during_download: None,
        upload: None,
        during_upload: None,
        last: None,
    };
    let bar = |what: &str, span| Progress::of(format!("{}: {what}", target.name), span);
    // Where not even a refusal comes back, nobody is waited for again.
    let server = match seen.connect_millis {
        Some(_) => client::connect(to).await,
        None => Server::Nobody,
    };
    match server {
        Server::Ready(greeted) => {
            drop(greeted);
            seen.sender = Some(Sender::Own);
            let idle = bar("round trips", IDLE).during(client::echoes(to, IDLE)).await;
            seen.idle = idle.ok().map(|trips| figures_of(&trips));
            match client::download(to, span, &bar("download", span)).await {
                Ok((rate, trips)) => (seen.download, seen.during_download) = (Some(rate), some(&trips)),
                Err(error) => seen.unmeasured = Some(broken_off("download", &error)),
            }
            match client::upload(to, span, &bar("upload", span)).await {
                Ok((rate, trips)) => (seen.upload, seen.during_upload) = (Some(rate), some(&trips)),
                Err(error) => seen.unmeasured = Some(broken_off("upload", &error)),
            }
        }
        server => {
            let idle = bar("round trips", IDLE).during(pings(api, target)).await;
            let is_away = seen.connect_millis.is_none() && idle.lost == idle.sent;
            seen.idle = Some(idle);
            if is_away {
                return seen;
            }
            by_iperf3(api, target, span, &mut seen).await;
            if seen.sender.is_none() && matches!(server, Server::Busy) {
                seen.unmeasured = Some("it serves the measurements of others just now".to_owned());
            }
        }
    }
    seen
}

/// The same where nobody serves our own measurement, by iperf3.
async fn by_iperf3(api: &LocalApi, target: &Target, span: Duration, seen: &mut PeerSeen) {
    // A connection that nobody takes is not worth starting another program for.
    if !client::listens(client::place(target.address, iperf3::PORT)).await {
        return;
    }
    let Some(program) = iperf3::program() else {
        seen.unmeasured = Some("iperf3 serves there, and is not installed here".to_owned());
        return;
    };
    for (is_download, what) in [(true, "download (iperf3)"), (false, "upload (iperf3)")] {
        let bar = Progress::of(format!("{}: {what}", target.name), span);
        let measuring = async {
            let rate = iperf3::measure(&program, target.address, span, is_download);
            tokio::join!(rate, pings(api, target))
        };
        let (rate, trips) = bar.during(measuring).await;
        match rate {
            Ok(rate) if is_download => (seen.download, seen.during_download) = (Some(rate), Some(trips)),
            Ok(rate) => (seen.upload, seen.during_upload) = (Some(rate), Some(trips)),
            Err(why) => seen.unmeasured = Some(format!("iperf3 says: {why}")),
        }
    }
    seen.sender = (seen.download.is_some() || seen.upload.is_some()).then_some(Sender::Iperf3);
}

fn broken_off(what: &str, error: &io::Error) -> String {
    format!("the {what} broke off: {error}")
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
        sleep(Duration::from_millis(100)).await;
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
