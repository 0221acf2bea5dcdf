//! `tailwright init`.

use std::os::unix::fs::symlink;

use crate::support::run::Place;

const STARTERS: [&str; 5] = ["guide", "llm-server", "subnet-router", "exit-node", "laptop"];

#[test]
fn every_starter_checks_clean_and_renders_the_same_in_every_notation() {
    for starter in STARTERS {
        let place = Place::new();
        let mut trees = Vec::new();
        for notation in ["nix", "toml", "json"] {
            let file = format!("host.{notation}");
            place
                .tailwright(&["init", starter, "--format", notation])
                .status(0)
                .out(format!("wrote {file}; now: tailwright check {file}\n"));
            let checked = place.tailwright(&["check", &file]);
            checked.status(0).out(format!("{file}: 1 host, nothing to report\n"));
            place.tailwright(&["render", &file, "--out", notation]).status(0);
            let mut tree = place.files(notation);
            for text in tree.values_mut() {
                *text = text.replace(&format!("from {file}"), "");
            }
            assert!(tree.len() > 3, "{starter}");
            trees.push(tree);
        }
        assert_eq!(trees[0], trees[1], "{starter}: TOML means what Nix does");
        assert_eq!(trees[0], trees[2], "{starter}: JSON means what Nix does");
    }
}

#[test]
fn it_overwrites_nothing() {
    let place = Place::new().with("host.nix", "mine").with("target", "mine");
    symlink("nowhere", place.path("link.nix")).expect("a link");
    for arguments in [&["init", "laptop"][..], &["init", "laptop", "--out", "link.nix"]] {
        let ended = place.tailwright(arguments);
        ended.status(74).out("");
        assert!(ended.stderr().contains("file exists"), "{}", ended.stderr());
    }
    assert_eq!(place.files("")["host.nix"], "mine");
    assert_eq!(place.files("").len(), 3, "and leaves nothing: {:?}", place.files(""));
    place
        .tailwright(&["init", "laptop", "--out", "missing/host.nix"])
        .status(74);
}

#[test]
fn it_prints_where_asked_to() {
    let place = Place::new();
    let printed = place.tailwright(&["init", "laptop", "--out", "-"]);
    printed.status(0);
    assert!(printed.stdout().starts_with("# A client that travels"));
    assert!(place.files("").is_empty());
    place.tailwright_with(printed.stdout(), &["check", "-"]).status(0);
}
