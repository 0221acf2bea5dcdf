//! `tailwright diff`.

use snapbox::str;

use super::HOST;
use crate::support::run::{Ended, Place};

/// A host with zones.
const ZONES: &str = include_str!("firewall/host.nix");

/// The same without the note on its policy.
fn zones() -> String {
    ZONES.replace("\"reject\"", "\"drop\"")
}

/// A place with two profiles, and what each is rendered to.
fn two(old: &str, new: &str) -> Place {
    let place = Place::new().with("old.nix", old).with("new.nix", new);
    for side in ["old", "new"] {
        let profile = format!("{side}.nix");
        place.tailwright(&["render", &profile, "--out", side]).status(0);
    }
    place
}

fn data(ended: &Ended) -> serde_json::Value {
    serde_json::from_str(&ended.stdout()).unwrap()
}

/// The lines before the first file and the other sentences: what is said of reachability.
fn reachability(ended: &Ended) -> String {
    let text = ended.stdout();
    let end = text.find("--- ").unwrap_or(text.len());
    text[..end].to_owned()
}

#[test]
fn meaning_first_then_lines() {
    let place = Place::new().with("host.nix", HOST);
    place.tailwright(&["render", "host.nix", "--out", "out"]).status(0);
    place.tailwright(&["diff", "host.nix", "out"]).status(0).out("").err("");
    place.write("host.nix", HOST.replace("tag:server", "tag:desk"));
    place
        .tailwright(&["diff", "host.nix", "out"])
        .status(2)
        .err("")
        .out(snapbox::file!["diff.txt"]);
    let before = place.files("out");
    place.tailwright(&["diff", "host.nix", "out"]).status(2);
    assert_eq!(place.files("out"), before, "it writes nothing");
}

#[test]
fn a_file_that_was_edited_or_taken_away_is_a_difference() {
    let place = Place::new().with("host.nix", HOST);
    place.tailwright(&["render", "host.nix", "--out", "out"]).status(0);
    place.write("out/default.nix", "mine\n");
    std::fs::remove_file(place.path("out/modules/network/tuning/sysctl.nix")).expect("it was rendered");
    let ended = place.tailwright(&["diff", "host.nix", "out"]);
    ended.status(2);
    let text = ended.stdout();
    assert!(text.contains("--- a/default.nix") && text.contains("-mine"), "{text}");
    assert!(
        text.contains("--- /dev/null\n+++ b/modules/network/tuning/sysctl.nix"),
        "{text}"
    );
}

