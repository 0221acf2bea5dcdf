//! A machine to look at: a network of its own, its own `/etc` and `/run`, a fake tailscaled, and programs that say what they
//! are told.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::netns::Netns;
use crate::support::run::{Ended, TSCTL};
use crate::support::scratch::Scratch;
use crate::support::tailscaled::{Tailscaled, World};
use crate::support::tool;

pub struct Machine {
    pub host: Netns,
    pub scratch: Scratch,
    pub fake: Tailscaled,
}

impl Machine {
    /// One that is as tailscaled leaves it, without zones and without anybody who listens.
    pub fn new() -> Option<Self> {
        let host = Netns::with_interfaces(&["lan0", "tailscale0"])?;
        host.ip(&["link", "set", "dev", "tailscale0", "mtu", "1280"]);
        for family in ["-4", "-6"] {
            for (preference, table) in [("5210", "main"), ("5230", "default")] {
                let rule = [
                    "rule",
                    "add",
                    "pref",
                    preference,
                    "fwmark",
                    "0x80000/0xff0000",
                    "lookup",
                    table,
                ];
                host.ip(&[&[family], &rule[..]].concat());
            }
            host.ip(&[
                family,
                "rule",
                "add",
                "pref",
                "5250",
                "fwmark",
                "0x80000/0xff0000",
                "unreachable",
            ]);
            host.ip(&[family, "rule", "add", "pref", "5270", "lookup", "52"]);
        }
        host.ip(&["route", "add", "100.100.100.100/32", "dev", "tailscale0", "table", "52"]);
        let machine = Self {
            host,
            scratch: Scratch::new(),
            fake: Tailscaled::start(World::running()),
        };
        machine
            .scratch
            .write("etc/tailwright/tsctl.json", settings().to_string());
        machine.scratch.write("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        machine.scratch.write("etc/group", "root:x:0:\n");
        machine.scratch.write("run/.keep", "");
        machine.unit("nginx", "");
        for place in ["/etc", "/run"] {
            let own = machine.scratch.path().join(place.trim_start_matches('/'));
            machine
                .host
                .must("/bin/mount", &["--bind", &own.to_string_lossy(), place]);
        }
        Some(machine)
    }

    /// Puts a program on PATH that does that.
    pub fn program(&self, name: &str, script: &str) {
        let file = self
            .scratch
            .write(format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(file, PermissionsExt::from_mode(0o755)).expect("it is ours");
    }

    /// Has systemd know tailscaled and that unit, which runs and is started so.
    pub fn unit(&self, name: &str, exec: &str) {
        let shown = format!(
            "Id=tailscaled.service\nLoadState=loaded\nActiveState=active\nEnvironment=\n\n\
             Id={name}.service\nLoadState=loaded\nActiveState=active\nEnvironment=\nExecStart={exec}"
        );
        self.scratch.write("units", shown);
        let units = self.scratch.path().join("units");
        self.program(
            "systemctl",
            &format!("case $* in show*) cat {} ;; esac", units.display()),
        );
    }

    pub fn set(&self, sysctl: &str, value: &str) {
        let script = format!("echo {value} > /proc/sys/{sysctl}");
        self.host.must("/bin/sh", &["-c", &script]);
    }

    fn ask(&self, arguments: &[&str]) -> Ended {
        let mut command = self.host.command(TSCTL);
        command
            .arg("doctor")
            .arg("--socket")
            .arg(self.fake.socket())
            .args(arguments);
        command.env_remove("COLUMNS").env("PATH", self.path());
        Ended::of(&mut command)
    }

    /// The test's own programs first, then the parts, then everybody's.
    fn path(&self) -> std::ffi::OsString {
        let own = self.scratch.path().join("bin");
        let parts = ["nft", "ip"]
            .iter()
            .filter_map(|name| tool::part(name)?.parent().map(ToOwned::to_owned));
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(own).chain(parts).chain(std::env::split_paths(&others));
        std::env::join_paths(folders).expect("no colon")
    }

    /// These checks must say so, all in all; what is shown to people.
    #[track_caller]
    pub fn is(&self, state: &str, checks: &[&str]) -> String {
        let seen = self.ask(&[&["--json"], checks].concat()).json("ts-doctor.json");
        assert_eq!(seen["state"], state, "{seen:#}");
        let code = match state {
            "good" => 0,
            "degraded" => 1,
            "down" => 2,
            _ => 3,
        };
        let shown = self.ask(checks);
        shown.status(code).err("");
        shown.stdout()
    }

    /// Types what the check says, as root.
    pub fn mend(&self, check: &str) {
        let seen = self.ask(&["--json", check]).json("ts-doctor.json");
        let command = seen["checks"][0]["reasons"][0]["command"].as_str().expect("a command");
        let command = command.strip_prefix("sudo ").expect("root's");
        let mut shell = self.host.command("/bin/sh");
        shell.args(["-ec", command]).env("PATH", self.path());
        tool::accepted(&tool::run(&mut shell)).unwrap_or_else(|said| panic!("{command}: {said}"));
    }
}

/// The settings of a host with a service behind nginx and a secret.
pub fn settings() -> Value {
    json!({
        "version": 1, "host": "alpha", "interface": "tailscale0",
        "checkInterval": "30s", "checkTimeout": "5s", "maxLatency": "200ms", "maxPacketLoss": 5,
        "failureThreshold": 3, "recoveryThreshold": 5, "autoFailover": true,
        "failover": {
            "actions": ["exit-node"], "holdDown": "5m", "maxHoldDown": "1h", "minDwell": "1m", "moveWindow": "2m",
            "restartInterval": "1h", "restartsPerDay": 3, "dryRun": false, "restoreOnStop": true,
        },
        "acceptRoutes": false, "exitNodeLanAccess": false, "exitNodes": [],
        "management": [
            {"via": "tailscale0", "transport": "tcp", "ports": 22},
            {"via": "lan0", "transport": "tcp", "ports": 22},
        ],
        "expected": {
            "zones": true, "listens": [8080],
            "secrets": [{"path": "/run/secrets/tailscale-authkey", "mode": "0400", "owner": "root"}],
        },
    })
}
