//! Runs the two programs as a user does: files in a directory, a command line, and what came of it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use snapbox::IntoData;

use super::json_schema::assert_valid;
use super::scratch::Scratch;

/// The program under test.
pub const TAILWRIGHT: &str = env!("CARGO_BIN_EXE_tailwright");
/// The one for the host.
pub const TSCTL: &str = env!("CARGO_BIN_EXE_tsctl");

/// A copy of `tsctl` in that directory, which everybody may then enter: the program itself may lie where another user may
/// not go.
pub fn copy_for_all(directory: &Path) -> PathBuf {
    std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).expect("it is ours");
    let copy = directory.join("tsctl");
    // By another process: a program cannot be started as long as anybody, another test's child among them, can write to it.
    let status = Command::new("cp")
        .arg(TSCTL)
        .arg(&copy)
        .status()
        .expect("cp is everywhere");
    assert!(status.success(), "{status}");
    copy
}

/// A directory that commands run in.
pub struct Place(Scratch);

impl Place {
    /// An empty one.
    pub fn new() -> Self {
        Self(Scratch::new())
    }

    /// With a file more.
    #[must_use]
    pub fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(file, text);
        self
    }

    /// Writes a file, making the directories that it lies in.
    pub fn write(&self, file: &str, text: impl AsRef<[u8]>) -> PathBuf {
        self.0.write(file, text)
    }

    /// Where something in it is.
    pub fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// A command that runs in it, with none of the variables of the test's own environment that change the output.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    /// Runs `tailwright`.
    pub fn tailwright(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(TAILWRIGHT).args(arguments))
    }

    /// Runs `tailwright` with a text as its standard input.
    pub fn tailwright_with(&self, input: impl AsRef<[u8]>, arguments: &[&str]) -> Ended {
        let mut command = self.command(TAILWRIGHT);
        command.args(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let mut stdin = child.stdin.take().expect("a pipe");
        // Refused where the program ends without reading all of it.
        let _ = stdin.write_all(input.as_ref());
        drop(stdin);
        Ended(child.wait_with_output().expect("it ends"))
    }

    /// Every file below a directory in it, with its text. Links stand with where they lead to.
    pub fn files(&self, below: &str) -> Files {
        files(&self.path(below))
    }
}

/// Texts by path.
pub type Files = std::collections::BTreeMap<String, String>;

/// Every file below `root` with its text; none where there is no such directory.
pub fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        let Ok(metadata) = std::fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a directory");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let text = if metadata.is_symlink() {
            format!("-> {}", std::fs::read_link(&path).expect("a link").display())
        } else {
            String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned()
        };
        let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
        found.insert(name, text);
    }
    found
}

/// What came of a run.
pub struct Ended(Output);

impl Ended {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", command.get_program().display()));
        Self(output)
    }

    /// It must have ended with this status.
    #[track_caller]
    pub fn status(&self, expected: i32) -> &Self {
        assert_eq!(
            self.0.status.code(),
            Some(expected),
            "{}\nstdout: {}\nstderr: {}",
            self.0.status,
            self.stdout(),
            self.stderr()
        );
        self
    }

    /// It must have printed exactly this.
    #[track_caller]
    pub fn out(&self, expected: impl IntoData) -> &Self {
        same(self.stdout(), expected);
        self
    }

    /// It must have said exactly this on standard error.
    #[track_caller]
    pub fn err(&self, expected: impl IntoData) -> &Self {
        same(self.stderr(), expected);
        self
    }

    /// What it printed.
    pub fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("text")
    }

    /// What it printed as JSON, which must be as the schema says that is published with that name.
    #[track_caller]
    pub fn json(&self, schema: &str) -> Value {
        let printed = serde_json::from_str(&self.stdout()).unwrap_or_else(|error| panic!("{error}: {}", self.stdout()));
        assert_valid(&printed, schema);
        printed
    }

    /// What it said.
    pub fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("text")
    }
}

/// The first objects of a command that prints one a line and goes on (`--json --watch`). It must end when its reader leaves.
pub fn watched(command: &mut Command, objects: usize) -> Vec<Value> {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let seen: Vec<Value> = lines
        .take(objects)
        .map(|line| serde_json::from_str(&line.expect("text")).expect("an object a line"))
        .collect();
    let status = child.wait().expect("it ends");
    assert_eq!(seen.len(), objects, "it ended before with {status}");
    seen
}

/// `SNAPSHOTS=overwrite` writes what came into the expected text or file.
#[track_caller]
fn same(actual: String, expected: impl IntoData) {
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    assert.eq(actual.into_data().raw(), expected.into_data().raw());
}

#[test]
fn a_run_shows_what_came_of_it() {
    let place = Place::new().with("a/b.txt", "text\n");
    let mut command = place.command("sh");
    command.args(["-c", "cat a/b.txt; echo said >&2; exit 3"]);
    Ended::of(&mut command).status(3).out("text\n").err("said\n");
    let files = place.files("");
    assert_eq!(files, Files::from([("a/b.txt".to_owned(), "text\n".to_owned())]));
}
