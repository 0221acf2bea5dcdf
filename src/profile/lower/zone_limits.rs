//! Limits of one zone: of new connections, and of lines in the log.

use std::collections::BTreeMap;

use super::Scope;
use crate::diagnostic::FieldPath;
use crate::model::{AllowedService, FirewallZones, Idle, RateLimit, ServiceLimit, ZoneLimit, ZoneLog};
use crate::net::{PacketRate, ServiceName};
use crate::profile::written;

/// A rate with what may come at once: unless that is said, as many as the rate's number.
fn rate_limit(rate: PacketRate, burst: Option<u32>) -> RateLimit {
    RateLimit {
        rate,
        burst: burst.unwrap_or(rate.packets()),
    }
}

/// How many new connections a source may open from the zone.
pub(super) fn limit(written: &written::Zone, common: &FirewallZones) -> ZoneLimit {
    match (
        written.enable_rate_limiting,
        written.rate_limit,
        written.rate_limit_burst,
    ) {
        (Some(false), ..) => ZoneLimit::Off,
        (_, Some(rate), burst) => ZoneLimit::Own(rate_limit(rate, burst)),
        (_, None, Some(burst)) => ZoneLimit::Own(rate_limit(common.rate_limit, Some(burst))),
        (Some(true), None, None) if !common.rate_limiting => ZoneLimit::Own(RateLimit {
            rate: common.rate_limit,
            burst: common.rate_limit_burst,
        }),
        (_, None, None) => ZoneLimit::Common,
    }
}

/// Further limits, each for one service.
pub(super) fn service_limits(
    scope: &mut Scope<'_>,
    written: BTreeMap<ServiceName, written::ServiceRateLimit>,
    at: &FieldPath,
) -> Vec<ServiceLimit> {
    let mut limits = Vec::new();
    for (name, written) in written {
        let origin = at.name(name.to_string());
        let Some(rate) = written.rate_limit else {
            scope.missing(
                &origin,
                "rateLimit",
                "it is not said how many connections a source may open",
                "write `rateLimit = \"10/minute\"`",
            );
            continue;
        };
        limits.push(ServiceLimit {
            service: AllowedService { name, origin },
            limit: rate_limit(rate, written.rate_limit_burst),
        });
    }
    limits
}

/// Options about the limit and the log of the zone, where it has none.
pub(super) fn idle(written: &written::Zone, common: &FirewallZones) -> Vec<Idle> {
    let limits = [
        ("rateLimit", written.rate_limit.is_some()),
        ("rateLimitBurst", written.rate_limit_burst.is_some()),
    ];
    let logs = [
        ("logPrefix", written.log_prefix.is_some()),
        ("logRateLimit", written.log_rate_limit.is_some()),
        ("logRateLimitBurst", written.log_rate_limit_burst.is_some()),
    ];
    // A rate alone switches the limit on.
    let limits = idle_beside(
        "enableRateLimiting",
        written.enable_rate_limiting,
        written.enable_rate_limiting == Some(false),
        &limits,
    );
    let is_silent = !written.enable_logging.unwrap_or(common.logging);
    let logs = idle_beside("enableLogging", written.enable_logging, is_silent, &logs);
    limits.into_iter().chain(logs).collect()
}

/// Options about the log of all zones, where none is wanted.
pub(super) fn idle_log(group: &written::FirewallZones) -> Vec<Idle> {
    let logs = [
        ("logPrefix", group.log_prefix.is_some()),
        ("logRateLimit", group.log_rate_limit.is_some()),
        ("logRateLimitBurst", group.log_rate_limit_burst.is_some()),
    ];
    let is_silent = !group.enable_logging.unwrap_or(false);
    idle_beside("enableLogging", group.enable_logging, is_silent, &logs)
}

/// Those of `options` that are written, where their switch is off.
fn idle_beside(switch: &'static str, said: Option<bool>, is_off: bool, options: &[(&'static str, bool)]) -> Vec<Idle> {
    let written = options.iter().filter(|(_, is_written)| is_off && *is_written);
    written
        .map(|(option, _)| Idle {
            option,
            switch,
            is_written: said.is_some(),
        })
        .collect()
}

/// What is logged of what the zone is refused.
pub(super) fn log(written: &written::Zone, common: &FirewallZones) -> ZoneLog {
    let is_own =
        written.log_prefix.is_some() || written.log_rate_limit.is_some() || written.log_rate_limit_burst.is_some();
    match written.enable_logging.unwrap_or(common.logging) {
        false if common.logging => ZoneLog::Off,
        true if is_own || !common.logging => ZoneLog::Own {
            prefix: written.log_prefix.clone().unwrap_or_else(|| common.log_prefix.clone()),
            limit: match written.log_rate_limit {
                Some(rate) => rate_limit(rate, written.log_rate_limit_burst),
                None => RateLimit {
                    burst: written.log_rate_limit_burst.unwrap_or(common.log_limit.burst),
                    ..common.log_limit
                },
            },
        },
        _ => ZoneLog::Common,
    }
}
