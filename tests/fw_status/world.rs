//! A host with a zone firewall, and a neighbour that sends packets to it.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::netns::Netns;
use crate::support::run::TSCTL;
use crate::support::scratch::Scratch;
use crate::support::tool;

/// A host (192.0.2.1 at `lan0`) and its neighbour (192.0.2.2).
pub struct World {
    pub host: Netns,
    pub far: Netns,
    pub scratch: Scratch,
    pub nft: PathBuf,
}

impl World {
    pub fn new() -> Option<Self> {
        let host = Netns::with_interfaces(&["tailscale0", "docker0"])?;
        let far = host.peer()?;
        host.connect("lan0", &far, "lan0");
        host.ip(&["addr", "add", "192.0.2.1/24", "dev", "lan0"]);
        far.ip(&["addr", "add", "192.0.2.2/24", "dev", "lan0"]);
        Some(Self {
            host,
            far,
            scratch: Scratch::new(),
            nft: tool::part("nft")?,
        })
    }

    /// Loads a ruleset, and puts it where the deployed one is.
    pub fn deploy(&self, ruleset: &str) {
        self.scratch.write("deployed.nft", ruleset);
        self.host.load(ruleset).expect("legal");
    }

    pub fn deployed(&self) -> String {
        self.scratch.path().join("deployed.nft").to_string_lossy().into_owned()
    }

    /// `tsctl firewall status ARGUMENTS` on the host.
    pub fn status(&self, arguments: &[&str]) -> Command {
        let mut command = self.host.command(TSCTL);
        command
            .args(["firewall", "status", "--deployed", &self.deployed()])
            .args(arguments);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let nft = self.nft.parent().expect("absolute").to_owned();
        let path = std::env::join_paths(std::iter::once(nft).chain(std::env::split_paths(&path))).expect("no colon");
        command.env("PATH", path).env_remove("COLUMNS");
        command
    }

    /// What `--json` prints, and the exit status.
    pub fn seen(&self) -> (Value, i32) {
        let output = tool::run(&mut self.status(&["--json"]));
        let seen = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        (seen, output.status.code().unwrap_or(-1))
    }

    /// The neighbour runs a line of bash.
    pub fn send(&self, script: &str) {
        let _ = self.far.run("/bin/bash", &["-c", &format!("{script}\ntrue")]);
    }
}

pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// A host with three zones.
pub fn profile() -> Value {
    json!({
        "host": { "name": "a", "interfaces": { "lan0": { "role": "lan", "prefixes": ["192.0.2.1/24"] } } },
        "network": {
            "vpn": { "tailscale": { "enable": true } },
            "security": { "firewall-zones": {
                "enable": true,
                "rateLimit": "100/second",
                "rateLimitBurst": 20,
                "zones": {
                    "internal": { "interfaces": ["lan0"], "allowedServices": ["ssh"], "allowedTCPPorts": ["8000-8010"],
                        "allowedUDPPorts": [9000] },
                    "admin": { "interfaces": ["lan0"], "allowedIPs": ["192.0.2.128/25"], "allowAllServices": true },
                    "bridges": { "interfaces": ["docker0", "br-*"], "allowedUDPPorts": [53] },
                },
            } },
        },
    })
}
