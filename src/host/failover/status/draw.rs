//! How it is shown to people.

use std::io::{self, Write};

use super::seen::{FailoverSeen, Manner, MonitorSeen, ReadingSeen, SettingSeen, SubjectSeen};
use crate::host::show::{Cell, Column, Screen, Table, Tone, View, fact};
use crate::host::status::Status;
use crate::host::tailnet::millis_text;
use crate::host::tailnet::when::span;

impl View for FailoverSeen {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        let name = self
            .monitor
            .as_ref()
            .map_or("failover", |monitor| monitor.host.as_str());
        writeln!(
            out,
            "{}: {state}",
            screen.paint(Tone::Strong, &Cell::new(name).within(40))
        )?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        if let Some(monitor) = &self.monitor {
            writeln!(out)?;
            about_monitor(monitor, screen, out)?;
        }
        for subject in &self.subjects {
            writeln!(out)?;
            about_subject(subject, screen, out)?;
        }
        if self.readings.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        readings(&self.readings, screen, out)
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}

fn about_monitor(monitor: &MonitorSeen, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let mode = match monitor.mode {
        Manner::Acts => "acts",
        Manner::Rehearses => "rehearses",
        Manner::Reports => "reports",
    };
    let every = match monitor.check_interval_millis {
        millis if millis.is_multiple_of(1_000) => span(millis / 1_000),
        millis => format!("{millis} ms"),
    };
    let running = span(monitor.running_seconds);
    fact(
        "monitor",
        &format!("{mode}, checks every {every}, runs for {running}"),
        screen,
        out,
    )?;
    let last = monitor
        .last_move_seconds
        .map_or_else(String::new, |seconds| format!(", the last {} ago", span(seconds)));
    let failed = match monitor.moves_failed {
        0 => String::new(),
        failed => format!(", {failed} that failed"),
    };
    fact("moves", &format!("{}{failed}{last}", monitor.moves), screen, out)
}

fn about_subject(subject: &SubjectSeen, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let about = Cell::new(Cell::new(&subject.subject).within(40));
    let in_force = Cell::new(Cell::new(&subject.in_force).within(screen.width().saturating_sub(about.width() + 2)));
    let (chosen_by, since) = (subject.chosen_by.words(), span(subject.since_seconds));
    let note = Cell::new(format!("({}, {chosen_by} for {since})", subject.phase));
    let taken = about.width() + 2 + in_force.width() + 1 + note.width();
    // What does not fit beside the names stands below them.
    let gap = if taken <= screen.width() { " " } else { "\n  " };
    writeln!(
        out,
        "{}: {}{gap}{}",
        screen.paint(Tone::Strong, &about.within(usize::MAX)),
        in_force.within(usize::MAX),
        screen.paint(Tone::Faint, &note.within(screen.width().saturating_sub(2))),
    )?;
    match (&subject.next, &subject.waits_for) {
        (None, None) => {}
        (next, waits) => {
            let next = next.as_deref().unwrap_or("nothing");
            let waits = waits.as_ref().map_or_else(String::new, |waits| format!("; {waits}"));
            let until = subject
                .waits_seconds
                .map_or_else(String::new, |seconds| format!(" (for {} more)", span(seconds)));
            fact("next", &format!("{next}{waits}{until}"), screen, out)?;
        }
    }
    let mut table = Table::new([
        Column::text(""),
        Column::shrinking("may be"),
        Column::text("state"),
        Column::number("for"),
        Column::text("held"),
        Column::shrinking("fault"),
    ]);
    for setting in &subject.settings {
        table.row(row(setting));
    }
    table.draw(2, screen, out)
}

fn row(setting: &SettingSeen) -> [Cell; 6] {
    let held = setting.held_seconds.map_or_else(String::new, span);
    [
        Cell::new(if setting.in_force { "*" } else { "" }),
        Cell::new(&setting.setting),
        Cell::new(&setting.level).tone(tone(&setting.level)),
        Cell::new(setting.since_seconds.map_or_else(String::new, span)),
        Cell::new(held),
        Cell::new(setting.fault.as_deref().unwrap_or_default()),
    ]
}

fn readings(readings: &[ReadingSeen], screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new([
        Column::shrinking("measured"),
        Column::text("by"),
        Column::text("state"),
        Column::shrinking("path"),
        Column::number("p50 ms"),
        Column::number("p95 ms"),
        Column::number("jitter"),
        Column::number("lost"),
    ]);
    for reading in readings {
        let millis = |span: Option<f64>| Cell::new(span.map_or_else(|| "-".to_owned(), millis_text));
        let lost = match reading.sent {
            0 => "-".to_owned(),
            sent => format!("{} %", reading.lost.saturating_mul(100) / sent),
        };
        table.row([
            Cell::new(&reading.target),
            Cell::new(&reading.kind),
            Cell::new(&reading.verdict).tone(tone(&reading.verdict)),
            Cell::new(reading.path.as_deref().unwrap_or_default()),
            millis(reading.p50_millis),
            millis(reading.p95_millis),
            millis(reading.jitter_millis),
            Cell::new(lost),
        ]);
    }
    table.draw(2, screen, out)
}

fn tone(level: &str) -> Tone {
    match level {
        "good" => Tone::Good,
        "degraded" => Tone::Warning,
        "down" => Tone::Bad,
        _ => Tone::Faint,
    }
}
