//! How it is shown to people.

use std::io::{self, Write};

use super::seen::{Figures, PeerQuality, QualitySeen, Way};
use crate::host::show::{Cell, Column, Screen, Table, Tone, View, fact};
use crate::host::status::Status;

impl View for QualitySeen {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        writeln!(out, "{}: {state}", screen.paint(Tone::Strong, "quality"))?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        if let Some(nat) = self.nat {
            writeln!(out)?;
            fact("NAT", nat.words(), screen, out)?;
            if let Some(address) = &self.public_address {
                fact("seen as", address, screen, out)?;
            }
        }
        self.peers(screen, out)?;
        self.relays(screen, out)
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}

impl QualitySeen {
    fn peers(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.peers.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::shrinking("peer"),
            Column::shrinking("path"),
            Column::number("p50 ms"),
            Column::number("p95 ms"),
            Column::number("jitter"),
            Column::number("loss"),
            Column::text("each ping"),
        ]);
        for peer in &self.peers {
            let name = if peer.exit_node {
                format!("{} (exit)", peer.name)
            } else {
                peer.name.clone()
            };
            let [p50, p95, jitter, loss, history] = cells(&peer.figures);
            table.row([
                Cell::new(name).tone(peer.state.tone()),
                path(peer),
                p50,
                p95,
                jitter,
                loss,
                history,
            ]);
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }

    fn relays(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.relays.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::shrinking("relay"),
            Column::shrinking("place"),
            Column::number("p50 ms"),
            Column::number("p95 ms"),
            Column::number("jitter"),
            Column::number("loss"),
            Column::text("each question"),
        ]);
        for relay in &self.relays {
            let code = if relay.home {
                format!("{} (home)", relay.code)
            } else {
                relay.code.clone()
            };
            let [p50, p95, jitter, loss, history] = cells(&relay.figures);
            table.row([Cell::new(code), Cell::new(&relay.name), p50, p95, jitter, loss, history]);
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }
}

fn path(peer: &PeerQuality) -> Cell {
    let via = peer.via.as_deref().unwrap_or_default();
    let (text, tone) = match peer.path {
        Some(Way::Direct) => (format!("direct {via}"), Tone::Good),
        Some(Way::PeerRelay) => (format!("relay {via}"), Tone::Warning),
        Some(Way::Derp) => (format!("DERP {via}"), Tone::Warning),
        None => ("no answer".to_owned(), Tone::Bad),
    };
    Cell::new(text.trim_end()).tone(tone)
}

/// Median, 95 of 100, jitter, loss, and each as a bar.
fn cells(figures: &Figures) -> [Cell; 5] {
    let millis = |span: Option<f64>| Cell::new(span.map_or_else(|| "-".to_owned(), span_text));
    let percent = (figures.lost * 100).checked_div(figures.sent);
    let loss = percent.map_or_else(String::new, |percent| format!("{percent} %"));
    let loss = if figures.lost == 0 {
        Cell::new(loss)
    } else if figures.lost == figures.sent {
        Cell::new(loss).tone(Tone::Bad)
    } else {
        Cell::new(loss).tone(Tone::Warning)
    };
    [
        millis(figures.p50_millis),
        millis(figures.p95_millis),
        millis(figures.jitter_millis),
        loss,
        Cell::new(bars(figures)),
    ]
}

/// Three digits at most: `0.23`, `4.5`, `31`, `1204`.
pub(crate) fn span_text(millis: f64) -> String {
    match millis {
        ..0.995 => format!("{millis:.2}"),
        ..9.95 => format!("{millis:.1}"),
        _ => format!("{millis:.0}"),
    }
}

/// The last twenty as bars, the longest the highest; what was lost as a cross.
fn bars(figures: &Figures) -> String {
    const SHOWN: usize = 20;
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let history = &figures.history_millis;
    let shown = history.get(history.len().saturating_sub(SHOWN)..).unwrap_or_default();
    // Differences of microseconds are none: the scale begins at nothing and ends at one millisecond or more.
    let most = shown.iter().flatten().copied().fold(1.0, f64::max);
    shown
        .iter()
        .map(|one| match one {
            None => '×',
            Some(millis) => {
                let steps = (1..BARS.len()).filter(|step| {
                    let share = f64::from(u32::try_from(*step).unwrap_or_default()) / 8.0;
                    *millis > most * share
                });
                BARS.get(steps.count()).copied().unwrap_or('█')
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_three_digits_at_most() {
        for (millis, text) in [
            (0.0, "0.00"),
            (0.234, "0.23"),
            (0.996, "1.0"),
            (9.94, "9.9"),
            (9.96, "10"),
            (1203.6, "1204"),
        ] {
            assert_eq!(span_text(millis), text);
        }
    }

    #[test]
    fn the_longest_bar_is_the_longest_time() {
        let figures = |history: &[Option<f64>]| Figures {
            sent: 0,
            lost: 0,
            min_millis: None,
            p50_millis: None,
            p95_millis: None,
            max_millis: None,
            jitter_millis: None,
            history_millis: history.to_vec(),
        };
        assert_eq!(bars(&figures(&[Some(0.1), Some(50.0), None, Some(100.0)])), "▁▄×█");
        assert_eq!(bars(&figures(&[Some(0.1), Some(0.12)])), "▁▁");
        assert_eq!(bars(&figures(&vec![None; 30])), "×".repeat(20));
        assert_eq!(bars(&figures(&[])), "");
    }
}
