//! Relays: which ones are asked, and STUN.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::bound;
use super::trouble::Trouble;
use crate::localapi::LocalApi;
use crate::localapi::data::{DerpMap, DerpRegion};
use crate::monitor::probe::stun::{self, Transaction};
use crate::monitor::watch::Way;

/// How long a map of the relays is believed.
const KEPT: Duration = Duration::from_hours(1);
/// How long one that does not have the home region is: it has changed, or was asked for before the first login.
const DOUBTED: Duration = Duration::from_secs(1);
/// So many relays of the region, and so many other regions, are asked.
const MOST: usize = 2;

/// The relays, as tailscaled last said.
#[derive(Debug, Default)]
pub(super) struct Relays {
    map: Mutex<Option<(Instant, Arc<DerpMap>)>>,
}

/// One way to ask a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// STUN.
    Stun(SocketAddr),
    /// A TCP connection to where it relays: where UDP is blocked, everything goes by that.
    Tcp(SocketAddr),
}

impl Relays {
    /// How the relays of a region are asked, and then those of two others: each by the family of addresses that leads out, where
    /// it has one of it.
    pub(super) async fn attempts(&self, region: &str, is_ipv4: bool, api: &LocalApi) -> Result<Vec<Attempt>, Trouble> {
        let mut map = self.map(api, KEPT).await?;
        if !map.regions.values().any(|one| one.region_code == region) {
            map = self.map(api, DOUBTED).await?;
        }
        let home = map.regions.values().find(|one| one.region_code == region);
        let Some(home) = home else {
            return Err(Trouble::CannotTell(format!("tailscaled's map has no region {region}")));
        };
        let others = map
            .regions
            .values()
            .filter(|one| one.region_code != home.region_code && !one.avoid && !one.no_measure_no_home);
        let mut attempts: Vec<Attempt> = stun_of(home, is_ipv4).take(MOST).collect();
        let mut relays = home.nodes.iter().filter(|node| !node.stun_only);
        attempts.extend(relays.find_map(|node| {
            let to = SocketAddr::new(node.address(is_ipv4)?, node.relay()?);
            Some(Attempt::Tcp(to))
        }));
        attempts.extend(others.filter_map(|region| stun_of(region, is_ipv4).next()).take(MOST));
        if attempts.is_empty() {
            return Err(Trouble::CannotTell(format!(
                "the relays of {region} have no addresses in tailscaled's map"
            )));
        }
        Ok(attempts)
    }

    /// The map, asked for again where the one that is known is older.
    async fn map(&self, api: &LocalApi, kept: Duration) -> Result<Arc<DerpMap>, Trouble> {
        let known = self.map.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, map)) = &known
            && at.elapsed() < kept
        {
            return Ok(Arc::clone(map));
        }
        match api.derp_map().await {
            Ok(map) => {
                let map = Arc::new(map);
                *self.map.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), Arc::clone(&map)));
                Ok(map)
            }
            // The relays outlive tailscaled.
            Err(error) => known
                .map(|(_, map)| map)
                .ok_or_else(|| Trouble::CannotTell(error.to_string())),
        }
    }
}

fn stun_of(region: &DerpRegion, is_ipv4: bool) -> impl Iterator<Item = Attempt> {
    let nodes = region.nodes.iter();
    nodes.filter_map(move |node| {
        let to = SocketAddr::new(node.address(is_ipv4)?, node.stun()?);
        Some(Attempt::Stun(to))
    })
}

/// Asks a relay what it sees.
pub(super) async fn ask(to: SocketAddr, way: &Way) -> Result<(), Trouble> {
    let socket = bound::udp(to, way).await?;
    let mut transaction = Transaction::default();
    // 96 bits, as many as nobody who does not see the question guesses (RFC 8489 section 5).
    let random = [bound::random().to_be_bytes(), bound::random().to_be_bytes()];
    for (place, byte) in transaction.iter_mut().zip(random.as_flattened()) {
        *place = *byte;
    }
    let question = stun::request(transaction);
    socket.send(&question).await.map_err(|error| Trouble::of(&error))?;
    let mut packet = [0; 1_500];
    loop {
        let length = socket.recv(&mut packet).await.map_err(|error| Trouble::of(&error))?;
        let answer = packet.get(..length).and_then(stun::answer);
        if answer.is_some_and(|(answered, _)| answered == transaction) {
            return Ok(());
        }
    }
}
