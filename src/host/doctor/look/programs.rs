//! Other programs, asked and not told.

use std::process::{Command, Stdio};

use crate::host::doctor::facts::Known;
use crate::host::program;

/// What a program prints that is given these arguments; else why it does not, its first line.
pub(super) fn ask(name: &str, arguments: &[&str]) -> Known<String> {
    let path = program::find(name).ok_or_else(|| format!("there is no {name} here"))?;
    let mut command = Command::new(&path);
    // Every program in the language that is read here, and none of them waits for a key.
    command.args(arguments).env("LC_ALL", "C").env("SYSTEMD_PAGER", "");
    let output = command.stdin(Stdio::null()).current_dir("/").output();
    let output = output.map_err(|error| format!("{name} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = program::said(&output.stderr);
    let first = said.lines().next().unwrap_or("nothing").to_owned();
    Err(format!("{name} said: {first}").into())
}
