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
