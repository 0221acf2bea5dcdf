//! All findings of a run with their places found, in the order of the text.

use super::finding::{Findings, Place, Severity};
use super::place::Span;
use super::source::Sources;
use super::{Code, mask};

/// A label with its place found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// Where in the text; `None` where the field was read from no text.
    pub span: Option<Span>,
    /// The field, where one is meant.
    pub field: Option<String>,
    /// What is there.
    pub text: String,
}

/// A finding with its places found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its code.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong and why.
    pub message: String,
    /// The offence first.
    pub remarks: Vec<Remark>,
    /// The way out.
    pub help: Option<String>,
}

/// All findings of a run, sorted by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The texts that the findings point into.
    pub sources: Sources,
    /// The findings.
    pub findings: Vec<Shown>,
}

impl Report {
    /// Finds the place of every label by `locate`, sorts, and keeps equal findings once.
    pub fn new(findings: &Findings, sources: Sources, locate: impl Fn(&Place) -> Option<Span>) -> Self {
        let mut shown: Vec<Shown> = findings
            .iter()
            .map(|finding| Shown {
                code: finding.code,
                severity: finding.severity,
                message: mask(&finding.message).into_owned(),
                help: finding.help.as_deref().map(|help| mask(help).into_owned()),
                remarks: finding
                    .labels
                    .iter()
                    .map(|label| Remark {
                        span: locate(&label.place),
                        field: match &label.place {
                            Place::Field(path) | Place::Name(path) | Place::Refused(path, _) => Some(path.to_string()),
                            Place::Text(_) => None,
                        },
                        text: mask(&label.text).into_owned(),
                    })
                    .collect(),
            })
            .collect();
        shown.sort_by(|one, other| {
            let place = |shown: &Shown| shown.remarks.first().and_then(|remark| remark.span);
            (place(one), other.severity, one.code, &one.message, &one.remarks).cmp(&(
                place(other),
                one.severity,
                other.code,
                &other.message,
                &other.remarks,
            ))
        });
        shown.dedup();
        Self {
            sources,
            findings: shown,
        }
    }

    /// How many findings weigh `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Whether nothing may be rendered.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}
