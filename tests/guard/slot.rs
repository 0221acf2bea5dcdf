//! A host with other programs' tables, and slots in which changes are guarded.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::netns::Netns;
use crate::support::scratch::Scratch;
use crate::support::tool;

pub const TSCTL: &str = env!("CARGO_BIN_EXE_tsctl");

/// How long the changes of these tests wait to be confirmed: short, and what a busy machine keeps.
pub const CONFIRM: Duration = Duration::from_secs(4);

/// What others have loaded: the hooks that ours has, the names that ours has, and tailscaled's.
const FOREIGN: &str = r#"
table inet nixos-fw {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		counter comment "zones"
	}
}
table ip tailwright {
	set lan {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}
}
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		jump ts-input
	}
	chain ts-input {
		ip saddr 100.64.0.0/10 iifname != "tailscale0" counter drop
	}
}
"#;

/// A host: a network namespace with tables that are not ours.
pub struct Host {
    pub namespace: Netns,
    pub scratch: Scratch,
    pub nft: PathBuf,
}

impl Host {
    pub fn new() -> Option<Self> {
        let namespace = Netns::with_interfaces(&["tailscale0", "enp3s0"])?;
        let host = Self {
            namespace,
            scratch: Scratch::new(),
            nft: tool::part("nft")?,
        };
        host.namespace.load(FOREIGN).expect("legal tables");
        Some(host)
    }

    /// Every table that is not in a slot, with handles and counters, byte for byte.
    pub fn foreign(&self) -> String {
        ["inet nixos-fw", "ip tailwright", "ip filter"]
            .iter()
            .map(|table| {
                let (family, name) = table.split_once(' ').expect("two words");
                self.namespace
                    .must(&self.nft, &["--handle", "list", "table", family, name])
            })
            .collect()
    }

    /// A fresh slot whose table has the old rules.
    pub fn slot(&self, name: &str) -> Slot<'_> {
        let slot = self.empty_slot(name);
        self.namespace.load(&slot.rules("old")).expect("legal");
        slot
    }

    /// A fresh slot whose table is not there.
    pub fn empty_slot(&self, name: &str) -> Slot<'_> {
        let slot = Slot {
            host: self,
            table: name.replace(['-', ' '], "_"),
            directory: self.scratch.path().join(name),
        };
        std::fs::create_dir(&slot.directory).expect("a fresh name");
        std::fs::write(slot.file(), slot.rules("new")).expect("ours");
        slot
    }
}

/// One table and one state directory.
pub struct Slot<'a> {
    pub host: &'a Host,
    pub table: String,
    pub directory: PathBuf,
}

