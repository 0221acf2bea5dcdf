//! How it is shown to people.

use std::io::{self, Write};

use super::seen::{Benchmarked, Last, PeerSeen};
use crate::host::show::{Cell, Column, Screen, Table, Tone, View};
use crate::host::status::Status;
use crate::host::tailnet::{Figures, bits, millis_text};

impl View for Benchmarked {
    fn draw(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        let state = screen.paint(self.state.tone(), self.state.words());
        writeln!(out, "{}: {state}", screen.paint(Tone::Strong, "benchmark"))?;
        for reason in &self.reasons {
            reason.draw(screen, out)?;
        }
        self.peers(screen, out)?;
        self.services(screen, out)
    }

    fn status(&self) -> Status {
        self.state.status()
    }
}

impl Benchmarked {
    fn peers(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.peers.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::shrinking("peer"),
            Column::number("idle ms"),
            Column::text("direction"),
            Column::number("rate"),
            Column::number("before"),
            Column::number("loaded ms"),
            Column::number("p95 ms"),
        ]);
        for peer in &self.peers {
            for is_download in [true, false] {
                table.row(row(peer, is_download));
            }
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }

    fn services(&self, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        if self.services.is_empty() {
            return Ok(());
        }
        let mut table = Table::new([
            Column::shrinking("service"),
            Column::shrinking("at"),
            Column::number("answer ms"),
            Column::number("status"),
        ]);
        for service in &self.services {
            let answer = match service.answer_millis {
                Some(millis) => Cell::new(millis_text(millis)),
                None => Cell::new("none").tone(Tone::Bad),
            };
            let status = service.status.map_or_else(String::new, |status| status.to_string());
            table.row([
                Cell::new(&service.name),
                Cell::new(&service.at),
                answer,
                Cell::new(status),
            ]);
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }
}

fn row(peer: &PeerSeen, is_download: bool) -> [Cell; 7] {
    let unknown = || "-".to_owned();
    let median = |figures: Option<&Figures>| {
        figures
            .and_then(|figures| figures.p50_millis)
            .map_or_else(unknown, millis_text)
    };
    let high = |figures: Option<&Figures>| {
        figures
            .and_then(|figures| figures.p95_millis)
            .map_or_else(unknown, millis_text)
    };
    let (word, rate, loaded, before): (_, _, _, fn(&Last) -> Option<u64>) = if is_download {
        ("download", peer.download, &peer.during_download, |last| last.download)
    } else {
        ("upload", peer.upload, &peer.during_upload, |last| last.upload)
    };
    let (name, idle) = if is_download {
        (peer.name.as_str(), median(peer.idle.as_ref()))
    } else {
        ("", String::new())
    };
    [
        Cell::new(name),
        Cell::new(idle),
        Cell::new(word),
        Cell::new(rate.map_or_else(unknown, bits)),
        Cell::new(peer.last.as_ref().and_then(before).map_or_else(unknown, bits)).tone(Tone::Faint),
        Cell::new(median(loaded.as_ref())),
        Cell::new(high(loaded.as_ref())),
    ]
}
