//! How many connections each user may hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many one user may hold at the same time.
const EACH: u32 = 8;
/// So many all users together.
const ALL: u32 = 64;

/// How many connections each user holds, by its uid. Whoever may command has as many as it wants: that nobody else keeps them out
/// is what this is for.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    held: Arc<Mutex<BTreeMap<u32, u32>>>,
}

/// A place, held as long as there is this value.
#[derive(Debug)]
pub(super) struct Place {
    /// Whose place it is; nobody's where it is not counted.
    of: Option<(Places, u32)>,
}

impl Places {
    /// A place for that user; nothing where it holds as many as it may.
    pub(super) fn take(&self, uid: u32, may_command: bool) -> Option<Place> {
        if may_command {
            return Some(Place { of: None });
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let all: u32 = held.values().sum();
        let own = held.get(&uid).copied().unwrap_or_default();
        if own >= EACH || all >= ALL {
            return None;
        }
        held.insert(uid, own + 1);
        let of = Some((self.clone(), uid));
        Some(Place { of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((places, uid)) = &self.of else { return };
        let mut held = places.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(uid) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                held.remove(uid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_keeps_no_other_out() {
        let places = Places::default();
        let greedy: Vec<Place> = std::iter::from_fn(|| places.take(1_000, false)).collect();
        assert_eq!(greedy.len(), 8);
        let other = places.take(1_001, false).expect("it has places of its own");
        let root: Vec<Place> = (0..1_000).filter_map(|_| places.take(0, true)).collect();
        assert_eq!(root.len(), 1_000);
        drop((greedy, other, root));
        assert!(places.held.lock().unwrap().is_empty(), "nothing is left of them");
    }

    #[test]
    fn all_users_together_do_not_keep_root_out() {
        let places = Places::default();
        let all: Vec<Place> = (1_000..2_000).filter_map(|uid| places.take(uid, false)).collect();
        assert_eq!(all.len(), 64);
        assert!(places.take(5_000, false).is_none() && places.take(0, true).is_some());
    }
}
