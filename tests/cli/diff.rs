//! `tailwright diff`.

use snapbox::str;

use super::HOST;
use crate::support::run::Place;

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