#[test]
fn a_profile_with_errors_has_no_tree_and_a_tree_must_be_there() {
    let place = Place::new().with("host.nix", "{ x = 1; }").with("good.nix", HOST);
    std::fs::create_dir(place.path("out")).expect("a directory");
    let ended = place.tailwright(&["diff", "host.nix", "out"]);
    ended.status(1).out("");
    assert!(ended.stderr().contains("error[unknown-field]"));
    place
        .tailwright(&["diff", "good.nix", "missing"])
        .status(74)
        .out("")
        .err(str![[r#"
tailwright: failed to read missing: no such file or directory

"#]]);
}

#[test]
fn what_becomes_reachable_comes_first_with_its_line() {
    let new = zones()
        .replace("\"ssh\" \"postgresql\"", "\"ssh\"")
        .replace("80 443", "80 443 8080");
    let place = two(&zones(), &new);
    let expected = "\
BECOMES REACHABLE
  zone dmz by eno1: tcp 8080  [new.nix:16 (zones.dmz.allowedTCPPorts)]
NO LONGER REACHABLE
  zone internal by tailscale0: tcp 5432  [postgresql, old.nix:19 (zones.internal.allowedServices[1])]
";
    let ended = place.tailwright(&["diff", "old.nix", "new.nix"]);
    assert_eq!(reachability(ended.status(2).err("")), expected);

    // A tree says the same, as far as it knows the lines: in its comments.
    let of_trees = expected
        .replace("new.nix:16 (zones.dmz.allowedTCPPorts)", "zones.dmz.allowedTCPPorts")
        .replace(
            "postgresql, old.nix:19 (zones.internal.allowedServices[1])",
            "postgresql: zones.internal.allowedServices[1]",
        );
    let ended = place.tailwright(&["diff", "old", "new"]);
    assert_eq!(reachability(ended.status(2).err("")), of_trees);
    for arguments in [["diff", "old", "new.nix"], ["diff", "new.nix", "old"]] {
        let ended = place.tailwright(&arguments);
        let text = reachability(ended.status(2).err(""));
        assert!(
            text.starts_with(expected.lines().take(2).collect::<Vec<_>>().join("\n").as_str()),
            "{text}"
        );
        assert!(text.contains("tcp 5432  [postgresql: zones.internal"), "{text}");
    }
    for (arguments, widens) in [
        (["diff", "old.nix", "new.nix"], true),
        (["diff", "new", "new"], false),
        (["diff", "old", "new.nix"], true),
    ] {
        let ended = place.tailwright(&[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(data(&ended)["widens"], widens, "{arguments:?}");
    }
}

#[test]
fn what_is_only_written_otherwise_is_no_change_of_reachability() {
    let prefixes = |written: &str| {
        zones().replace(
            "interfaces = [ \"eno1\" ];",
            &format!("interfaces = [ \"eno1\" ]; allowedIPs = [ {written} ];"),
        )
    };
    let place = two(
        &prefixes("\"10.0.0.0/8\""),
        &prefixes("\"10.128.0.0/9\" \"10.0.0.0/9\"").replace("80 443", "443 80"),
    );
    for (old, new) in [("old.nix", "new.nix"), ("old", "new"), ("old", "new.nix")] {
        let ended = place.tailwright(&["diff", old, new]);
        assert_eq!(reachability(ended.status(2)), "", "files differ, and nothing else");
        place.tailwright(&["diff", old, new, "--fail-on", "widen"]).status(0);
    }
}

#[test]
fn it_can_fail_for_what_becomes_reachable_alone() {
    let more = zones().replace("80 443", "80 443 8080");
    let place = two(&zones(), &more);
    for (old, new, status) in [
        ("old", "new", 2),
        ("new", "old", 0),
        ("old.nix", "new.nix", 2),
        ("new.nix", "old.nix", 0),
        ("old", "new.nix", 2),
        ("old", "old.nix", 0),
    ] {
        let ended = place.tailwright(&["diff", old, new, "--fail-on", "widen"]);
        ended.status(status);
        let plain = place.tailwright(&["diff", old, new]);
        assert_eq!(plain.stdout(), ended.stdout(), "it says the same");
    }
    place
        .tailwright(&["diff", "old", "new", "--fail-on", "narrow"])
        .status(64);
}

#[test]
fn a_table_that_somebody_edited_counts_as_it_is() {
    let place = two(&zones(), &zones());
    let module = "old/modules/network/security/firewall-zones.nix";
    let text = place.files("old")[&module["old/".len()..]].clone();
    let edited = |from: &str, to: &str| {
        let edited = text.replace(from, to);
        assert!(edited != text, "{from} is there");
        place.write(module, edited);
    };
    edited("443 . tcp comment", "8443 . tcp comment");
    let ended = place.tailwright(&["diff", "old", "new.nix"]);
    let said = reachability(ended.status(2));
    assert!(
        said.contains("tcp 443  [new.nix:16") && said.contains("tcp 8443  [zones.dmz"),
        "{said}"
    );

    // What cannot be read is not taken for harmless.
    edited("iif \"lo\" accept", "meta mark 7 accept");
    let ended = place.tailwright(&["diff", "old", "new.nix"]);
    ended.status(2);
    assert!(ended.stderr().contains("warning: what becomes reachable cannot be told: modules/network/security/firewall-zones.nix: its table is none of ours: line "), "{}", ended.stderr());
    assert!(
        ended.stdout().contains("-    iif \"lo\"") || ended.stdout().contains("meta mark 7"),
        "{}",
        ended.stdout()
    );
    place
        .tailwright(&["diff", "old", "new.nix", "--fail-on", "widen"])
        .status(1);
    let ended = place.tailwright(&["diff", "old", "new.nix", "--format", "json"]);
    assert!(data(&ended)["hosts"][0]["unreadable"].is_string());
}

#[test]
fn a_closed_way_in_is_a_warning_and_none_that_is_open_an_error() {
    let two_ways = zones()
        .replace("interfaces.eno1", "interfaces.eno2.role = \"lan\"; interfaces.eno1")
        .replace(
            "service = \"ssh\"; } ]",
            "service = \"ssh\"; } { via = \"eno2\"; service = \"ssh\"; } ]",
        )
        .replace(
            "zones.dmz =",
            "zones.lan = { interfaces = [ \"eno2\" ]; allowedServices = [ \"ssh\" ]; }; zones.dmz =",
        );
    let one_less = two_ways.replace("\"ssh\" \"postgresql\"", "\"postgresql\"");
    let place = two(&two_ways, &one_less);
    let warning = "WARNING: closed now: the operator comes in by tailscale0 to ssh (tcp 22)\n";
    for (old, new) in [("old.nix", "new.nix"), ("old", "new"), ("old", "new.nix")] {
        let ended = place.tailwright(&["diff", old, new]);
        assert!(ended.stdout().starts_with(warning), "{}", ended.stdout());
        let back = place.tailwright(&["diff", new, old]);
        assert_eq!(
            back.stdout().contains("WARNING"),
            (old, new) == ("old", "new.nix"),
            "of a directory and a profile the directory is the old one: {new} {old}"
        );
    }
    let closed = &data(&place.tailwright(&["diff", "old", "new", "--format", "json"]))["hosts"][0]["management_closed"];
    assert_eq!(
        *closed,
        serde_json::json!([{ "via": "tailscale0", "from": null, "service": "ssh" }])
    );

    place.write("new.nix", one_less.replace("allowedServices = [ \"ssh\" ];", ""));
    let ended = place.tailwright(&["diff", "old", "new.nix"]);
    ended.status(1).out("");
    assert!(
        ended.stderr().contains("error[management-locked-out]"),
        "{}",
        ended.stderr()
    );
    // It is about safety: nobody turns it off.
    place.write(
        "new.nix",
        one_less
            .replace("allowedServices = [ \"ssh\" ];", "")
            .replace("host = {", "lint.management-locked-out = \"allow\"; host = {"),
    );
    let ended = place.tailwright(&["diff", "old", "new.nix"]);
    assert!(
        ended.status(1).stderr().contains("error[management-locked-out]"),
        "{}",
        ended.stderr()
    );
}

#[test]
fn hosts_of_a_fleet_come_and_go() {
    let host = |name: &str, port: u16| {
        format!(
            "hosts.{name} = {{ host.management = [ {{ via = \"eth0\"; service = \"ssh\"; }} ]; network.security.firewall-zones = {{ enable = true; \
             zones.lan = {{ interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 22 {port} ]; }}; }}; }};"
        )
    };
    let fleet = |hosts: &[String]| format!("{{ {} }}", hosts.concat());
    let place = two(
        &fleet(&[host("a", 80), host("b", 80)]),
        &fleet(&[host("b", 81), host("c", 80)]),
    );
    // A tree knows its profile by name: that of a host that left it is no other fleet's.
    place.write("then/old.nix", std::fs::read(place.path("new.nix")).unwrap());
    for (old, new) in [("old.nix", "new.nix"), ("old", "new"), ("old", "then/old.nix")] {
        let ended = place.tailwright(&["diff", old, new]);
        let text = ended.status(2).stdout();
        let (opened, closed) = text.split_once("NO LONGER REACHABLE\n").unwrap();
        assert!(
            opened.contains("  b: zone lan by eth0: tcp 81  [")
                && opened.contains("  c: zone lan by eth0: tcp 22, 80  ["),
            "{text}"
        );
        assert!(
            closed.contains("  b: zone lan by eth0: tcp 80  [")
                && closed.contains("  a: zone lan by eth0: tcp 22, 80  ["),
            "{text}"
        );
        assert!(
            closed.contains("\nhost a is gone\nhost c is new\n") || closed.contains("host a is gone\n"),
            "{text}"
        );
        let data = data(&place.tailwright(&["diff", old, new, "--format", "json"]));
        let presence: Vec<_> = data["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|host| host["presence"].as_str().unwrap())
            .collect();
        assert_eq!(presence, ["gone", "both", "new"]);
    }
}

#[test]
fn every_example_is_what_it_was_rendered_and_compiled_to() {
    for path in crate::examples::examples() {
        let place = Place::new();
        let profile = path.to_str().unwrap();
        for (command, out) in [("render", "modules"), ("compile", "raw")] {
            place.tailwright(&[command, profile, "--out", out]).status(0);
            let ended = place.tailwright(&["diff", out, profile, "--format", "json"]);
            let data = data(ended.status(0));
            for host in data["hosts"].as_array().unwrap() {
                assert_eq!(host["unreadable"], serde_json::Value::Null, "{profile} {out}");
                for way in ["admitted", "forwarded", "sent"] {
                    assert_eq!(
                        host[way],
                        serde_json::json!({ "opened": [], "closed": [] }),
                        "{profile} {out}"
                    );
                }
            }
        }
        let ended = place.tailwright(&["diff", "raw", "modules", "--format", "json"]);
        assert_eq!(
            (&data(&ended)["widens"], &data(&ended)["narrows"]),
            (&false.into(), &false.into()),
            "{profile}"
        );
    }
}

#[test]
fn a_directory_that_holds_no_tree_is_none() {
    let place = Place::new().with("mine/default.nix", "{ }").with("host.nix", HOST);
    place
        .tailwright(&["diff", "mine", "mine"])
        .status(74)
        .out("")
        .err(str![[r#"
tailwright: failed to read mine: nothing there was rendered by tailwright

"#]]);
    place.tailwright(&["diff", "-", "-"]).status(64).out("");
}
