//! The keys that a person presses, one by one and without echo.

use std::io::stderr;
use std::time::Duration;

use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, Event};
use crossterm::execute;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

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
        event::poll(Duration::ZERO).unwrap_or(false)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = execute!(stderr(), DisableBracketedPaste);
        let _ = disable_raw_mode();
    }
}
