//! The rows of a question on the screen: drawn anew in their place, and taken away at the end.

use std::io::stderr;

use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, Event};
use crossterm::execute;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::put;

/// The terminal without echo, until this is dropped: keys come one by one, and a paste comes in one piece.
pub(super) struct Keys;

impl Keys {
    /// Takes the keys.
    pub(super) fn take() -> std::io::Result<Self> {
        enable_raw_mode()?;
        let keys = Self;
        execute!(stderr(), EnableBracketedPaste)?;
        Ok(keys)
    }

    /// What happens next at the terminal.
    #[expect(clippy::unused_self, reason = "only who took the keys gets them")]
    pub(super) fn next(&self) -> std::io::Result<Event> {
        event::read()
    }

    /// Whether something happened already, as while a text is pasted key by key.
    #[expect(clippy::unused_self, reason = "only who took the keys gets them")]
    pub(super) fn more(&self) -> bool {
        event::poll(std::time::Duration::ZERO).unwrap_or(false)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = execute!(stderr(), DisableBracketedPaste);
        let _ = disable_raw_mode();
    }
}

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
        out.push_str(&lines.join("\r\n"));
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
        put(&self.home());
        *self = Self::default();
    }

    /// Moves to the first row and clears from there. Where the terminal became narrower, a row takes several by now.
    fn home(&self) -> String {
        let (columns, _) = size();
        let above: usize = self.widths.iter().take(self.cursor.0).map(|width| width.div_ceil(columns).max(1)).sum();
        match above + self.cursor.1 / columns {
            0 => "\r\u{1b}[J".to_owned(),
            up => format!("\u{1b}[{up}A\r\u{1b}[J"),
        }
    }
}
