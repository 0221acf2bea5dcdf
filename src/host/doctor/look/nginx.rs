//! What nginx says of its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::host::doctor::facts::{Known, Nginx};
use crate::host::nginx::Start;
use crate::host::program;
use crate::host::tailnet::certificate_end;
use crate::host::unknown::Unknown;

/// Asks the nginx that systemd starts about the configuration that it starts with (nginx(8), `-T`).
pub(super) fn nginx() -> Known<Nginx> {
    let start = Start::of_system().ok_or_else(|| "there is no nginx here".to_owned())?;
    if !rustix::process::geteuid().is_root() {
        return Err(Unknown::NeedsRoot);
    }
    let output = start.dump().stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{} cannot be run: {error}", start.program.display()))?;
    let accepted = output.status.success();
    let said = if accepted {
        String::from_utf8_lossy(&output.stdout).into_owned()
    } else {
        program::said(&output.stderr)
    };
    let command = "sudo tsctl nginx test".to_owned();
    if !accepted {
        let emergency = said
            .lines()
            .find(|line| line.contains("[emerg]"))
            .or_else(|| said.lines().next());
        return Ok(Nginx {
            refused: Some(emergency.unwrap_or("it does not say why").to_owned()),
            command,
            certificates: BTreeMap::new(),
        });
    }
    let files: BTreeSet<PathBuf> = certificates(&said).into_iter().collect();
    Ok(Nginx {
        refused: None,
        command,
        certificates: files.into_iter().map(|file| (file.clone(), end(&file))).collect(),
    })
}

fn end(file: &Path) -> Known<u64> {
    let pem = std::fs::read_to_string(file).map_err(|error| Unknown::of(&error))?;
    certificate_end(&pem).ok_or_else(|| "it is no certificate".into())
}

/// The files of certificates that a configuration names (`ssl_certificate FILE;`).
fn certificates(configuration: &str) -> Vec<PathBuf> {
    configuration
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let file = (words.next()? == "ssl_certificate").then(|| words.next())??;
            let file = file.trim_end_matches(';').trim_matches('"');
            // Variables are known for each connection alone.
            (file.starts_with('/') && !file.contains('$')).then(|| PathBuf::from(file))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_found() {
        let text = "  ssl_certificate /var/lib/a.crt;\n\tssl_certificate \"/b.pem\";\nssl_certificate $ssl_server_name.crt;\n\
                    ssl_certificate_key /k;\n# ssl_certificate /c;\n";
        assert_eq!(
            certificates(text),
            [PathBuf::from("/var/lib/a.crt"), PathBuf::from("/b.pem")]
        );
    }
}
