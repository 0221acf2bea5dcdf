//! `tailwright check`.

use serde_json::Value;
use snapbox::str;

use super::HOST;
use crate::support::run::Place;

const WRONG: &str =
    "{\n  host.name = \"a\";\n  network.vpn.tailscale = { enable = true; advertizeRoutes = [ ]; };\n}\n";

#[test]
fn nothing_to_report() {
    let place = Place::new().with("host.nix", HOST);
    let expected = "host.nix: 1 host, nothing to report\n";
    place.tailwright(&["check", "host.nix"]).status(0).out(expected).err("");
}

#[test]
fn an_error_is_shown_at_its_line_and_ends_with_1() {
    let place = Place::new().with("host.nix", WRONG);
    place.tailwright(&["check", "host.nix"]).status(1).err("").out(str![[r#"
error[unknown-field]: there is no option "advertizeRoutes" here
 --> host.nix:3:44
  |
3 |   network.vpn.tailscale = { enable = true; advertizeRoutes = [ ]; };
  |                                            ^^^^^^^^^^^^^^^
  |
  = help: did you mean `advertiseRoutes`?

1 error

"#]]);
}

#[test]
fn findings_are_data_too() {
    let place = Place::new().with("host.nix", WRONG);
    let ended = place.tailwright(&["check", "host.nix", "--format", "json"]);
    ended.status(1).err("");
    let report: Value = serde_json::from_str(&ended.stdout()).expect("JSON");
    assert_eq!(report["errors"], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "unknown-field");
    assert_eq!(finding["labels"][0]["place"]["file"], "host.nix");
    assert_eq!(finding["labels"][0]["place"]["start"]["line"], 3);
    assert!(ended.stdout().ends_with("}\n"));
}

#[test]
fn warnings_alone_are_no_failure() {
    let place = Place::new().with(
        "host.nix",
        "{ host.name = \"a\"; network.vpn.tailscale.hostname = \"a\"; }",
    );
    let ended = place.tailwright(&["check", "host.nix"]);
    ended.status(0);
    assert!(
        ended.stdout().contains("warning[group-not-enabled]"),
        "{}",
        ended.stdout()
    );
    assert!(ended.stdout().ends_with("1 warning\n"));
}

#[test]
fn the_same_profile_in_three_notations_and_from_standard_input() {
    let toml = "[host]\nname = \"a\"\n[network.vpn.tailscale]\nenable = true\n";
    let json = "{ \"host\": { \"name\": \"a\" }, \"network\": { \"vpn\": { \"tailscale\": { \"enable\": true } } } }";
    let nix = "{ host.name = \"a\"; network.vpn.tailscale.enable = true; }";
    let place = Place::new();
    for (notation, text) in [("nix", nix), ("toml", toml), ("json", json)] {
        let file = format!("host.{notation}");
        place.write(&file, text);
        place.tailwright(&["check", &file]).status(0);
        // A name that says nothing, or something else.
        for name in ["profile", "host.conf"] {
            place.write(name, text);
            place.tailwright(&["check", name, "--notation", notation]).status(0);
        }
        place
            .tailwright_with(text, &["check", "-", "--notation", notation])
            .status(0)
            .out("standard input: 1 host, nothing to report\n");
        place.tailwright_with(text, &["check", "-"]).status(0);
    }
    place.tailwright(&["check", "host.nix", "--notation", "json"]).status(1);
}

#[test]
fn a_fleet_reads_the_files_of_its_hosts_from_where_it_stands() {
    let fleet = "{ hosts.one = ./hosts/one.nix; hosts.two = ./hosts/two.toml; hosts.three = ../three.nix; }";
    let place = Place::new()
        .with("fleet/fleet.nix", fleet)
        .with("fleet/hosts/one.nix", "{ network.vpn.tailscale.enable = true; }")
        .with("fleet/hosts/two.toml", "[network.vpn.tailscale]\nenable = true\n")
        .with(
            "three.nix",
            "{ network.vpn.tailscale.enable = true; network.vpn.tailscale.x = 1; }",
        );
    let ended = place.tailwright(&["check", "fleet/fleet.nix"]);
    ended.status(1);
    assert!(
        ended.stdout().contains("--> fleet/../three.nix:1:"),
        "{}",
        ended.stdout()
    );
    place.write("three.nix", "{ network.vpn.tailscale.enable = true; }");
    place
        .tailwright(&["check", "fleet/fleet.nix"])
        .status(0)
        .out("fleet/fleet.nix: 3 hosts, nothing to report\n");
}
