//! Tables.

use std::io::{self, Write};

use super::cell::Cell;
use super::screen::Screen;

/// How a column is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    title: &'static str,
    is_number: bool,
    shrinks: bool,
}

impl Column {
    /// Text, on the left of its column.
    pub(crate) const fn text(title: &'static str) -> Self {
        Self {
            title,
            is_number: false,
            shrinks: false,
        }
    }

    /// Text that may be shortened where the screen is too narrow.
    pub(crate) const fn shrinking(title: &'static str) -> Self {
        Self {
            shrinks: true,
            ..Self::text(title)
        }
    }

    /// Numbers, on the right of their column.
    pub(crate) const fn number(title: &'static str) -> Self {
        Self {
            is_number: true,
            ..Self::text(title)
        }
    }
}

/// Rows under titles. It is as wide as what it holds, and no wider than the screen as long as a column
/// [shrinks](Column::shrinking); columns stand two spaces apart.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// To these columns a column is not shortened.
    const LEAST: usize = 8;

    /// A table without rows.
    pub(crate) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self {
            columns: columns.into(),
            rows: Vec::new(),
        }
    }

    /// One row more, a cell for each column; those that are missing are empty.
    pub(crate) fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.rows.push(cells.into());
    }

    /// Draws the titles, where there are any, and the rows, each line behind `indent` spaces.
    pub(crate) fn draw(&self, indent: usize, screen: &Screen, out: &mut dyn Write) -> io::Result<()> {
        self.draw_each(|| self.rows.iter(), indent, screen, out)
    }

    /// The same with rows that are made twice, once to see how wide they are and once to be drawn: none of them is kept, so that
    /// thousands take no memory.
    pub(crate) fn draw_each<C: AsRef<[Cell]>, I: Iterator<Item = C>>(
        &self,
        rows: impl Fn() -> I,
        indent: usize,
        screen: &Screen,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let widths = self.widths(rows(), screen.width().saturating_sub(indent));
        let titles: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell::new(column.title).tone(super::Tone::Faint))
            .collect();
        if titles.iter().any(|title| title.width() > 0) {
            self.line(&titles, &widths, indent, screen, out)?;
        }
        for row in rows() {
            self.line(row.as_ref(), &widths, indent, screen, out)?;
        }
        Ok(())
    }

    fn line(
        &self,
        row: &[Cell],
        widths: &[usize],
        indent: usize,
        screen: &Screen,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line = " ".repeat(indent);
        // Spaces are written before what follows them, so that no line ends with any.
        let mut pending = 0;
        for ((column, width), cell) in self.columns.iter().zip(widths).zip(row) {
            let text = cell.within(*width);
            let space = width.saturating_sub(Cell::new(&text).width());
            let before = if column.is_number { space } else { 0 };
            if !text.is_empty() {
                line.extend(std::iter::repeat_n(' ', pending + before));
                pending = 0;
                line += &cell.its_tone().map_or(text.clone(), |tone| screen.paint(tone, &text));
            }
            pending += if text.is_empty() { width + 2 } else { space - before + 2 };
        }
        writeln!(out, "{}", line.trim_end_matches(' '))
    }

    /// How wide each column is, where all of them have so many columns of the screen.
    fn widths<C: AsRef<[Cell]>>(&self, rows: impl Iterator<Item = C>, available: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .map(|column| Cell::new(column.title).width())
            .collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row.as_ref()) {
                *width = cell.width().max(*width);
            }
        }
        loop {
            let taken = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
            let Some(excess) = taken.checked_sub(available).filter(|excess| *excess > 0) else {
                return widths;
            };
            // The widest of those that can gives first, down to the next one.
            let can_shrink = |(column, width): &(&Column, &mut usize)| column.shrinks && **width > Self::LEAST;
            let mut shrinking: Vec<&mut usize> = self
                .columns
                .iter()
                .zip(&mut widths)
                .filter(can_shrink)
                .map(|(_, width)| width)
                .collect();
            shrinking.sort_by(|a, b| b.cmp(a));
            let next = shrinking.get(1).map_or(Self::LEAST, |width| **width);
            let Some(widest) = shrinking.into_iter().next() else {
                return widths;
            };
            let least = next.min(*widest - 1).max(Self::LEAST);
            *widest = widest.saturating_sub(excess).max(least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(table: &Table, indent: usize, width: usize) -> String {
        let mut out = Vec::new();
        table.draw(indent, &Screen::plain(width), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn peers() -> Table {
        let mut table = Table::new([Column::shrinking("peer"), Column::text("path"), Column::number("ms")]);
        table.row([Cell::new("beta"), Cell::new("direct"), Cell::new("0.2")]);
        table.row([
            Cell::new("a-machine-with-a-long-name"),
            Cell::new(""),
            Cell::new("120.5"),
        ]);
        table.row([Cell::new("日本"), Cell::new("relay")]);
        table
    }

    #[test]
    fn columns_line_up() {
        let expected = "\
            \u{20}peer                        path       ms\n\
            \u{20}beta                        direct    0.2\n\
            \u{20}a-machine-with-a-long-name          120.5\n\
            \u{20}日本                        relay\n";
        assert_eq!(drawn(&peers(), 1, 80), expected);
    }

    #[test]
    fn a_narrow_screen_shortens_what_may_be_shortened() {
        let text = drawn(&peers(), 1, 40);
        assert!(text.contains("a-machine-with-a-long-n…          120.5\n"), "{text}");
        for line in text.lines() {
            assert!(Cell::new(line).width() <= 40, "{line}");
        }
    }

    #[test]
    fn the_widest_column_gives_first() {
        let mut table = Table::new([Column::shrinking(""), Column::shrinking(""), Column::text("")]);
        table.row([
            Cell::new("x".repeat(30)),
            Cell::new("y".repeat(14)),
            Cell::new("z".repeat(12)),
        ]);
        assert_eq!(table.widths(table.rows.iter(), 60), [30, 14, 12]);
        assert_eq!(table.widths(table.rows.iter(), 50), [20, 14, 12]);
        assert_eq!(table.widths(table.rows.iter(), 40), [12, 12, 12]);
        assert_eq!(table.widths(table.rows.iter(), 10), [8, 8, 12]);
    }

    #[test]
    fn a_table_without_titles_has_no_line_for_them() {
        let mut table = Table::new([Column::text(""), Column::text("")]);
        table.row([Cell::new("node"), Cell::new("alpha")]);
        assert_eq!(drawn(&table, 0, 80), "node  alpha\n");
    }
}
