//! What was deployed on this host.

use std::io;
use std::path::Path;

use crate::model::MonitorSettings;

/// The settings that were deployed; none where there is no such file; else why they cannot be read, in a sentence.
pub(crate) fn settings(path: &Path) -> Result<Option<MonitorSettings>, String> {
    match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| format!("{} is not as it should be: {error}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err("only root may look".to_owned()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_no_settings_are_refused() {
        assert!(settings(Path::new("/etc/passwd")).unwrap_err().contains("/etc/passwd"));
        assert_eq!(settings(Path::new("/no/such/file")), Ok(None));
    }
}
