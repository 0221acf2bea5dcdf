//! Does what [`decide`](super::decide) says about one change, at the edge.

use std::time::Duration;

use super::change::{Change, Reason, Settled};
use super::decide::{Action, Event, LOOK, Outcome, decide};
use super::moment::Moment;
use super::nft::Nft;
use super::phase::Phase;
use super::store::{FORMER, Lock, NEW, Store};
use crate::host::clock;
use crate::host::failure::Failure;

/// How long a person is kept waiting for what a guardian will do anyway.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How a process left a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It came to an end.
    With(Outcome),
    /// The former rules are not back yet; the guardians go on trying.
    ToGuardians,
}

/// One process at work on one change.
pub(crate) struct Work<'a> {
    pub(crate) store: &'a Store,
    pub(crate) change: &'a Change,
    /// When its time is over, for this process.
    pub(crate) deadline: Moment,
    /// The lock of those who make changes, where this process is the one that makes this change.
    pub(crate) loading: Option<&'a Lock>,
    /// How long it tries; a guardian does for ever.
    pub(crate) patience: Option<Duration>,
    /// What nft said when it failed last.
    pub(crate) trouble: Option<String>,
}

impl<'a> Work<'a> {
    /// A person's command at work on a change that somebody else made.
    pub(crate) fn by_hand(store: &'a Store, change: &'a Change) -> Self {
        Self {
            store,
            change,
            deadline: change.deadline,
            loading: None,
            patience: Some(PATIENCE),
            trouble: None,
        }
    }
}

impl Work<'_> {
    /// Goes on from `event` until nothing is left to do.
    pub(crate) fn go(&mut self, mut event: Event) -> Result<Left, Failure> {
        let id = &self.change.id;
        let began = clock::now();
        // Of those who make the last restore, until that is written down.
        let mut last = None;
        'decide: loop {
            let phase = self.store.phase(id)?;
            for action in decide(phase, event, clock::now(), self.deadline) {
                event = match action {
                    Action::Move(from, to) => {
                        if !self.store.advance(id, from, to)? {
                            continue 'decide;
                        }
                        self.note(event, to);
                        continue;
                    }
                    Action::Load => self.load(),
                    Action::Restore => self.restore(&mut last)?,
                    Action::Wait(span) => {
                        last = None;
                        if self
                            .patience
                            .is_some_and(|patience| clock::now().since(began) > patience)
                        {
                            return Ok(Left::ToGuardians);
                        }
                        clock::sleep(span);
                        Event::Woken
                    }
                    Action::End(outcome) => return Ok(Left::With(outcome)),
                };
                continue 'decide;
            }
        }
    }

    fn load(&mut self) -> Event {
        // The lock is there: only who makes the change comes here.
        let loaded = match self.loading {
            Some(lock) => self
                .nft()
                .load(&self.store.path(Phase::Armed, &self.change.id).join(NEW), lock),
            None => Err("another process makes this change".to_owned()),
        };
        match loaded {
            Ok(()) => Event::Loaded,
            Err(said) => {
                self.trouble = Some(said);
                Event::LoadFailed
            }
        }
    }

    fn restore(&mut self, last: &mut Option<Lock>) -> Result<Event, Failure> {
        let id = &self.change.id;
        let Some(restoring) = self.store.share_restoring()? else {
            clock::sleep(LOOK / 10);
            return Ok(Event::Woken);
        };
        // A change that is settled leaves room for the next one: no restore may begin after that.
        if self.store.phase(id)? != Some(Phase::Reverting) {
            return Ok(Event::Woken);
        }
        if self.loading.is_none() && last.is_none() {
            *last = self.store.lock_loading()?;
        }
        let finally = self.loading.is_some() || last.is_some();
        let file = self.store.path(Phase::Reverting, id).join(FORMER);
        match self.nft().load(&file, &restoring) {
            Ok(()) => Ok(Event::Restored { finally }),
            Err(said) => {
                self.store.note_trouble(id, &said);
                self.trouble = Some(said);
                Ok(Event::RestoreFailed)
            }
        }
    }

    /// Writes down why a change is settled as it is. It is, with or without that.
    fn note(&self, event: Event, to: Phase) {
        let reason = match (to, event) {
            (Phase::Confirmed, _) => Reason::ConfirmTyped,
            (Phase::Reverting, Event::RevertAsked) => Reason::RevertTyped,
            (Phase::Reverting, Event::LoadFailed) => Reason::LoadFailed,
            (Phase::Reverting, _) => Reason::TimeOver,
            _ => return,
        };
        let at = clock::wall();
        self.store.note_settled(&self.change.id, &Settled { at, reason });
    }

    fn nft(&self) -> Nft {
        Nft::at(&self.change.nft)
    }
}
