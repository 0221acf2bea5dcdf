//! The decisions, for people.

use std::io::{self, Write};

use super::seen::{DecisionSeen, End, WhySeen};
use crate::host::show::{Cell, Column, Screen, Table, Tone, View, fact, printable as harmless, wrap};
use crate::host::status::Status;
use crate::host::tailnet::when;
use crate::monitor::Moment;

impl View for WhySeen {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        for reason in self.reasons() {
            reason.draw(screen, out)?;
        }
        // With a time: each whole. Without one: the last whole, and the others in a line each.
        let (earlier, whole) = match self.decisions().split_last() {
            Some((last, earlier)) if self.asked_at.is_none() => (earlier, std::slice::from_ref(last)),
            _ => (&[][..], self.decisions()),
        };
        for (index, decision) in whole.iter().enumerate() {
            if index > 0 || !self.reasons().is_empty() {
                writeln!(out)?;
            }
            self.whole(decision, screen, out)?;
        }
        if let Some(last) = earlier.last() {
            writeln!(out)?;
            let mut table = Table::new([Column::text("before that"), Column::text(""), Column::shrinking("")]);
            for decision in earlier.iter().rev() {
                let end = match &decision.end {
                    Some(end) if !end.done => " (was not done)",
                    _ => "",
                };
                table.row([
                    Cell::new(self.zone.short(decision.moment)),
                    Cell::new(self.ago(decision.moment)).tone(Tone::Faint),
                    Cell::new(format!("{}{end}", heading(decision))),
                ]);
            }
            table.draw(2, screen, out)?;
            // To the second, and without the offset: as it may be typed.
            let time = self.zone.local(last.moment);
            let typed = time.get(..19).unwrap_or(&time);
            writeln!(out)?;
            let one = format!("  one of them: tsctl why --at \"{typed}\"");
            writeln!(out, "{}", screen.paint(Tone::Faint, &one))?;
        }
        if self.more() > 0 && self.asked_at.is_none() {
            let more = format!(
                "  {} more: tsctl why -n {}",
                self.more(),
                self.more() + self.decisions().len()
            );
            writeln!(out, "{}", screen.paint(Tone::Faint, &more))?;
        }
        Ok(())
    }

    fn status(&self) -> Status {
        if self.can_tell || !self.decisions().is_empty() {
            Status::Success
        } else {
            Status::CannotTell
        }
    }
}

impl WhySeen {
    fn ago(&self, moment: Moment) -> String {
        when::ago(moment.as_millis() / 1_000, self.now.unix())
    }

    /// A decision with everything that is known of it.
    fn whole(&self, decision: &DecisionSeen, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let time = format!("{} ({})", self.zone.local(decision.moment), self.ago(decision.moment));
        writeln!(out, "{}", screen.paint(Tone::Strong, &time))?;
        for line in wrap(&harmless(&heading(decision)), screen.width().saturating_sub(2)) {
            writeln!(out, "  {line}")?;
        }
        if decision.why.is_some() || decision.until_moment.is_some() || decision.end.is_some() {
            writeln!(out)?;
        }
        if let Some(why) = &decision.why {
            fact("why", why, screen, out)?;
        }
        if let Some(since) = decision.measured.as_ref().and_then(|measured| measured.since_moment) {
            let before = when::span(decision.moment.since(since).as_secs());
            let text = format!("{}, {before} before", self.zone.local(since));
            fact("since", &text, screen, out)?;
        }
        if !decision.failed_layers.is_empty() {
            fact("failed", &decision.failed_layers.join("; "), screen, out)?;
        }
        if let Some(until) = decision.until_moment {
            fact("until", &self.zone.local(until), screen, out)?;
        }
        match &decision.end {
            Some(end) => fact("ended", &ended(end), screen, out)?,
            None if matches!(decision.kind, "move" | "restart") => {
                fact("ended", "not known: the log has no more about it", screen, out)?;
            }
            None => {}
        }
        if decision.considered.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let mut table = Table::new([
            Column::shrinking("what else"),
            Column::text("it was"),
            Column::shrinking("not taken because"),
        ]);
        for other in &decision.considered {
            table.row([
                Cell::new(&other.setting),
                Cell::new(other.level),
                Cell::new(&other.why_not),
            ]);
        }
        table.draw(2, screen, out)
    }
}

/// The decision without its reason, which stands elsewhere or need not be said.
fn heading(decision: &DecisionSeen) -> String {
    match (&decision.from, &decision.to, &decision.why) {
        (Some(from), Some(to), Some(_)) if decision.kind == "rehearsal" => {
            format!("dry run: would go from {from} to {to}")
        }
        (Some(from), Some(to), Some(_)) => format!("from {from} to {to}"),
        (None, None, Some(_)) if decision.kind == "restart" => "restarts tailscaled".to_owned(),
        (None, None, Some(_)) => "dry run: would restart tailscaled".to_owned(),
        _ => decision.text.clone(),
    }
}

fn ended(end: &End) -> String {
    let took = match end.took_millis {
        millis @ 0..10_000 => format!("{millis} ms"),
        millis => when::span(millis / 1_000),
    };
    format!("after {took}: {}", end.text)
}
