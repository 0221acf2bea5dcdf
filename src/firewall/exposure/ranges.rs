//! Sets of numbers.

/// A set of numbers, as ascending ranges (both ends included) that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    /// No number.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The numbers from `first` to `last`.
    pub fn of(first: u128, last: u128) -> Self {
        Self(vec![(first, last)])
    }

    /// The numbers that are in any of these ranges, each from a first to a last number.
    pub fn of_all(mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.sort_unstable();
        let mut found: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match found.last_mut() {
                Some((_, end)) if end.checked_add(1).is_none_or(|next| first <= next) => *end = last.max(*end),
                _ => found.push((first, last)),
            }
        }
        Self(found)
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> &[(u128, u128)] {
        &self.0
    }

    /// Whether no number is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `number` is in it.
    pub fn contains(&self, number: u128) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        let before = after.checked_sub(1).and_then(|index| self.0.get(index));
        before.is_some_and(|(_, last)| number <= *last)
    }

    /// The numbers that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut found = Vec::new();
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some((a_first, a_last)), Some((b_first, b_last))) = (ours.peek(), theirs.peek()) {
            let (first, last) = (a_first.max(b_first), a_last.min(b_last));
            if first <= last {
                found.push((*first, *last));
            }
            if a_last < b_last {
                ours.next();
            } else {
                theirs.next();
            }
        }
        Self(found)
    }

    /// The numbers that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.and(&other.complement())
    }

    /// All other numbers.
    fn complement(&self) -> Self {
        let mut found = Vec::new();
        let mut next = Some(0);
        for (first, last) in &self.0 {
            if let (Some(start), Some(end)) = (next, first.checked_sub(1))
                && start <= end
            {
                found.push((start, end));
            }
            next = last.checked_add(1);
        }
        found.extend(next.map(|start| (start, u128::MAX)));
        Self(found)
    }

    /// The numbers that are in one of them.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.complement().and(&other.complement()).complement()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some() -> impl Strategy<Value = Ranges> {
        let near = (0u128..20, 0u128..6).prop_map(|(first, length)| Ranges::of(first, first + length));
        let far = (0u128..6).prop_map(|length| Ranges::of(u128::MAX - length, u128::MAX));
        proptest::collection::vec(prop_oneof![4 => near, 1 => far], 0..5)
            .prop_map(|parts| parts.iter().fold(Ranges::empty(), |all, part| all.or(part)))
    }

    fn listed(ranges: &[Ranges]) -> Vec<(u128, u128)> {
        ranges.iter().flat_map(|ranges| ranges.ranges().to_vec()).collect()
    }

    proptest! {
        #[test]
        fn sets_are_sets(one in some(), other in some()) {
            for number in (0..30).chain(u128::MAX - 8..=u128::MAX) {
                let (a, b) = (one.contains(number), other.contains(number));
                prop_assert_eq!(one.and(&other).contains(number), a && b);
                prop_assert_eq!(one.or(&other).contains(number), a || b);
                prop_assert_eq!(one.without(&other).contains(number), a && !b);
            }
            prop_assert_eq!(Ranges::of_all(listed(&[other.clone(), one.clone()])), one.or(&other));
            for pair in one.or(&other).ranges().windows(2) {
                prop_assert!(pair[0].1 + 1 < pair[1].0, "neither overlapping nor touching");
            }
        }
    }
}
