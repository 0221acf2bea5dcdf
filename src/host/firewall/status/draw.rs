//! How what was seen is shown to people.

use std::io::{self, Write};

use super::seen::{Admission, DriftOutcome, EVERYTHING, FirewallStatus, Order, OtherChain, Source};
use crate::host::firewall::listing::Counter;
use crate::host::show::{Cell, Column, Screen, Table, Tone, View, wrap};
use crate::host::status::Status;

/// At most so many differing lines are shown of one place; `--json` has all.
const LINES: usize = 8;

impl View for FirewallStatus {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        self.head(screen, out)?;
        self.zones(screen, out)?;
        self.forwarded(screen, out)?;
        self.drops(screen, out)?;
        sources("Dropped most", &self.dropped_sources, screen, out)?;
        sources("Over a limit", &self.limited_sources, screen, out)?;
        self.drift(screen, out)?;
        self.others(screen, out)
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}

impl FirewallStatus {
    fn head(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let tone = self.state.tone();
        let state = screen.paint(tone, self.state.words());
        let hooks: Vec<_> = self
            .hooks
            .iter()
            .map(|hook| format!("{} {}", hook.hook, hook.policy))
            .collect();
        let hooks = if hooks.is_empty() {
            String::new()
        } else {
            format!("  ({})", hooks.join(", "))
        };
        let name = format!("table inet {}", self.table);
        let taken = name.len() + self.state.words().len() + 2;
        let hooks = Cell::new(hooks).within(screen.width().saturating_sub(taken));
        let (name, hooks) = (screen.paint(Tone::Strong, &name), screen.paint(Tone::Faint, &hooks));
        writeln!(out, "{name}: {state}{hooks}")?;
        for reason in &self.reasons {
            wrapped(reason, 2, screen, |line| screen.paint(tone, line), out)?;
        }
        Ok(())
    }

    fn zones(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.zones.is_empty() {
            return Ok(());
        }
        // Where all packets are counted, those that begin a connection have a column of their own.
        let accounts = self.zones.iter().any(|zone| zone.known.is_some());
        let counted_here = if accounts {
            "connections to this host"
        } else {
            "new connections to this host"
        };
        heading("Zones", counted_here, screen, out)?;
        let mut columns = vec![
            Column::text("zone"),
            Column::text("admits"),
            Column::shrinking(""),
            Column::number("packets"),
            Column::number("bytes"),
        ];
        if accounts {
            columns.insert(3, Column::number("begun"));
        }
        let mut table = Table::new(columns);
        let row = |table: &mut Table, zone: &str, admission: &Admission| {
            let about = about(admission);
            if !accounts {
                counted(table, [zone, &admission.what, &about], admission.counter);
                return;
            }
            let begun = admission.counter.packets.to_string();
            let all = admission.counter + admission.known.unwrap_or_default();
            counted(table, [zone, &admission.what, &about, &begun], all);
        };
        let plain = |table: &mut Table, what: &str, counter: Counter| {
            if accounts {
                counted(table, ["", what, "", ""], counter);
            } else {
                counted(table, ["", what, ""], counter);
            }
        };
        for zone in &self.zones {
            let members: Vec<_> = zone
                .members
                .iter()
                .map(|member| match &member.source {
                    Some(source) => format!("{} {source}", member.interface),
                    None => member.interface.clone(),
                })
                .collect();
            let members = if members.is_empty() {
                "nobody".to_owned()
            } else {
                members.join(", ")
            };
            table.row([
                Cell::new(&zone.name).tone(Tone::Strong),
                Cell::new("from").tone(Tone::Faint),
                Cell::new(members).tone(Tone::Faint),
            ]);
            for admission in &zone.admits {
                row(&mut table, "", admission);
            }
            // What the ports have not: above all answers to this host.
            let ports = zone.admits.iter().filter_map(|admission| admission.known).sum();
            let other = zone.known.map(|known| known - ports).unwrap_or_default();
            if other.packets > 0 {
                plain(&mut table, "answers", other);
            }
            if zone.refused.packets > 0 || zone.admits.iter().all(|admission| admission.what != EVERYTHING) {
                plain(&mut table, "refused", zone.refused);
            }
            if zone.limited.packets > 0 {
                plain(&mut table, "over a limit", zone.limited);
            }
        }
        for (number, admission) in self.everywhere.iter().enumerate() {
            row(&mut table, if number == 0 { "any" } else { "" }, admission);
        }
        table.draw(2, screen, out)
    }

    fn forwarded(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.forwarded.is_empty() {
            return Ok(());
        }
        heading("Forwarded", "new connections through this host", screen, out)?;
        let mut table = Table::new([
            Column::shrinking("to"),
            Column::shrinking(""),
            Column::number("packets"),
            Column::number("bytes"),
        ]);
        for admission in &self.forwarded {
            counted(&mut table, [&admission.what, &about(admission)], admission.counter);
        }
        table.draw(2, screen, out)
    }

