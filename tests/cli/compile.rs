//! `tailwright compile`: what the host's own programs make of the files.

use std::path::Path;

use crate::support::netns::Netns;
use crate::support::nginx::{Fragments, Nginx};
use crate::support::run::Place;

/// Runs `compile` on an example.
fn compiled(profile: &str) -> Place {
    let place = Place::new();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(profile);
    let profile = profile.to_str().expect("text");
    place
        .tailwright(&["compile", profile, "--out", "out"])
        .status(0)
        .out("")
        .err("");
    place
}

#[test]
fn the_guides_host_has_all_files() {
    let files = compiled("kernelcore/host.nix").files("out");
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "nftables/tailwright.nft",
            "nginx/events.conf",
            "nginx/http.conf",
            "nginx/main.conf",
            "nginx/stream.conf",
            "sysctl.d/60-tailwright.conf",
            "tsctl.json"
        ]
    );
}

#[test]
fn nft_loads_the_table_twice() {
    let Some(namespace) = Netns::new() else { return };
    let files = compiled("kernelcore/host.nix").files("out");
    let text = &files["nftables/tailwright.nft"];
    namespace.load(text).expect("nft takes it");
    let loaded = namespace.ruleset();
    namespace.load(text).expect("and again, in place of the first");
    assert_eq!(namespace.ruleset(), loaded);
    assert!(loaded.contains("table inet tailwright"));
}

#[test]
fn nginx_takes_the_parts() {
    for profile in ["kernelcore/host.nix", "llm-server/host.toml"] {
        let Some(namespace) = Netns::new() else { return };
        let files = compiled(profile).files("out");
        let part = |name: &str| files.get(&format!("nginx/{name}.conf")).map_or("", String::as_str);
        let fragments = Fragments {
            main: part("main"),
            events: part("events"),
            http: part("http"),
            stream: part("stream"),
        };
        assert!(!fragments.http.is_empty());
        let Some(nginx) = Nginx::of_fragments(namespace, &fragments) else {
            return;
        };
        nginx.check().expect("nginx takes it");
    }
}

#[test]
fn every_kernel_parameter_is_one_line() {
    let files = compiled("kernelcore/host.nix").files("out");
    let text = &files["sysctl.d/60-tailwright.conf"];
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(lines.len() > 3, "{text}");
    for line in lines {
        let (key, value) = line.split_once(" = ").expect("a key and a value");
        assert!(key.contains('.') && !value.is_empty(), "{line}");
    }
}

#[test]
fn the_settings_are_those_of_the_monitor() {
    let files = compiled("kernelcore/host.nix").files("out");
    let settings: tailwright::model::MonitorSettings =
        serde_json::from_str(&files["tsctl.json"]).expect("they are read back");
    assert_eq!(settings.host.as_str(), "kernelcore");
}

#[test]
fn a_fleet_has_a_directory_for_each_host_and_what_is_wanted_no_more_goes() {
    let place = Place::new().with(
        "fleet.nix",
        "{ hosts.a.network = { vpn.tailscale.enable = true; tuning.profile = \"router\"; }; hosts.b.network.vpn.tailscale.enable = true; }",
    );
    place.tailwright(&["compile", "fleet.nix", "--out", "out"]).status(0);
    assert_eq!(
        place.files("out").into_keys().collect::<Vec<_>>(),
        ["a/sysctl.d/60-tailwright.conf"]
    );
    place.write("out/a/mine.txt", "mine");
    place.write(
        "fleet.nix",
        "{ hosts.a.network = { vpn.tailscale.enable = true; monitoring.tailscale.enable = true; }; }",
    );
    place.tailwright(&["compile", "fleet.nix", "--out", "out"]).status(0);
    assert_eq!(
        place.files("out").into_keys().collect::<Vec<_>>(),
        ["a/mine.txt", "a/tsctl.json"]
    );
    place.write("fleet.nix", "{ x = 1; }");
    let ended = place.tailwright(&["compile", "fleet.nix", "--out", "out"]);
    ended.status(1).out("");
    assert!(ended.stderr().contains("error[unknown-field]"));
}
