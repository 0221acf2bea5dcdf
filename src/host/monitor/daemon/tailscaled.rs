//! What tailscaled says.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Daemon, REFRESH, WAITING, Work};
use crate::host::monitor::log::Priority;
use crate::host::monitor::probes;
use crate::localapi::{self, Follower, LocalApi};
use crate::monitor::failover::{Event, ExitNodeUse, Setting, Subject};

/// Follows tailscaled in a task of its own: what it does takes time, and must not begin anew whenever something else happens.
pub(super) fn follow(api: Arc<LocalApi>) -> mpsc::Receiver<localapi::Event> {
    let (tell, news) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut follower = Follower::new(&api, REFRESH);
        while tell.send(follower.next().await).await.is_ok() {}
    });
    news
}

impl Daemon<'_> {
    /// tailscaled has said something, or cannot be asked.
    pub(super) fn followed(&mut self, event: localapi::Event) {
        if !matches!(event, localapi::Event::Lost(_)) && self.is_lost {
            self.is_lost = false;
            self.log.say(Priority::Notice, "tailscaled answers again");
        }
        match event {
            localapi::Event::Status(status) => {
                self.status = Some(status);
                self.heard();
                // A tailscaled without a bus does not tell when they change.
                self.read_prefs();
            }
            localapi::Event::State(state) => {
                if let Some(status) = &mut self.status {
                    status.backend_state = state;
                    self.heard();
                }
            }
            localapi::Event::Prefs(prefs) => {
                self.prefs = Some(prefs);
                self.heard();
            }
            localapi::Event::Online { node_id, online } => {
                if let Some(status) = &mut self.status
                    && status.this_node.node_id == node_id
                {
                    status.this_node.online = online;
                    self.heard();
                }
            }
            // What it complains of is no measurement.
            localapi::Event::Health(_) => {}
            localapi::Event::Lost(error) => {
                if !self.is_lost {
                    self.is_lost = true;
                    self.counts.daemon_lost = self.counts.daemon_lost.saturating_add(1);
                    self.log.say(Priority::Warning, &error.to_string());
                    self.measuring.watch.lost(self.clock.now());
                }
            }
        }
    }

    /// tailscaled has said something.
    pub(super) fn heard(&mut self) {
        let now = self.clock.now();
        if let Some(status) = &self.status {
            let tailnet = probes::tailnet(status, self.prefs.as_deref(), now);
            self.measuring.watch.tailnet(tailnet, now);
            self.seen();
        }
    }

    /// Says to the machine what is in force, as far as it is known.
    pub(super) fn seen(&mut self) {
        let mut settings: Vec<Setting> = self
            .measuring
            .watch
            .seen()
            .into_iter()
            .map(|setting| self.as_known(setting))
            .collect();
        if !settings.is_empty() {
            settings.extend(self.hosts.in_force());
            self.feed(Event::Seen(settings));
        }
    }

    /// An exit node that the settings do not name any more still is the one that the machine took by its name.
    fn as_known(&self, seen: Setting) -> Setting {
        let Setting::ExitNode(ExitNodeUse::Other(id)) = &seen else {
            return seen;
        };
        let known = self.machine.state().track(&Subject::ExitNode).into_iter();
        let mut known = known.flat_map(|track| [Some(track.standing()), track.moving().map(|moving| &moving.to)]);
        let is_it = |setting: &&Setting| matches!(setting, Setting::ExitNode(ExitNodeUse::Node(choice)) if self.measuring.watch.means(choice, id));
        known.find_map(|setting| setting.filter(is_it)).cloned().unwrap_or(seen)
    }

    /// Reads what is in force.
    pub(super) fn read_prefs(&mut self) {
        let api = Arc::clone(&self.api);
        self.works
            .spawn(async move { Work::Prefs(api.prefs().await.map(Box::new)) });
    }
}
