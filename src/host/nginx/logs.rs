//! `tsctl nginx logs`, also called `nginx-logs`: what nginx logged.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::unit::UNIT;
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::program::{find, printable};
use crate::host::status::Status;

/// Of a file at most so many bytes are looked at.
const WINDOW: u64 = 4 << 20;

/// Show what nginx logged
///
/// Also called as nginx-logs. The messages of its unit from the journal, where NixOS's nginx writes its errors, and then the end of each
/// file in its log directory. Root sees all of it, and so do members of the groups systemd-journal and nginx.
///
/// The exit status is 0, or 3 where there is nothing that this user may read.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// So many lines of each
    #[arg(short = 'n', long, value_name = "NUMBER", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    lines: u32,
    /// Go on with what comes, until it is interrupted
    #[arg(short, long)]
    follow: bool,
    /// Leave out the requests that were served
    #[arg(long)]
    errors: bool,
    /// Where the log files are
    #[arg(long, value_name = "DIR", default_value = "/var/log/nginx")]
    directory: PathBuf,
}

impl Logs {
    pub(super) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let files = self.files();
        if let Err(reason) = &files {
            writeln!(streams.err, "tsctl: {reason}")?;
        }
        let files = files.unwrap_or_default();
        if self.follow {
            return self.follow(&files);
        }
        let mut is_shown = self.journal(streams)?;
        for path in files {
            is_shown |= self.file(&path, streams)?;
        }
        if !is_shown {
            let directory = printable(&self.directory);
            writeln!(
                streams.err,
                "tsctl: neither the journal nor {directory} has anything of nginx: systemctl status nginx"
            )?;
        }
        Ok(if is_shown { Status::Success } else { Status::CannotTell })
    }

    /// The log files, by name; `Err` where the directory cannot be read.
    fn files(&self) -> Result<Vec<PathBuf>, String> {
        let directory = &self.directory;
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            // Everything may be in the journal.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(format!("{}: {error}: sudo tsctl nginx logs", printable(directory)));
            }
        };
        let is_wanted = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".log") && !(self.errors && name.contains("access"))
        };
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(is_wanted)
            .collect();
        files.sort();
        Ok(files)
    }

    /// The arguments for journalctl(1).
    fn journalctl(&self) -> Vec<OsString> {
        let mut arguments = vec![
            "--no-pager".into(),
            format!("--unit={UNIT}").into(),
            format!("--lines={}", self.lines).into(),
        ];
        if self.follow {
            arguments.push("--follow".into());
        }
        arguments
    }

    fn journal(&self, streams: &mut Streams<'_>) -> Result<bool, Failure> {
        let Some(journalctl) = find("journalctl") else {
            return Ok(false);
        };
        let output = Command::new(journalctl)
            .args(self.journalctl())
            .output()
            .map_err(|error| Failure::Program(format!("journalctl does not start: {error}")))?;
        let text = String::from_utf8_lossy(&output.stdout);
        // `-- No entries --`
        let is_shown = output.status.success() && text.lines().any(|line| !line.starts_with("-- "));
        if is_shown {
            writeln!(streams.out, "== {UNIT}")?;
            for line in text.lines() {
                writeln!(streams.out, "{}", harmless(line))?;
            }
        }
        Ok(is_shown)
    }

    /// The end of one file.
    fn file(&self, path: &Path, streams: &mut Streams<'_>) -> Result<bool, Failure> {
        let shown = printable(path);
        let text = match end(path) {
            Ok(text) => text,
            Err(error) => {
                writeln!(streams.err, "tsctl: {shown}: {error}: sudo tsctl nginx logs")?;
                return Ok(false);
            }
        };
        writeln!(streams.out, "== {shown}")?;
        let lines: Vec<&str> = text.lines().collect();
        let wanted = usize::try_from(self.lines).unwrap_or(usize::MAX);
        for line in lines.iter().skip(lines.len().saturating_sub(wanted)) {
            writeln!(streams.out, "{}", harmless(line))?;
        }
        Ok(true)
    }

    /// journalctl and tail(1) go on beside each other until they are interrupted, as this program is.
    fn follow(&self, files: &[PathBuf]) -> Result<Status, Failure> {
        let mut children = Vec::new();
        let mut start = |name: &str, arguments: Vec<OsString>| {
            let Some(program) = find(name) else { return Ok(()) };
            let child = Command::new(program).args(arguments).spawn();
            let child = child.map_err(|error| Failure::Program(format!("{name} does not start: {error}")))?;
            children.push(child);
            Ok::<_, Failure>(())
        };
        start("journalctl", self.journalctl())?;
        if !files.is_empty() {
            let mut arguments: Vec<OsString> =
                vec!["-n".into(), self.lines.to_string().into(), "-F".into(), "--".into()];
            arguments.extend(files.iter().map(|path| path.clone().into_os_string()));
            start("tail", arguments)?;
        }
        let is_shown = !children.is_empty();
        for mut child in children {
            // However it ends: the reader has gone.
            let _ = child.wait();
        }
        Ok(if is_shown { Status::Success } else { Status::CannotTell })
    }
}

/// The last part of a file, from the start of a line.
fn end(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(WINDOW);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(WINDOW).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let whole = match text.split_once('\n') {
        Some((_, rest)) if start > 0 => rest.to_owned(),
        _ => text,
    };
    Ok(whole)
}

/// A line that others had written, for a terminal.
fn harmless(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c })
        .collect()
}
