//! Which nginx the system runs, and with which configuration.

use std::path::PathBuf;
use std::process::Command;

use crate::host::program::find;

/// The unit of the system's nginx.
pub(super) const UNIT: &str = "nginx.service";

/// How an nginx is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// The program.
    pub(crate) program: PathBuf,
    /// The configuration, where it is not the one that it was built with.
    pub(super) configuration: Option<PathBuf>,
    /// What relative paths are relative to, where it is not what it was built with.
    pub(super) prefix: Option<PathBuf>,
}

impl Start {
    /// That of the system: what its unit starts, else the nginx on PATH.
    pub(crate) fn of_system() -> Option<Self> {
        let of_unit = || {
            let shown = Command::new(find("systemctl")?)
                .args(["show", UNIT, "--property=ExecStart"])
                .output()
                .ok()?;
            Self::read(&String::from_utf8_lossy(&shown.stdout))
        };
        let on_path = || {
            let program = find("nginx")?;
            Some(Self {
                program,
                ..Self::default()
            })
        };
        of_unit().or_else(on_path)
    }

    /// What `systemctl show --property=ExecStart` prints: `ExecStart={ path=… ; argv[]=… ; ignore_errors=no ; … }`.
    pub(super) fn read(shown: &str) -> Option<Self> {
        let line = shown.lines().find_map(|line| line.strip_prefix("ExecStart="))?;
        let (_, rest) = line.split_once("path=")?;
        let (program, rest) = rest.split_once(" ; argv[]=")?;
        let (arguments, _) = rest.rsplit_once(" ; ignore_errors=")?;
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let after = |flag: &str| {
            let mut pairs = words.iter().zip(words.iter().skip(1));
            pairs
                .find(|(word, _)| **word == flag)
                .map(|(_, value)| PathBuf::from(value))
        };
        let is_nginx = program.rsplit('/').next().is_some_and(|name| name.contains("nginx"));
        is_nginx.then(|| Self {
            program: program.into(),
            configuration: after("-c"),
            prefix: after("-p"),
        })
    }

    /// The command that reads the configuration and says what is wrong with it (nginx(8), `-t`).
    pub(super) fn test(&self) -> Command {
        self.asked("-t")
    }

    /// The same, which also prints the configuration with all that it includes (`-T`).
    pub(crate) fn dump(&self) -> Command {
        self.asked("-T")
    }

    fn asked(&self, flag: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(flag);
        if let Some(prefix) = &self.prefix {
            command.arg("-p").arg(prefix);
        }
        if let Some(configuration) = &self.configuration {
            command.arg("-c").arg(configuration);
        }
        command
    }
}
