//! What is in force, in the words of the settings.

use super::{Found, Watch};
use crate::model::ExitNodeChoice;
use crate::monitor::failover::{ExitNodeUse, Setting, State, Subject};

impl Watch {
    /// What is in force, as tailscaled's preferences say; nothing before they are known, and nothing of services, whose
    /// addresses tailscaled does not know. An exit node that the settings do not name any more still is the one that the
    /// machine took by its name: `state` is what that remembers. So it is one that has left the map of the network, or that
    /// the map does not have yet: nobody has chosen another one for that.
    pub fn settings_in_force(&self, state: &State) -> Vec<Setting> {
        let Some(preferences) = &self.tailnet.preferences else {
            return Vec::new();
        };
        let mut settings = vec![
            Setting::AcceptRoutes(preferences.accept_routes),
            Setting::Tunnel(preferences.want_running),
        ];
        settings.extend(
            self.in_force
                .clone()
                .map(|node| Setting::ExitNode(self.as_taken(node, state))),
        );
        settings
    }

    fn as_taken(&self, node: ExitNodeUse, state: &State) -> ExitNodeUse {
        let ExitNodeUse::Other(id) = &node else {
            return node;
        };
        let track = state.track(&Subject::ExitNode).into_iter();
        let mut taken = track.flat_map(|track| [Some(track.standing()), track.moving().map(|moving| &moving.to)]);
        let is_it = |choice: &ExitNodeChoice| match self.tailnet.find(choice) {
            Found::One(peer) => peer.id == *id,
            Found::Several => self.tailnet.is_called(id, choice),
            Found::None => *choice != ExitNodeChoice::Auto && self.tailnet.node(id).is_none(),
        };
        let found = taken.find_map(|setting| match setting {
            Some(Setting::ExitNode(taken @ ExitNodeUse::Node(choice))) if is_it(choice) => Some(taken.clone()),
            _ => None,
        });
        found.unwrap_or(node)
    }

    /// The exit node in force, in the words of the settings where they name it.
    pub(super) fn exit_node_in_force(&self) -> Option<ExitNodeUse> {
        let preferences = self.tailnet.preferences.as_ref()?;
        if preferences.auto_exit_node {
            return Some(ExitNodeUse::Node(ExitNodeChoice::Auto));
        }
        let Some(id) = &preferences.exit_node else {
            return Some(ExitNodeUse::Off);
        };
        let address = id.parse().ok();
        let is_it = |choice: &&ExitNodeChoice| match (choice, address) {
            (ExitNodeChoice::Address(choice), Some(address)) => *choice == address,
            _ => match self.tailnet.find(choice) {
                Found::One(peer) => peer.id == *id || address.is_some_and(|address| peer.addresses.contains(&address)),
                // That another node got the same name changes nothing in what is in force.
                Found::Several => self.tailnet.is_called(id, choice),
                Found::None => false,
            },
        };
        let named = self
            .settings
            .exit_node
            .iter()
            .chain(&self.settings.exit_nodes)
            .find(is_it);
        Some(named.map_or_else(
            || ExitNodeUse::Other(id.clone()),
            |choice| ExitNodeUse::Node(choice.clone()),
        ))
    }
}
