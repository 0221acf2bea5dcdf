//! Chains of other programs on the same hooks.
//!
//! With nftables every chain on a hook decides for itself, in the order of the priorities. A drop is final; an accept holds
//! in its own chain alone. So another chain can take away what our table admits and never give what it refuses.

use super::seen::{Order, OtherChain};
use crate::host::firewall::listing::{Chain, Listing};
use crate::host::firewall::table_name::TableName;

/// The priority at which destinations are translated (`dstnat`, nft(8)).
const DSTNAT: i64 = -100;

/// Table names, or beginnings of the names of chains, by which programs are known.
const TABLES: [(&str, &str); 9] = [
    ("nixos-fw", "NixOS's firewall"),
    ("nixos-nat", "NixOS's nat"),
    ("docker-bridges", "Docker"),
    ("libvirt_network", "libvirt"),
    ("netavark", "Podman"),
    ("firewalld", "firewalld"),
    ("f2b-table", "fail2ban"),
    ("crowdsec", "CrowdSec"),
    ("crowdsec6", "CrowdSec"),
];
const CHAINS: [(&str, &str); 8] = [
    ("ts-", "tailscaled"),
    ("DOCKER", "Docker"),
    ("LIBVIRT_", "libvirt"),
    ("NETAVARK", "Podman"),
    ("KUBE-", "Kubernetes"),
    ("ufw", "ufw"),
    ("f2b-", "fail2ban"),
    ("nixos-fw", "NixOS's firewall"),
];

/// The chains of other tables that see packets which our table sees, in the order in which they do.
pub(super) fn others(all: &Listing, table: &TableName) -> Vec<OtherChain> {
    let is_own = |chain: &&Chain| chain.family == "inet" && chain.table == table.as_str();
    let own: Vec<(&str, i64)> = all.chains.iter().filter(is_own).filter_map(place).collect();
    let mut others: Vec<(u8, OtherChain)> = all
        .chains
        .iter()
        .filter(|chain| !is_own(chain))
        .filter_map(|chain| other(all, chain, &own))
        .collect();
    others.sort_by(|(rank, a), (other_rank, b)| {
        let key = |chain: &OtherChain| {
            (
                chain.priority,
                chain.family.clone(),
                chain.table.clone(),
                chain.chain.clone(),
            )
        };
        (rank, key(a)).cmp(&(other_rank, key(b)))
    });
    others.into_iter().map(|(_, chain)| chain).collect()
}

fn place(chain: &Chain) -> Option<(&str, i64)> {
    Some((chain.hook.as_deref()?, chain.priority?))
}

fn other(all: &Listing, chain: &Chain, own: &[(&str, i64)]) -> Option<(u8, OtherChain)> {
    let (hook, priority) = place(chain)?;
    let rank = match hook {
        "ingress" => 0,
        "prerouting" => 1,
        "input" => 2,
        "forward" => 3,
        "output" => 4,
        _ => return None,
    };
    let is_nat = chain.kind.as_deref() == Some("nat");
    let order = match (chain.family.as_str(), hook) {
        // What a device brings in, before any of the families of IP.
        ("netdev" | "inet", "ingress") => Order::Before,
        ("inet" | "ip" | "ip6", _) => {
            let ours = own
                .iter()
                .filter(|(own, _)| *own == hook)
                .map(|(_, priority)| *priority)
                .min();
            // Destinations are translated before any packet is at input or forward.
            match ours {
                Some(ours) if priority < ours => Order::Before,
                Some(ours) if priority == ours => Order::Same,
                Some(_) => Order::After,
                None if is_nat && hook == "prerouting" && !own.is_empty() => Order::Before,
                None => return None,
            }
        }
        _ => return None,
    };
    let policy = chain.policy.clone().unwrap_or_else(|| "accept".to_owned());
    let effect = effect(hook, is_nat, priority, order, &policy);
    let seen = OtherChain {
        family: chain.family.clone(),
        table: chain.table.clone(),
        chain: chain.name.clone(),
        owner: owner(all, chain),
        hook: hook.to_owned(),
        priority,
        order,
        policy,
        effect: effect.to_owned(),
    };
    Some((rank, seen))
}

fn effect(hook: &str, is_nat: bool, priority: i64, order: Order, policy: &str) -> &'static str {
    match (hook, order, policy) {
        ("prerouting", ..) if is_nat || priority == DSTNAT => {
            "may send packets elsewhere: they are then forwarded, and meet no zone's ports"
        }
        ("ingress", ..) => "may drop what a device brings before any firewall of IP sees it",
        (_, Order::Before, "drop") => "drops what it does not accept itself, before this table sees it",
        (_, _, "drop") => "drops what it does not accept itself, also what is admitted here",
        (_, Order::Before, _) => "may drop packets before this table sees them; its accept counts for nothing here",
        _ => "may drop what is admitted here; its accept counts for nothing here",
    }
}