impl Slot<'_> {
    /// A ruleset that can be told from others by a comment.
    pub fn rules(&self, mark: &str) -> String {
        let table = &self.table;
        format!(
            "add table inet {table}\ndelete table inet {table}\ntable inet {table} {{\n  set {mark}_set {{\n    \
             type ipv4_addr\n    elements = {{ 198.51.100.7 }}\n  }}\n  map ports {{\n    \
             type inet_proto . inet_service : verdict\n    elements = {{ tcp . 22 : accept }}\n  }}\n  chain input {{\n    \
             type filter hook input priority filter + 1; policy accept;\n    iifname \"tailscale0\" meta l4proto . th dport \
             vmap @ports comment \"{mark}\"\n    ip saddr @{mark}_set counter drop\n  }}\n}}\n"
        )
    }

    /// The file that is applied.
    pub fn file(&self) -> PathBuf {
        self.directory.join("new.nft")
    }

    pub fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    /// `tsctl firewall WORDS` for this slot.
    pub fn tsctl(&self, words: &[&str]) -> Vec<String> {
        let mut all = vec![TSCTL.to_owned(), "firewall".to_owned(), "--state-dir".to_owned()];
        all.push(self.state().to_string_lossy().into_owned());
        all.extend(words.iter().map(|word| (*word).to_owned()));
        all
    }

    /// `tsctl firewall apply FILE --confirm TIME` for this slot.
    pub fn apply(&self, confirm: &str) -> Vec<String> {
        let file = self.file();
        self.tsctl(&[
            "apply",
            &file.to_string_lossy(),
            "--confirm",
            confirm,
            "--table",
            &self.table,
            "--guardian",
            "process",
        ])
    }

    /// Runs words inside; stdout and stderr apart.
    pub fn run(&self, words: &[String]) -> Output {
        tool::run(&mut self.command(words))
    }

    /// The same, its status alone; -1 where a signal ended it.
    pub fn status(&self, words: &[String]) -> i32 {
        self.run(words).status.code().unwrap_or(-1)
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = self.host.namespace.command(&words[0]);
        command
            .args(&words[1..])
            .env("PATH", self.path())
            .env("STATE", self.state())
            .env("SLOT", &self.directory);
        command
    }

    /// Starts a shell script inside, in which `"$@"` is `words`.
    pub fn script(&self, script: &str, words: &[String]) -> Child {
        let mut all = ["/bin/sh", "-c", script, "script"].map(str::to_owned).to_vec();
        all.extend_from_slice(words);
        let mut command = self.command(&all);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("a shell starts")
    }

    /// PATH: programs of this slot before all others.
    fn path(&self) -> std::ffi::OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let nft = self.host.nft.parent().expect("absolute").to_owned();
        let folders = [self.directory.join("bin"), nft];
        std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path))).expect("no colon")
    }

    /// Puts a program before the real one.
    pub fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.host.scratch.write(self.directory.join("bin").join(name), script);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("ours");
    }

    /// An nft that is the real one but for what `act` (shell; `$REAL`, `$n` and `$@` are set) does at its call number `call`.
    pub fn nft_at_call(&self, call: usize, act: &str) {
        let (real, calls) = (self.host.nft.display(), self.directory.join("calls"));
        std::fs::create_dir(&calls).expect("a fresh slot");
        // Of two at once, each gets a number of its own.
        let number = "n=1; until mkdir \"$CALLS/$n\" 2>/dev/null; do n=$((n + 1)); done";
        let calls = calls.display();
        self.program(
            "nft",
            &format!(
                "#!/bin/sh\nREAL='{real}' CALLS='{calls}'\n{number}\nif [ $n = {call} ]; then\n{act}\nfi\nexec \"$REAL\" \"$@\"\n"
            ),
        );
    }

    /// How many times that nft was called.
    pub fn nft_calls(&self) -> usize {
        std::fs::read_dir(self.directory.join("calls"))
            .into_iter()
            .flatten()
            .count()
    }

    /// Our table as it is now, without counters; nothing where it is not there.
    pub fn live(&self) -> String {
        let list = ["--stateless", "list", "table", "inet", &self.table];
        self.host.namespace.run(&self.host.nft, &list).unwrap_or_default()
    }

    pub fn is_live(&self, mark: &str) -> bool {
        self.live().contains(&format!("comment \"{mark}\""))
    }

    /// Whether the change stands in this phase.
    pub fn is_in(&self, phase: &str) -> bool {
        let entries = std::fs::read_dir(self.state()).into_iter().flatten().flatten();
        entries
            .into_iter()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(&format!("{phase}-")))
    }

    /// Waits until nothing is pending here, and what was begun is over; how, as `pending` says it.
    pub fn settle(&self) -> serde_json::Value {
        wait(&format!("{} settles", self.table), || {
            self.status(&self.tsctl(&["pending"])) == 0
        });
        self.pending()
    }

    /// What `pending --json` says.
    pub fn pending(&self) -> serde_json::Value {
        let output = self.run(&self.tsctl(&["pending", "--json"]));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    }
}

/// Everything that a program said.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// Waits until something is so.
///
/// # Panics
/// It does not become so within a time that is long even on a busy machine.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(1), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the deadline of a change that was begun at `start` has passed, with the time that a busy machine needs.
pub fn wait_past_deadline(start: Instant) {
    let end = CONFIRM + Duration::from_millis(500);
    std::thread::sleep(end.saturating_sub(start.elapsed()));
}

/// A file that is there and whole.
pub fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
