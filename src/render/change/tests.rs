use super::*;
use crate::render::tests::tree;

fn meanings(old: &Tree, new: &Tree) -> Vec<String> {
    compare(old, new)
        .into_iter()
        .filter_map(|change| match change {
            Change::Meaning(sentence) => Some(sentence),
            Change::File { .. } => None,
        })
        .collect()
}

fn host(services: &str, rate: &str, routes: &str) -> Tree {
    tree(&format!(
        "{{ host = {{ name = \"a\"; interfaces.eth0.prefixes = [ \"192.168.1.2/24\" ]; }}; \
         network.vpn.tailscale = {{ enable = true; advertiseRoutes = [ {routes} ]; }}; \
         network.proxy.nginx-tailscale = {{ enable = true; tailnetDomain = \"x.ts.net\"; \
         services.ollama = {{ enable = true; expose = \"port\"; upstreamPort = 11434; rateLimit = \"{rate}\"; }}; }}; \
         network.security.firewall-zones = {{ enable = true; zones.internal = {{ enable = true; interfaces = [ \"tailscale0\" ]; allowedServices = [ {services} ]; }}; }}; }}"
    ))
}

#[test]
fn equal_trees_have_no_difference() {
    let one = host("\"ssh\" \"ollama\"", "20r/s", "");
    assert_eq!(compare(&one, &one), []);
}

#[test]
fn a_difference_of_meaning_comes_first_and_is_a_sentence() {
    let old = host("\"ssh\" \"ollama\"", "20r/s", "\"10.1.0.0/16\"");
    let new = host("\"ssh\" \"ollama\" \"postgresql\"", "10r/s", "");
    assert_eq!(
        meanings(&old, &new),
        [
            "route 10.1.0.0/16 is no longer advertised",
            "burst of ollama: 40 -> 20",
            "rate limit of ollama: 20r/s -> 10r/s",
        ]
    );
    let changes = compare(&old, &new);
    let files: Vec<&str> = changes
        .iter()
        .skip(3)
        .map(|change| match change {
            Change::File { path, .. } => path.as_str(),
            Change::Meaning(sentence) => panic!("{sentence} after a file"),
        })
        .collect();
    assert!(
        files.contains(&"modules/network/vpn/tailscale.nix") && !files.contains(&FACTS),
        "{files:?}"
    );
    let Some(Change::File { unified, what, .. }) = changes.last() else {
        panic!()
    };
    assert_eq!(*what, FileChange::Changed);
    assert!(
        unified.starts_with("--- a/reports/exposure.txt\n+++ b/reports/exposure.txt\n@@ "),
        "{unified}"
    );
}

#[test]
fn hosts_come_and_go() {
    let old = tree("{ hosts.a = {}; hosts.b = {}; }");
    let new = tree("{ hosts.a.network.vpn.tailscale = { enable = true; exitNode = true; }; hosts.c = {}; }");
    let meanings = meanings(&old, &new);
    assert!(
        meanings.contains(&"a: exit node is now offered".to_owned()),
        "{meanings:?}"
    );
    assert!(
        meanings.contains(&"host b is gone".to_owned()) && meanings.contains(&"host c is new".to_owned()),
        "{meanings:?}"
    );
}

#[test]
fn a_tree_without_facts_is_compared_line_by_line() {
    let new = tree("{ host.name = \"a\"; }");
    let old: Tree = [
        ("default.nix".to_owned(), "{...}: {}\n".to_owned()),
        ("mine.nix".to_owned(), "{}\n".to_owned()),
    ]
    .into_iter()
    .collect();
    let changes = compare(&old, &new);
    let what: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::File { path, what, .. } => (path.as_str(), *what),
            Change::Meaning(sentence) => panic!("{sentence}"),
        })
        .collect();
    assert_eq!(
        what,
        [
            ("default.nix", FileChange::Changed),
            ("mine.nix", FileChange::Removed),
            ("reports/exposure.txt", FileChange::Added),
            ("reports/facts.txt", FileChange::Added),
        ]
    );
}
