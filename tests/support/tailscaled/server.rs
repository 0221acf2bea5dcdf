//! The fake as tests hold it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::data_path::DataPath;
use super::player::Player;
use super::request::Request;
use super::scenario::{Action, Scenario};
use super::shared::Shared;
use super::world::World;
use crate::support::scratch::Scratch;

/// A fake tailscaled that listens. It ends, and its socket goes, when the value is dropped.
pub struct Tailscaled {
    shared: Arc<Shared>,
    /// What a scenario says that has not begun.
    later: Vec<(Duration, Action)>,
    player: Option<Player>,
    /// The directory of the socket, where it is its own.
    scratch: Option<Scratch>,
}

impl Tailscaled {
    /// One like that, at a socket of its own.
    pub fn start(world: World) -> Self {
        let scratch = Scratch::new();
        let mut fake = Self::on_path(&scratch.path().join("tailscaled.sock"), world, None);
        fake.scratch = Some(scratch);
        fake
    }

    /// One like that, at a socket of its own, which decides where packets go.
    pub fn with_path(world: World, path: Arc<dyn DataPath>) -> Self {
        let scratch = Scratch::new();
        let mut fake = Self::on_path(&scratch.path().join("tailscaled.sock"), world, Some(path));
        fake.scratch = Some(scratch);
        fake
    }

    fn on_path(socket: &Path, world: World, path: Option<Arc<dyn DataPath>>) -> Self {
        let fake = Self {
            shared: Arc::new(Shared::new(socket, world, path)),
            later: Vec::new(),
            player: None,
            scratch: None,
        };
        fake.now("start");
        fake
    }

    /// One that does as the scenario says, from now on.
    ///
    /// # Panics
    /// Where the scenario is refused.
    pub fn play(scenario: &str) -> Self {
        let mut fake = Self::prepare(scenario);
        fake.begin();
        fake
    }

    /// The same, whose time begins later: see [`begin`](Self::begin).
    ///
    /// # Panics
    /// Where the scenario is refused.
    pub fn prepare(scenario: &str) -> Self {
        let scratch = Scratch::new();
        let scenario = Scenario::read(scenario).unwrap_or_else(|wrong| panic!("the scenario: {wrong}"));
        let prepared = Self::prepare_at(&scratch.path().join("tailscaled.sock"), &scenario);
        let mut fake = prepared.unwrap_or_else(|said| panic!("the scenario: {said}"));
        fake.scratch = Some(scratch);
        fake
    }

    /// The same, at this socket; what went wrong where it cannot listen.
    pub fn prepare_at(socket: &Path, scenario: &Scenario) -> Result<Self, String> {
        let shared = Arc::new(Shared::new(socket, World::running(), None));
        let (mut later, mut is_there) = (Vec::new(), false);
        for (at, step) in scenario.steps() {
            if let Some(at) = at {
                later.push((at, step));
                continue;
            }
            // It is like that before anybody can ask.
            if !is_there && !matches!(step, Action::Change(_)) {
                shared.come_back()?;
                is_there = true;
            }
            shared.act(&step)?;
        }
        if !is_there {
            shared.come_back()?;
        }
        Ok(Self {
            shared,
            later,
            player: None,
            scratch: None,
        })
    }

    /// What the scenario says of later is counted from now on, unless that has begun.
    pub fn begin(&mut self) {
        if self.player.is_some() {
            return;
        }
        let later = std::mem::take(&mut self.later);
        self.player = Some(Player::start(Arc::clone(&self.shared), later));
    }

    /// Whether everything that the scenario says has happened.
    pub fn is_played(&self) -> bool {
        self.player.as_ref().is_none_or(Player::is_done)
    }

    /// It goes on; what went wrong where the scenario could not be played to its end.
    pub fn end(&mut self) -> Result<(), String> {
        self.player.as_mut().map_or(Ok(()), Player::end)
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.shared.socket
    }

    /// Does now what a line of a scenario says, without its time.
    ///
    /// # Panics
    /// Where the line is refused.
    #[track_caller]
    pub fn now(&self, line: &str) {
        let done = Action::read(line).and_then(|action| self.shared.act(&action));
        done.unwrap_or_else(|said| panic!("{line}: {said}"));
    }

    /// Changes what it is like; streams hear of it.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let done = change(&mut self.shared.world());
        self.shared.publish();
        done
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Request> {
        self.timed().into_iter().map(|(_, request)| request).collect()
    }

    /// The same, with when.
    pub fn timed(&self) -> Vec<(Instant, Request)> {
        self.shared.seen.lock().expect("as above").iter().cloned().collect()
    }

    /// How many streams are open, as far as it knows.
    pub fn streams(&self) -> usize {
        self.shared.streams.lock().expect("as above").len()
    }
}

impl Drop for Tailscaled {
    fn drop(&mut self) {
        let played = self.end();
        self.shared.stop();
        if let Err(said) = played
            && !std::thread::panicking()
        {
            panic!("the scenario could not be played: {said}");
        }
    }
}
