//! `network.qos`.

use std::collections::BTreeMap;

use super::Scope;
use crate::model::{Qos, Shaping};
use crate::net::{BurstSize, TimeSpan};
use crate::profile::written;

const GROUP: &str = "network.qos";

/// The guide's.
const LATENCY: TimeSpan = TimeSpan::constant_millis(400);

pub(super) fn qos(scope: &mut Scope<'_>, written: Option<written::Qos>) -> Option<Qos> {
    let group = written.filter(|group| group.enable != Some(false))?;
    let mut limits = BTreeMap::new();
    for (interface, limit) in group.limits.unwrap_or_default() {
        let field = scope.field(GROUP).name("limits").name(interface.to_string());
        let Some(rate) = limit.rate else {
            scope.missing(
                &field,
                "rate",
                "there is no limit without a rate",
                "write `rate = \"10mbit\"`",
            );
            continue;
        };
        let shaping = Shaping {
            rate,
            burst: limit.burst.unwrap_or_else(|| BurstSize::for_rate(rate)),
            latency: limit.latency.map_or(LATENCY, |span| span.0),
        };
        limits.insert(interface, shaping);
    }
    Some(Qos { limits })
}
