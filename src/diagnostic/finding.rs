//! One finding, and the collection of a run.

use std::fmt;

use super::code::Code;
use super::place::{FieldPath, Span};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing needs to change.
    Note,
    /// Will work otherwise than the author seems to expect, or is fragile.
    Warning,
    /// Nothing is rendered while it stands.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Where a label points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The value of a field; where the field is not written, the nearest group around it that is.
    Field(FieldPath),
    /// The name of a field (an unknown option, say).
    Name(FieldPath),
    /// A range of the text itself (syntax errors, calls that are no data).
    Text(Span),
    /// A value that the reader refused, with the field that now lacks it (positions in lists count accepted elements).
    Refused(FieldPath, Span),
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there, as a lower-case fragment; may be empty for the first label.
    pub text: String,
}

/// What is wrong, where, why, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was broken.
    pub code: Code,
    /// How much it weighs here; the code's own severity unless a rule or the profile's `lint` says otherwise.
    pub severity: Severity,
    /// One sentence: what is wrong and why, as a lower-case fragment.
    pub message: String,
    /// The first label is the offence; further ones are lines that it conflicts with.
    pub labels: Vec<Label>,
    /// The way out.
    pub help: Option<String>,
}

impl Finding {
    /// A finding at the value of `field`.
    pub fn new(code: Code, field: FieldPath, message: impl Into<String>) -> Self {
        Self::at(code, Place::Field(field), message)
    }

    /// A finding at any place.
    pub fn at(code: Code, place: Place, message: impl Into<String>) -> Self {
        let label = Label {
            place,
            text: String::new(),
        };
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: vec![label],
            help: None,
        }
    }

    /// Says what is at the offending place.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds a line that the offence conflicts with.
    #[must_use]
    pub fn with(self, field: FieldPath, text: impl Into<String>) -> Self {
        self.with_place(Place::Field(field), text)
    }

    /// Adds any place that the offence conflicts with.
    #[must_use]
    pub fn with_place(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place,
            text: text.into(),
        });
        self
    }

    /// Says the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Weighs the finding otherwise than its code does.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// The findings of a run, in the order in which they were made; reports sort them by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// No findings yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps those that `keep` wants, as it has changed them.
    pub fn retain_mut(&mut self, keep: impl FnMut(&mut Finding) -> bool) {
        self.0.retain_mut(keep);
    }

    /// Whether one of them forbids rendering.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }
}

impl Extend<Finding> for Findings {
    fn extend<T: IntoIterator<Item = Finding>>(&mut self, findings: T) {
        self.0.extend(findings);
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
