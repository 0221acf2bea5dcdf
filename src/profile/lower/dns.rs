//! `network.dns`.

use std::collections::BTreeMap;

use super::Scope;
use crate::diagnostic::{Code, FieldPath, Finding, Place};
use crate::model::{Dns, SplitDomain};
use crate::net::{DnsName, Invalid};
use crate::profile::written;

const GROUP: &str = "network.dns";

pub(super) fn dns(scope: &mut Scope<'_>, written: Option<written::Dns>) -> Option<Dns> {
    let group = written.filter(|group| group.enable != Some(false))?;
    let at = scope.field(GROUP).name("splitDNS");
    let mut split = Vec::new();
    let mut names: BTreeMap<DnsName, FieldPath> = BTreeMap::new();
    for (written, servers) in group.split_dns.unwrap_or_default() {
        let origin = at.name(written.clone());
        let domain: DnsName = match written.parse() {
            Ok(domain) => domain,
            Err(reason) => {
                let reason: Invalid = reason;
                scope.add(Finding::at(Code::InvalidValue, Place::Name(origin), reason.to_string()));
                continue;
            }
        };
        if let Some(first) = names.insert(domain.clone(), origin.clone()) {
            let finding = Finding::at(
                Code::DuplicateKey,
                Place::Name(origin),
                format!("{domain} is written twice: case and a final dot make no other name"),
            );
            scope.add(finding.with_place(Place::Name(first), "first written here"));
            continue;
        }
        if servers.is_empty() {
            let message = format!("no name server is written for {domain}: nobody would be asked for its names");
            scope.add(Finding::new(Code::MissingValue, origin, message).help("write its name servers' addresses"));
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
