//! Sets of interfaces.

use std::collections::BTreeSet;
use std::fmt;

use crate::net::{InterfaceName, InterfacePattern};

/// The interfaces that a pattern means, or all of them, without those that other patterns mean.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Interfaces {
    of: Option<InterfacePattern>,
    except: BTreeSet<InterfacePattern>,
}

impl Interfaces {
    /// Every interface.
    pub fn all() -> Self {
        Self::default()
    }

    /// The one interface that is meant, if it is one.
    pub fn single(&self) -> Option<&InterfaceName> {
        self.of.as_ref().and_then(InterfacePattern::exact)
    }

    /// Whether every interface is in it.
    pub fn is_everything(&self) -> bool {
        self.of.is_none() && self.except.is_empty()
    }

    /// Whether the interface `name` is in it.
    pub fn contains(&self, name: &InterfaceName) -> bool {
        self.of.as_ref().is_none_or(|of| of.matches(name)) && !self.except.iter().any(|except| except.matches(name))
    }

    /// Those that `pattern` means, and the others; `None` for none at all.
    pub(super) fn split(&self, pattern: &InterfacePattern) -> (Option<Self>, Option<Self>) {
        let inner = match &self.of {
            None => pattern,
            Some(of) if covers(pattern, of) => return (Some(self.clone()), None),
            Some(of) if covers(of, pattern) => pattern,
            Some(_) => return (None, Some(self.clone())),
        };
        if self.except.iter().any(|except| covers(except, inner)) {
            return (None, Some(self.clone()));
        }
        let within = self.except.iter().filter(|except| covers(inner, except));
        let inside = Self {
            of: Some(inner.clone()),
            except: within.cloned().collect(),
        };
        let mut outside = self.clone();
        outside.except.retain(|except| !covers(inner, except));
        outside.except.insert(inner.clone());
        (Some(inside), Some(outside))
    }
}

/// Whether `outer` means everything that `inner` means.
fn covers(outer: &InterfacePattern, inner: &InterfacePattern) -> bool {
    match (outer.starts_with(), inner.exact(), inner.starts_with()) {
        (None, _, _) => outer == inner,
        (Some(_), Some(name), _) => outer.matches(name),
        (Some(outer), None, Some(inner)) => inner.starts_with(outer),
        (Some(_), None, None) => false,
    }
}

impl fmt::Display for Interfaces {
    /// `br-*`, `every interface but lo`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Some(of) => of.fmt(f)?,
            None => f.write_str("every interface")?,
        }
        for (position, except) in self.except.iter().enumerate() {
            write!(f, "{}{except}", if position == 0 { " but " } else { ", " })?;
        }
        Ok(())
    }
}
