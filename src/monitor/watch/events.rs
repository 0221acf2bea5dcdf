//! What the failover machine is told.

use std::collections::BTreeSet;

use super::{Links, Watch};
use crate::monitor::Moment;
use crate::monitor::diagnosis::{Daemon, Notice};
use crate::monitor::failover::Event;

impl Watch {
    /// What has become known since the last call, for [`step`](crate::monitor::failover::step), in the order that it wants: the host's
    /// own network, the diagnosis, what will fail, the checks of what may come to be in force, those of what is. Each check
    /// counts once.
    pub fn events(&mut self, now: Moment) -> Vec<Event> {
        self.tick(now);
        if !self.is_diagnosed() {
            self.diagnose();
        }
        let mut events = Vec::new();
        if let Some(links) = self.links.as_ref().map(Links::on_link)
            && self.told.links.as_ref() != Some(&links)
        {
            self.told.links = Some(links.clone());
            events.push(Event::Links(links));
        }
        if let Some(preferences) = &self.tailnet.preferences
            && self.told.lan_access != Some(preferences.lan_access)
        {
            self.told.lan_access = Some(preferences.lan_access);
            events.push(Event::LanAccess(preferences.lan_access));
        }
        if !self.knows_ground() {
            return events;
        }
        let causes = self.diagnosis.causes();
        if self.told.causes.as_ref() != Some(&causes) {
            self.told.causes = Some(causes.clone());
            events.push(Event::Diagnosed(causes));
        }
        // A tailscaled that is not up does not say when its key expires: what was said of it holds.
        if self.daemon() == Daemon::Runs {
            let notices: BTreeSet<Notice> = self.diagnosis.notices.iter().copied().collect();
            if self.told.notices.as_ref() != Some(&notices) {
                self.told.notices = Some(notices.clone());
                events.push(Event::Noticed(notices));
            }
        }
        events.extend(self.release());
        events
    }
}
