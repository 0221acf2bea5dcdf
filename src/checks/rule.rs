//! One rule of the table.

use super::context::Context;
use crate::diagnostic::{Code, Findings};
use crate::model::Fleet;

/// A rule: the code that it raises (and no other rule does), its page, and the check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) code: Code,
    /// The rule's own source file; its leading doc comment is the page.
    pub(super) source: &'static str,
    pub(super) check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    /// One host at a time.
    Host(fn(&Context<'_>, &mut Findings)),
    /// All hosts together. It runs once, so that a fleet of a thousand hosts stays cheap.
    Fleet(fn(&Fleet, &mut Findings)),
}
