//! What is to be sent to whom, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::message::{Event, Message, harmless};
use super::queue::{Due, Outcome, Queue, Rules};
use crate::model::Alerts;
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{Alarm, Subject};
use crate::monitor::{ClockStep, Moment};
use crate::net::{CredentialName, HostName, ReceiverName};

/// What is to be sent to whom, and when.
///
/// [`raise`](Self::raise) and [`resolve`](Self::resolve) may be repeated: what is known already changes nothing. The caller
/// writes [`text`](Self::text) to disk after every call that changed something, before it sends what is [`due`](Self::due).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbox {
    host: HostName,
    rules: BTreeMap<ReceiverName, Rules>,
    kept: Kept,
    tally: Tally,
}

/// What lies on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    version: u32,
    /// When the first of these files was made: it tells the ids of two outboxes apart.
    origin: Moment,
    /// The number of the next message.
    next: u64,
    #[serde(with = "pairs")]
    active: BTreeMap<Alarm, Active>,
    queues: BTreeMap<ReceiverName, Queue>,
}

/// Something that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    since: Moment,
    #[serde(default)]
    detail: String,
}

/// A message that is to be sent now. [`Outbox::delivered`] is to be told how that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: u64,
    /// To whom.
    pub receiver: ReceiverName,
    /// What.
    pub message: Message,
}

/// What has been counted since the program started, and what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Messages that were delivered.
    pub sent: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that were refused and given up.
    pub given_up: u64,
    /// Messages that wait or are on their way.
    pub waiting: u64,
}

