//! The differences for people.

use std::io::{self, Write};

use super::Comparison;
use super::reachability::HostDifference;
use crate::cli::console::Console;
use crate::cli::firewall::entry;
use crate::cli::input::Input;
use crate::firewall::Reach;
use crate::firewall::difference::Changes;
use crate::render::Change;

impl Comparison {
    /// Ways in that are closed, what becomes reachable and what stops being so, then the rest.
    pub(super) fn human(&self, console: &mut Console) -> io::Result<()> {
        for host in &self.hosts {
            if let Some(why) = &host.unreadable {
                writeln!(
                    console.err,
                    "warning: what becomes reachable{} cannot be told: {why}",
                    self.on(host)
                )?;
            }
            for way in &host.closed_ways {
                writeln!(console.out, "WARNING: closed now{}: the operator {way}", self.on(host))?;
            }
        }
        self.section(
            "BECOMES REACHABLE",
            self.new.input.as_ref(),
            |changes| &changes.opened,
            console,
        )?;
        self.section(
            "NO LONGER REACHABLE",
            self.old.input.as_ref(),
            |changes| &changes.closed,
            console,
        )?;
        self.changes.iter().try_for_each(|change| write(change, console))
    }

    fn section(
        &self,
        title: &str,
        input: Option<&Input>,
        of: impl Fn(&Changes) -> &Vec<Reach>,
        console: &mut Console,
    ) -> io::Result<()> {
        let mut title = Some(title);
        for host in &self.hosts {
            let name = if self.is_of_one() {
                String::new()
            } else {
                format!("{}: ", host.name)
            };
            let admitted = of(&host.difference.admitted)
                .iter()
                .map(|reach| (reach, entry::admitted(reach)));
            let forwarded = of(&host.difference.forwarded)
                .iter()
                .map(|reach| (reach, entry::forwarded(reach)));
            let sent = of(&host.difference.sent)
                .iter()
                .map(|reach| (reach, entry::sent(reach)));
            for (reach, line) in admitted.chain(forwarded).chain(sent) {
                if let Some(title) = title.take() {
                    writeln!(console.out, "{title}")?;
                }
                writeln!(console.out, "  {name}{line}  [{}]", entry::why(&reach.evidence, input))?;
            }
        }
        Ok(())
    }

    fn is_of_one(&self) -> bool {
        self.hosts.len() == 1
    }

    fn on(&self, host: &HostDifference) -> String {
        if self.is_of_one() {
            String::new()
        } else {
            format!(" on {}", host.name)
        }
    }
}

fn write(change: &Change, console: &mut Console) -> io::Result<()> {
    match change {
        Change::Meaning(sentence) => writeln!(console.out, "{sentence}"),
        Change::File { unified, .. } if console.out_colour => coloured(unified, &mut console.out),
        Change::File { unified, .. } => write!(console.out, "{unified}"),
    }
}

/// Additions green, removals red, headers bold, as `git diff` has them.
fn coloured(unified: &str, out: &mut impl Write) -> io::Result<()> {
    for line in unified.lines() {
        let code = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => "1",
            [b'@', ..] => "36",
            [b'+', ..] => "32",
            [b'-', ..] => "31",
            _ => {
                writeln!(out, "{line}")?;
                continue;
            }
        };
        writeln!(out, "\u{1b}[{code}m{line}\u{1b}[0m")?;
    }
    Ok(())
}
