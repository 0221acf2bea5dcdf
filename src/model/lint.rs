//! `lint`: the weight of single codes.

use std::collections::BTreeMap;

use super::FieldPath;
use crate::diagnostic::{Code, Severity};

/// What `lint.<code>` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LintLevel {
    /// `"allow"`: do not report it.
    Allow,
    /// `"warn"`: a warning.
    Warn,
    /// `"deny"`: an error.
    Deny,
}

/// The weight of single codes; never of those that [`crate::diagnostic::Kind::Fixed`] protects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lint(pub BTreeMap<Code, (LintLevel, FieldPath)>);

impl Lint {
    /// The severity that a finding of `code` gets where it would weigh `severity`; `None` means that it is not reported.
    pub fn weigh(&self, code: Code, severity: Severity) -> Option<Severity> {
        match self.0.get(&code) {
            None => Some(severity),
            Some((LintLevel::Allow, _)) => None,
            Some((LintLevel::Warn, _)) => Some(Severity::Warning),
            Some((LintLevel::Deny, _)) => Some(Severity::Error),
        }
    }
}
