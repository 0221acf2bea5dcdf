//! The steps of a packet's way.

use crate::firewall::ruleset::{Base, Chain, Evidence, MapElement, Rule};

/// A step of a packet's way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'r> {
    /// The kernel enters a chain by its hook.
    Hook(&'r Chain, Base),
    /// The packet meets all conditions of a rule.
    Rule {
        /// The chain that the rule is in.
        chain: &'r Chain,
        /// Its place there, from 1.
        number: usize,
        /// The rule.
        rule: &'r Rule,
        /// What its map has for the packet, where it asks one.
        found: Option<Found<'r>>,
    },
    /// No rule decided, and the chain's policy does.
    Policy(&'r Chain, Base),
}

/// What a map has for a packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<'r> {
    /// This element.
    Element(&'r MapElement),
    /// None of its elements.
    Nothing,
}

impl<'r> Step<'r> {
    /// Why the rule is there, then why the element is.
    pub fn evidence(&self) -> impl DoubleEndedIterator<Item = &'r Evidence> + use<'r> {
        let (rule, element) = match self {
            Self::Rule { rule, found, .. } => (
                Some(&rule.evidence),
                match found {
                    Some(Found::Element(element)) => Some(&element.evidence),
                    Some(Found::Nothing) | None => None,
                },
            ),
            Self::Hook(..) | Self::Policy(..) => (None, None),
        };
        rule.into_iter().chain(element)
    }
}
