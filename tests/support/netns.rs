//! A private network: a namespace of its own for interfaces, nftables, processes and `/proc/sys/net`.
//!
//! A namespace lives as long as its first process, which waits for the end of its standard input. That comes when the
//! value is dropped, and as surely when the test process dies: the kernel then ends every process inside and takes the
//! interfaces and rules with them. Nothing can be left behind on the machine.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::scratch::Scratch;
use super::{left_out, tool};

/// A network namespace with its loopback up and any address bindable.
pub struct Netns {
    holder: Child,
    input: Option<ChildStdin>,
    pid: String,
    ip: PathBuf,
    nft: PathBuf,
    own_user: bool,
}

/// Makes the namespace usable, says so, and waits until the test is over.
const HOLDER: &str = r#"
mount -t sysfs none /sys || exit 1
"$1" link set lo up || exit 1
echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
echo ready
exec cat
"#;

impl Netns {
    /// A fresh namespace. `None` only where the test may be left out (neither root nor user namespaces), and noted.
    pub fn new() -> Option<Self> {
        let own_user = !rustix::process::geteuid().is_root();
        let mut unshare = Command::new("unshare");
        if own_user {
            unshare.args(["--user", "--map-root-user"]);
        }
        Self::start(unshare, own_user)
    }

    /// A fresh namespace that has the interfaces `names`, all of them up. They lead nowhere.
    pub fn with_interfaces(names: &[&str]) -> Option<Self> {
        let namespace = Self::new()?;
        for (number, name) in names.iter().enumerate() {
            namespace.add_interface(name, &format!("far{number}"));
        }
        Some(namespace)
    }

    /// Another namespace, that [`connect`](Self::connect) can join with this one by a cable.
    pub fn peer(&self) -> Option<Self> {
        let mut unshare = Command::new("unshare");
        if self.own_user {
            unshare = Command::new("nsenter");
            unshare.args(["--target", &self.pid, "--user", "--preserve-credentials", "unshare"]);
        }
        Self::start(unshare, self.own_user)
    }

    /// Lays a cable: `near` here, `far` in `other`, both up.
    pub fn connect(&self, near: &str, other: &Self, far: &str) {
        // Outside the process namespace, where the other one's process has a number.
        let mut command = self.command_beside(&self.ip);
        command.args([
            "link", "add", near, "type", "veth", "peer", "name", far, "netns", &other.pid,
        ]);
        tool::accepted(&tool::run(&mut command)).unwrap_or_else(|said| panic!("no cable {near}-{far}: {said}"));
        self.ip(&["link", "set", near, "up"]);
        other.ip(&["link", "set", far, "up"]);
    }

    /// Runs `ip` inside; it must succeed.
    pub fn ip(&self, arguments: &[&str]) -> String {
        self.must(&self.ip, arguments)
    }

    /// A command that will run inside. Its paths must be absolute.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.enter(&["--mount", "--net", "--pid"]);
        command.arg("--").arg(program.as_ref());
        command
    }

    /// A command that will run with the rights that the namespace gives and sees the processes outside, as
    /// [`pid`](Self::pid) has them.
    pub fn command_beside(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.enter(&["--net"]);
        command.arg("--").arg(program.as_ref());
        command
    }

    /// The first process of the namespace, by its number outside.
    pub fn pid(&self) -> &str {
        &self.pid
    }

    /// Runs a program inside; its stdout, or everything it said where it ended with another status than 0.
    pub fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Result<String, String> {
        tool::accepted(&tool::run(self.command(program).args(arguments)))
    }

    /// The same where failing would be an error of the test itself.
    pub fn must(&self, program: impl AsRef<Path>, arguments: &[&str]) -> String {
        let program = program.as_ref();
        self.run(program, arguments)
            .unwrap_or_else(|said| panic!("{} {}: {said}", program.display(), arguments.join(" ")))
    }

    /// Loads an nftables file (`nft -f`); what nft said where it refused.
    pub fn load(&self, ruleset: &str) -> Result<(), String> {
        let scratch = Scratch::new();
        let file = scratch.write("ruleset.nft", ruleset);
        self.run(&self.nft, &["-f", &file.to_string_lossy()]).map(|_| ())
    }

    /// What is loaded now, as nft lists it.
    pub fn ruleset(&self) -> String {
        self.must(&self.nft, &["list", "ruleset"])
    }

    fn enter(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.pid]).args(namespaces);
        if self.own_user {
            command.args(["--user", "--preserve-credentials"]);
        }
        command
    }

    fn add_interface(&self, name: &str, far: &str) {
        self.ip(&["link", "add", name, "type", "veth", "peer", "name", far]);
        self.ip(&["link", "set", name, "up"]);
        self.ip(&["link", "set", far, "up"]);
    }

    fn start(mut unshare: Command, own_user: bool) -> Option<Self> {
        let ip = tool::part("ip")?;
        let nft = tool::part("nft")?;
        let mut holder = unshare
            .args(["--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"])
            .args(["sh", "-c", HOLDER, "holder"])
            .arg(&ip)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("util-linux has unshare");
        let input = holder.stdin.take();
        let mut said = String::new();
        if let Some(output) = holder.stdout.as_mut() {
            BufReader::new(output).read_line(&mut said).expect("text");
        }
        if said != "ready\n" {
            let output = holder.wait_with_output().expect("it ended");
            left_out::note_missing(&format!(
                "no network namespaces here ({})",
                String::from_utf8_lossy(&output.stderr).trim()
            ));
            return None;
        }
        // unshare forks: the first process of the namespace is its only child.
        let children = format!("/proc/{0}/task/{0}/children", holder.id());
        let pid = std::fs::read_to_string(children)
            .expect("the kernel lists children")
            .trim()
            .to_owned();
        Some(Self {
            holder,
            input,
            pid,
            ip,
            nft,
            own_user,
        })
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.holder.wait();
    }
}

