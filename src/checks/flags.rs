//! Flags of `tailscale up` and `tailscale set` that a profile passes on as written.

use crate::model::{ExitNodeChoice, FieldPath, Host, Tailscale};

/// The flags that have an option of their own.
const OPTIONS: [(&str, &str); 11] = [
    ("accept-dns", "acceptDNS"),
    ("accept-routes", "acceptRoutes"),
    ("advertise-exit-node", "exitNode"),
    ("advertise-routes", "advertiseRoutes"),
    ("advertise-tags", "tags"),
    ("exit-node", "useExitNode"),
    ("exit-node-allow-lan-access", "exitNodeAllowLANAccess"),
    ("hostname", "hostname"),
    ("operator", "operator"),
    ("shields-up", "shieldsUp"),
    ("ssh", "enableSSH"),
];

/// Which command a flag is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// `extraUpFlags`: `tailscale up`.
    Up,
    /// `extraSetFlags`: `tailscale set`.
    Set,
}

/// One flag as written.
#[derive(Debug)]
pub(super) struct Flag<'a> {
    pub(super) text: &'a str,
    pub(super) given: Given,
    /// The element of the list.
    pub(super) field: FieldPath,
}

/// All flags of a host for the two commands.
pub(super) fn of<'a>(host: &Host, tailscale: &'a Tailscale) -> Vec<Flag<'a>> {
    let group = host.field("network.vpn.tailscale");
    let lists = [
        (Given::Up, &tailscale.extra_up_flags, group.name("extraUpFlags")),
        (Given::Set, &tailscale.extra_set_flags, group.name("extraSetFlags")),
    ];
    let mut flags = Vec::new();
    for (given, list, field) in lists {
        for (index, text) in list.iter().enumerate() {
            let field = field.index(index);
            flags.push(Flag { text, given, field });
        }
    }
    flags
}

impl Flag<'_> {
    /// The name without dashes and value; Go takes one dash or two.
    pub(super) fn name(&self) -> &str {
        let name = self.text.trim_start_matches('-');
        name.split_once('=').map_or(name, |(name, _)| name)
    }

    fn value(&self) -> Option<&str> {
        self.text.split_once('=').map(|(_, value)| value)
    }

    /// The profile's option for the same preference.
    pub(super) fn option(&self) -> Option<&'static str> {
        let name = self.name();
        OPTIONS
            .iter()
            .find(|(flag, _)| *flag == name)
            .map(|(_, option)| *option)
    }

    /// A switch without a value is on (Go's `flag`).
    fn is_on(&self) -> bool {
        matches!(self.value(), None | Some("true" | "1" | "t" | "T" | "TRUE" | "True"))
    }

    /// Whether the profile's option says otherwise by more than its default.
    pub(super) fn contradicts(&self, tailscale: &Tailscale) -> bool {
        let value = self.value().unwrap_or_default();
        let list = |written: Vec<String>| !written.is_empty() && written != value.split(',').collect::<Vec<_>>();
        match self.name() {
            "accept-dns" => !tailscale.accept_dns && self.is_on(),
            "accept-routes" => tailscale.accept_routes && !self.is_on(),
            "advertise-exit-node" => tailscale.exit_node && !self.is_on(),
            "advertise-routes" => list(tailscale.routes().iter().map(ToString::to_string).collect()),
            "advertise-tags" => list(tailscale.tags.iter().map(ToString::to_string).collect()),
            "exit-node" => tailscale
                .use_exit_node
                .as_ref()
                .is_some_and(|node| node.to_string() != value),
            "exit-node-allow-lan-access" => tailscale.exit_node_allow_lan_access && !self.is_on(),
            "hostname" => tailscale.hostname.as_str() != value,
            "operator" => tailscale.operator.as_ref().is_some_and(|user| user.as_str() != value),
            "shields-up" => tailscale.shields_up && !self.is_on(),
            "ssh" => tailscale.ssh && !self.is_on(),
            _ => false,
        }
    }

    /// Whether the profile's option says the same.
    pub(super) fn repeats(&self, tailscale: &Tailscale) -> bool {
        let value = self.value().unwrap_or_default();
        let list = |written: Vec<String>| written == value.split(',').collect::<Vec<_>>();
        match self.name() {
            "accept-dns" => tailscale.accept_dns == self.is_on(),
            "accept-routes" => tailscale.accept_routes == self.is_on(),
            "advertise-exit-node" => tailscale.exit_node == self.is_on(),
            "advertise-routes" => list(tailscale.routes().iter().map(ToString::to_string).collect()),
            "advertise-tags" => list(tailscale.tags.iter().map(ToString::to_string).collect()),
            "exit-node" => tailscale
                .use_exit_node
                .as_ref()
                .is_some_and(|node| node.to_string() == value),
            "exit-node-allow-lan-access" => tailscale.exit_node_allow_lan_access == self.is_on(),
            "hostname" => tailscale.hostname.as_str() == value,
            "operator" => tailscale.operator.as_ref().is_some_and(|user| user.as_str() == value),
            "shields-up" => tailscale.shields_up == self.is_on(),
            "ssh" => tailscale.ssh == self.is_on(),
            _ => false,
        }
    }

    /// The same said by the option.
    pub(super) fn as_option(&self) -> String {
        let option = self.option().unwrap_or_default();
        let value = self.value().unwrap_or_default();
        match self.name() {
            "advertise-routes" | "advertise-tags" => {
                let items: Vec<_> = value.split(',').map(|item| format!("{item:?}")).collect();
                format!("{option} = [ {} ]", items.join(" "))
            }
            "hostname" | "operator" => format!("{option} = {value:?}"),
            "exit-node" => {
                let choice = value
                    .parse::<ExitNodeChoice>()
                    .map_or_else(|_| value.to_owned(), |choice| choice.to_string());
                format!("{option} = {choice:?}")
            }
            _ => format!("{option} = {}", self.is_on()),
        }
    }
}
