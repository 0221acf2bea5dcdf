//! `tailwright-switch`, with programs in the place of nixos-rebuild and its companions that write down what they are told.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::scratch::Scratch;
use crate::support::tool;

const SCRIPT: &str = include_str!("../../src/nixos/tailwright-switch.sh");

/// A host whose zones are those of `now`; the system that it builds has those of `next`.
struct Machine(Scratch);

impl Machine {
    fn new(now: &str, next: Option<&str>, tsctl: i32) -> Self {
        let scratch = Scratch::new();
        let root = scratch.path().display().to_string();
        let program = |name: &str, body: &str| {
            let line = format!("#!/bin/sh\necho \"{name} $*\" >> {root}/calls\n{body}\n");
            let path = scratch.write(format!("bin/{name}"), line);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        program("nixos-rebuild", &format!("ln -sfn {root}/system result"));
        program("tsctl", &format!("exit {tsctl}"));
        program("nix-env", "");
        program("systemd-run", "");
        scratch.write("now.nft", now);
        scratch.write("system/nothing", "");
        if let Some(next) = next {
            scratch.write("system/etc/tailwright/firewall.nft", next);
        }
        // As `writeShellApplication` begins it.
        let script = SCRIPT.replace("/etc/tailwright/firewall.nft\nnext", &format!("{root}/now.nft\nnext"));
        assert_ne!(script, SCRIPT);
        scratch.write("script", format!("set -o errexit -o nounset -o pipefail\n{script}"));
        std::fs::create_dir(scratch.path().join("home")).unwrap();
        Self(scratch)
    }

    /// The exit status, what was called, and what was said.
    fn switch(&self, arguments: &[&str]) -> (i32, String, String) {
        let root = self.0.path();
        let path = format!("{}:/usr/bin:/bin", root.join("bin").display());
        let mut command = Command::new("/bin/bash");
        command.arg(root.join("script")).args(arguments);
        command.env("PATH", path).env_remove("TAILWRIGHT_CONFIRM");
        let output = tool::run(command.current_dir(root.join("home")));
        let calls = std::fs::read_to_string(root.join("calls")).unwrap_or_default();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let shown = |text: &str| text.replace(&Path::new(root).display().to_string(), "");
        (output.status.code().unwrap(), shown(&calls), shown(&said))
    }
}

const SWITCHED: &str = "nix-env --profile /nix/var/nix/profiles/system --set /system\n\
     systemd-run --collect --no-ask-password --pipe --quiet --wait --service-type=exec --unit=tailwright-switch \
     /system/bin/switch-to-configuration switch\n";

#[test]
fn new_zones_are_confirmed_before_anything_is_switched() {
    let (status, calls, said) = Machine::new("old", Some("new"), 0).switch(&["--flake", "/etc/nixos#a b"]);
    let tried = "nixos-rebuild build --flake /etc/nixos#a b\n\
         tsctl firewall apply /system/etc/tailwright/firewall.nft --confirm 2m --wait\n";
    assert_eq!((status, calls), (0, format!("{tried}{SWITCHED}")), "{said}");
}

#[test]
fn zones_that_nobody_confirms_are_not_switched_to() {
    let (status, calls, said) = Machine::new("old", Some("new"), 1).switch(&[]);
    assert_eq!(
        (status, said.as_str()),
        (1, "tailwright-switch: nothing was switched\n")
    );
    assert!(!calls.contains("nix-env") && !calls.contains("systemd-run"), "{calls}");
}

#[test]
fn zones_that_stay_need_no_word() {
    let (status, calls, said) = Machine::new("same", Some("same"), 1).switch(&[]);
    assert_eq!(
        (status, calls),
        (0, format!("nixos-rebuild build\n{SWITCHED}")),
        "{said}"
    );
}

#[test]
fn what_it_cannot_guard_it_leaves_alone() {
    let (status, calls, said) = Machine::new("old", None, 0).switch(&[]);
    assert_eq!((status, calls.as_str()), (1, "nixos-rebuild build\n"));
    assert!(said.contains("/system has no zone firewall"), "{said}");
    let (status, calls, _) = Machine::new("old", Some("new"), 0).switch(&["--target-host", "b"]);
    assert_eq!((status, calls.as_str()), (64, ""));
}

#[test]
fn the_unit_asks_whether_the_table_is_there() {
    let Some(namespace) = crate::support::netns::Netns::new() else {
        return;
    };
    let golden = include_str!("../golden/exit-node/modules/network/security/firewall-zones.nix");
    let condition = r#"bash \"! \\\"$$@\\\" >/dev/null 2>&1\""#.replace("bash ", "-c ");
    assert!(golden.contains(&condition), "the condition of the unit");
    let nft = tool::part("nft").unwrap();
    let nft = nft.to_string_lossy();
    let ask = [
        "-c",
        "! \"$@\" >/dev/null 2>&1",
        "closed",
        &nft,
        "list",
        "table",
        "inet",
        "tailwright",
    ];
    namespace.must("/bin/bash", &ask);
    namespace.load("add table inet tailwright\n").unwrap();
    namespace.run("/bin/bash", &ask).unwrap_err();
}
