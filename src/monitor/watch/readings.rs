//! What is measured, for people and metrics.

use super::Watch;
use super::key::Key;
use crate::monitor::probe::Window;
use crate::monitor::{Reading, Verdict};

impl Watch {
    /// What is measured, for people and metrics.
    pub fn readings(&self) -> Vec<Reading> {
        let targets = self.targets.iter();
        let measured = targets.filter_map(|(key, target)| {
            let own = match key {
                Key::Own(name) => self.settings.probes.targets.get(name).map(|own| &own.ask),
                _ => None,
            };
            let path = match key {
                Key::Through(node) => self.targets.get(&Key::Path(node.clone())),
                Key::Own(name) => self.targets.get(&Key::OwnPath(name.clone())).or(Some(target)),
                _ => None,
            };
            Some(Reading {
                target: key.target(),
                kind: key.kind(own)?.to_owned(),
                statistics: target.window.statistics(),
                path: path.and_then(|path| path.path.class().cloned()),
                verdict: target.ended.map(|_| target.verdict()),
                at: target.ended,
            })
        });
        let known = self.known();
        let lost = known.lost_peers().into_iter().map(|lost| Reading {
            target: lost.name.to_string(),
            kind: lost.kind.as_str().to_owned(),
            statistics: Window::new(std::num::NonZeroUsize::MIN).statistics(),
            path: None,
            verdict: Some(Verdict::Down(lost.fault)),
            at: None,
        });
        measured.chain(lost).collect()
    }
}
