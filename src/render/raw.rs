//! The files that a host's programs read themselves, without NixOS's options between.

use super::marker::{self, About};
use super::tree::Tree;
use crate::checks::Checked;
use crate::firewall;
use crate::model::{Host, MonitorSettings, Os, Shape};
use crate::nixos::sysctl;
use crate::proxy;
use crate::proxy::text::Text;

/// The path of the file for `nft -f`: the zone firewall's table.
pub const NFTABLES: &str = "nftables/tailwright.nft";
/// What nginx includes in its main context, in `events`, `http` and `stream`.
const NGINX: [&str; 4] = [
    "nginx/main.conf",
    "nginx/events.conf",
    "nginx/http.conf",
    "nginx/stream.conf",
];
/// Kernel parameters (sysctl.d(5)).
const SYSCTL: &str = "sysctl.d/60-tailwright.conf";
/// The monitor's settings; the file's name is that of [`crate::nixos::SETTINGS`].
const TSCTL: &str = "tsctl.json";

/// How [`TSCTL`] begins, which has no place for a comment.
const SETTINGS_START: &str = "{\"version\":";

/// The files of a fleet: at the tree's root for a host profile, else in a folder for each host. A file that would have no
/// content is not there. A host that runs no Linux has none, and a note says so.
pub fn raw(checked: &Checked, about: &About) -> Tree {
    let fleet = checked.fleet();
    let mut tree = Tree::default();
    for (name, host) in &fleet.hosts {
        let folder = match fleet.shape {
            Shape::Host => String::new(),
            Shape::Fleet => format!("{name}/"),
        };
        if matches!(host.os, Os::Nixos | Os::Linux) {
            for (path, text) in files(host, about) {
                tree.insert(format!("{folder}{path}"), text);
            }
        } else {
            tree.note(format!("{name} does not run Linux: nothing is compiled for it"));
        }
    }
    tree
}

/// Every path that a host's files can have.
pub fn raw_paths() -> impl Iterator<Item = &'static str> {
    NGINX.into_iter().chain([NFTABLES, SYSCTL, TSCTL])
}

/// Whether a file with this first line may be one of ours, as [`super::is_generated`] says it of rendered ones.
pub fn is_raw(first_line: &str) -> bool {
    marker::is_generated(first_line) || first_line.starts_with(SETTINGS_START)
}

fn files(host: &Host, about: &About) -> Vec<(&'static str, String)> {
    let line = marker::line(about);
    let mut files = Vec::new();
    let mut add = |path, text: String| {
        if !text.is_empty() {
            files.push((path, format!("# {line}\n\n{text}")));
        }
    };
    if let Some(ruleset) = firewall::compile(host) {
        add(NFTABLES, ruleset.to_string());
    }
    if let Some(nginx) = proxy::compile(host) {
        let stream = nginx.stream.as_ref().map(proxy::Stream::body);
        let bodies = [
            nginx.main_items(),
            nginx.events_items(),
            nginx.http.body(),
            stream.unwrap_or_default(),
        ];
        for (path, body) in NGINX.into_iter().zip(bodies) {
            add(path, Text::of(&body).to_string());
        }
    }
    let parameters = sysctl::settings(host)
        .into_iter()
        .map(|(key, setting)| format!("{key} = {}\n", setting.value));
    add(SYSCTL, parameters.collect());
    // On one line, so that the first says what the file is.
    if let Some(settings) = MonitorSettings::of(host).and_then(|settings| serde_json::to_string(&settings).ok()) {
        files.push((TSCTL, format!("{settings}\n")));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::checked;

    #[test]
    fn every_file_is_known_by_its_path_and_its_first_line() {
        let checked = checked(include_str!("../../examples/kernelcore/host.nix"));
        let tree = raw(&checked, &About::new("host.nix"));
        let paths: Vec<&str> = tree.files().map(|(path, _)| path).collect();
        let mut known: Vec<&str> = raw_paths().collect();
        known.sort_unstable();
        assert_eq!(paths, known, "the guide's host has all of them");
        for (path, text) in tree.files() {
            let first = text.lines().next().unwrap_or_default();
            assert!(is_raw(first), "{path}: {first}");
        }
        assert!(!is_raw("{") && !is_raw("# mine"));
    }

    #[test]
    fn a_host_that_wants_little_has_few() {
        let tree = raw(
            &checked("{ hosts.a.network.vpn.tailscale.enable = true; hosts.b = { host.os = \"macos\"; }; }"),
            &About::new("x"),
        );
        assert!(tree.is_empty());
        assert_eq!(tree.notes(), ["b does not run Linux: nothing is compiled for it"]);
    }
}
