//! What the programs say of themselves, and of a command line that they do not understand.

use snapbox::str;

use crate::support::run::Place;

const COMMANDS: [&str; 10] = [
    "init",
    "check",
    "render",
    "diff",
    "compile",
    "explain",
    "firewall",
    "schema",
    "completions",
    "man",
];

#[test]
fn the_commands_are_these() {
    let help = Place::new().tailwright(&["--help"]);
    help.status(0).err("").out(snapbox::file!["help.txt"]);
    let listed: Vec<String> = help
        .stdout()
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(listed, COMMANDS);
}

#[test]
fn each_command_says_how_it_is_used() {
    for command in COMMANDS {
        let path = format!("{}/tests/cli/help/{command}.txt", env!("CARGO_MANIFEST_DIR"));
        let expected = snapbox::Data::read_from(path.as_ref(), None);
        Place::new()
            .tailwright(&[command, "--help"])
            .status(0)
            .err("")
            .out(expected);
    }
}

/// What `firewall` can be asked.
const QUESTIONS: [&str; 2] = ["exposure", "trace"];

#[test]
fn each_question_says_how_it_is_used() {
    for question in QUESTIONS {
        let path = format!("{}/tests/cli/help/firewall-{question}.txt", env!("CARGO_MANIFEST_DIR"));
        let expected = snapbox::Data::read_from(path.as_ref(), None);
        Place::new()
            .tailwright(&["firewall", question, "--help"])
            .status(0)
            .err("")
            .out(expected);
    }
    let listed = Place::new().tailwright(&["firewall", "--help"]).stdout();
    let listed = listed.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    // A line that goes on in the next one stands further in.
    let listed = listed.filter(|line| !line.starts_with("   "));
    assert_eq!(listed.count(), QUESTIONS.len());
}

#[test]
fn the_version_is_that_of_the_package() {
    let expected = format!("tailwright {}\n", env!("CARGO_PKG_VERSION"));
    Place::new().tailwright(&["--version"]).status(0).err("").out(expected);
}

#[test]
fn a_command_line_that_is_not_understood_is_status_64() {
    for arguments in [
        &[][..],
        &["rendre"],
        &["check"],
        &["check", "a.nix", "b.nix"],
        &["check", "a.nix", "--format", "xml"],
        &["render", "a.nix"],
        &["render", "a.nix", "--out", "o", "--target", "debian"],
        &["init", "desktop"],
        &["completions", "cmd"],
        &["man", "rendre"],
        &["firewall"],
        &["firewall", "trcae"],
        &["firewall", "trace"],
        &["explain", "no-such-code"],
    ] {
        let ended = Place::new().tailwright(arguments);
        ended.status(64).out("");
        assert!(!ended.stderr().is_empty(), "{arguments:?}");
    }
    Place::new().tailwright(&["rendre"]).err(str![[r#"
error: unrecognized subcommand 'rendre'

  tip: a similar subcommand exists: 'render'

Usage: tailwright [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]]);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Place::new().tailwright(&["completions", shell]);
        script.status(0).err("");
        for command in COMMANDS {
            assert!(script.stdout().contains(command), "{shell}: {command}");
        }
        assert!(script.stdout().contains("notation"), "{shell}: options too");
        assert!(
            !script.stdout().contains("finish"),
            "{shell}: nothing that is not for people"
        );
    }
}

#[test]
fn the_shell_takes_its_completions() {
    let place = Place::new();
    let script = place.tailwright(&["completions", "bash"]).stdout();
    place.write("completions.bash", script);
    let mut bash = place.command("bash");
    let complete = "source completions.bash; COMP_WORDS=(tailwright ren); COMP_CWORD=1; _tailwright tailwright ren; echo \"${COMPREPLY[@]}\"";
    bash.args(["-c", complete]);
    crate::support::run::Ended::of(&mut bash).status(0).out("render\n");
}
