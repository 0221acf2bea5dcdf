//! `network.monitoring.tailscale.failover`.

use std::collections::BTreeSet;

use super::Scope;
use super::monitoring::GROUP;
use crate::diagnostic::{Code, FieldPath, Finding};
use crate::model::{Failover, FailoverAction, LanRoute, LanService, MonitorProfile, Share};
use crate::net::TimeSpan;
use crate::profile::written;

/// What never leaves the tunnel's protection and takes nothing away.
const ACTIONS: [FailoverAction; 3] = [
    FailoverAction::ExitNode,
    FailoverAction::LanAddress,
    FailoverAction::RoutesOff,
];
const RESTART_INTERVAL: TimeSpan = TimeSpan::constant_millis(600_000);
const RESTARTS_PER_DAY: u32 = 3;

/// How eager a profile is where the host says nothing else.
struct Pace {
    hold_down: TimeSpan,
    max_hold_down: TimeSpan,
    min_dwell: TimeSpan,
    move_window: TimeSpan,
    return_after: TimeSpan,
}

impl Pace {
    const fn of(profile: MonitorProfile) -> Self {
        match profile {
            MonitorProfile::Standard => Self {
                hold_down: TimeSpan::constant_millis(120_000),
                max_hold_down: TimeSpan::constant_millis(3_600_000),
                min_dwell: TimeSpan::constant_millis(120_000),
                move_window: TimeSpan::constant_millis(60_000),
                return_after: TimeSpan::constant_millis(300_000),
            },
            MonitorProfile::Fast => Self {
                hold_down: TimeSpan::constant_millis(10_000),
                max_hold_down: TimeSpan::constant_millis(600_000),
                min_dwell: TimeSpan::constant_millis(5_000),
                move_window: TimeSpan::constant_millis(3_000),
                return_after: TimeSpan::constant_millis(30_000),
            },
        }
    }
}

pub(super) fn failover(scope: &mut Scope<'_>, profile: MonitorProfile, group: written::Failover) -> Failover {
    let at = scope.field(GROUP).name("failover");
    let pace = Pace::of(profile);
    let span = |written: Option<written::Seconds>, default: TimeSpan| written.map_or(default, |span| span.0);
    let hold_down = span(group.hold_down, pace.hold_down);
    let max_hold_down = match group.max_hold_down {
        None => pace.max_hold_down.max(hold_down),
        Some(longest) => longest.0,
    };
    if max_hold_down < hold_down {
        let message = format!("the longest hold-down ({max_hold_down}) is shorter than the first");
        let finding = Finding::new(Code::InvalidValue, at.name("maxHoldDown"), message);
        scope.add(finding.with(at.name("holdDown"), format!("the first: {hold_down}")));
    }
    Failover {
        actions: actions(scope, &at, group.actions, group.allow_tunnel_down.unwrap_or(false)),
        failure_share: share(scope, &at.name("failureShare"), group.failure_share),
        recovery_share: share(scope, &at.name("recoveryShare"), group.recovery_share),
        hold_down,
        max_hold_down: max_hold_down.max(hold_down),
        min_dwell: span(group.min_dwell, pace.min_dwell),
        move_window: span(group.move_window, pace.move_window),
        return_after: group
            .auto_return
            .unwrap_or(true)
            .then(|| span(group.return_after, pace.return_after)),
        restart_interval: span(group.restart_interval, RESTART_INTERVAL),
        restarts_per_day: restarts(scope, &at, group.restarts_per_day),
        dry_run: group.dry_run.unwrap_or(false),
        restore_on_stop: group.restore_on_stop.unwrap_or(true),
        maintenance_windows: group.maintenance_windows.unwrap_or_default(),
        lan_routes: lan_routes(scope, &at, group.lan_routes.unwrap_or_default()),
        lan_services: group
            .lan_services
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, service)| {
                let at = at.name("lanServices").name(name.to_string());
                Some((name, lan_service(scope, &at, service)?))
            })
            .collect(),
    }
}

