//! `network.dns`.

use super::Scope;
use crate::model::{Dns, SplitDomain};
use crate::profile::written;

const GROUP: &str = "network.dns";

pub(super) fn dns(scope: &mut Scope<'_>, written: Option<written::Dns>) -> Option<Dns> {
    let group = written.filter(|group| group.enable != Some(false))?;
    let at = scope.field(GROUP).name("splitDNS");
    let mut split = Vec::new();
    for (domain, servers) in group.split_dns.unwrap_or_default() {
        let origin = at.name(domain.to_string());
        if servers.is_empty() {
            scope.missing(
                &origin,
                "a name server",
                "nobody would be asked for this domain",
                "write its name servers' addresses",
            );
            continue;
        }
        split.push(SplitDomain {
            domain,
            servers,
            origin,
        });
    }
    Some(Dns {
        servers: group.servers.unwrap_or_default(),
        fallback_servers: group.fallback_servers.unwrap_or_default(),
        split,
    })
}
