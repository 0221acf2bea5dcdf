//! `tailwright render`.

use serde_json::{Value, json};
use snapbox::str;

use super::HOST;
use crate::support::run::{Ended, Place, TAILWRIGHT};

#[test]
fn a_tree_is_written_checked_and_brought_up_to_date() {
    let place = Place::new().with("host.nix", HOST);
    let render = ["render", "host.nix", "--out", "out"];
    let check = ["render", "host.nix", "--out", "out", "--check"];
    let missing = place.tailwright(&check);
    missing.status(2);
    assert!(
        missing.stdout().contains("missing: out/default.nix\n"),
        "{}",
        missing.stdout()
    );
    assert!(!place.path("out").exists(), "checking writes nothing");

    let files = 6;
    place
        .tailwright(&render)
        .status(0)
        .err("")
        .out(format!("out: {files} files, {files} added\n"));
    for command in [&render[..], &check] {
        place
            .tailwright(command)
            .status(0)
            .err("")
            .out(format!("out: {files} files, up to date\n"));
    }

    place.write("host.nix", HOST.replace("  network.tuning.profile = \"router\";\n", ""));
    place.tailwright(&check).status(2).out(str![[r#"
stale: out/default.nix
stale: out/reports/facts.txt
left over: out/modules/network/tuning/sysctl.nix
out: 5 files, 2 stale, 1 left over

"#]]);
    place
        .tailwright(&render)
        .status(0)
        .out("out: 5 files, 2 changed, 1 removed\n");
    assert!(!place.path("out/modules/network/tuning").exists());
}

#[test]
fn the_report_as_data_names_the_files() {
    let place = Place::new().with("host.nix", HOST);
    let run = |arguments: &[&str], status| {
        let ended =
            place.tailwright(&[&["render", "host.nix", "--format", "json", "--out", "out"], arguments].concat());
        ended.status(status).err("");
        serde_json::from_str::<Value>(&ended.stdout()).expect("JSON")
    };
    let report = run(&["--check"], 2);
    assert_eq!(report["files"]["added"][0], "default.nix");
    assert_eq!(run(&[], 0)["files"], report["files"]);
    assert_eq!(
        run(&[], 0)["files"],
        json!({ "added": [], "changed": [], "removed": [] })
    );
    place.write("host.nix", "{ x = 1; }");
    let report = run(&[], 1);
    assert_eq!(report["errors"], 1);
    assert_eq!(report.get("files"), None, "nothing was rendered");
}

#[test]
fn a_profile_with_errors_changes_nothing() {
    let place = Place::new().with("host.nix", HOST);
    place.tailwright(&["render", "host.nix", "--out", "out"]).status(0);
    let before = place.files("out");
    place.write("host.nix", "{ x = 1; }");
    let ended = place.tailwright(&["render", "host.nix", "--out", "out"]);
    ended.status(1).out("");
    assert!(ended.stderr().contains("error[unknown-field]"), "{}", ended.stderr());
    assert_eq!(place.files("out"), before);
}

#[test]
fn a_fleet_has_a_directory_for_each_host_and_none_for_one_that_left() {
    let fleet = |hosts: &[&str]| {
        let hosts: Vec<_> = hosts
            .iter()
            .map(|host| format!("hosts.{host}.network.vpn.tailscale.enable = true;"))
            .collect();
        format!("{{ {} }}", hosts.concat())
    };
    let place = Place::new().with("fleet.nix", fleet(&["a", "b"]));
    place.tailwright(&["render", "fleet.nix", "--out", "out"]).status(0);
    place.write("out/b/mine.txt", "mine");
    place.write("other.nix", HOST);
    place
        .tailwright(&["render", "other.nix", "--out", "out/other"])
        .status(0);
    let other = place.files("out/other");

    place.write("fleet.nix", fleet(&["a", "c"]));
    place.tailwright(&["render", "fleet.nix", "--out", "out"]).status(0);
    assert!(place.path("out/c/default.nix").exists());
    assert_eq!(place.files("out/b").into_keys().collect::<Vec<_>>(), ["mine.txt"]);
    assert_eq!(
        place.files("out/other"),
        other,
        "what another profile was rendered to stays"
    );
}

#[test]
fn a_host_that_does_not_run_nixos_is_noted() {
    let place = Place::new().with(
        "fleet.nix",
        "{ hosts.a.network.vpn.tailscale.enable = true; hosts.b = { host.os = \"windows\"; network.vpn.tailscale.enable = true; }; }",
    );
    let ended = place.tailwright(&["render", "fleet.nix", "--out", "out"]);
    ended.status(0);
    assert!(
        ended.stderr().contains("note: b does not run NixOS"),
        "{}",
        ended.stderr()
    );
}

#[test]
fn a_large_fleet_is_the_same_on_one_processor_and_on_many() {
    let names: Vec<String> = (0..40).map(|number| format!("h{number}")).collect();
    let hosts: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                "hosts.{name} = {{ network.vpn.tailscale.enable = true; network.vpn.tailscale.tags = [ \"tag:{name}\" ]; }};"
            )
        })
        .collect();
    let hosts = hosts.concat();
    let place = Place::new().with("fleet.nix", format!("{{ {hosts} }}"));
    let render = |threads: &str, out: &str| {
        let mut command = place.command(TAILWRIGHT);
        command.args(["render", "fleet.nix", "--out", out]);
        Ended::of(command.env("RAYON_NUM_THREADS", threads)).status(0).stderr()
    };
    let findings = [render("1", "one"), render("8", "many")];
    assert_eq!(findings[0], findings[1], "findings keep their order");
    let files = place.files("one");
    assert_eq!(files, place.files("many"));
    for name in &names {
        let module = &files[&format!("{name}/modules/network/vpn/tailscale.nix")];
        assert!(module.contains(&format!("tag:{name}")), "{module}");
    }

    // The whole tree changes places with the old one: other people's files come along, from every host's directory.
    place.write("many/h7/mine.txt", "mine");
    place.write("fleet.nix", format!("{{ {} }}", hosts.replace("tag:h", "tag:host")));
    render("8", "many");
    render("1", "one");
    let mut files = place.files("many");
    assert_eq!(files.remove("h7/mine.txt").as_deref(), Some("mine"));
    assert_eq!(files, place.files("one"));
    assert!(files["h9/modules/network/vpn/tailscale.nix"].contains("tag:host9"));
}
