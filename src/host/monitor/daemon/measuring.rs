//! Asking what is due.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::host::monitor::probes::{Places, Prober};
use crate::localapi::LocalApi;
use crate::model::MonitorSettings;
use crate::monitor::Moment;
use crate::monitor::watch::{Sample, Watch};

/// What is measured, and what is being asked for that.
#[derive(Debug)]
pub(in crate::host::monitor) struct Measuring {
    /// What is known.
    pub(in crate::host::monitor) watch: Watch,
    prober: Prober,
    /// What is being asked.
    probing: JoinSet<(u64, Sample)>,
}

impl Measuring {
    /// With these settings, and nothing asked yet.
    pub(in crate::host::monitor) fn new(
        settings: &MonitorSettings,
        api: Arc<LocalApi>,
        places: Places,
        now: Moment,
    ) -> Self {
        Self {
            watch: Watch::new(settings, now),
            prober: Prober::new(api, places),
            probing: JoinSet::new(),
        }
    }

    /// Asks what is due.
    pub(in crate::host::monitor) fn ask(&mut self, now: Moment) {
        for probe in self.watch.due(now) {
            let prober = self.prober.clone();
            self.probing.spawn(async move {
                let number = probe.number;
                (number, prober.run(probe).await)
            });
        }
    }

    /// Whether nothing is being asked.
    pub(in crate::host::monitor) fn is_idle(&self) -> bool {
        self.probing.is_empty()
    }

    /// The next answer, for [`Watch::answered`]; nothing where nothing is being asked. It may be given up and called again.
    pub(in crate::host::monitor) async fn next(&mut self) -> Option<(u64, Sample)> {
        loop {
            if let Ok(answer) = self.probing.join_next().await? {
                return Some(answer);
            }
        }
    }
}
