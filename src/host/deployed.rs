//! What was deployed on this host.

use std::io;
use std::path::Path;

use crate::host::monitor::settings::parse;
use crate::host::program::printable;
use crate::host::unknown::Unknown;
use crate::model::MonitorSettings;

/// The settings that were deployed; none where there is no such file; else why they cannot be read, in a sentence.
pub(crate) fn settings(path: &Path) -> Result<Option<MonitorSettings>, Unknown> {
    match std::fs::read(path) {
        Ok(text) => parse(&text)
            .map(Some)
            .map_err(|reason| format!("{} is not as it should be: {reason}", printable(path)).into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(Unknown::NeedsRoot),
        Err(error) => Err(format!("{}: {error}", printable(path)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_no_settings_are_refused() {
        assert!(
            settings(Path::new("/etc/passwd"))
                .unwrap_err()
                .to_string()
                .contains("/etc/passwd")
        );
        assert_eq!(settings(Path::new("/no/such/file")), Ok(None));
        let newer = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(newer.path(), "{\"version\": 7, \"later\": true}").unwrap();
        let said = settings(newer.path()).unwrap_err().to_string();
        assert!(said.contains("version 7") && !said.contains("later"), "{said}");
    }
}
