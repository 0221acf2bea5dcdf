//! Standard output and standard error: colour, logs, readers that leave, disks that are full.

use std::process::Stdio;

use super::HOST;
use crate::support::run::{Ended, Place, TAILWRIGHT};
use crate::support::tool;

const ESCAPE: char = '\u{1b}';

fn with_a_finding() -> Place {
    Place::new().with("host.nix", "{ x = 1; }")
}

#[test]
fn no_colour_where_the_output_is_no_terminal() {
    let place = with_a_finding();
    let run = |variables: &[(&str, &str)]| {
        let mut command = place.command(TAILWRIGHT);
        command.args(["check", "host.nix"]).envs(variables.iter().copied());
        Ended::of(&mut command).stdout()
    };
    assert!(!run(&[]).contains(ESCAPE));
    assert!(run(&[("CLICOLOR_FORCE", "1")]).contains(ESCAPE));
    assert!(!run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains(ESCAPE));
}

#[test]
fn colour_on_a_terminal_unless_it_is_unwanted() {
    let place = with_a_finding();
    let Some(script) = tool::part("script") else { return };
    let run = |variables: &[(&str, &str)]| {
        let mut command = place.command(&script);
        command
            .args([
                "--quiet",
                "--return",
                "--command",
                &format!("{TAILWRIGHT} check host.nix"),
                "/dev/null",
            ])
            .env("TERM", "xterm")
            .envs(variables.iter().copied());
        let ended = Ended::of(&mut command);
        ended.status(1);
        ended.stdout()
    };
    assert!(run(&[]).contains(ESCAPE));
    assert!(!run(&[("NO_COLOR", "1")]).contains(ESCAPE));
    assert!(!run(&[("TERM", "dumb")]).contains(ESCAPE));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let place = with_a_finding();
    for (arguments, status) in [(&["schema"][..], 0), (&["explain"], 0), (&["check", "host.nix"], 1)] {
        let mut child = place
            .command(TAILWRIGHT)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_told() {
    for arguments in [
        &["schema"][..],
        &["explain"],
        &["completions", "bash"],
        &["man"],
        &["init", "laptop", "--out", "-"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it");
        let place = Place::new();
        let mut command = place.command(TAILWRIGHT);
        let ended = Ended::of(command.args(arguments).stdout(full));
        ended.status(74);
        assert!(
            ended.stderr().contains("no space left on device"),
            "{arguments:?}: {}",
            ended.stderr()
        );
    }
}

#[test]
fn logs_go_to_standard_error_and_are_asked_for() {
    let place = Place::new().with("host.nix", HOST);
    let run = |arguments: &[&str], log: &[(&str, &str)]| {
        let mut command = place.command(TAILWRIGHT);
        command
            .args(["check", "host.nix"])
            .args(arguments)
            .envs(log.iter().copied());
        let ended = Ended::of(&mut command);
        ended.status(0).out("host.nix: 1 host, nothing to report\n");
        ended.stderr()
    };
    assert_eq!(run(&[], &[]), "");
    assert!(run(&["-vv"], &[]).contains("DEBUG"));
    assert!(run(&[], &[("TAILWRIGHT_LOG", "debug")]).contains("DEBUG"));
    assert_eq!(
        run(&["-vv"], &[("TAILWRIGHT_LOG", "error")]),
        "",
        "the variable decides"
    );
    let mut command = place.command(TAILWRIGHT);
    command.args(["check", "host.nix"]).env("TAILWRIGHT_LOG", "a=b=c");
    let ended = Ended::of(&mut command);
    ended.status(64).out("");
    assert!(ended.stderr().contains("TAILWRIGHT_LOG"), "{}", ended.stderr());
}
