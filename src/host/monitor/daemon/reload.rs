//! Settings that are read again, and what is made of them outside the machine.

use super::Daemon;
use crate::host::monitor::hosts::Hosts;
use crate::host::monitor::log::Priority;
use crate::host::monitor::metrics::Publisher;
use crate::host::monitor::{settings, systemd};
use crate::monitor::failover::Event;
use crate::monitor::metrics::exposition;

impl Daemon {
    /// Reads the settings again. Where they are not good, those from before stay.
    pub(super) fn reload(&mut self) {
        systemd::reloading();
        match settings::read(&self.places.config) {
            Ok(settings) => {
                self.machine.reload(&settings);
                self.measuring.watch.reload(&settings, self.clock.now());
                self.courier.reload(&settings, self.clock.now());
                self.has_mail = true;
                self.hosts = Hosts::new(
                    &self.places.runtime,
                    &self.places.hosts,
                    &settings.failover.lan_services,
                );
                self.refresh_hosts();
                self.settings = settings;
                self.feed(Event::Reloaded);
                self.seen();
                self.log.say(Priority::Notice, "the settings have been read again");
                systemd::ready(&self.summary());
            }
            Err(failure) => {
                let text = format!("the settings stay as they were: {failure}");
                self.log.say(Priority::Error, &text);
                systemd::ready(&text);
                // It stands there until something else is to be said.
                self.told = self.summary();
            }
        }
    }

    /// Writes the addresses of services again: what stands before them comes with the settings.
    pub(super) fn refresh_hosts(&mut self) {
        if self.hosts.is_used()
            && let Err(error) = self.hosts.refresh()
        {
            let text = format!("the addresses of services could not be written: {error}");
            self.log.say(Priority::Error, &text);
        }
    }

    /// Has the metrics served and written as the settings want.
    pub(super) fn publish(&mut self, publisher: &mut Publisher) {
        let (settings, interval) = (&self.settings.metrics, self.settings.check_interval);
        if let Err(trouble) = publisher.apply(settings, interval, self.clock.now()) {
            self.log.say(Priority::Error, &trouble);
        }
    }

    /// Writes the metrics to their file, where that is due.
    pub(super) fn write_metrics(&mut self, publisher: &mut Publisher) {
        let now = self.clock.now();
        if publisher.due().is_some_and(|due| due <= now)
            && let Err(trouble) = publisher.write(&exposition(&self.report()), now)
        {
            self.log.say(Priority::Error, &trouble);
        }
    }
}
