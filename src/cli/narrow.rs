//! Standard error for lines that are drawn anew in their place: a little narrower than it is, and each row ended as such.

use std::sync::{Mutex, PoisonError};

use console::Term;
use indicatif::TermLike;

/// Columns that stay free: what Ctrl-C leaves behind (`^C`) then stands beside a line, and goes with it.
const FREE: u16 = 3;

/// The narrower terminal.
#[derive(Debug)]
pub(super) struct Narrow {
    terminal: Term,
    /// Whether the row is full, so that what is written next belongs to the next one.
    full: Mutex<bool>,
}

impl Narrow {
    /// Standard error.
    pub(super) fn stderr() -> Self {
        Self { terminal: Term::buffered_stderr(), full: Mutex::new(false) }
    }

    fn set_full(&self, full: bool) -> bool {
        std::mem::replace(&mut self.full.lock().unwrap_or_else(PoisonError::into_inner), full)
    }
}

impl TermLike for Narrow {
    fn width(&self) -> u16 {
        self.terminal.size().1.saturating_sub(FREE).max(1)
    }

    fn height(&self) -> u16 {
        self.terminal.size().0
    }

    fn move_cursor_up(&self, n: usize) -> std::io::Result<()> {
        self.terminal.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> std::io::Result<()> {
        self.terminal.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> std::io::Result<()> {
        self.terminal.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> std::io::Result<()> {
        self.terminal.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> std::io::Result<()> {
        self.terminal.write_line(text)
    }

    /// A row ends with blanks up to the width, whereupon a terminal of just that width would begin the next. This one is
    /// wider, and the user may change it at any time: so the rest of the row is cleared, and the next begun by a line feed.
    fn write_str(&self, text: &str) -> std::io::Result<()> {
        if text.bytes().all(|byte| byte == b' ') {
            self.set_full(true);
            return self.terminal.write_str("\u{1b}[K");
        }
        if self.set_full(false) && text != "\r" {
            self.terminal.write_str("\r\n")?;
        }
        self.terminal.write_str(text)
    }

    fn clear_line(&self) -> std::io::Result<()> {
        self.terminal.clear_line()
    }

    fn flush(&self) -> std::io::Result<()> {
        self.set_full(false);
        self.terminal.flush()
    }
}
