//! What a rule about one host may look at.

use crate::model::Host;

/// One host.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) host: &'a Host,
}

impl<'a> Context<'a> {
    pub(super) fn new(host: &'a Host) -> Self {
        Self { host }
    }
}
