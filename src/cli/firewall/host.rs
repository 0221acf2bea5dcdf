//! The host that is asked about.

use clap::Args;

use crate::checks::Checked;
use crate::cli::failure::Failure;
use crate::diagnostic::nearest;
use crate::firewall::{self, Ruleset};
use crate::model::{Fleet, Host};
use crate::net::HostName;

/// The host that is asked about.
#[derive(Debug, Args)]
pub(super) struct HostArgs {
    /// The host, where the profile has several
    #[arg(long, value_name = "NAME")]
    host: Option<HostName>,
}

impl HostArgs {
    /// The host and its rules.
    pub(super) fn of<'a>(&self, checked: &'a Checked) -> Result<(&'a Host, Ruleset), Failure> {
        let host = self.choose(checked.fleet()).map_err(Failure::Usage)?;
        let ruleset = firewall::compile(host).ok_or_else(|| {
            let field = host.field("network.security.firewall-zones.enable");
            Failure::Usage(format!("{} has no zone firewall ({field} is not set)", host.name))
        })?;
        Ok((host, ruleset))
    }

    /// The host that is named; without a name, all of them.
    pub(super) fn all<'a>(&self, fleet: &'a Fleet) -> Result<Vec<&'a Host>, Failure> {
        if self.host.is_none() {
            return Ok(fleet.hosts.values().collect());
        }
        self.choose(fleet).map(|host| vec![host]).map_err(Failure::Usage)
    }

    fn choose<'a>(&self, fleet: &'a Fleet) -> Result<&'a Host, String> {
        let names = || fleet.hosts.keys().map(HostName::as_str);
        if let Some(name) = &self.host {
            return fleet.hosts.get(name).ok_or_else(|| {
                let known = nearest(names(), name.as_str());
                let hint = known.map_or_else(String::new, |known| format!("; did you mean {known}?"));
                format!("the profile has no host {name}{hint}")
            });
        }
        let mut hosts = fleet.hosts.values();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => Ok(host),
            _ => Err(format!(
                "the profile has several hosts: say which one by --host ({})",
                names().collect::<Vec<_>>().join(", ")
            )),
        }
    }
}
