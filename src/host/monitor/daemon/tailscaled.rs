//! What tailscaled says.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use super::freshness::Freshness;
use super::{Daemon, REFRESH, WAITING, Work};
use crate::host::monitor::hosts::Hosts;
use crate::host::monitor::log::Priority;
use crate::host::monitor::probes;
use crate::localapi::data::{Prefs, Status};
use crate::localapi::{self, Error, Follower, LocalApi};
use crate::monitor::diagnosis::DaemonFault;
use crate::monitor::failover::{Event, Setting, State};
use crate::monitor::watch::Watch;

/// So long after a question about the preferences that was not answered it is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// What is known of tailscaled.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What it said last.
    pub(super) status: Option<Box<Status>>,
    prefs: Option<Box<Prefs>>,
    freshness: Freshness,
    /// Why it cannot be asked, where it cannot: by which fault, and how it was said.
    pub(super) lost: Option<(DaemonFault, String)>,
}

/// Follows tailscaled in a task of its own: what it does takes time, and must not begin anew whenever something else happens.
pub(super) fn follow(api: Arc<LocalApi>) -> mpsc::Receiver<localapi::Event> {
    let (tell, news) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut follower = Follower::new(&api, REFRESH);
        while tell.send(follower.next().await).await.is_ok() {}
    });
    news
}

/// By which fault tailscaled cannot be asked. One that closes its socket to the monitor, or answers what is not understood, runs.
pub(in crate::host::monitor) fn fault(error: &Error) -> DaemonFault {
    match error {
        Error::NoSocket(_) | Error::NobodyListens(_) | Error::TimedOut { .. } => DaemonFault::NotRunning,
        Error::SocketClosed(_)
        | Error::Socket(..)
        | Error::BrokenOff(_)
        | Error::Denied { .. }
        | Error::NoSuchEndpoint { .. }
        | Error::NotFound { .. }
        | Error::Changed
        | Error::Refused { .. }
        | Error::TooLong { .. }
        | Error::Unreadable { .. } => DaemonFault::Unreadable,
    }
}

/// What is in force, as far as it is known: nothing before tailscaled's preferences are.
pub(in crate::host::monitor) fn in_force(watch: &Watch, state: &State, hosts: &Hosts) -> Vec<Setting> {
    let mut settings = watch.settings_in_force(state);
    if !settings.is_empty() {
        settings.extend(hosts.in_force());
    }
    settings
}

impl Daemon {
    /// tailscaled has said something, or cannot be asked.
    pub(super) fn followed(&mut self, event: localapi::Event) {
        if !matches!(event, localapi::Event::Lost(_) | localapi::Event::Polled(_)) && self.known.lost.take().is_some() {
            self.has_news = true;
            self.log.say(Priority::Notice, "tailscaled answers again");
        }
        match event {
            localapi::Event::Status(status) => {
                self.known.status = Some(status);
                self.heard();
                // A tailscaled without a bus does not tell when they change.
                self.read_prefs();
            }
            localapi::Event::State(state) => {
                if let Some(status) = &mut self.known.status {
                    status.backend_state = state;
                    self.heard();
                }
            }
            // Nobody can tell whether these were in force before the last change or are since: they are asked for.
            localapi::Event::Prefs(_) => self.read_prefs(),
            localapi::Event::Online { node_id, online } => {
                if let Some(status) = &mut self.known.status
                    && status.this_node.node_id == node_id
                {
                    status.this_node.online = online;
                    self.heard();
                }
            }
            // What it complains of is no measurement.
            localapi::Event::Health(_) => {}
            localapi::Event::Polled(error) => {
                let said =
                    format!("tailscaled is asked every few seconds, because it tells nothing by itself: {error}");
                self.log.say(Priority::Warning, &said);
            }
            localapi::Event::Lost(error) => self.lost(&error),
        }
    }