#[test]
fn a_namespace_has_its_interfaces_and_takes_them_along() {
    let Some(namespace) = Netns::with_interfaces(&["tailscale0", "enp3s0"]) else {
        return;
    };
    let links = namespace.ip(&["-brief", "link"]);
    assert!(links.contains("tailscale0") && links.contains("enp3s0"), "{links}");
    assert!(
        !Path::new("/sys/class/net/tailscale0").exists(),
        "it must not be the machine's"
    );
    let inside = namespace.must("/bin/ls", &["/sys/class/net"]);
    assert!(inside.contains("tailscale0"), "{inside}");
    let mut command = namespace.command("/bin/sh");
    command.args(["-c", "echo here; exec sleep 600"]).stdout(Stdio::piped());
    let mut sleeper = command.spawn().expect("it starts");
    let mut said = String::new();
    let output = sleeper.stdout.as_mut().expect("a pipe");
    BufReader::new(output).read_line(&mut said).expect("text");
    let pid = namespace.pid.clone();
    drop(namespace);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    assert!(
        !sleeper.wait().expect("it ended").success(),
        "the namespace ends what runs in it"
    );
}

#[test]
fn nft_loads_good_rules_and_refuses_bad_ones() {
    let Some(namespace) = Netns::new() else { return };
    namespace
        .load(
            "table inet probe {\n chain input {\n type filter hook input priority 0; policy drop\n tcp dport 22 accept\n }\n}\n",
        )
        .expect("a legal table");
    assert!(namespace.ruleset().contains("tcp dport 22 accept"));
    let said = namespace
        .load("table inet other {\n chain input {\n type filter hook input priority 0; policy reject\n }\n}\n")
        .expect_err("reject is no chain policy");
    assert!(said.contains("policy"), "{said}");
    assert!(!namespace.ruleset().contains("inet other"));
}

#[test]
fn packets_pass_a_cable_and_stop_at_a_rule() {
    let Some(near) = Netns::new() else { return };
    let Some(far) = near.peer() else { return };
    near.connect("lan0", &far, "lan0");
    near.ip(&["addr", "add", "192.0.2.1/24", "dev", "lan0"]);
    far.ip(&["addr", "add", "192.0.2.2/24", "dev", "lan0"]);
    let Some(curl) = tool::part("curl") else { return };
    let url = "http://192.0.2.1:81/";
    let refused = far.run(&curl, &["-sS", "-m", "2", url]).expect_err("nobody listens");
    assert!(refused.contains("(7)"), "connected and was refused: {refused}");
    near.load("table inet t {\n chain i {\n type filter hook input priority 0\n tcp dport 81 drop\n }\n}\n")
        .expect("legal");
    let dropped = far.run(&curl, &["-sS", "-m", "1", url]).expect_err("dropped");
    assert!(dropped.contains("(28)"), "timed out: {dropped}");
}
