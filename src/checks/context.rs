//! What a rule about one host may look at.

use crate::model::{Fleet, Host};

/// One host in its fleet.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) host: &'a Host,
}

impl<'a> Context<'a> {
    pub(super) fn new(fleet: &'a Fleet, host: &'a Host) -> Self {
        Self { fleet, host }
    }
}
