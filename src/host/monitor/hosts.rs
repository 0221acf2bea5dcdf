//! Services by their addresses on the local network.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::model::LanService;
use crate::monitor::failover::Setting;
use crate::net::ServiceName;

/// The file below the runtime directory, in the form of hosts(5).
const HOSTS: &str = "hosts";
/// What stands before each of our lines, so that they are known again.
const MARK: &str = "# tailwright service ";

/// The file that says under which addresses services are spoken to: hosts(5), with a line for each service that is spoken to by
/// its address on the local network. The rendered module makes `/etc/hosts` lead to it; what the host has there otherwise is
/// read from `base` and stands before these lines.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    path: PathBuf,
    base: PathBuf,
    services: BTreeMap<ServiceName, LanService>,
}

impl Hosts {
    /// Those services, in the file below that directory.
    pub(super) fn new(directory: &Path, base: &Path, services: &BTreeMap<ServiceName, LanService>) -> Self {
        Self {
            path: directory.join(HOSTS),
            base: base.to_owned(),
            services: services.clone(),
        }
    }

    /// Whether there is a service at all.
    pub(super) fn is_used(&self) -> bool {
        !self.services.is_empty()
    }

    /// By which address each service is spoken to now.
    pub(super) fn in_force(&self) -> Vec<Setting> {
        let lan = self.lan();
        self.services
            .keys()
            .map(|name| {
                if lan.contains(name.as_str()) {
                    Setting::LanAddress(name.clone())
                } else {
                    Setting::TailnetAddress(name.clone())
                }
            })
            .collect()
    }

    /// Puts those of the settings in force that are about services, and leaves the other services as they are. What names
    /// another service than those of the settings, one of former settings, only ends.
    pub(super) fn apply(&self, settings: &[Setting]) -> io::Result<()> {
        let mut lan = self.lan();
        for setting in settings {
            match setting {
                Setting::LanAddress(name) => {
                    lan.insert(name.to_string());
                }
                Setting::TailnetAddress(name) => {
                    lan.remove(name.as_str());
                }
                Setting::ExitNode(_) | Setting::AcceptRoutes(_) | Setting::Tunnel(_) => {}
            }
        }
        self.write(&lan)
    }

    /// Writes the file afresh with what is in force: what the host has otherwise may have changed.
    pub(super) fn refresh(&self) -> io::Result<()> {
        self.write(&self.lan())
    }

    /// The services that have a line.
    fn lan(&self) -> BTreeSet<String> {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.strip_prefix(MARK))
            .map(str::to_owned)
            .collect()
    }

    fn write(&self, lan: &BTreeSet<String>) -> io::Result<()> {
        let mut text = std::fs::read_to_string(&self.base).unwrap_or_default();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        for (name, service) in &self.services {
            if let Some(host) = service.tailnet_address.name().filter(|_| lan.contains(name.as_str())) {
                // Writing to a text does not fail.
                let _ = write!(text, "{MARK}{name}\n{} {host}\n", service.lan_address);
            }
        }
        let new = self.path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o644)
            .open(&new)?;
        file.write_all(text.as_bytes())?;
        // Whatever the umask of the unit is: everybody resolves names.
        file.set_permissions(Permissions::from_mode(0o644))?;
        std::fs::rename(&new, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(directory: &Path) -> Hosts {
        let service = |name: &str, address: &str| LanService {
            tailnet_address: name.parse().unwrap(),
            lan_address: address.parse().unwrap(),
            port: crate::net::Port::try_from(5_432_i64).unwrap(),
        };
        let services = [
            ("db".parse().unwrap(), service("nas", "192.168.15.5")),
            ("web".parse().unwrap(), service("box", "fd00::5")),
        ];
        Hosts::new(directory, &directory.join("base"), &services.into())
    }

    #[test]
    fn a_service_has_a_line_while_it_is_spoken_to_by_its_lan_address() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("base"), "127.0.0.1 localhost").unwrap();
        let hosts = hosts(directory.path());
        let (db, web) = (
            "db".parse::<ServiceName>().unwrap(),
            "web".parse::<ServiceName>().unwrap(),
        );
        let tailnet = |name: &ServiceName| Setting::TailnetAddress(name.clone());
        let lan = |name: &ServiceName| Setting::LanAddress(name.clone());
        assert_eq!(hosts.in_force(), [tailnet(&db), tailnet(&web)], "there is no file yet");
        hosts.apply(&[lan(&db), Setting::AcceptRoutes(true)]).unwrap();
        assert_eq!(hosts.in_force(), [lan(&db), tailnet(&web)]);
        let path = directory.path().join("hosts");
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "127.0.0.1 localhost\n# tailwright service db\n192.168.15.5 nas\n"
        );
        hosts.apply(&[lan(&web)]).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("fd00::5 box\n"));
        hosts.apply(&[tailnet(&db), tailnet(&web)]).unwrap();
        hosts.refresh().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "127.0.0.1 localhost\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    }
}
