//! Reports as text, one file a format. A renderer takes a report and returns a string; it prints nothing.

pub mod columns;
pub mod github;
pub mod json;
pub mod junit;
mod markdown;
pub mod prometheus;
pub mod table;
pub mod terminal;
pub mod ticket;
pub mod underline;

use colored::{Color, Colorize};

/// How text may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// Whether signs beyond ASCII may be used.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Style {
    /// The text in this colour, where colours may be used.
    pub fn paint(self, text: &str, color: Color) -> String {
        if self.color { text.color(color).bold().to_string() } else { text.to_owned() }
    }

    /// Where the terminal has no Unicode, the few signs of our own become ASCII; foreign text becomes `?`.
    pub fn ascii(self, text: &str) -> String {
        if self.unicode {
            return text.to_owned();
        }
        text.chars()
            .map(|c| match c {
                '…' => "...".to_owned(),
                '·' => "|".to_owned(),
                '“' | '”' => "\"".to_owned(),
                '‘' | '’' => "'".to_owned(),
                c if c.is_ascii() => c.to_string(),
                _ => "?".to_owned(),
            })
            .collect()
    }
}