    fn lost(&mut self, error: &Error) {
        let fault = fault(error);
        let said = error.to_string();
        let before = self.known.lost.replace((fault, said.clone()));
        // The first sign is often that the stream has ended; what comes next says why.
        if before.as_ref().is_some_and(|(_, before)| *before == said) {
            return;
        }
        if before.is_none() {
            self.counts.daemon_lost = self.counts.daemon_lost.saturating_add(1);
        }
        self.log.say(Priority::Warning, &said);
        self.has_news = true;
        self.measuring.watch.lost(fault, self.clock.now());
    }

    /// What is known of tailscaled is another than before.
    pub(super) fn heard(&mut self) {
        // That it answers one question, sent before or after, does not end what is lost: when it is back, everything is read.
        if self.known.lost.is_some() {
            return;
        }
        let now = self.clock.now();
        if let Some(status) = &self.known.status {
            let tailnet = probes::tailnet(status, self.known.prefs.as_deref(), now);
            self.measuring.watch.tailnet(tailnet, now);
            self.seen();
        }
    }

    /// Says to the machine what is in force, where that is known.
    pub(super) fn seen(&mut self) {
        if !self.known.freshness.is_known() {
            return;
        }
        let settings = in_force(&self.measuring.watch, self.machine.state(), &self.hosts);
        if !settings.is_empty() {
            self.feed(Event::Seen(settings));
        }
    }

    /// Reads what is in force, as soon as nothing is being changed.
    pub(super) fn read_prefs(&mut self) {
        if self.known.freshness.is_wanted() {
            self.ask_prefs();
        }
    }

    fn ask_prefs(&mut self) {
        let api = Arc::clone(&self.api);
        self.works
            .spawn(async move { Work::Prefs(api.prefs().await.map(Box::new)) });
    }

    /// The preferences were read, or could not be.
    pub(super) fn have_prefs(&mut self, prefs: Result<Box<Prefs>, Error>) {
        let Ok(prefs) = prefs else {
            self.known.freshness.failed();
            // Where tailscaled is lost, everything is read when it is back.
            if self.known.lost.is_none() {
                self.works.spawn(async {
                    sleep(AGAIN).await;
                    Work::ReadAgain
                });
            }
            return;
        };
        if self.known.freshness.answered() {
            self.known.prefs = Some(prefs);
            self.heard();
        }
        if self.known.freshness.is_due() {
            self.ask_prefs();
        }
    }

    /// The monitor begins to change what is in force.
    pub(super) fn change_begins(&mut self) {
        self.known.freshness.begins();
    }

    /// A change has ended, and the machine knows how. `prefs`: what tailscaled answered to it.
    pub(super) fn change_ended(&mut self, prefs: Option<Box<Prefs>>) {
        self.known.freshness.ends(prefs.is_some());
        if let Some(prefs) = prefs {
            self.known.prefs = Some(prefs);
            self.heard();
        }
        if self.known.freshness.is_due() {
            self.ask_prefs();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn only_what_is_away_or_silent_does_not_run() {
        let socket = || "/run/tailscale/tailscaled.sock".into();
        let endpoint = || "status".to_owned();
        for error in [
            Error::NoSocket(socket()),
            Error::NobodyListens(socket()),
            Error::TimedOut {
                endpoint: endpoint(),
                patience: AGAIN,
            },
        ] {
            assert_eq!(fault(&error), DaemonFault::NotRunning, "{error}");
        }
        for error in [
            Error::SocketClosed(socket()),
            Error::Socket(socket(), io::ErrorKind::Other),
            Error::BrokenOff("no HTTP".to_owned()),
            Error::TooLong {
                endpoint: endpoint(),
                limit: 1,
            },
            Error::Unreadable {
                endpoint: endpoint(),
                reason: String::new(),
            },
            Error::Refused {
                status: 500,
                said: String::new(),
            },
        ] {
            assert_eq!(fault(&error), DaemonFault::Unreadable, "{error}");
        }
    }
}
