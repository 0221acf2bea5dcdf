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

    /// Those that `of` means (every interface where there is none) without those of `except`, which lie in it and not in
    /// each other.
    pub(in crate::firewall) fn new(
        of: Option<InterfacePattern>,
        except: impl IntoIterator<Item = InterfacePattern>,
    ) -> Self {
        Self {
            of,
            except: except.into_iter().collect(),
        }
    }

    /// Every interface but the loopback: what the host says to itself is nobody's business.
    pub(in crate::firewall) fn outside_loopback() -> Self {
        Self::new(None, "lo".parse())
    }

    /// The pattern that means them; every interface where there is none.
    pub fn of(&self) -> Option<&InterfacePattern> {
        self.of.as_ref()
    }

    /// The patterns whose interfaces are not in it.
    pub fn except(&self) -> impl Iterator<Item = &InterfacePattern> {
        self.except.iter()
    }

    /// Whether every interface is in it.
    pub fn is_everything(&self) -> bool {
        self.of.is_none() && self.except.is_empty()
    }

    /// Whether the interface `name` is in it.
    pub fn contains(&self, name: &InterfaceName) -> bool {
        self.of.as_ref().is_none_or(|of| of.matches(name)) && !self.except.iter().any(|except| except.matches(name))
    }

    /// The same interfaces in as few sets: one takes in another that it leaves out.
    pub(super) fn united(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut all: Vec<Self> = all.into_iter().collect();
        // Those that others lie in come first.
        all.sort_by_key(|one| {
            let exact = one.single().is_some();
            let beginning = one.of.as_ref().and_then(InterfacePattern::starts_with).map(str::len);
            (one.of.is_some(), exact, beginning, one.clone())
        });
        let mut united: Vec<Self> = Vec::new();
        for one in all {
            let around = one
                .of
                .as_ref()
                .and_then(|of| united.iter_mut().find(|other| other.except.contains(of)));
            match (around, &one.of) {
                (Some(around), Some(of)) => {
                    around.except.remove(of);
                    around.except.extend(one.except);
                }
                _ => united.push(one),
            }
        }
        united
    }

    /// Whether all of them are in `other`.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let inside = match (&self.of, &other.of) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(of), Some(around)) => covers(around, of),
        };
        let apart = |pattern: &InterfacePattern| {
            self.of.as_ref().is_some_and(|of| !of.overlaps(pattern))
                || self.except.iter().any(|except| covers(except, pattern))
        };
        inside && other.except.iter().all(apart)
    }

    /// What is left without those that any of `patterns` means; `None` for none at all. No pattern covers another one.
    pub(in crate::firewall) fn without_all<'p>(
        &self,
        patterns: impl IntoIterator<Item = &'p InterfacePattern>,
    ) -> Option<Self> {
        let mut rest = self.clone();
        let mut beginnings: Vec<InterfacePattern> = rest
            .except
            .iter()
            .filter(|except| except.exact().is_none())
            .cloned()
            .collect();
        for pattern in patterns {
            match &rest.of {
                Some(of) if covers(pattern, of) => return None,
                Some(of) if !covers(of, pattern) => continue,
                _ if beginnings.iter().any(|beginning| covers(beginning, pattern)) => continue,
                _ => {}
            }
            if pattern.exact().is_none() {
                rest.except.retain(|except| !covers(pattern, except));
                beginnings.push(pattern.clone());
            }
            rest.except.insert(pattern.clone());
        }
        Some(rest)
    }

    /// Those that `pattern` means, and the others; `None` for none at all.
    pub(super) fn split(&self, pattern: &InterfacePattern) -> (Option<Self>, Option<Self>) {
        match self.within(pattern) {
            Some(inside) => (Some(inside), self.without_all([pattern])),
            None => (None, Some(self.clone())),
        }
    }

    /// Those that `pattern` means; `None` for none at all.
    pub(super) fn within(&self, pattern: &InterfacePattern) -> Option<Self> {
        let inner = match &self.of {
            None => pattern,
            Some(of) if covers(pattern, of) => return Some(self.clone()),
            Some(of) if covers(of, pattern) => pattern,
            Some(_) => return None,
        };
        if self.except.iter().any(|except| covers(except, inner)) {
            return None;
        }
        let within = self.except.iter().filter(|except| covers(inner, except));
        Some(Self {
            of: Some(inner.clone()),
            except: within.cloned().collect(),
        })
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
