//! A host on which the commands of the page run: a tailscaled, two relays, and a monitor.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::run::{Ended, Place, TSCTL};
use crate::support::tailscaled::Tailscaled;
use crate::ts_quality::relays_beyond_a_nat;

/// The host.
pub struct Host {
    fake: Tailscaled,
    place: Place,
}

impl Host {
    /// alpha, which uses the exit node gamma; all is well.
    pub fn new() -> Self {
        let fake = Tailscaled::play("offers-exit gamma\nlatency 3ms");
        fake.change(|world| {
            world.derp_map = relays_beyond_a_nat();
            world.patch_prefs(r#"{"ExitNodeID":"TESTCTRL00000002","ExitNodeIDSet":true}"#);
        });
        let place = Place::new();
        let socket = place.write("run/control.sock", "");
        std::fs::remove_file(&socket).expect("it is ours");
        answer(&socket, &report().to_string());
        let host = Self { fake, place };
        host.place.write("tsctl", host.stand_in());
        host
    }

    /// tsctl, told where this host has what it looks for.
    fn stand_in(&self) -> String {
        let (socket, run) = (self.fake.socket().display(), self.place.path("run"));
        let run = run.display();
        format!(
            "case \"$1\" in\n\
             failover | metrics) exec {TSCTL} \"$@\" --runtime-dir {run} ;;\n\
             status) exec {TSCTL} \"$@\" --runtime-dir {run} --socket {socket} ;;\n\
             doctor) exec {TSCTL} \"$@\" --runtime-dir {run} --socket {socket} --config none.json ;;\n\
             *) exec {TSCTL} \"$@\" --socket {socket} ;;\n\
             esac\n"
        )
    }

    /// Runs a script of the guide, as the example for a laptop has it, with these arguments.
    pub fn script(&self, name: &str, arguments: &[&str]) -> Ended {
        let tsctl = format!("sh {}", self.place.path("tsctl").display());
        let text = rendered(name)
            .replace("${pkgs.runtimeShell}", "/bin/sh")
            .replace("${lib.getExe tsctl}", &tsctl);
        assert!(!text.contains("${"), "{text}");
        self.place.write(name, text);
        Ended::of(self.shell().arg(name).args(arguments))
    }

    /// Runs a line as it is typed.
    pub fn line(&self, line: &str) -> Ended {
        let tsctl = format!("tsctl() {{ sh {} \"$@\"; }}\n", self.place.path("tsctl").display());
        Ended::of(self.shell().args(["-c", &(tsctl + line)]))
    }

    fn shell(&self) -> Command {
        self.place.command("sh")
    }
}

/// The text of a script in the module that is rendered for the laptop.
fn rendered(name: &str) -> String {
    let module = "tests/golden/laptop/modules/network/monitoring/tailscale-monitor.nix";
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join(module);
    let module = std::fs::read_to_string(module).expect("the example is rendered");
    let start = format!("environment.etc.\"tailscale/{name}\" = {{\n    mode = \"0755\";\n    text = ''\n");
    let (_, text) = module.split_once(&start).expect("the script is there");
    let (text, _) = text.split_once("    '';\n").expect("its end");
    text.lines()
        .map(|line| line.strip_prefix("      ").unwrap_or(line).to_owned() + "\n")
        .collect()
}

/// What a monitor of that host says of itself.
fn report() -> Value {
    let (now, day) = (1_795_147_500_000_u64, 86_400_000);
    let gamma = json!({"exit-node": {"node": "gamma"}});
    let reading = |target: &str, kind: &str, p50: u64, path: Value| {
        json!({
            "target": target, "kind": kind, "path": path, "verdict": "good", "at": now - 4_000,
            "statistics": {"sent": 20, "lost": 0, "min": p50, "p50": p50, "p95": p50 + 1_300, "max": p50 + 2_000, "jitter": 310},
        })
    };
    json!({
        "at": now, "since": now - 3 * day, "host": "alpha", "mode": "act", "checkInterval": "30s",
        "subjects": [{
            "subject": "exit-node", "phase": "home", "since": now - 2 * day, "wanted": gamma, "standing": gamma,
            "settings": [
                {"setting": gamma, "level": "good", "since": now - 2 * day},
                {"setting": {"exit-node": {"node": "beta"}}, "level": "good", "since": now - day},
            ],
        }],
        "readings": [
            reading("exit node gamma", "egress", 11_400, json!(null)),
            reading("exit node gamma", "ping", 3_100, json!({"derp": "lab"})),
            reading("exit node beta", "ping", 3_400, json!("direct")),
        ],
        "lastMove": now - 2 * day,
        "counts": {
            "probes": 25_921, "probesFailed": 17, "moves": 2, "movesFailed": 0, "restarts": 0, "daemonLost": 0,
            "savesFailed": 0, "alertsSent": 2, "alertsFailed": 0, "alertsWaiting": 0,
        },
    })
}

/// Answers whoever asks at that socket, always the same. It ends with the test.
fn answer(socket: &Path, body: &str) {
    let listener = UnixListener::bind(socket).expect("a socket");
    let reply = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = Vec::new();
            let mut byte = [0];
            while !asked.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                asked.push(byte[0]);
            }
            let _ = stream.write_all(reply.as_bytes());
        }
    });
}
