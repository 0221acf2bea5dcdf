//! What can be broken.

use std::process::Child;

use super::super::netns::Netns;
use super::super::tool;
use super::Topology;
use super::address::{NODES, ROUTERS, TUNNEL_PORT};

/// Breaks and mends hosts and cables.
pub struct Faults<'a> {
    pub(super) topology: &'a Topology,
}

/// A host that is sending.
#[must_use]
pub struct Load(Child);

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl<'a> Faults<'a> {
    /// The namespace of a node.
    fn room(&self, name: &str) -> &'a Netns {
        let router = ROUTERS.iter().position(|node| node.name == name);
        match (router, name) {
            (Some(index), _) => &self.topology.routers[index],
            (None, "desk") => &self.topology.desk,
            (None, "gateway") => &self.topology.gateway,
            (None, "internet") => &self.topology.internet,
            (None, "client") => &self.topology.client,
            _ => panic!("there is no {name}"),
        }
    }

    /// Drops what fits `rule`, where packets come into or leave that host.
    fn drops(&self, host: &str, fault: &str, hook: &str, rule: &str) {
        self.mend(host, fault);
        self.room(host)
            .load(&format!(
                "table inet {fault} {{ chain fault {{ type filter hook {hook} priority -350; {rule} drop; }}; }}"
            ))
            .unwrap_or_else(|said| panic!("{rule}: {said}"));
    }

    /// Mends what was broken under that name; so it is if nothing was.
    fn mend(&self, host: &str, fault: &str) {
        self.room(host)
            .load(&format!("add table inet {fault}\ndelete table inet {fault}\n"))
            .expect("legal");
    }

    /// The node is gone: nothing reaches it.
    pub fn kill(&self, node: &str) {
        let rule = format!("udp dport {TUNNEL_PORT}");
        self.drops(node, "gone", "prerouting", &rule);
    }

    /// It is back.
    pub fn revive(&self, node: &str) {
        self.mend(node, "gone");
    }

    /// The node answers pings, and forwards nothing.
    pub fn forward_nothing(&self, node: &str) {
        self.drops(node, "deaf", "forward", "iifname \"tailscale0\"");
    }

    /// The node answers pings and forwards DNS, and nothing else.
    pub fn forward_dns_alone(&self, node: &str) {
        self.drops(node, "deaf", "forward", "iifname \"tailscale0\" meta l4proto tcp");
    }

    /// So many of a hundred packets that the node forwards from the tailnet are lost behind it: its pings do not see that.
    pub fn forward_badly(&self, node: &str, percent: u32) {
        let rule = format!("iifname \"tailscale0\" numgen random mod 100 < {percent}");
        self.drops(node, "deaf", "forward", &rule);
    }

    /// It forwards again.
    pub fn forward(&self, node: &str) {
        self.mend(node, "deaf");
    }

    /// So many of a hundred datagrams to the node are lost, and so many of those that it sends.
    pub fn lose(&self, node: &str, there: u32, back: u32) {
        let outside = NODES.iter().find(|one| one.name == node).expect("a node").outside;
        let some = |percent: u32| match percent {
            100.. => String::new(),
            _ => format!("numgen random mod 100 < {percent}"),
        };
        let rule = format!("udp dport {TUNNEL_PORT} {}", some(there));
        self.drops(node, "loss", "prerouting", &rule);
        let rule = format!("ip saddr {outside} udp sport {TUNNEL_PORT} {}", some(back));
        // Its name tells the nodes apart: all of their datagrams come by there.
        self.drops("client", &format!("loss_{node}"), "prerouting", &rule);
    }

    /// Nothing is lost any more.
    pub fn lose_nothing(&self, node: &str) {
        self.mend(node, "loss");
        self.mend("client", &format!("loss_{node}"));
    }

    /// What leaves the node waits for its turn: so many kilobits each second, at most so many milliseconds; what would wait
    /// longer is lost (tc-tbf(8)).
    pub fn narrow(&self, node: &str, kilobits: u32, milliseconds: u32) {
        let rate = format!("{kilobits}kbit");
        let latency = format!("{milliseconds}ms");
        let Some(tc) = tool::part("tc") else { return };
        self.room(node).must(
            tc,
            &[
                "qdisc", "replace", "dev", "net0", "root", "tbf", "rate", &rate, "burst", "1600", "latency", &latency,
            ],
        );
    }

    /// It is as fast as it was.
    pub fn widen(&self, node: &str) {
        let Some(tc) = tool::part("tc") else { return };
        self.room(node).must(tc, &["qdisc", "del", "dev", "net0", "root"]);
    }

    /// The node sends as much into the internet as its line carries, and more, until what is returned is dropped.
    pub fn load(&self, node: &str) -> Load {
        // Nobody complains about what arrives.
        self.drops("internet", "discard", "prerouting", "udp dport 9");
        let often = "exec 3>/dev/udp/203.0.113.254/9; while sleep 0.02; do head -c 7000 /dev/zero >&3; done";
        let load = self.room(node).command_beside("/bin/bash").args(["-c", often]).spawn();
        Load(load.expect("it starts"))
    }

    /// The cable of the client is pulled, or put back.
    pub fn link(&self, is_up: bool) {
        self.set_link("gateway", "to-client", is_up);
    }

    /// The local network's way to the internet.
    pub fn internet(&self, is_up: bool) {
        self.set_link("internet", "to-gateway", is_up);
    }

    fn set_link(&self, host: &str, name: &str, is_up: bool) {
        self.room(host)
            .ip(&["link", "set", name, if is_up { "up" } else { "down" }]);
    }

    /// The router of the local network is off, with everything behind it but the cables.
    pub fn gateway(&self, is_up: bool) {
        if is_up {
            self.mend("gateway", "off");
        } else {
            self.drops("gateway", "off", "prerouting", "");
        }
    }

    /// The `desk` forwards nothing from the tailnet to the local network, or does again.
    pub fn subnet(&self, is_up: bool) {
        if is_up {
            self.forward("desk");
        } else {
            self.forward_nothing("desk");
        }
    }
}
