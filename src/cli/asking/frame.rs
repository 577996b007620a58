//! Rows on standard error that are drawn anew in their place and taken away at the end.

use std::io::Write;

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    let (columns, rows) = crossterm::terminal::size().unwrap_or_default();
    let known = |count: u16, usual| if count == 0 { usual } else { usize::from(count) };
    (known(columns, 80), known(rows, 24))
}

/// Columns and rows that a question may take. The last column stays free, so that no terminal breaks a row by itself.
pub(super) fn room() -> (usize, usize) {
    let (columns, rows) = size();
    (columns.saturating_sub(1).max(4), rows.saturating_sub(1).max(1))
}

/// A sentence in rows of this width.
pub(super) fn words(text: &str, room: usize) -> Vec<String> {
    let options = textwrap::Options::new(room)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(Into::into).collect()
}

/// One row.
pub(super) struct Row {
    /// What is written, colours included.
    pub(super) text: String,
    /// Its columns.
    pub(super) width: usize,
}

/// What stands on the screen.
#[derive(Default)]
pub(super) struct Frame {
    widths: Vec<usize>,
    /// Row and column.
    cursor: (usize, usize),
}

impl Frame {
    /// Draws these rows in the place of those that stand there, and puts the cursor at this row and column.
    pub(super) fn draw(&mut self, rows: &[Row], cursor: (usize, usize)) {
        // Nobody sees a cursor jump, nor half of a frame.
        let mut out = format!("\u{1b}[?25l{}", self.home());
        let lines: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        // Each row is overwritten, and only what is left of the old one is cleared.
        out.push_str(&lines.join("\u{1b}[K\r\n"));
        out.push_str("\u{1b}[J");
        let below = rows.len().saturating_sub(cursor.0 + 1);
        if below > 0 {
            out.push_str(&format!("\u{1b}[{below}A"));
        }
        out.push('\r');
        if cursor.1 > 0 {
            out.push_str(&format!("\u{1b}[{}C", cursor.1));
        }
        out.push_str("\u{1b}[?25h");
        put(&out);
        self.widths = rows.iter().map(|row| row.width).collect();
        self.cursor = cursor;
    }

    /// Takes all rows away.
    pub(super) fn erase(&mut self) {
        if !self.widths.is_empty() {
            put(&format!("{}\u{1b}[J", self.home()));
        }
        *self = Self::default();
    }

    /// Moves to the first row. Where the terminal became narrower, a row takes several by now.
    fn home(&self) -> String {
        let (columns, _) = size();
        let above: usize = self.widths.iter().take(self.cursor.0).map(|width| width.div_ceil(columns).max(1)).sum();
        match above + self.cursor.1 / columns {
            0 => "\r".to_owned(),
            up => format!("\u{1b}[{up}A\r"),
        }
    }
}

/// Writes to standard error; a terminal that went away is no reason to complain.
pub(super) fn put(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
