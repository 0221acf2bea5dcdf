//! The secrets of the unit.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use crate::net::CredentialName;

/// Longer ones are none.
const LIMIT: u64 = 8_192;

/// Where systemd shows the unit its secrets (`CREDENTIALS_DIRECTORY`, systemd.exec(5)).
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    directory: Option<PathBuf>,
}

/// A secret. It shows itself to nobody.
pub(super) struct Secret(String);

impl Secret {
    /// Its value.
    pub(super) fn value(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Credentials {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        Self {
            directory: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }

    /// Those in a directory.
    #[cfg(test)]
    pub(super) fn below(directory: &std::path::Path) -> Self {
        Self {
            directory: Some(directory.to_owned()),
        }
    }

    /// One of them, without the white space around it. Otherwise why there is none, as a sentence that does not repeat it.
    pub(super) fn read(&self, name: &CredentialName) -> Result<Secret, String> {
        let Some(directory) = &self.directory else {
            return Err(format!(
                "the secret {name} is not there: the monitor was not started by systemd with LoadCredential="
            ));
        };
        let mut bytes = Vec::new();
        File::open(directory.join(name.as_str()))
            .and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes))
            .map_err(|error| format!("the secret {name} cannot be read: {error}"))?;
        if bytes.len() as u64 > LIMIT {
            return Err(format!("the secret {name} is longer than {LIMIT} bytes"));
        }
        let text = String::from_utf8(bytes).map_err(|_| format!("the secret {name} is no text"))?;
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(format!("the secret {name} is empty or has more than one line"));
        }
        Ok(Secret(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_and_is_not_repeated() {
        let directory = tempfile::tempdir().unwrap();
        let credentials = Credentials::below(directory.path());
        let name: CredentialName = "alert-phone-url".parse().unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(directory.path().join("alert-phone-url"), bytes).unwrap();
            credentials.read(&name)
        };
        let secret = read(b" tk_1234\n").unwrap();
        assert_eq!(secret.value(), "tk_1234");
        assert!(!format!("{secret:?}").contains("tk_1234"));
        for bad in [&b""[..], b"\n", b"tk_12\ntk_34", b"tk_\xff", &[b'x'; 9_000]] {
            let said = read(bad).unwrap_err();
            assert!(said.contains("alert-phone-url") && !said.contains("tk_"), "{said}");
        }
        std::fs::remove_file(directory.path().join("alert-phone-url")).unwrap();
        assert!(credentials.read(&name).unwrap_err().contains("cannot be read"));
        let none = Credentials { directory: None };
        assert!(none.read(&name).unwrap_err().contains("LoadCredential="));
    }
}