/// The text is no outbox that this program can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It was written by a newer program.
    Newer(u32),
    /// It is damaged.
    Damaged(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(version) => write!(
                f,
                "the messages that wait are of version {version}, and this program reads version {}",
                Outbox::VERSION
            ),
            Self::Damaged(reason) => write!(f, "the messages that wait cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Outbox {
    /// The version of the text.
    pub const VERSION: u32 = 1;
    /// Most alarms that are kept for one receiver, and that go on at the same time.
    pub const MOST: usize = 256;

    /// An empty one for the receivers of these settings.
    pub fn new(host: &HostName, alerts: &Alerts<CredentialName>, now: Moment) -> Self {
        let kept = Kept {
            version: Self::VERSION,
            origin: now,
            next: 1,
            active: BTreeMap::new(),
            queues: BTreeMap::new(),
        };
        Self::with(kept, host, alerts, now)
    }

    /// The one that was written as [`text`](Self::text).
    pub fn read(text: &str, host: &HostName, alerts: &Alerts<CredentialName>, now: Moment) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let damaged = |error: serde_json::Error| Unreadable::Damaged(error.to_string());
        let Version { version } = serde_json::from_str(text).map_err(damaged)?;
        if version > Self::VERSION {
            return Err(Unreadable::Newer(version));
        }
        if version < Self::VERSION {
            return Err(Unreadable::Damaged(format!("there is no version {version}")));
        }
        let kept = serde_json::from_str(text).map_err(damaged)?;
        let mut outbox = Self::with(kept, host, alerts, now);
        for (name, queue) in &mut outbox.kept.queues {
            if let Some(rules) = outbox.rules.get(name) {
                queue.recover(rules, outbox.kept.next, now);
                outbox.kept.next = outbox.kept.next.saturating_add(1);
            }
        }
        Ok(outbox)
    }

    fn with(kept: Kept, host: &HostName, alerts: &Alerts<CredentialName>, now: Moment) -> Self {
        let mut outbox = Self {
            host: host.clone(),
            rules: BTreeMap::new(),
            kept,
            tally: Tally::default(),
        };
        outbox.reload(host, alerts, now);
        outbox
    }

    /// As it is written to disk: JSON on one line.
    pub fn text(&self) -> String {
        // It consists of strings and numbers: nothing in it cannot be written.
        serde_json::to_string(&self.kept).unwrap_or_default()
    }

    /// The settings have been read again. Who is new is told what goes on; who is gone is forgotten.
    pub fn reload(&mut self, host: &HostName, alerts: &Alerts<CredentialName>, now: Moment) {
        self.host = host.clone();
        let receivers = &alerts.receivers;
        self.rules = receivers
            .iter()
            .map(|(name, receiver)| (name.clone(), Rules::of(receiver)))
            .collect();
        self.kept.queues.retain(|name, _| receivers.contains_key(name));
        for (name, rules) in &self.rules {
            self.kept.queues.entry(name.clone()).or_default().settle(rules, now);
        }
        let active: Vec<(Alarm, Moment)> = self
            .kept
            .active
            .iter()
            .map(|(alarm, active)| (alarm.clone(), active.since))
            .collect();
        for (alarm, since) in active {
            self.tell(since, |queue, rules, number, at| {
                if rules.wants(&alarm) && !queue.knows(&alarm) {
                    queue.begins(&alarm, number, at);
                }
            });
        }
    }

    /// The clock was set: everything is moved with it, but what tells the ids of two outboxes apart.
    pub fn step_clock(&mut self, step: ClockStep) {
        for active in self.kept.active.values_mut() {
            active.since = active.since.moved(step);
        }
        for queue in self.kept.queues.values_mut() {
            queue.step_clock(step);
        }
    }

    /// Something began. `detail`: what is known besides, a sentence; it may contain what others said. Beyond
    /// [`MOST`](Self::MOST) that go on it is not kept: it is counted, and the next message says so.
    pub fn raise(&mut self, alarm: &Alarm, detail: &str, now: Moment) {
        if self.kept.active.contains_key(alarm) {
            return;
        }
        if self.kept.active.len() >= Self::MOST {
            for (name, queue) in &mut self.kept.queues {
                if self.rules.get(name).is_some_and(|rules| rules.wants(alarm)) {
                    queue.leave_out();
                }
            }
            return;
        }
        let active = Active {
            since: now,
            detail: harmless(detail),
        };
        self.kept.active.insert(alarm.clone(), active);
        self.tell(now, |queue, rules, number, at| {
            if rules.wants(alarm) {
                queue.begins(alarm, number, at);
            }
        });
    }

    /// Something is over.
    pub fn resolve(&mut self, alarm: &Alarm, now: Moment) {
        if self.kept.active.remove(alarm).is_some() {
            let opens = opens_a_way(alarm);
            self.tell(now, |queue, _, number, at| {
                queue.ends(alarm, number, at);
                if opens {
                    queue.hurry(at);
                }
            });
        }
    }

    /// What goes on is exactly this: what is missing begins, what is not there is over. After a start, when the program may
    /// have been killed between one file and the other.
    pub fn align(&mut self, alarms: &BTreeSet<Alarm>, now: Moment) {
        let over: Vec<Alarm> = self
            .kept
            .active
            .keys()
            .filter(|alarm| !alarms.contains(alarm))
            .cloned()
            .collect();
        for alarm in over {
            self.resolve(&alarm, now);
        }
        for alarm in alarms {
            self.raise(alarm, "", now);
        }
    }

    fn tell(&mut self, at: Moment, mut tell: impl FnMut(&mut Queue, &Rules, u64, Moment)) {
        for (name, queue) in &mut self.kept.queues {
            if let Some(rules) = self.rules.get(name) {
                tell(queue, rules, self.kept.next, at);
                queue.limit(Self::MOST);
                self.kept.next = self.kept.next.saturating_add(1);
            }
        }
    }

    /// What is to be sent now, at most one message a receiver. Each is under way until [`delivered`](Self::delivered) is
    /// told what became of it.
    pub fn due(&mut self, now: Moment) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (name, queue) in &mut self.kept.queues {
            let Some(due) = self.rules.get(name).and_then(|rules| queue.take(rules, now)) else {
                continue;
            };
            let Due {
                alarm,
                event,
                entry,
                waiting,
                left_out,
            } = due;
            let detail = self.kept.active.get(&alarm).map(|active| active.detail.clone());
            let message = Message {
                id: format!("{:x}-{}", self.kept.origin.as_millis(), entry.number),
                host: self.host.clone(),
                event,
                severity: super::severity(&alarm),
                at: match event {
                    Event::Began => entry.latest,
                    Event::Continues => now,
                    Event::Over | Event::Passed => entry.over.unwrap_or(now),
                },
                since: entry.since,
                again: entry.again,
                detail: detail.unwrap_or_default(),
                waiting,
                left_out,
                alarm,
            };
            deliveries.push(Delivery {
                id: entry.number,
                receiver: name.clone(),
                message,
            });
        }
        deliveries
    }

    /// To whom the message with this number is under way, and whether the attempt before it failed.
    pub fn receiver_of(&self, id: u64) -> Option<(ReceiverName, bool)> {
        let mut queues = self.kept.queues.iter();
        let (name, queue) = queues.find(|(_, queue)| queue.awaits(id))?;
        Some((name.clone(), queue.trouble().is_some()))
    }

    /// What became of a message that was due. Of one that is no longer awaited, nothing.
    pub fn delivered(&mut self, id: u64, outcome: Outcome, now: Moment) {
        let awaiting = self.kept.queues.iter_mut().find(|(_, queue)| queue.awaits(id));
        let Some((name, queue)) = awaiting else { return };
        let Some(rules) = self.rules.get(name) else { return };
        if outcome == Outcome::Delivered {
            self.tally.sent = self.tally.sent.saturating_add(1);
        } else {
            self.tally.failed = self.tally.failed.saturating_add(1);
        }
        let number = self.kept.next;
        self.kept.next = self.kept.next.saturating_add(1);
        if queue.ended(rules, outcome, number, now) {
            self.tally.given_up = self.tally.given_up.saturating_add(1);
        }
    }

    /// When [`due`](Self::due) may have something next; it may lie in the past. `None`: not before something changes.
    pub fn deadline(&self) -> Option<Moment> {
        let queues = self.kept.queues.iter();
        queues
            .filter_map(|(name, queue)| queue.deadline(self.rules.get(name)?))
            .min()
    }

    /// What has been counted, and what waits.
    pub fn tally(&self) -> Tally {
        let waiting: usize = self.kept.queues.values().map(Queue::waiting).sum();
        Tally {
            waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
            ..self.tally
        }
    }

    /// The receivers whose last attempt failed, and why.
    pub fn troubles(&self) -> impl Iterator<Item = (&ReceiverName, &str)> {
        self.kept
            .queues
            .iter()
            .filter_map(|(name, queue)| Some((name, queue.trouble()?)))
    }
}

/// Maps whose keys are no strings, as lists of pairs.
pub(super) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Whether messages may arrive again where this is over.
fn opens_a_way(alarm: &Alarm) -> bool {
    matches!(
        alarm,
        Alarm::Layer(Layer::Link | Layer::Gateway | Layer::Internet | Layer::Dns | Layer::Daemon(_))
            | Alarm::Failing(Subject::ExitNode | Subject::Tunnel)
            | Alarm::Stuck(Subject::ExitNode | Subject::Tunnel)
    )
}
