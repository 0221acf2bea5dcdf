//! How it becomes another.

use serde_json::{Value, json};

use super::super::scenario::{Base, Change};
use super::World;
use super::bus::number;

/// The states of the backend (`ipn.State`), by their numbers.
pub const STATES: [&str; 7] = [
    "NoState",
    "InUseOtherUser",
    "NeedsLogin",
    "NeedsMachineAuth",
    "Stopped",
    "Starting",
    "Running",
];

impl World {
    /// Makes it like that; what is wrong where it cannot be.
    pub fn apply(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Base(base) => self.become_another(*base),
            Change::Version(version) => {
                self.version = version.clone();
                self.say_version();
            }
            Change::Operator(user) => self.operator = *user,
            Change::ReadOnly(is_so) => self.is_read_only = *is_so,
            Change::Mode(mode) => self.mode = *mode,
            Change::Owner { user, group } => self.owner = Some((*user, *group)),
            Change::Peers(count) => {
                self.find_peer("beta")?;
                self.add_peers(*count);
            }
            Change::Latency(latency) => self.latency = (*latency).into(),
            Change::Answers { name, answers } => {
                self.find_peer(name)?;
                if *answers {
                    self.dead.remove(name);
                } else {
                    self.dead.insert(name.clone());
                }
            }
            Change::Online { name, online } => {
                self.find_peer(name)?;
                self.set_online(name, *online);
            }
            Change::Leaves(name) => self.remove_peer(name)?,
            Change::Joins(name) => self.bring_back(name)?,
            Change::OffersExit { name, offers } => {
                self.find_peer(name)?;
                if *offers {
                    self.offer_exit_node(name);
                } else {
                    self.offer_nothing(name);
                }
            }
            Change::Routes { name, prefixes } => self.lead_to(name, prefixes)?,
            Change::Control(is_there) => self.set_control(*is_there),
            Change::Warn { code, text } => self.warn(code, text.as_deref())?,
            Change::Mend(code) => self.mend(code.as_deref())?,
            Change::State(state) => self.set_state(state),
            Change::Map => self.tell_map(),
            Change::Expired => self.expire()?,
            Change::LoggedIn(true) => self.log_in()?,
            Change::LoggedIn(false) => self.log_out(),
            Change::ExitNode(name) => self.choose(name.as_deref())?,
            Change::Set { name, value } => self.set(name, value)?,
            Change::Tell(line) => self.tell(line),
            Change::Mute(is_mute) => self.is_mute = *is_mute,
            Change::Answer(exception) => self.exceptions.push(exception.clone()),
            Change::Lacks(endpoint) => self.exceptions.push(super::Exception::lacks(endpoint)),
            Change::Usual(None) => self.exceptions.clear(),
            Change::Usual(Some(endpoint)) => self.exceptions.retain(|exception| exception.endpoint != *endpoint),
        }
        Ok(())
    }

    /// Another node. What was said of its socket, of replies and of who answers pings stays so.
    fn become_another(&mut self, base: Base) {
        let other = match base {
            Base::Running => Self::running(),
            Base::NeedsLogin => Self::needs_login(),
            Base::Old => Self::old(),
        };
        let before = std::mem::replace(self, other);
        self.operator = before.operator;
        self.is_read_only = before.is_read_only;
        self.mode = before.mode;
        self.owner = before.owner;
        self.dead = before.dead;
        self.latency = before.latency;
        self.exceptions = before.exceptions;
        self.is_mute = before.is_mute;
    }

    fn remove_peer(&mut self, name: &str) -> Result<(), String> {
        let number = number(self.find_peer(name)?);
        let peers = self.status["Peer"].as_object_mut();
        let peers = peers.ok_or("it has no peers")?;
        let key = peers.iter().find(|(_, peer)| peer["HostName"] == name);
        let key = key.map(|(key, _)| key.clone()).ok_or("it has just been there")?;
        if let Some(peer) = peers.remove(&key) {
            self.departed.insert(name.to_owned(), (key, peer));
        }
        self.tell_removed(&number);
        Ok(())
    }

    fn bring_back(&mut self, name: &str) -> Result<(), String> {
        let departed = self.departed.remove(name);
        let (key, peer) = departed.ok_or_else(|| format!("{name} has not left"))?;
        let peers = self.status["Peer"].as_object_mut();
        peers.ok_or("it has no peers")?.insert(key, peer.clone());
        self.tell_changed(&peer);
        Ok(())
    }

    /// That peer leads to these networks, beside itself: as captured, the control plane sends everything once more.
    fn lead_to(&mut self, name: &str, prefixes: &[String]) -> Result<(), String> {
        let peer = self.find_peer(name)?;
        let own = peer["TailscaleIPs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let own = own.map(|ip| format!("{ip}/{}", if ip.contains(':') { 128 } else { 32 }));
        let allowed: Vec<String> = own.chain(prefixes.iter().cloned()).collect();
        peer["AllowedIPs"] = allowed.into();
        peer["PrimaryRoutes"] = prefixes.into();
        self.tell_map();
        Ok(())
    }

    /// Somebody chooses that exit node.
    pub fn choose(&mut self, name: Option<&str>) -> Result<(), String> {
        let id = match name {
            Some(name) => self.find_peer(name)?["ID"].clone(),
            None => "".into(),
        };
        self.set("ExitNodeID", &id)
    }

    /// Somebody sets a preference.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<(), String> {
        if self.prefs.get(name).is_none() {
            return Err(format!("there is no preference {name}"));
        }
        let reply = self.patch(&json!({name: value, format!("{name}Set"): true}).to_string());
        if reply.status == 200 {
            Ok(())
        } else {
            Err(format!("tailscaled refuses that: {}", reply.body.trim()))
        }
    }

    /// The control plane sees this node, or is lost: as captured, the status says so at once, and nothing else for eight
    /// minutes. When it is back, it sends the whole map.
    fn set_control(&mut self, is_there: bool) {
        self.status["Self"]["Online"] = is_there.into();
        if is_there {
            let _ = self.mend(Some("not-in-map-poll"));
            self.tell_map();
        }
    }
}
