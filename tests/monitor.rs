//! The monitor as a process, against the fake tailscaled.

mod commands;
mod ending;
mod journal;
mod manager;
mod metrics;
mod moving;
mod settings;
mod tailscaled;

use serde_json::Value;

use crate::support::tailscaled::{Tailscaled, World};

/// alpha, with the exit nodes beta and gamma, of which it uses gamma.
pub fn tailnet() -> Tailscaled {
    let mut world = World::running();
    world.offer_exit_node("beta");
    world.offer_exit_node("gamma");
    // No relay: none is asked.
    world.status["Self"]["Relay"] = "".into();
    let fake = Tailscaled::start(world);
    fake.now("exit-node gamma");
    fake.now("set RouteAll true");
    fake
}

/// Somebody takes that exit node.
pub fn use_exit_node(fake: &Tailscaled, name: &str) {
    fake.now(&format!("exit-node {name}"));
}

/// The exit node in use, by its name; `none` for none.
fn exit_node(fake: &Tailscaled) -> String {
    fake.change(|world| {
        let id = world.prefs["ExitNodeID"].clone();
        let named = world.peers().find(|peer| peer["ID"] == id);
        named.map_or_else(
            || "none".to_owned(),
            |peer| peer["HostName"].as_str().unwrap_or_default().to_owned(),
        )
    })
}

/// Where the exit node stands, in the report.
fn about_exit_node(report: &Value) -> &Value {
    let subjects = report["subjects"].as_array().expect("a list");
    let found = subjects.iter().find(|subject| subject["subject"] == "exit-node");
    found.unwrap_or(&Value::Null)
}

/// The exit node beta or gamma answers, or is silent.
fn set_alive(fake: &Tailscaled, name: &str, is_alive: bool) {
    fake.now(&format!("{} {name}", if is_alive { "alive" } else { "dead" }));
}

/// How often it was told to change preferences.
fn changes(fake: &Tailscaled) -> usize {
    let seen = fake.seen();
    let changes = seen.iter().filter(|request| request.method == "PATCH");
    changes.count()
}

/// The phase of the exit node.
pub fn phase(report: &Value) -> &str {
    about_exit_node(report)["phase"].as_str().unwrap_or_default()
}
