//! What it goes through: stopped and started, logged in and out, its key expired. The lines on the bus are those that were
//! captured, in their order.

use serde_json::{Value, json};

use super::World;

/// What a change of `WantRunning` begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turn {
    Stops,
    Starts,
    /// It is not logged in: it would if it were.
    Waits,
}

/// Long ago.
const EXPIRED: &str = "2024-01-01T00:00:00Z";

impl World {
    /// What follows where it is told to run, or not to.
    pub(super) fn turn(&self, wants: bool) -> Option<Turn> {
        let state = self.status["BackendState"].as_str().unwrap_or_default();
        match (state, wants) {
            ("NeedsLogin", true) if self.status["HaveNodeKey"] != true => Some(Turn::Waits),
            ("Stopped", true) => Some(Turn::Starts),
            ("Running" | "Starting", false) => Some(Turn::Stops),
            _ => None,
        }
    }

    /// What is said before the preferences are.
    pub(super) fn begin(&mut self, turn: Turn) {
        match turn {
            Turn::Stops => {
                self.set_state("Stopped");
                self.sleep();
            }
            Turn::Starts => self.set_state("Starting"),
            Turn::Waits => {}
        }
    }

    /// What is said behind them.
    pub(super) fn finish(&mut self, turn: Turn) {
        match turn {
            Turn::Stops => {
                self.warn_only("wantrunning-false");
                self.tell(&json!({}));
            }
            Turn::Starts => {
                self.set_state("Running");
                self.wake();
                self.tell_engine();
                self.tell_self();
                self.warn_only("warming-up");
                self.tell_self();
                let _ = self.mend(None);
                self.tell_map();
            }
            Turn::Waits => self.warn_only("warming-up"),
        }
    }

    /// Nothing but that is wrong.
    fn warn_only(&mut self, code: &str) {
        self.warnings = Value::Null;
        self.warn(code, None).expect("it was captured");
    }

    fn tell_engine(&mut self) {
        let figures = json!({"RBytes": 0, "WBytes": 0, "NumLive": 0, "LiveDERPs": 1, "LivePeers": {}});
        self.tell(&json!({"Engine": figures}));
    }

    /// It has no paths while it is stopped.
    fn sleep(&mut self) {
        self.awake = Some(self.status.clone());
        self.status["Self"]["Online"] = false.into();
        self.status["Self"]["PeerAPIURL"] = Value::Null;
        for peer in self.peers() {
            peer["Active"] = false.into();
            peer["CurAddr"] = "".into();
        }
    }

    /// It finds them again.
    fn wake(&mut self) {
        self.status["Self"]["Online"] = true.into();
        let Some(awake) = self.awake.take() else { return };
        self.status["Self"]["PeerAPIURL"] = awake["Self"]["PeerAPIURL"].clone();
        for (key, peer) in self.status["Peer"].as_object_mut().into_iter().flatten() {
            let before = &awake["Peer"][key];
            for field in ["Active", "CurAddr"] {
                if !before[field].is_null() {
                    peer[field] = before[field].clone();
                }
            }
        }
    }

    /// Its key is no longer good.
    pub(super) fn expire(&mut self) -> Result<(), String> {
        if self.status["HaveNodeKey"] != true {
            return Err("it has no key".to_owned());
        }
        self.status["Self"]["KeyExpiry"] = EXPIRED.into();
        self.set_state("NeedsLogin");
        self.tell(&json!({"LoginFinished": {}}));
        Ok(())
    }

    /// Somebody logs it in at the page that it has said.
    pub(super) fn log_in(&mut self) -> Result<(), String> {
        if self.status["BackendState"] != "NeedsLogin" {
            return Err("it needs no login".to_owned());
        }
        self.tell(&json!({"LoginFinished": {}}));
        self.status["AuthURL"] = "".into();
        if self.status["HaveNodeKey"] == true {
            if let Some(own) = self.status["Self"].as_object_mut() {
                own.remove("KeyExpiry");
            }
            self.set_state("Starting");
            self.set_state("Running");
            return Ok(());
        }
        let logged_in = Self::running();
        self.prefs = logged_in.prefs;
        self.status = logged_in.status;
        self.derp_map = logged_in.derp_map;
        self.say_version();
        self.tell_prefs();
        self.warn_only("warming-up");
        self.tell_prefs();
        self.tell_self();
        self.set_state("Starting");
        self.tell_engine();
        self.tell_map();
        self.tell_engine();
        self.tell_map();
        self.set_state("Running");
        self.tell_engine();
        let _ = self.mend(None);
        self.tell_map();
        Ok(())
    }

    /// It is logged out: it has no node any more.
    pub fn log_out(&mut self) {
        if self.status["HaveNodeKey"] != true {
            return;
        }
        self.set_state("Stopped");
        self.prefs["WantRunning"] = false.into();
        self.tell_prefs();
        self.warn_only("wantrunning-false");
        self.set_state("NoState");
        let other = Self::needs_login();
        self.prefs = other.prefs;
        self.prefs["ControlURL"] = "".into();
        self.status = other.status;
        self.derp_map = other.derp_map;
        self.say_version();
        self.tell_prefs();
        self.set_state("NeedsLogin");
        self.warn_only("wantrunning-false");
    }

    /// The status says which version it is, too.
    pub(super) fn say_version(&mut self) {
        self.status["Version"] = self.version.text.as_str().into();
    }

    pub(super) fn tell_prefs(&mut self) {
        let prefs = self.prefs.clone();
        self.tell(&json!({"Prefs": prefs}));
    }
}
