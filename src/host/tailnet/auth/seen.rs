//! What is shown.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::host::firewall::moment::WallTime;
use crate::host::show::{Reason, Screen, State, Tone, View, fact, worst};
use crate::host::status::Status as Ended;
use crate::host::tailnet::login::{about_key, about_state, key, owner};
use crate::host::tailnet::unasked::unasked;
use crate::host::tailnet::when::written;
use crate::localapi::Error;
use crate::localapi::data::{BackendState, Prefs, Status};

/// What was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// Whether a login was begun.
    pub(super) begun: Begun,
    /// What tailscaled says of itself.
    pub(super) status: Result<Status, Error>,
    /// What it is told to do.
    pub(super) prefs: Option<Prefs>,
    /// What this host has to log in by.
    pub(super) units: Units,
}

/// Whether a login was begun.
#[derive(Debug)]
pub(super) enum Begun {
    /// Nobody asked for one.
    Nothing,
    /// It was.
    Login,
    /// It was not.
    Refused(Error),
}

/// The units of NixOS that there are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Units {
    /// `tailscaled-autoconnect`, which logs in with the auth key.
    pub(super) autoconnect: bool,
    /// `tailscaled-set`, which applies the preferences.
    pub(super) set: bool,
}

/// What `tsctl auth --json` prints. Times are in UTC (RFC 3339); what is not known is null.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl auth")]
pub(super) struct LoginSeen {
    /// When it was asked.
    taken: String,
    /// How it is, all in all.
    pub(super) state: State,
    /// Why, and what to type about it; hints have the state `good`.
    pub(super) reasons: Vec<Reason>,
    /// What tailscaled is doing: `Running`, `Stopped`, `NeedsLogin`, …
    backend_state: Option<String>,
    /// Where to log in, while tailscaled waits for that.
    login_url: Option<String>,
    /// Whose the node is: an address, or its tags.
    owner: Option<String>,
    /// The tailnet.
    tailnet: Option<String>,
    /// The control plane.
    control_url: Option<String>,
    /// The user who may change tailscaled's preferences without being root.
    operator: Option<String>,
    /// When the node's key expires; null where it does not.
    key_expires: Option<String>,
    /// The same in seconds since 1970.
    #[serde(skip)]
    key_expires_unix: Option<u64>,
    /// When it was asked, in seconds since 1970.
    #[serde(skip)]
    now: u64,
}

impl LoginSeen {
    /// What is wrong, and what to type about it.
    pub(super) fn judge(asked: &Asked, now: WallTime) -> Self {
        let unix = now.unix();
        let mut seen = Self {
            taken: now.to_string(),
            state: State::CannotTell,
            reasons: Vec::new(),
            backend_state: None,
            login_url: None,
            owner: None,
            tailnet: None,
            control_url: None,
            operator: None,
            key_expires: None,
            key_expires_unix: None,
            now: unix,
        };
        if let Begun::Refused(error) = &asked.begun {
            seen.reasons.push(unasked(error));
        }
        match &asked.status {
            // Who could not be asked for a login could not be asked for anything.
            Err(_) if matches!(asked.begun, Begun::Refused(_)) => {}
            Err(error) => seen.reasons.push(unasked(error)),
            Ok(status) => {
                seen.describe(status, asked.prefs.as_ref());
                seen.reasons.extend(about_login(status, &asked.begun));
                seen.reasons
                    .extend(reasons(status, asked.prefs.as_ref(), asked.units, unix));
            }
        }
        seen.state = worst(&seen.reasons);
        seen
    }

    fn describe(&mut self, status: &Status, prefs: Option<&Prefs>) {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let this = &status.this_node;
        self.backend_state = Some(status.backend_state.to_string());
        self.login_url = text(&status.auth_url);
        self.owner = owner(this, status);
        self.tailnet = status.current_tailnet.as_ref().map(|tailnet| tailnet.name.clone());
        self.control_url = prefs.and_then(|prefs| text(&prefs.control_url));
        self.operator = prefs.and_then(|prefs| text(&prefs.operator_user));
        self.key_expires_unix = this.key_expiry.unix();
        self.key_expires = self.key_expires_unix.map(written);
    }
}

/// Where a login is ended, unless that is why the node is not connected.
fn about_login(status: &Status, begun: &Begun) -> Option<Reason> {
    if !status.auth_url.is_empty() {
        let text = format!("to renew the key, somebody has to log in: {}", status.auth_url);
        return (status.backend_state == BackendState::Running).then(|| Reason::new(State::Degraded, text));
    }
    matches!(begun, Begun::Login).then(|| {
        let text = "the control plane has not said yet where to log in";
        Reason::new(State::Degraded, text).command("tsctl auth --watch")
    })
}

fn reasons(status: &Status, prefs: Option<&Prefs>, units: Units, now: u64) -> Vec<Reason> {
    if status.backend_state == BackendState::Running {
        return about_key(status, now).into_iter().collect();
    }
    let mut reasons: Vec<Reason> = about_state(status, now).into_iter().collect();
    if status.backend_state == BackendState::NeedsLogin {
        if units.autoconnect {
            // `tailscale up` takes any flags as long as no control plane was set, and else refuses those that leave out a preference
            // which is not the default (`checkForAccidentalSettingReverts` in `cmd/tailscale/cli/up.go` of tailscale).
            let is_first = prefs.is_some_and(|prefs| prefs.control_url.is_empty());
            let (text, command) = if is_first {
                (
                    "this host has an auth key, and logs in with it",
                    "sudo systemctl restart tailscaled-autoconnect",
                )
            } else {
                (
                    "this host has an auth key; it is refused where a preference was changed since the last login, and the \
                     journal says so",
                    "sudo systemctl restart tailscaled-autoconnect; journalctl -u tailscaled-autoconnect -n 20",
                )
            };
            reasons.push(Reason::new(State::Good, text).command(command));
        }
        if units.set {
            let text = "after a login by `tailscale up`, have the preferences of this host applied again (never use --reset: it drops them)";
            reasons.push(Reason::new(State::Good, text).command("sudo systemctl restart tailscaled-set"));
        }
    }
    reasons
}

impl View for LoginSeen {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        let doing = self.backend_state.as_ref().map(|doing| format!("  ({doing})"));
        let doing = screen.paint(Tone::Faint, &doing.unwrap_or_default());
        writeln!(out, "{}: {state}{doing}", screen.paint(Tone::Strong, "login"))?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        if self.backend_state.is_none() {
            return Ok(());
        }
        writeln!(out)?;
        fact("owner", self.owner.as_deref().unwrap_or("nobody"), screen, out)?;
        for (name, known) in [
            ("tailnet", &self.tailnet),
            ("control", &self.control_url),
            ("operator", &self.operator),
        ] {
            if let Some(known) = known {
                fact(name, known, screen, out)?;
            }
        }
        let is_logged_in = self.owner.is_some();
        fact("key", &key(is_logged_in, self.key_expires_unix, self.now), screen, out)
    }

    fn status(&self) -> Ended {
        self.state.status()
    }
}
