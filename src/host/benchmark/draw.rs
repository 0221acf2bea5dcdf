//! How it is shown to people.

use std::io::{self, Write};

use super::seen::{Benchmarked, Last, PeerSeen, Sender};
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
            Column::number("TCP ms"),
            Column::number("idle ms"),
            Column::text(""),
            Column::number("rate"),
            Column::number("before"),
            Column::number("load ms"),
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
            Column::number("before"),
            Column::number("status"),
        ]);
        for service in &self.services {
            let answer = match service.answer_millis {
                Some(millis) => Cell::new(millis_text(millis)),
                None => Cell::new("none").tone(Tone::Bad),
            };
            let before = service.last.as_ref().map(|last| last.answer_millis);
            let before = before.map_or_else(|| "-".to_owned(), millis_text);
            let status = service.status.map_or_else(String::new, |status| status.to_string());
            table.row([
                Cell::new(&service.name),
                Cell::new(&service.at),
                answer,
                Cell::new(before).tone(Tone::Faint),
                Cell::new(status),
            ]);
        }
        writeln!(out)?;
        table.draw(2, screen, out)
    }
}

fn row(peer: &PeerSeen, is_download: bool) -> [Cell; 8] {
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
    let (name, connect, idle) = if is_download {
        let connect = peer.connect_millis.map_or_else(unknown, millis_text);
        (Cell::new(&peer.name), connect, median(peer.idle.as_ref()))
    } else {
        let helper = match peer.sender {
            Some(Sender::Own) => "by tsctl",
            Some(Sender::Iperf3) => "by iperf3",
            None => "",
        };
        (Cell::new(helper).tone(Tone::Faint), String::new(), String::new())
    };
    [
        name,
        Cell::new(connect),
        Cell::new(idle),
        Cell::new(word),
        Cell::new(rate.map_or_else(unknown, bits)),
        Cell::new(peer.last.as_ref().and_then(before).map_or_else(unknown, bits)).tone(Tone::Faint),
        Cell::new(median(loaded.as_ref())),
        Cell::new(high(loaded.as_ref())),
    ]
}