    fn drops(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.drops.is_empty() {
            return Ok(());
        }
        heading("Not admitted", "", screen, out)?;
        let mut table = Table::new([
            Column::shrinking("reason"),
            Column::text(""),
            Column::number("packets"),
            Column::number("bytes"),
        ]);
        for drop in &self.drops {
            counted(&mut table, [&drop.reason, drop.fate.words()], drop.counter);
        }
        table.draw(2, screen, out)
    }

    fn drift(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.hooks.is_empty() {
            return Ok(());
        }
        heading("Deployed", "", screen, out)?;
        let file = &self.drift.deployed;
        match self.drift.outcome {
            DriftOutcome::Same => writeln!(out, "  as {file} says"),
            DriftOutcome::Unknown => writeln!(out, "  not compared with {file}"),
            DriftOutcome::Different => {
                let told = format!("otherwise than {file} says (- missing, + not deployed)");
                wrapped(&told, 2, screen, str::to_owned, out)?;
                for difference in &self.drift.differences {
                    writeln!(out, "  {}", Cell::new(&difference.place).within(screen.width() - 2))?;
                    let missing = difference.missing.iter().map(|line| ("-", Tone::Bad, line));
                    let extra = difference.extra.iter().map(|line| ("+", Tone::Warning, line));
                    let all = missing.chain(extra);
                    let left = (difference.missing.len() + difference.extra.len()).saturating_sub(LINES);
                    for (mark, tone, line) in all.take(LINES) {
                        let line = Cell::new(format!("{mark} {line}")).within(screen.width() - 4);
                        writeln!(out, "    {}", screen.paint(tone, &line))?;
                    }
                    if left > 0 {
                        writeln!(out, "    … {left} more")?;
                    }
                }
                Ok(())
            }
        }
    }

    fn others(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.others.is_empty() {
            return Ok(());
        }
        heading("Others", "chains that see the same packets", screen, out)?;
        for chain in &self.others {
            let OtherChain {
                family,
                table,
                chain: name,
                owner,
                hook,
                priority,
                policy,
                ..
            } = chain;
            let order = match chain.order {
                Order::Before => "before",
                Order::Same => "beside",
                Order::After => "after",
            };
            let tone = if policy == "drop" { Tone::Warning } else { Tone::Strong };
            let line = format!("{hook} {priority}: {family} {table} {name} ({owner}), policy {policy}, {order} ours");
            writeln!(
                out,
                "  {}",
                screen.paint(tone, &Cell::new(line).within(screen.width() - 2))
            )?;
            wrapped(&chain.effect, 4, screen, |line| screen.paint(Tone::Faint, line), out)?;
        }
        Ok(())
    }
}

fn heading(title: &str, about: &str, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    let title = screen.paint(Tone::Strong, title);
    if about.is_empty() {
        writeln!(out, "\n{title}")
    } else {
        writeln!(out, "\n{title}: {about}")
    }
}

fn sources(title: &str, sources: &[Source], screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
    if sources.is_empty() {
        return Ok(());
    }
    heading(title, "by source", screen, out)?;
    let mut table = Table::new([
        Column::shrinking("source"),
        Column::number("last seen"),
        Column::number("packets"),
        Column::number("bytes"),
    ]);
    for source in sources {
        let seen = source
            .last_seen_seconds
            .map_or_else(String::new, |seconds| format!("{seconds} s ago"));
        counted(&mut table, [&source.address, &seen], source.counter);
    }
    table.draw(2, screen, out)
}

fn about(admission: &Admission) -> String {
    let Admission { name, origin, .. } = admission;
    name.clone().or_else(|| origin.clone()).unwrap_or_default()
}

fn counted<const N: usize>(table: &mut Table, cells: [&str; N], counter: Counter) {
    let tone = if counter.packets == 0 { Some(Tone::Faint) } else { None };
    let cells = cells.into_iter().map(Cell::new);
    let figures = [counter.packets.to_string(), bytes(counter.bytes)].map(|figure| {
        let cell = Cell::new(figure);
        tone.map_or(cell.clone(), |tone| cell.tone(tone))
    });
    table.row(cells.chain(figures).collect::<Vec<_>>());
}

/// Bytes in the largest unit of which there is one: `720 B`, `12.3 KiB`.
fn bytes(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let unit = units.iter().enumerate().rev().find_map(|(index, unit)| {
        let shift = 10 * (index + 1);
        let whole = bytes >> shift;
        let tenths = ((bytes >> (shift - 10)) & 1_023) * 10 / 1_024;
        (whole > 0).then(|| format!("{whole}.{tenths} {unit}"))
    });
    unit.unwrap_or_else(|| format!("{bytes} B"))
}

/// Text in lines that fit, broken at spaces.
fn wrapped(
    text: &str,
    indent: usize,
    screen: &Screen,
    paint: impl Fn(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = screen.width().saturating_sub(indent);
    for line in wrap(&Cell::new(text).within(usize::MAX), width) {
        writeln!(out, "{:indent$}{}", "", paint(&line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
