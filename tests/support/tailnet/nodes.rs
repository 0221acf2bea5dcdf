//! What tailscaled knows of the others.

use serde_json::json;

use super::super::tailscaled::World;
use super::address::{DESK, LAN, NODES, RELAYS, ROUTERS, TUNNEL_PORT};

/// A tailscaled that is up and knows the nodes of the laboratory, and so many more.
pub fn world(more: u32) -> World {
    let mut world = World::running();
    world.add_peers(more + 1);
    for node in NODES {
        let peer = world.peer(node.captured);
        let endpoint = format!("{}:{TUNNEL_PORT}", node.outside);
        peer["HostName"] = node.name.into();
        peer["DNSName"] = format!("{}.lab-tailnet.ts.net.", node.name).into();
        let address = node.tailnet.to_string();
        peer["TailscaleIPs"] = json!([address]);
        peer["AllowedIPs"] = json!([format!("{address}/32")]);
        peer["Addrs"] = json!([endpoint]);
        peer["Online"] = true.into();
        // The third one is reached by a relay.
        peer["CurAddr"] = if node.name == "third" { "" } else { &endpoint }.into();
        peer["Relay"] = "lab".into();
    }
    for router in ROUTERS {
        world.offer_exit_node(router.name);
    }
    let desk = world.peer(DESK.name);
    desk["PrimaryRoutes"] = json!([LAN]);
    desk["AllowedIPs"] = json!([format!("{}/32", DESK.tailnet), LAN]);
    for (region, relay) in ["900", "901"].iter().zip(RELAYS) {
        let node = &mut world.derp_map["Regions"][region]["Nodes"][0];
        for key in ["HostName", "IPv4", "STUNTestIP"] {
            node[key] = relay.to_string().into();
        }
    }
    // Whoever runs the tests may change preferences.
    world.operator = Some(rustix::process::geteuid().as_raw());
    world
}
