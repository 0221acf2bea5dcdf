//! How it is shown to people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::seen::{CheckSeen, Examined};
use crate::host::show::{Cell, Column, Reason, Screen, State, Table, Tone, View};
use crate::host::status::Status;

impl View for Examined {
    /// What is broken first, then what cannot be told, then what is good.
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        let counted = screen.paint(Tone::Faint, &format!("  ({})", self.counted()));
        writeln!(out, "{}: {state}{counted}", screen.paint(Tone::Strong, "doctor"))?;
        for wanted in [State::Down, State::Degraded] {
            for check in &self.checks {
                for reason in check.reasons.iter().filter(|reason| reason.state == wanted) {
                    named(&check.id, reason).draw(screen, out)?;
                }
            }
        }
        self.untold(screen, out)?;
        self.hints(screen, out)?;
        self.good(screen, out)
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}

/// A reason with the name of its check.
fn named(id: &str, reason: &Reason) -> Reason {
    Reason {
        text: format!("{id}: {}", reason.text),
        ..reason.clone()
    }
}

impl Examined {
    fn counted(&self) -> String {
        let of = |state: State| self.checks.iter().filter(|check| check.state == state).count();
        let states = [State::Down, State::Degraded, State::CannotTell, State::Good];
        let words = states.map(|state| (of(state), state.words()));
        let words: Vec<String> = words
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        words.join(", ")
    }

    /// What cannot be told, those together that cannot for the same reason.
    fn untold(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let mut why: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
        for check in &self.checks {
            for reason in check.reasons.iter().filter(|reason| reason.state == State::CannotTell) {
                let ids = why.entry((&reason.text, reason.command.as_deref())).or_default();
                if ids.last() != Some(&check.id.as_str()) {
                    ids.push(&check.id);
                }
            }
        }
        for ((why, command), ids) in why {
            let text = format!("{}: cannot be told, {why}", ids.join(", "));
            let mut reason = Reason::new(State::CannotTell, text);
            if let Some(command) = command {
                reason = reason.command(if command == super::judge::AS_ROOT {
                    format!("{command} {}", ids.join(" "))
                } else {
                    command.to_owned()
                });
            }
            reason.draw(screen, out)?;
        }
        Ok(())
    }

    fn hints(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        for check in &self.checks {
            for reason in check.reasons.iter().filter(|reason| reason.state == State::Good) {
                named(&check.id, reason).draw(screen, out)?;
            }
        }
        Ok(())
    }

    fn good(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let good: Vec<&CheckSeen> = self.checks.iter().filter(|check| check.state == State::Good).collect();
        if good.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([Column::text(""), Column::shrinking("")]);
        for check in good {
            table.row([
                Cell::new(&check.id).tone(Tone::Faint),
                Cell::new(check.found.as_deref().unwrap_or("good")),
            ]);
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }
}
