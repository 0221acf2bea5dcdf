//! The lines of a profile that are answerable for something.

use serde_json::{Value, json};

use crate::cli::input::Input;
use crate::diagnostic::{FieldPath, Place, mask};
use crate::firewall::ruleset::Evidence;

/// A field of the profile, with the line that writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The field.
    field: FieldPath,
    /// Whether it is written; otherwise its default counts, and the line is that of the group that could hold it.
    is_written: bool,
    /// The file's name as the user gave it, the line and the column, both from 1.
    place: Option<(String, usize, usize)>,
    /// The line itself, without the white space around it.
    text: String,
}

impl Line {
    /// Where `field` is written in the profile that was read.
    pub(super) fn of(field: &FieldPath, input: &Input) -> Self {
        let found = || {
            let span = input.profile.locate(&Place::Field(field.clone()))?;
            let (start, _) = input.report.sources.positions(span)?;
            let source = input.report.sources.get(span.source)?;
            Some((
                (source.name.clone(), start.line, start.column),
                shown(source.line(start.line)),
            ))
        };
        let (place, text) = found().unzip();
        Self {
            field: field.clone(),
            is_written: input.profile.has(field),
            place,
            text: text.unwrap_or_default(),
        }
    }

    /// `host.nix:12: allowedTCPPorts = [ 80 443 ];` and the field; where the field is not written, that and the field alone.
    pub(super) fn human(&self) -> String {
        match &self.place {
            Some((file, line, _)) if self.is_written => format!("{file}:{line}: {}  [{}]", self.text, self.field),
            _ => format!("{} is not written: its default counts", self.field),
        }
    }

    /// The place and the field alone, `host.nix:12 (zones.lan.allowedTCPPorts)`, for lists: the text of the line is not asked for.
    pub(super) fn brief(field: &FieldPath, input: &Input) -> String {
        let short = Evidence::short(field);
        let sources = &input.report.sources;
        let found = || {
            let span = input.profile.locate(&Place::Field(field.clone()))?;
            Some((&sources.get(span.source)?.name, sources.line(span)?))
        };
        match found() {
            Some((file, line)) if input.profile.has(field) => format!("{file}:{line} ({short})"),
            _ => format!("{short}, by default"),
        }
    }

    /// The same as data.
    pub(super) fn json(&self) -> Value {
        let place = self
            .place
            .as_ref()
            .map(|(file, line, column)| json!({ "file": file, "line": line, "column": column, "text": self.text }));
        json!({ "field": self.field.to_string(), "written": self.is_written, "place": place })
    }
}

/// Characters of a line that are shown; a profile may stand in one line.
const LONGEST: usize = 400;

/// A line without secrets and without what would move the cursor.
fn shown(line: &str) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let line = line.trim();
    match line.char_indices().nth(LONGEST) {
        // What is cut could be half of a secret, which is known by its beginning.
        Some((end, _)) => mask(line.get(..end).unwrap_or_default())
            .chars()
            .map(plain)
            .chain(['…'])
            .collect(),
        None => mask(line).chars().map(plain).collect(),
    }
}
