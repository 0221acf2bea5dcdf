//! Looks. Everything that the checks are told is asked for here: files, the kernel, other programs, the network.

mod clock;
mod files;
mod home_relay;
mod kernel;
mod lookup;
mod monitor;
mod nginx;
mod programs;
mod services;
mod sockets;
mod units;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use super::check::Need;
use super::facts::{Facts, Known, Lookup, Names};
use super::judge::names::TAILSCALED;
use crate::host::clock as time;
use crate::host::deployed;
use crate::host::firewall::zones_at_a_glance;
use crate::host::tailnet::{Plan, StatusFacts, judge, listeners, measure_relays};
use crate::host::unknown::Unknown;
use crate::localapi::LocalApi;
use crate::localapi::data::{BackendState, PingKind, Status};
use crate::model::MonitorSettings;

/// How long anybody outside has for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where things are looked for.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// The settings that were deployed.
    pub(super) settings: &'a Path,
    /// The directory of the monitor's socket.
    pub(super) monitor: &'a Path,
}

/// Looks at everything, and at what is needed.
pub(super) async fn look(api: &LocalApi, places: &Places<'_>, needs: &[Need]) -> Facts {
    let wants = |need: Need| needs.contains(&need);
    let settings = deployed::settings(places.settings);
    let tailscaled = StatusFacts::ask(api, true).await;
    let now = time::wall();
    let node = judge::judge(&tailscaled, now);
    let status = tailscaled.status.as_ref().ok();
    let running = status.filter(|status| status.backend_state == BackendState::Running);
    let resolver = files::resolver(Path::new("/etc/resolv.conf"));
    let (relays, home_relay) = match running.filter(|_| wants(Need::Relays)) {
        Some(status) => relays(api, status).await,
        None => (Err(Unknown::NotAsked), Err(Unknown::NotAsked)),
    };
    let mut names = Names {
        by_tailscaled: Err(Unknown::NotAsked),
        by_resolver: Err(Unknown::NotAsked),
        resolver,
    };
    if let Some(status) = running.filter(|_| wants(Need::Names)) {
        names.by_tailscaled = lookup::lookup(TAILSCALED, status.this_node.full_name(), PATIENCE).await;
        names.by_resolver = match names
            .resolver
            .as_ref()
            .ok()
            .and_then(|resolver| resolver.servers.first())
        {
            Some(server) => lookup::lookup(*server, status.this_node.full_name(), PATIENCE).await,
            None => Ok(Lookup::Silent),
        };
    }
    let known = settings.as_ref().ok().and_then(Option::as_ref);
    let interface = known.map_or("tailscale0", |settings| settings.interface.as_str());
    let secrets = secrets(known);
    let asked = |need, ask: &dyn Fn() -> Known<super::facts::Units>| {
        if wants(need) { ask() } else { Err(Unknown::NotAsked) }
    };
    let units = asked(Need::Units, &units::units);
    Facts {
        now,
        is_root: rustix::process::geteuid().is_root(),
        udp_gro: match running.filter(|_| wants(Need::Gro)) {
            Some(_) => api
                .check_udp_gro_forwarding()
                .await
                .map_err(|error| error.to_string().into()),
            None => Err(Unknown::NotAsked),
        },
        exit_node_answers: match running.filter(|_| wants(Need::ExitNode)) {
            Some(status) => exit_node_answers(api, status).await,
            None => Err(Unknown::NotAsked),
        },
        kernel: kernel::kernel(interface, wants(Need::Rules)),
        firewall: if wants(Need::Firewall) {
            zones()
        } else {
            Err(Unknown::NotAsked)
        },
        nginx: if wants(Need::Nginx) {
            nginx::nginx()
        } else {
            Err(Unknown::NotAsked)
        },
        services: services::services(known.filter(|_| wants(Need::Services)), PATIENCE).await,
        ssh: sockets::ssh(PATIENCE).await,
        listens: listeners::all().ok_or_else(|| "the kernel does not list who listens".into()),
        clock: if wants(Need::Clock) {
            clock::clock()
        } else {
            Err(Unknown::NotAsked)
        },
        monitor: if wants(Need::Monitor) {
            monitor::report(places.monitor, PATIENCE).await
        } else {
            Err(Unknown::NotAsked)
        },
        disks: files::disks(),
        settings,
        tailscaled,
        node,
        relays,
        home_relay,
        names,
        units,
        secrets,
    }
}

/// The zone firewall; nft says to nobody but root what the kernel has.
fn zones() -> Known<(crate::host::show::State, Vec<String>)> {
    let is_root = rustix::process::geteuid().is_root();
    zones_at_a_glance().map_err(|why| if is_root { why.into() } else { Unknown::NeedsRoot })
}

fn secrets(settings: Option<&MonitorSettings>) -> BTreeMap<std::path::PathBuf, Known<Option<super::facts::File>>> {
    let named = settings.iter().flat_map(|settings| &settings.expected.secrets);
    named
        .map(|secret| {
            let path = Path::new(secret.path.as_str());
            (path.to_owned(), files::file(path))
        })
        .collect()
}

/// Asks the relays over UDP, and the home relay over TCP too.
async fn relays(
    api: &LocalApi,
    status: &Status,
) -> (
    Known<crate::host::tailnet::RelayAnswers>,
    Known<super::facts::HomeRelay>,
) {
    let map = match api.derp_map().await {
        Ok(map) => map,
        Err(error) => return (Err(error.to_string().into()), Err(error.to_string().into())),
    };
    let plan = Plan {
        count: NonZeroU32::MIN,
        interval: Duration::from_millis(200),
        timeout: PATIENCE,
    };
    let home = home_relay::home_relay(&map, &status.this_node.relay, PATIENCE);
    let (relays, home) = tokio::join!(measure_relays(map.clone(), plan), home);
    (Ok(relays), home)
}

/// Whether the exit node in use answers through the tunnel.
async fn exit_node_answers(api: &LocalApi, status: &Status) -> Known<Option<bool>> {
    let Some(exit) = &status.exit_node_status else {
        return Ok(None);
    };
    let Some(address) = exit.tailscale_ips.first().map(ipnet::IpNet::addr) else {
        return Ok(None);
    };
    for _ in 0..3 {
        match api.ping(address, PingKind::Tsmp, PATIENCE).await {
            Ok(pong) if pong.err.is_empty() => return Ok(Some(true)),
            // A path that has to be found first.
            Ok(_) | Err(crate::localapi::Error::TimedOut { .. }) => {}
            Err(error) => return Err(error.to_string().into()),
        }
    }
    Ok(Some(false))
}
