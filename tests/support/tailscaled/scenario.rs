//! The text that makes a fake tailscaled.
//!
//! ```toml
//! base = "running"            # running, needs-login, old
//! operator = 65534            # who may write, beside root
//! dead = ["delta"]            # who does not answer pings
//! exit-nodes = ["gamma"]      # who can be an exit node
//! peers = 97                  # so many more, like beta
//! latency = 1                 # of pings, in milliseconds
//!
//! [[answer]]                  # what is otherwise than usual: the first that fits
//! to = "ping?ip=100.64.0.1"   # the beginning of the endpoint with its query
//! silent = true               # or: late = 500 (ms), bytes = "…", json = '…' or text = "…" (with status = 500)
//! times = 2                   # so often
//!
//! [[step]]                    # what happens, one after the other
//! after = 200                 # milliseconds after the step before
//! state = "Stopped"           # or: offline, online, dead, alive = "gamma"; tell = '{"…": …}'
//! ```

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::answer::{Answer, Reply};
use super::world::{Exception, World};

/// What a scenario says.
pub struct Scenario {
    pub world: World,
    pub steps: Vec<Step>,
}

/// Something that happens.
pub struct Step {
    /// So long after the one before.
    pub after: Duration,
    pub change: Box<dyn FnOnce(&mut World) + Send>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[derive(Default)]
struct Written {
    base: String,
    operator: Option<u32>,
    dead: Vec<String>,
    exit_nodes: Vec<String>,
    peers: u32,
    latency: Option<u64>,
    answer: Vec<WrittenAnswer>,
    step: Vec<WrittenStep>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WrittenAnswer {
    to: String,
    method: Option<String>,
    silent: bool,
    late: Option<u64>,
    bytes: Option<String>,
    json: Option<String>,
    text: Option<String>,
    status: Option<u16>,
    times: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WrittenStep {
    after: u64,
    state: Option<String>,
    offline: Option<String>,
    online: Option<String>,
    dead: Option<String>,
    alive: Option<String>,
    tell: Option<String>,
}

impl Scenario {
    pub fn read(text: &str) -> Self {
        let written: Written = toml::from_str(text).unwrap_or_else(|error| panic!("the scenario: {error}"));
        let mut world = match written.base.as_str() {
            "running" => World::running(),
            "needs-login" => World::needs_login(),
            "old" => World::old(),
            base => panic!("there is no base {base:?}"),
        };
        world.operator = written.operator;
        world.dead = written.dead.into_iter().collect();
        world.add_peers(written.peers);
        for name in &written.exit_nodes {
            world.offer_exit_node(name);
        }
        if let Some(latency) = written.latency {
            world.latency = Duration::from_millis(latency);
        }
        world.exceptions = written.answer.into_iter().map(exception).collect();
        Self {
            world,
            steps: written.step.into_iter().map(step).collect(),
        }
    }
}

fn exception(written: WrittenAnswer) -> Exception {
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let status = written.status.unwrap_or(200);
    let answer = match (written.silent, written.late, written.bytes, written.json, written.text) {
        (true, None, None, None, None) => Answer::Silence,
        (false, Some(late), None, None, None) => Answer::After(Duration::from_millis(late), Box::new(Answer::Silence)),
        (false, None, Some(bytes), None, None) => Answer::Bytes(bytes.into_bytes()),
        (false, None, None, Some(text), None) => Answer::Reply(Reply {
            status,
            ..Reply::json(&json(text))
        }),
        (false, None, None, None, Some(text)) => Answer::Reply(Reply::plain(status, &text)),
        _ => panic!(
            "an answer to {:?} is one of silent, late, bytes, json, text",
            written.to
        ),
    };
    Exception {
        method: written.method,
        endpoint: written.to,
        answer,
        times: written.times.unwrap_or(u64::MAX),
    }
}

fn step(written: WrittenStep) -> Step {
    let change = move |world: &mut World| {
        if let Some(state) = &written.state {
            world.set_state(state);
        }
        for (name, online) in [(&written.offline, false), (&written.online, true)] {
            if let Some(name) = name {
                world.set_online(name, online);
            }
        }
        if let Some(name) = &written.dead {
            world.dead.insert(name.clone());
        }
        if let Some(name) = &written.alive {
            world.dead.remove(name);
        }
        if let Some(text) = &written.tell {
            let what = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            world.tell(&what);
        }
    };
    Step {
        after: Duration::from_millis(written.after),
        change: Box::new(change),
    }
}
