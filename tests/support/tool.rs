//! Finds the real parts: the programs that read what tailwright prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::left_out;

/// The program `name`: named by its variable (`TAILWRIGHT_NGINX`, which the development shell sets), made by
/// `tests/parts/fetch`, or on PATH. `None` only where the test may be left out, and then it is noted already.
pub fn part(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        left_out::note_missing(&format!("no {name} on this machine"));
    }
    found
}

/// Something that only some users have, named by a variable (`NIXPKGS_LIB`); noted as left out where it is unset.
pub fn optional(variable: &str) -> Option<PathBuf> {
    let value = std::env::var_os(variable).filter(|value| !value.is_empty());
    if value.is_none() {
        left_out::note(&format!("{variable} is unset"));
    }
    value.map(PathBuf::from)
}

/// The prefix that `tests/parts/fetch` makes.
pub fn prefix() -> PathBuf {
    std::env::var_os("TAILWRIGHT_PARTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/parts"),
        PathBuf::from,
    )
}

/// Runs `command` and hands back what it said; only a program that does not start is an error of the test itself.
pub fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", command.get_program().display()))
}

/// `Ok` with its stdout where the program ended with status 0, else everything it said.
pub fn accepted(output: &Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{}{}", text(&output.stdout), text(&output.stderr)))
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let variable = format!("TAILWRIGHT_{}", name.to_uppercase().replace('-', "_"));
    if let Some(path) = std::env::var_os(&variable).filter(|value| !value.is_empty()) {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(prefix().join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

#[test]
fn finds_what_is_there_and_nothing_else() {
    let shell = find("sh").expect("every machine has a shell");
    assert!(shell.is_absolute(), "{}", shell.display());
    assert_eq!(find("no-such-program-anywhere"), None);
}

#[test]
fn a_refusal_carries_what_the_program_said() {
    let output = run(Command::new("sh").args(["-c", "echo here; echo there >&2; exit 3"]));
    assert_eq!(accepted(&output), Err("here\nthere\n".to_owned()));
}