fn actions(
    scope: &mut Scope<'_>,
    at: &FieldPath,
    written: Option<Vec<written::FailoverAction>>,
    allow_tunnel_down: bool,
) -> Vec<FailoverAction> {
    let Some(written) = written else {
        return ACTIONS.to_vec();
    };
    let mut seen = BTreeSet::new();
    let mut actions = Vec::new();
    for (index, action) in written.into_iter().enumerate() {
        let field = at.name("actions").index(index);
        let action = match action {
            written::FailoverAction::ExitNode => FailoverAction::ExitNode,
            written::FailoverAction::NoExitNode => FailoverAction::NoExitNode,
            written::FailoverAction::LanAddress => FailoverAction::LanAddress,
            written::FailoverAction::RoutesOff => FailoverAction::RoutesOff,
            written::FailoverAction::Restart => FailoverAction::Restart,
            written::FailoverAction::TunnelDown => FailoverAction::TunnelDown,
        };
        if action == FailoverAction::TunnelDown && !allow_tunnel_down {
            let message = "a tunnel that is down cuts off everybody who comes in by the tailnet, the operator too";
            let help = "leave it out, or set `allowTunnelDown = true` beside it; it then still waits for another way in \
                        of `host.management` that is open";
            scope.add(Finding::new(Code::InvalidValue, field, message).help(help));
        } else if seen.insert(action) {
            actions.push(action);
        } else {
            let message = format!("`{}` is listed twice", action.as_str());
            scope.add(Finding::new(Code::InvalidValue, field, message));
        }
    }
    actions
}

fn share(scope: &mut Scope<'_>, at: &FieldPath, written: Option<written::Share>) -> Option<Share> {
    let written = written?;
    let mut part = |option: &str, number: Option<u32>| {
        if number.is_none() {
            let help = format!("write `{option} = …`");
            scope.missing(at, option, "a share is so many checks out of so many", &help);
        }
        number
    };
    let (count, of) = (part("count", written.count), part("of", written.of));
    let (count, of) = (count?, of?);
    if 1 <= count && count <= of && of <= 64 {
        return Some(Share { count, of });
    }
    let message = format!("{count} of {of} checks: expected 1 to 64, and no more than all of them");
    scope.add(Finding::new(Code::InvalidValue, at.clone(), message));
    None
}

fn restarts(scope: &mut Scope<'_>, at: &FieldPath, written: Option<u32>) -> u32 {
    match written {
        None => RESTARTS_PER_DAY,
        Some(number @ 1..=24) => number,
        Some(number) => {
            let message = format!("{number} restarts a day: expected 1 to 24");
            scope.add(Finding::new(Code::InvalidValue, at.name("restartsPerDay"), message));
            RESTARTS_PER_DAY
        }
    }
}

fn lan_routes(scope: &mut Scope<'_>, at: &FieldPath, written: Vec<written::LanRoute>) -> Vec<LanRoute> {
    let mut routes = Vec::new();
    for (index, route) in written.into_iter().enumerate() {
        let at = at.name("lanRoutes").index(index);
        let Some(prefix) = route.prefix else {
            scope.missing(
                &at,
                "prefix",
                "it says which route this is about",
                "write `prefix = \"192.168.15.0/24\"`",
            );
            continue;
        };
        let Some(probe) = route.probe else {
            let why = "whether the prefix is reached is asked of an address in it";
            scope.missing(
                &at,
                "probe",
                why,
                "write the address of something in it that is always on",
            );
            continue;
        };
        if prefix.contains(probe) {
            routes.push(LanRoute { prefix, probe });
        } else {
            let message = format!("{probe} is not in {prefix}");
            let finding = Finding::new(Code::InvalidValue, at.name("probe"), message);
            scope.add(finding.with(at.name("prefix"), "the prefix"));
        }
    }
    routes
}

fn lan_service(scope: &mut Scope<'_>, at: &FieldPath, written: written::LanService) -> Option<LanService> {
    let why = "the service is measured by both of its ways";
    if written.tailnet_address.is_none() {
        scope.missing(at, "tailnetAddress", why, "write the name of its host in the tailnet");
    }
    if written.lan_address.is_none() {
        scope.missing(
            at,
            "lanAddress",
            why,
            "write the address of its host on the local network",
        );
    }
    if written.port.is_none() {
        scope.missing(at, "port", why, "write its TCP port");
    }
    Some(LanService {
        tailnet_address: written.tailnet_address?,
        lan_address: written.lan_address?,
        port: written.port?,
    })
}
