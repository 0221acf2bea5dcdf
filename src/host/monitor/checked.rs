//! `tsctl monitor --check-config`: whether settings are good.

use std::io::{self, Write};
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::settings;
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::program::printable;
use crate::host::show::{Screen, ShowArgs, View, wrap};
use crate::host::status::Status;

/// What `tsctl monitor --check-config FILE --json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "tsctl monitor --check-config")]
pub(super) struct Checked {
    /// The file.
    file: String,
    /// Whether the monitor would run with it.
    good: bool,
    /// Why not.
    trouble: Option<String>,
}

/// Says whether the settings in that file are good. One that cannot be read is a failure.
pub(super) fn check(path: &Path, show: &ShowArgs, streams: &mut Streams<'_>) -> Result<Status, Failure> {
    let trouble = match settings::read(path) {
        Ok(_) => None,
        Err(Failure::Refused(why)) if show.is_json() => Some(why),
        Err(failure) => return Err(failure),
    };
    let checked = Checked {
        file: printable(path),
        good: trouble.is_none(),
        trouble,
    };
    show.show(streams, || Ok(checked.clone()))
}

impl View for Checked {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let said = self
            .trouble
            .as_deref()
            .unwrap_or("the monitor runs with these settings");
        for line in wrap(&format!("{}: {said}", self.file), screen.width()) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn status(&self) -> Status {
        if self.good { Status::Success } else { Status::Refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_a_line() {
        let good = Checked {
            file: "/etc/tailwright/tsctl.json".to_owned(),
            good: true,
            trouble: None,
        };
        crate::host::show::golden("monitor", "settings", &good);
        assert_eq!(good.status(), Status::Success);
        let why = "line 3, column 7: unknown field `eager`: mistyped, or of another version of the program";
        let bad = Checked {
            good: false,
            trouble: Some(why.to_owned()),
            ..good
        };
        crate::host::show::drawn(&bad, 80);
        assert_eq!(bad.status(), Status::Refused);
    }

    #[test]
    fn the_schema_that_is_published_is_that_of_these_types() {
        crate::host::show::published::<Checked>("check-config.json");
    }
}
