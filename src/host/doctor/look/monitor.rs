//! What the monitor says of itself.

use std::path::Path;
use std::time::Duration;

use crate::host::doctor::facts::Known;
use crate::host::monitor::control::{self, Unreached};
use crate::host::unknown::Unknown;
use crate::monitor::Report;

/// Asks the monitor whose socket lies in that directory; nothing where it does not run.
pub(super) async fn report(directory: &Path, patience: Duration) -> Known<Option<Report>> {
    match control::report(directory, patience).await {
        Ok(report) => Ok(Some(report)),
        Err(Unreached::Away) => Ok(None),
        Err(Unreached::Denied(_)) => Err(Unknown::NeedsRoot),
        Err(other @ (Unreached::Impossible(_) | Unreached::Silent(_))) => Err(other.to_string().into()),
    }
}