/// Whose a chain is, by the name of its table and of the chains beside it.
fn owner(all: &Listing, chain: &Chain) -> String {
    if let Some((_, owner)) = TABLES.iter().find(|(table, _)| *table == chain.table) {
        return (*owner).to_owned();
    }
    let beside = all
        .chains
        .iter()
        .filter(|other| (&other.family, &other.table) == (&chain.family, &chain.table));
    let beside: Vec<&str> = beside.map(|chain| chain.name.as_str()).collect();
    let owners = CHAINS
        .iter()
        .filter(|(start, _)| beside.iter().any(|name| name.starts_with(start)));
    let owners: Vec<&str> = owners.map(|(_, owner)| *owner).collect();
    if !owners.is_empty() {
        return owners.join(", ");
    }
    match chain.table.as_str() {
        "filter" | "nat" | "mangle" | "raw" | "security" => "iptables".to_owned(),
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chains(chains: &[(&str, &str, &str, &str, i64, &str)]) -> Vec<OtherChain> {
        let mut objects = vec![
            json!({ "chain": { "family": "inet", "table": "tailwright", "name": "input", "type": "filter", "hook": "input",
                "prio": 0, "policy": "drop" } }),
            json!({ "chain": { "family": "inet", "table": "tailwright", "name": "prerouting", "type": "filter",
                "hook": "prerouting", "prio": -140, "policy": "accept" } }),
        ];
        for (family, table, name, hook, priority, policy) in chains {
            let mut chain = json!({ "family": family, "table": table, "name": name });
            if !hook.is_empty() {
                let kind = if *priority == DSTNAT { "nat" } else { "filter" };
                chain["hook"] = (*hook).into();
                chain["type"] = kind.into();
                chain["prio"] = (*priority).into();
                chain["policy"] = (*policy).into();
            }
            objects.push(json!({ "chain": chain }));
        }
        let listing = Listing::read(json!({ "nftables": objects }).to_string().as_bytes()).unwrap();
        others(&listing, &"tailwright".parse().unwrap())
    }

    #[test]
    fn others_are_told_by_their_names_and_what_they_can_do() {
        let seen = chains(&[
            ("ip", "filter", "INPUT", "input", 0, "accept"),
            ("ip", "filter", "ts-input", "", 0, ""),
            ("ip", "filter", "DOCKER-USER", "", 0, ""),
            ("ip", "nat", "PREROUTING", "prerouting", DSTNAT, "accept"),
            ("inet", "nixos-fw", "input", "input", 0, "drop"),
            ("inet", "mine", "early", "input", -10, "accept"),
            ("inet", "mine", "late", "input", 10, "accept"),
            ("netdev", "guard", "in", "ingress", -500, "accept"),
            // Not on a hook of ours.
            ("ip", "filter", "FORWARD", "forward", 0, "drop"),
            ("ip", "nat", "POSTROUTING", "postrouting", 100, "accept"),
            ("bridge", "b", "input", "input", 0, "drop"),
        ]);
        let short: Vec<_> = seen
            .iter()
            .map(|chain| (chain.table.as_str(), chain.owner.as_str(), chain.order))
            .collect();
        assert_eq!(
            short,
            [
                ("guard", "unknown", Order::Before),
                ("nat", "iptables", Order::After),
                ("mine", "unknown", Order::Before),
                ("nixos-fw", "NixOS's firewall", Order::Same),
                ("filter", "tailscaled, Docker", Order::Same),
                ("mine", "unknown", Order::After),
            ]
        );
        assert!(seen[1].effect.contains("forwarded"), "{}", seen[1].effect);
        assert!(
            seen[3].effect.starts_with("drops what it does not accept"),
            "{}",
            seen[3].effect
        );
        assert!(
            seen[5].effect.starts_with("may drop what is admitted"),
            "{}",
            seen[5].effect
        );
    }

    #[test]
    fn without_our_table_nothing_stands_beside_it() {
        let listing = Listing::read(
            json!({ "nftables": [{ "chain": { "family": "ip", "table": "filter", "name": "INPUT", "type": "filter",
                "hook": "input", "prio": 0, "policy": "drop" } }] })
            .to_string()
            .as_bytes(),
        )
        .unwrap();
        assert!(others(&listing, &"tailwright".parse().unwrap()).is_empty());
    }
}
