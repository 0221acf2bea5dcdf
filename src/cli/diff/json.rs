//! The differences as data.

use serde_json::{Value, json};

use super::Comparison;
use super::reachability::HostDifference;
use crate::cli::firewall::entry;
use crate::firewall::difference::Changes;
use crate::render::{Change, FileChange};

impl Comparison {
    /// Everything, in the order in which people get it.
    pub(super) fn json(&self) -> Value {
        let hosts: Vec<_> = self.hosts.iter().map(|host| self.host(host)).collect();
        let mut meaning = Vec::new();
        let mut files = Vec::new();
        for change in &self.changes {
            match change {
                Change::Meaning(sentence) => meaning.push(sentence.clone()),
                Change::File { path, what, unified } => {
                    let what = match what {
                        FileChange::Added => "added",
                        FileChange::Changed => "changed",
                        FileChange::Removed => "removed",
                    };
                    files.push(json!({ "path": path, "change": what, "diff": unified }));
                }
            }
        }
        let any = |is: fn(&HostDifference) -> bool| self.hosts.iter().any(is);
        json!({
            "old": self.old.name,
            "new": self.new.name,
            "widens": any(|host| host.difference.widens()),
            "narrows": any(|host| host.difference.narrows()),
            "hosts": hosts,
            "meaning": meaning,
            "files": files,
        })
    }

    fn host(&self, host: &HostDifference) -> Value {
        let changes = |changes: &Changes| {
            let opened: Vec<_> = changes
                .opened
                .iter()
                .map(|reach| entry::data(reach, self.new.input.as_ref()))
                .collect();
            let closed: Vec<_> = changes
                .closed
                .iter()
                .map(|reach| entry::data(reach, self.old.input.as_ref()))
                .collect();
            json!({ "opened": opened, "closed": closed })
        };
        let ways: Vec<_> = host
            .closed_ways
            .iter()
            .map(|way| {
                let from = way.from.map(|from| from.to_string());
                json!({ "via": way.via.to_string(), "from": from, "service": way.service })
            })
            .collect();
        json!({
            "host": host.name,
            "presence": host.presence.name(),
            "admitted": changes(&host.difference.admitted),
            "forwarded": changes(&host.difference.forwarded),
            "sent": changes(&host.difference.sent),
            "management_closed": ways,
            "unreadable": host.unreadable,
        })
    }
}
