//! Addresses of names, without a thread that waits: `getaddrinfo(3)` has no time limit of its own, and where DNS is dead each
//! question would hold one.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::places::Places;
use super::trouble::Trouble;
use super::{dns, links};
use crate::monitor::watch::Way;
use crate::net::DnsName;

/// How long an answer is kept, whatever its lifetime says.
const KEPT: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(1));
/// So many names are kept.
const MOST: usize = 64;
/// How long is waited for an answer where an older one is known, and does as well.
const REFRESH: Duration = Duration::from_millis(100);
/// How long one resolver has before the next is asked.
const PATIENCE: Duration = Duration::from_secs(1);

/// The names that were asked for.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Mutex<BTreeMap<DnsName, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    addresses: Vec<IpAddr>,
    until: Instant,
}

impl Names {
    /// An address of a name: from hosts(5), from what was asked before, or from the resolvers of the host as any program
    /// asks them. One that is not answered is what it was last.
    pub(super) async fn find(&self, name: &DnsName, places: &Places) -> Result<IpAddr, Trouble> {
        if let Some(address) = in_hosts(&read(&places.hosts), name) {
            return Ok(address);
        }
        let known = self.known(name);
        if let Some(known) = known.as_ref().filter(|known| known.until > Instant::now()) {
            return first(&known.addresses, name);
        }
        let configuration = read(&places.resolvers);
        let asked = ask(name, &configuration);
        // Whoever is waited for has no time to wait for a resolver that is gone.
        let answer = match &known {
            Some(_) => timeout(REFRESH, asked).await.unwrap_or(Err(Trouble::Silence)),
            None => asked.await,
        };
        match answer {
            Ok(answer) => {
                let kept = Duration::from_secs(answer.ttl.into()).clamp(KEPT.0, KEPT.1);
                self.keep(name, answer.addresses.clone(), kept);
                first(&answer.addresses, name)
            }
            Err(trouble) => match known {
                Some(known) => {
                    self.keep(name, known.addresses.clone(), KEPT.0);
                    first(&known.addresses, name)
                }
                None => Err(trouble),
            },
        }
    }

    fn known(&self, name: &DnsName) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).cloned()
    }

    fn keep(&self, name: &DnsName, addresses: Vec<IpAddr>, kept: Duration) {
        let until = Instant::now() + kept;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(name) {
            known.pop_first();
        }
        known.insert(name.clone(), Known { addresses, until });
    }
}

fn read(path: &std::path::Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn first(addresses: &[IpAddr], name: &DnsName) -> Result<IpAddr, Trouble> {
    let none = || Trouble::Says(format!("{name} has no address"));
    addresses.first().copied().ok_or_else(none)
}

/// Asks one resolver after the other, and for a name without a dot with each domain of the search list.
async fn ask(name: &DnsName, configuration: &str) -> Result<dns::Answer, Trouble> {
    let resolvers = links::resolvers(configuration);
    if resolvers.is_empty() {
        return Err(Trouble::CannotTell("the host has no resolver".to_owned()));
    }
    let mut trouble = Trouble::Says(format!("{name} is not resolved: no resolver answers"));
    for candidate in candidates(name, configuration) {
        for resolver in &resolvers {
            let server = SocketAddr::new(*resolver, 53);
            let mut found = None;
            for is_ipv4 in [true, false] {
                match timeout(PATIENCE, dns::ask(server, &candidate, is_ipv4, &Way::Routed)).await {
                    Ok(Ok(answer)) => {
                        let is_enough = !answer.addresses.is_empty();
                        found = Some(answer);
                        if is_enough {
                            break;
                        }
                    }
                    Ok(Err(Trouble::Says(said))) => {
                        trouble = Trouble::Says(format!("{name} is not resolved: {said}"));
                        break;
                    }
                    Ok(Err(_)) | Err(_) => break,
                }
            }
            match found {
                Some(answer) if answer.addresses.is_empty() => {
                    trouble = Trouble::Says(format!("{name} has no address"));
                    break;
                }
                Some(answer) => return Ok(answer),
                None => {}
            }
        }
    }
    Err(trouble)
}

/// What is asked for: a name with a dot as it is; one without in each domain of the search list.
fn candidates(name: &DnsName, configuration: &str) -> Vec<DnsName> {
    if name.labels().count() > 1 {
        return vec![name.clone()];
    }
    // The last list counts (resolv.conf(5)).
    let last = configuration.lines().rev().find_map(|line| {
        let line = line.trim();
        line.strip_prefix("search").or_else(|| line.strip_prefix("domain"))
    });
    let domains = last.unwrap_or_default().split_ascii_whitespace().take(6);
    let mut candidates: Vec<DnsName> = domains
        .filter_map(|domain| format!("{name}.{}", domain.trim_matches('.')).parse().ok())
        .collect();
    candidates.push(name.clone());
    candidates
}

/// The address of a name in hosts(5).
fn in_hosts(text: &str, name: &DnsName) -> Option<IpAddr> {
    text.lines().find_map(|line| {
        let mut fields = line.split('#').next()?.split_ascii_whitespace();
        let address = fields.next()?.parse().ok()?;
        fields
            .any(|alias| alias.trim_end_matches('.').eq_ignore_ascii_case(name.as_str()))
            .then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(name: &str) -> DnsName {
        name.parse().unwrap()
    }

    #[test]
    fn hosts_come_first() {
        let hosts = "127.0.0.1 localhost\n# 10.0.0.9 nas\n10.0.0.7 nas.lan NAS # the box\nbad nas2\n";
        assert_eq!(in_hosts(hosts, &name("nas")), Some("10.0.0.7".parse().unwrap()));
        assert_eq!(in_hosts(hosts, &name("nas.lan")), Some("10.0.0.7".parse().unwrap()));
        assert_eq!(in_hosts(hosts, &name("nas2")), None);
        assert_eq!(in_hosts(hosts, &name("box")), None);
    }

    #[test]
    fn a_short_name_is_looked_for_where_the_host_looks() {
        let shown = |asked: &str, configuration: &str| -> Vec<String> {
            candidates(&name(asked), configuration)
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let configuration = "domain old.lan\nsearch lan. example.ts.net\nnameserver ::1\n";
        assert_eq!(shown("nas", configuration), ["nas.lan", "nas.example.ts.net", "nas"]);
        assert_eq!(shown("nas.lan", configuration), ["nas.lan"]);
        assert_eq!(shown("nas", ""), ["nas"]);
    }

    #[test]
    fn only_so_many_are_kept() {
        let names = Names::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            for number in 0..200 {
                names.keep(&name(&format!("n{number}.lan")), Vec::new(), KEPT.0);
            }
        });
        assert_eq!(names.known.lock().unwrap().len(), MOST);
    }

    proptest! {
        #[test]
        fn any_file_is_survived(text in "([a-z0-9.:# \t]{0,30}\n){0,6}") {
            let _ = in_hosts(&text, &name("nas"));
            let _ = candidates(&name("nas"), &text);
        }
    }
}
