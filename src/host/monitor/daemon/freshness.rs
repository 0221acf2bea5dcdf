//! Which answers say what is in force now.

/// Which answers say what is in force now: those to a question that was asked while nothing was being changed, and since which
/// nothing has been. Whatever else tailscaled says of its preferences may be older than the last change of the monitor's own,
/// which would then look as if somebody had undone it by hand.
#[derive(Debug, Default)]
pub(super) struct Freshness {
    /// How many changes are being made.
    changing: u32,
    /// How often one has begun or ended.
    turns: u64,
    /// Whether a question is under way, and the turn at which it was asked.
    asked: Option<u64>,
    /// Whether another one is to follow.
    again: bool,
    /// The turn of the answer that is known.
    known: Option<u64>,
}

impl Freshness {
    /// What is in force is to be read. Whether it is to be asked now: otherwise [`is_due`](Self::is_due) says when.
    pub(super) fn is_wanted(&mut self) -> bool {
        self.again = true;
        self.is_due()
    }

    /// Whether it is to be asked now; the answer goes to [`answered`](Self::answered).
    pub(super) fn is_due(&mut self) -> bool {
        let due = self.again && self.changing == 0 && self.asked.is_none();
        if due {
            self.again = false;
            self.asked = Some(self.turns);
        }
        due
    }

    /// The answer has come. Whether it says what is in force now; if not, it is to be asked again.
    pub(super) fn answered(&mut self) -> bool {
        let is_fresh = self.asked.take() == Some(self.turns) && self.changing == 0;
        if is_fresh {
            self.known = Some(self.turns);
        } else {
            self.again = true;
        }
        is_fresh
    }

    /// No answer has come.
    pub(super) fn failed(&mut self) {
        self.asked = None;
    }

    /// A change begins.
    pub(super) fn begins(&mut self) {
        self.changing = self.changing.saturating_add(1);
        self.turns = self.turns.wrapping_add(1);
    }

    /// A change has ended, and with it came what is in force since, or did not.
    pub(super) fn ends(&mut self, tells: bool) {
        self.changing = self.changing.saturating_sub(1);
        self.turns = self.turns.wrapping_add(1);
        if tells && self.changing == 0 {
            self.known = Some(self.turns);
        } else {
            self.again = true;
        }
    }

    /// Whether what is known is in force now, as far as the monitor's own changes go.
    pub(super) fn is_known(&self) -> bool {
        self.changing == 0 && self.known == Some(self.turns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_a_question_from_before_a_change_says_nothing() {
        let mut freshness = Freshness::default();
        assert!(!freshness.is_known());
        assert!(freshness.is_wanted(), "nothing stands against it");
        assert!(!freshness.is_wanted(), "one question at a time");
        freshness.begins();
        freshness.ends(false);
        assert!(!freshness.answered() && !freshness.is_known());
        assert!(freshness.is_due() && !freshness.is_due());
        assert!(freshness.answered() && freshness.is_known());
        assert!(!freshness.is_due(), "both wishes are older than the answer's question");
    }

    #[test]
    fn nothing_is_asked_while_something_is_changed() {
        let mut freshness = Freshness::default();
        freshness.begins();
        assert!(!freshness.is_wanted() && !freshness.is_due());
        freshness.ends(false);
        assert!(freshness.is_due() && freshness.answered());
        freshness.begins();
        assert!(!freshness.is_known(), "it is about to be another");
        freshness.ends(true);
        assert!(
            freshness.is_known() && !freshness.is_due(),
            "the answer to the change says it"
        );
    }

    #[test]
    fn what_was_not_answered_is_not_waited_for() {
        let mut freshness = Freshness::default();
        assert!(freshness.is_wanted());
        freshness.failed();
        assert!(!freshness.is_due() && !freshness.is_known());
        assert!(freshness.is_wanted());
    }
}
